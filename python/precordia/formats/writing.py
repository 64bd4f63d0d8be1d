"""From a recording to a file of a format. Apart from the writers, which know nothing of each other."""
from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from .errors import FormatError
from .recording import Recording
from .writers import aecg, dicom, edf, table, wfdb

Writer = Callable[[Recording, Path], list[str]]

#: Each format's writer and the ending of its files.
WRITERS: Mapping[str, tuple[Writer, str]] = MappingProxyType({
    "wfdb": (wfdb.write, ".hea"), "edf": (edf.write, ".edf"), "dicom": (dicom.write, ".dcm"), "aecg": (aecg.write, ".xml"), "csv": (table.write_csv, ".csv"),
    "parquet": (table.write_parquet, ".parquet")})


def write(recording: Recording, path: str | os.PathLike[str], format: str) -> list[str]:
    """Writes a recording as "wfdb", "edf" (EDF+, BDF+ where 16 bits are too few), "dicom", "aecg", "csv" or "parquet".

    The file appears whole or not at all. Returns, in words, what the format had no room for. Raises FormatError for what it cannot hold, OSError for a full disk.
    """
    if format not in WRITERS:
        raise FormatError(os.fspath(path), "", "format", f"is none of {', '.join(WRITERS)}", value=format)
    try:
        return WRITERS[format][0](recording, Path(path))
    except FormatError as error:
        raise error if error.path else error.at(recording.path) from None

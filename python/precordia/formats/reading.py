"""From a path to recordings. Apart from the adapters, so that every way to read goes through one place that knows what went wrong."""
from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from . import container
from .adapters import arrays, clinical, dicom, edf, hdf5, schiller, table, wfdb_record
from .detect import detect, wfdb_header
from .errors import FormatError
from .layout import Layout, layout_of
from .recording import Recording

Reader = Callable[[str, str, Layout], Recording]

READERS: dict[str, Reader] = {
    **{name: clinical.read for name in clinical.PARSERS}, "DICOM": dicom.read, "Schiller XML": schiller.read, "EDF": edf.read, "BDF": edf.read, "WFDB": wfdb_record.read,
    "MATLAB": arrays.read_matlab, "MATLAB 4": arrays.read_matlab, "MATLAB 7.3": arrays.read_matlab, "npy": arrays.read_npy, "CSV": table.read}


def read(
    path: str | os.PathLike[str], *, exam: str | None = None, layout: str | None = None, rate: float | None = None, unit: str | None = None,
    leads: Sequence[str] | None = None,
) -> Recording:
    """Reads one recorded ECG of any format that `detect` knows.

    `exam` names one of several in HDF5 (its id), zip or tar (its file). `layout` is "code15", "code2-open" or "sph"; `rate` (hertz), `unit` ("uV", "mV", "V", or a step such as "5uV") and
    `leads` say what arrays and tables do not say. Samples come as the file's integers with gain and offset; see `Recording`.

    Raises FormatError (a ValueError) with format, field and value for whatever cannot be read.
    """
    found = list(_first(read_all(path, exam=exam, layout=layout, rate=rate, unit=unit, leads=leads), 2))
    if not found:
        raise FormatError(os.fspath(path), "", "", "no recording is in it")
    if len(found) > 1:
        raise FormatError(os.fspath(path), found[0].format, "exam", f"the file holds several, such as {found[0].path} and {found[1].path}",
                          remedy="exam= names one; read_all gives all")
    return found[0]


def _first(recordings: Iterator[Recording | FormatError], count: int) -> Iterator[Recording]:
    for one in recordings:
        if isinstance(one, FormatError):
            raise one
        yield one
        count -= 1
        if not count:
            return


def read_all(
    path: str | os.PathLike[str], *, exam: str | None = None, layout: str | None = None, rate: float | None = None, unit: str | None = None,
    leads: Sequence[str] | None = None,
) -> Iterator[Recording | FormatError]:
    """The recordings of a file or a folder, one after the other, with the error in its place for what cannot be read. Arguments as for `read`."""
    text = os.fspath(path)
    said = layout_of(text, layout, rate, unit, leads)
    if os.path.isdir(text):
        yield from _folder(Path(text), "", said, exam)
        return
    yield from _file(text, said, exam)


def _file(path: str, layout: Layout, exam: str | None) -> Iterator[Recording | FormatError]:
    try:
        format = detect(path)
        if format in ("zip", "tar"):
            with container.unpacked(path, format) as folder:
                yield from _folder(folder, path, layout, exam)
        elif format == "HDF5":
            for name, recording in hdf5.read_each(path, format, layout, exam):
                if isinstance(recording, FormatError) or not recording.extra.get("exam") or path.endswith(name + ".h5"):
                    yield recording
                else:
                    yield replace(recording, path=f"{path}!{name}")
        elif format in READERS:
            yield guarded(READERS[format], path, format, layout)
        else:
            raise FormatError(path, format, "", "is not read; docs/formats.md lists what is")
    except FormatError as error:
        yield error
    except Exception as error:  # noqa: BLE001  a hostile file may break any library in any way
        yield FormatError(path, "", "", str(error) or type(error).__name__)


def guarded(reader: Reader, path: str, format: str, layout: Layout) -> Recording:
    """One reader, with whatever it raises as a FormatError."""
    try:
        return reader(path, format, layout)
    except FormatError:
        raise
    except (Exception, RecursionError, MemoryError) as error:  # noqa: BLE001
        raise FormatError(path, format, "", f"cannot be decoded ({type(error).__name__}: {error})") from None


def _folder(folder: Path, archive: str, layout: Layout, exam: str | None) -> Iterator[Recording | FormatError]:
    """Every recording below a folder by path. Parts of WFDB records are read with their header; files of no format are left out."""
    for place in files_in(folder):
        name = place.relative_to(folder).as_posix()
        if exam is not None and name != exam:
            continue
        for one in _file(str(place), layout, None):
            if isinstance(one, FormatError):
                if not is_no_recording(one):
                    yield one.at(f"{archive}!{name}" if archive else str(place))
            elif archive:
                yield replace(one, path=f"{archive}!{name}")
            else:
                yield one


def files_in(folder: Path) -> Iterator[Path]:
    """The files below a folder that may be recordings, by path."""
    for place in sorted(folder.rglob("*")):
        if place.is_file() and not _is_part(place):
            yield place


def is_no_recording(error: FormatError) -> bool:
    """Whether a file of a folder is simply something else: of no format that is read."""
    return not error.format and error.field == "first bytes"


def _is_part(place: Path) -> bool:
    """A signal or annotation file of a WFDB record, a segment of one, or text that is no table by its name."""
    if place.suffix == ".hea":
        return _is_segment(place)
    if place.suffix.lower() in OWN:
        return place.suffix == ".mat" and wfdb_header(str(place)) is not None
    return wfdb_header(str(place)) is not None or place.with_suffix(".hea").exists() or detected(place) == "CSV"


#: Names of files that are recordings themselves.
OWN = (".xml", ".dcm", ".scp", ".edf", ".bdf", ".h5", ".hdf5", ".csv", ".txt", ".tsv", ".npy", ".ecg", ".mat", ".zip", ".tar", ".tgz", ".gz")


def detected(place: Path) -> str | None:
    """The format by the file's bytes, None if it is none."""
    try:
        return detect(str(place))
    except FormatError:
        return None


def _is_segment(place: Path) -> bool:
    """Another header in its folder names this one as a segment."""
    stem = place.stem
    if not any(mark in stem for mark in "_0123456789"):
        return False
    return stem in _segments(str(place.parent), place.parent.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _segments(folder: str, changed: int) -> frozenset[str]:
    """What the records of segments in a folder consist of."""
    names: set[str] = set()
    for header in Path(folder).glob("*.hea"):
        try:
            lines = [line.split() for line in header.read_bytes()[: 1 << 20].decode("latin-1").splitlines() if line.strip() and not line.startswith("#")]
        except OSError:
            continue
        if lines and lines[0] and "/" in lines[0][0]:
            names |= {line[0] for line in lines[1:] if line}
    return frozenset(names)

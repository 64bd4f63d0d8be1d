"""What an archive consists of: a folder tree, a list, HDF5 of many exams, Parquet of paths, or an object store. Apart from the work, which is given single files."""
from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ..formats.detect import detect
from ..formats.errors import FormatError
from ..formats.reading import _is_part, detected
from .job import Job, RunError, Source
from .reader import Reader


def sources(named: str, job: Job, since: datetime | None) -> Iterator[Source]:
    """The files behind SOURCE in a fixed order: a folder's by name, folder by folder, a list's as it has them."""
    reader = Reader(job.seconds, job.gibibytes)
    try:
        for path in _paths(named):
            if since is None or _changed(path) >= since.timestamp():
                yield _source(path, reader, job)
    finally:
        reader.close()


def _paths(named: str) -> Iterator[str]:
    if named == "-":
        yield from _list(sys.stdin.buffer.read())
    elif named.startswith("@"):
        try:
            yield from _list(Path(named[1:]).read_bytes())
        except OSError as error:
            raise RunError(f"{named[1:]}: {error.strerror}") from None
    elif "://" in named:
        yield from _store(named)
    elif os.path.isdir(named):
        yield from _tree(named)
    elif named.endswith(".parquet"):
        yield from _table(named)
    else:
        yield named


def _list(text: bytes) -> Iterator[str]:
    for line in text.splitlines():
        if line.strip() and not line.startswith(b"#"):
            path = os.fsdecode(line.strip())
            yield path + ".hea" if "://" not in path and not os.path.exists(path) and os.path.exists(path + ".hea") else path


def _tree(folder: str) -> Iterator[str]:
    """Files that may be recordings. Signal files of WFDB come with their header, and what is of no format is left out."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        headers = {name[:-4] for name in names if name.endswith(".hea")}
        for name in sorted(names):
            stem, ending = os.path.splitext(name)
            if ending != ".hea" and stem in headers and ending.lower() in (".dat", ".atr", ".mat"):
                continue
            path = os.path.join(place, name)
            if not _is_part(Path(path)) and (ending == ".hea" or detected(Path(path)) is not None):
                yield path


def _store(url: str) -> Iterator[str]:
    try:
        import fsspec
    except ImportError:
        raise RunError(f"{url}: fsspec reads object stores; pip install 'precordia[archive]' brings it") from None
    try:
        system, path = fsspec.core.url_to_fs(url)
        names = [path] if system.isfile(path) else sorted(system.find(path))
    except Exception as error:  # noqa: BLE001  each store has errors of its own
        raise RunError(f"{url}: {str(error) or type(error).__name__}") from None
    headers = {name[:-4] for name in names if name.endswith(".hea")}
    for name in names:
        if name.endswith(".hea") or os.path.splitext(name)[0] not in headers:
            yield system.unstrip_protocol(name)


def _table(path: str) -> Iterator[str]:
    """The column `path`, or the first of texts, of a Parquet file; relative ones are beside it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        texts = [field.name for field in file.schema_arrow if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
        if not texts:
            raise RunError(f"{path}: no column of texts; one called path would be right")
        column = "path" if "path" in texts else texts[0]
        for batch in file.iter_batches(columns=[column]):
            for value in batch.column(0).to_pylist():
                if value:
                    yield value if "://" in value else os.path.join(os.path.dirname(path), value)
    except (OSError, pa.ArrowException) as error:
        raise RunError(f"{path}: {error}") from None


def _changed(path: str) -> float:
    """When a file changed last; what is not there is as new as can be, so that its error is told."""
    try:
        if "://" in path:
            import fsspec

            system, name = fsspec.core.url_to_fs(path)
            found = system.modified(name)
            return float(found.timestamp())
        return max(os.stat(one).st_mtime for one in (path, path[:-4] + ".dat") if one == path or path.endswith(".hea") and os.path.exists(one))
    except Exception:  # noqa: BLE001
        return float("inf")


def _source(path: str, reader: Reader, job: Job) -> Source:
    if not path.lower().endswith((".h5", ".hdf5")) or "://" in path:
        return Source(path)
    try:
        many = detect(path) == "HDF5"
    except FormatError:
        return Source(path)
    count = reader.count(path, job.layout) if many else 1
    return Source(path, 0, count) if count > 1 else Source(path)

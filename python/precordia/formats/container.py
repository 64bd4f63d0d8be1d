"""Files within zip and tar: unpacked into a private folder within bounds, because records of several files need each other."""
from __future__ import annotations

import os
import shutil
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from .errors import FormatError

MEMBERS, TOTAL, RATIO = 100_000, 8 << 30, 1000


@contextmanager
def unpacked(path: str, format: str) -> Iterator[Path]:
    """A folder with the archive's files, gone afterwards. FormatError for one that is broken, too large, or names places outside of itself."""
    folder = Path(tempfile.mkdtemp(prefix="precordia-"))
    try:
        try:
            (_zip if format == "zip" else _tar)(path, format, folder)
        except FormatError:
            raise
        except Exception as error:  # noqa: BLE001
            raise FormatError(path, format, "", str(error) or type(error).__name__) from None
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _zip(path: str, format: str, folder: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        _bounds(path, format, len(members), sum(member.file_size for member in members))
        for member in members:
            if member.is_dir():
                continue
            if member.flag_bits & 1:
                raise FormatError(path, format, member.filename, "is encrypted")
            with archive.open(member) as source:
                _write(path, format, folder, member.filename, source, member.file_size)


def _tar(path: str, format: str, folder: Path) -> None:
    count = total = 0
    with tarfile.open(path, "r:*") as archive:
        for member in archive:
            count, total = count + 1, total + member.size
            _bounds(path, format, count, total)
            source = archive.extractfile(member) if member.isfile() else None
            if source is not None:
                _write(path, format, folder, member.name, source, member.size)


def _bounds(path: str, format: str, count: int, total: int) -> None:
    if count > MEMBERS:
        raise FormatError(path, format, "files", f"up to {MEMBERS} are read", value=count)
    limit = min(TOTAL, max(1 << 28, RATIO * os.path.getsize(path)))
    if total > limit:
        raise FormatError(path, format, "size unpacked", f"up to {limit} bytes of this file are read", value=total)


def _write(path: str, format: str, folder: Path, name: str, source: IO[bytes], size: int) -> None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or any(part in ("..", "/") or "\0" in part or ":" in part for part in parts):
        raise FormatError(path, format, "name of a file", "a name within the archive would be right", value=name)
    place = folder.joinpath(*parts)
    place.parent.mkdir(parents=True, exist_ok=True)
    left = size
    with open(place, "wb") as target:
        while left > 0 and (block := source.read(min(left, 1 << 20))):
            target.write(block)
            left -= len(block)
    if left:
        raise FormatError(path, format, name, f"{size} bytes are announced, {left} are missing")
    place.chmod(stat.S_IRUSR | stat.S_IWUSR)

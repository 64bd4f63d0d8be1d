"""What a run is, kept in its folder: settings that decide the results' bytes, and the list of sources in fixed blocks. Apart from the work, because whoever comes
back, or helps, must do exactly the same."""
from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

#: What a table may have.
WHAT = ("probabilities", "classes", "measurements", "quality", "beats")


class RunError(Exception):
    """Why a run cannot begin or go on, for a person."""


@dataclass(frozen=True)
class Job:
    """Settings that decide what is in the files."""

    model: str
    sha256: str
    version: str
    what: tuple[str, ...]
    windows: bool = False
    labels: str = "statements"
    block: int = 1000
    #: What is said of arrays and tables that do not say it: layout, rate, unit, leads.
    layout: dict[str, Any] = field(default_factory=dict)
    seconds: float = 300.0
    gibibytes: float = 8.0

    #: Fields that the next run may have otherwise.
    FREE = ("model", "seconds", "gibibytes")

    def save(self, folder: Path) -> Job:
        """Keeps the settings in a new folder, or holds them against those of an old one. Returns the ones that count. RunError where they differ."""
        place = folder / "_precordia" / "job.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        if create(place, json.dumps({"format": 1, **asdict(self)}, indent=1).encode() + b"\n"):
            return self
        old = load(folder)
        for name, value in asdict(self).items():
            kept = asdict(old)[name]
            if name not in self.FREE and (list(value) if isinstance(value, tuple) else value) != (list(kept) if isinstance(kept, tuple) else kept):
                raise RunError(f"{folder} has results with {name} {_said(kept)}, not {_said(value)}; another folder would be right")
        return self


def _said(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def load(folder: Path) -> Job:
    """The settings of a folder."""
    try:
        found = json.loads((folder / "_precordia" / "job.json").read_bytes())
    except (OSError, ValueError) as error:
        raise RunError(f"{folder}: its settings, _precordia/job.json, cannot be read: {error}") from None
    if found.pop("format", None) != 1:
        raise RunError(f"{folder} was made by another version of precordia-archive; another folder would be right")
    return Job(**{**found, "what": tuple(found["what"])})


def create(place: Path, content: bytes) -> bool:
    """Makes a file with its content, whole or not at all; False, and nothing has changed, where it is there already. Two at once do no harm."""
    temporary = place.with_name(f".{place.name}.{os.getpid()}.{os.uname().nodename}")
    temporary.write_bytes(content)
    try:
        os.link(temporary, place)
        return True
    except FileExistsError:
        return False
    finally:
        temporary.unlink()


@dataclass(frozen=True)
class Source:
    """A file of the list: all of it, or `count` exams from `first` on, of HDF5."""

    path: str
    first: int | None = None
    count: int = 1


@dataclass(frozen=True)
class Block:
    """A block of the list: `lines` lines from the byte `offset` on, `exams` of them."""

    number: int
    offset: int
    lines: int
    exams: int

    @property
    def name(self) -> str:
        return f"part-{self.number:06d}.parquet"


class SourceList:
    """The list: a line of JSON for each source, an empty line where a block is cut short because the sources behind it were found later."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "_precordia" / "sources.jsonl"

    def lines(self, sources: Iterator[Source], block: int) -> Iterator[bytes]:
        """Sources as lines, none of which reaches over the end of a block."""
        room = block
        for source in sources:
            first, left = source.first, source.count
            while left > 0:
                part = min(left, room) if first is not None else 1
                yield json.dumps([source.path] if first is None else [source.path, first, part]).encode() + b"\n"
                first, left = None if first is None else first + part, left - part
                room = room - part or block

    def bring(self, sources: Iterator[Source], block: int) -> int:
        """Makes the list, or adds what an old one does not have, in blocks of its own at its end. Returns how many sources are new."""
        try:
            old = self.path.read_bytes()
        except FileNotFoundError:
            lines = list(self.lines(sources, block))
            return len(lines) if create(self.path, b"".join(lines)) else 0
        known: dict[str, int] = {}
        for line in old.splitlines():
            if line:
                one = _source(line)
                known[one.path] = known.get(one.path, 0) + one.count
        new = [Source(one.path, None if one.first is None else known.get(one.path, 0), one.count - known.get(one.path, 0))
               for one in sources if one.count > known.get(one.path, 0)]
        if new:
            temporary = self.path.with_name(f".sources.{os.getpid()}")
            # The new ones begin a block of their own, so that no old one changes.
            temporary.write_bytes(old + b"\n" + b"".join(self.lines(iter(new), block)))
            os.replace(temporary, self.path)
        return len(new)

    def blocks(self, size: int) -> Iterator[Block]:
        """The blocks in order."""
        number = offset = start = lines = exams = 0
        with open(self.path, "rb") as file:
            for line in file:
                if line.strip():
                    lines, exams = lines + 1, exams + _source(line).count
                offset += len(line)
                if lines and (exams >= size or not line.strip()):
                    yield Block(number, start, lines, exams)
                    number, lines, exams = number + 1, 0, 0
                if not lines:
                    start = offset
        if lines:
            yield Block(number, start, lines, exams)

    def sources(self, block: Block) -> Iterator[Source]:
        """The sources of a block."""
        with open(self.path, "rb") as file:
            file.seek(block.offset)
            for _ in range(block.lines):
                yield _source(file.readline())


def _source(line: bytes) -> Source:
    found = json.loads(line)
    return Source(found[0]) if len(found) == 1 else Source(found[0], found[1], found[2])

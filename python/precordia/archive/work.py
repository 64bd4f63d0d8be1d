"""The work on one block: a partition of records in, an Arrow table out, one Parquet file written. Engines only schedule it; nothing here knows of them."""
from __future__ import annotations

import math
import os
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .. import _library as lib
from ..engine import Engine, Measurement, Model
from ..exams import Exams
from ..formats.errors import FormatError
from .job import Block, Job, RunError, Source, SourceList, load
from .reader import Found, Reader
from .signals import ExamSignals, of_plain
from .table import Rows


@dataclass(frozen=True)
class Done:
    """What became of a block."""

    block: int
    rows: int
    errors: int
    seconds: float


class Worker:
    """Whatever a process needs for one job, made once: the model, an exam's memory, an engine where something is measured, and the process that reads."""

    def __init__(self, job: Job, root: str = "") -> None:
        self.job, self.root = job, root
        self.model = Model(job.model)
        if self.model.sha256 != job.sha256 or lib.version() != job.version:
            raise RunError(f"this worker has {self.model.name} {self.model.sha256[:12]} and engine {lib.version()}, the run is of {job.sha256[:12]} and {job.version}")
        self.exams, self.reader = Exams(self.model), Reader(job.seconds, job.gibibytes)
        self._engine: tuple[Any, Engine] | None = None

    def table(self, sources: Iterable[Source], number: int = 0) -> pa.Table:
        """The rows of a partition of records, in order."""
        rows = Rows(self.job, self.model)
        for source in sources:
            for found in self._read(source):
                record = self._name(found.path or source.path)
                if isinstance(found, FormatError):
                    rows.fail(record, _text(str(found)))
                    continue
                try:
                    self._add(rows, record, found)
                except (ValueError, lib.PrecordiaError) as error:
                    rows.fail(record, _text(f"{found.path}: {error}"))
        return rows.table(number)

    def _read(self, source: Source) -> Iterator[Found]:
        if "://" in source.path:
            try:
                with fetched(source.path) as place:
                    for one in self._read(replace(source, path=place)):
                        yield one.at(source.path) if isinstance(one, FormatError) else replace(one, path=one.path.replace(place, source.path, 1))
            except FormatError as error:
                yield error
            return
        plain = of_plain(source.path) if source.path.endswith(".hea") else None
        if plain is not None:
            yield plain
            return
        yield from self.reader.exams(source.path, self.job.layout, None if source.first is None else (source.first, source.count))

    def _name(self, path: str) -> str:
        if self.root and path.startswith(self.root):
            path = path[len(self.root):].lstrip("/")
        return _text(path[:-4] if path.endswith(".hea") else path)

    def _add(self, rows: Rows, record: str, exam: ExamSignals) -> None:
        if not self.job.windows:
            self._row(rows, record, exam, None, 0.0)
            return
        step = 10 * exam.rate
        for window in range(max(1, math.ceil(len(exam.counts) / step))):
            part = exam.window(window * step, step)
            # A rest of less than a second is no window; a record of less is one.
            if window == 0 or len(part.counts) >= exam.rate:
                self._row(rows, record, part, window, 10.0 * window)

    def _row(self, rows: Rows, record: str, exam: ExamSignals, window: int | None, start: float) -> None:
        verdict = self.exams.classify_counts(exam.counts, exam.rate, exam.leads, microvolts_per_count=exam.microvolts_per_count, baseline=exam.baseline,
                                             derived=exam.derived, marks=exam.marks)
        measured, beats, rate = self._listen(exam) if {"measurements", "beats"} & {*self.job.what} else (None, None, None)
        rows.add(record, exam, verdict, measured, beats, rate, window, start)

    def _listen(self, exam: ExamSignals) -> tuple[Measurement | None, int, float]:
        """What a stream's engine says of it: the measurement of its last 10 s, beats and the last heart rate."""
        measure = _hop(len(exam.counts) // exam.rate) if "measurements" in self.job.what else 0
        key = (exam.rate, exam.leads, exam.derived, exam.microvolts_per_count.tobytes(), exam.baseline.tobytes(), measure)
        if self._engine is None or self._engine[0] != key:
            self._engine = (key, Engine(self.model, exam.rate, exam.leads, derived=exam.derived, microvolts_per_count=exam.microvolts_per_count, baseline=exam.baseline,
                                        measure=measure))
        engine = self._engine[1]
        engine.reset()
        for _ in engine.push_counts(exam.counts, marks=exam.marks):
            pass
        for _ in engine.drain():
            pass
        return engine.measurement, engine.counters["beats"], engine.heart_rate


def _hop(seconds: int) -> int:
    """Seconds between two measurements such that one is of the last 10 s: the largest up to 60 that divides the exam."""
    return next(hop for hop in range(60, 0, -1) if max(seconds, 1) % hop == 0)


def _text(text: str) -> str:
    """A path as text, whatever its bytes."""
    return os.fsencode(text).decode("utf-8", "backslashreplace")


@contextmanager
def fetched(url: str) -> Iterator[str]:
    """A file of an object store in a private folder, with the files that a WFDB header names."""
    import fsspec

    with tempfile.TemporaryDirectory(prefix="precordia-") as folder:
        system, path = fsspec.core.url_to_fs(url)
        place = os.path.join(folder, os.path.basename(path))
        try:
            system.get_file(path, place)
            for name in _parts(place):
                system.get_file(os.path.dirname(path) + "/" + name, os.path.join(folder, name))
        except Exception as error:  # noqa: BLE001  each store has errors of its own
            raise FormatError(url, "", "", f"cannot be fetched: {str(error) or type(error).__name__}") from None
        yield place


def _parts(header: str) -> list[str]:
    """Names of the signal files of a WFDB header, and of its segments' headers."""
    if not header.endswith(".hea"):
        return []
    with open(header, "rb") as file:
        lines = [line.split() for line in file.read(1 << 20).decode("latin-1").splitlines() if line.strip() and not line.startswith("#")]
    names = dict.fromkeys(line[0] + (".hea" if "/" in lines[0][0] else "") for line in lines[1:] if line and line[0] != "~")
    return [name for name in names if os.path.basename(name) == name]


@lru_cache(maxsize=1)
def _worker(folder: str, root: str, model: str) -> Worker:
    job = load(Path(folder))
    return Worker(replace(job, model=model), root)


def do_block(folder: str, root: str, model: str, block: Block) -> Done:
    """Writes a block's file, whole or not at all. The one function that every engine calls, in whatever process it likes."""
    began = time.monotonic()
    place = Path(folder) / block.name
    worker = _worker(folder, root, model)
    table = worker.table(SourceList(Path(folder)).sources(block), block.number)
    temporary = place.with_name(f".{block.name}.{uuid.uuid4().hex}")
    try:
        with open(temporary, "wb") as file:
            # Every text by dictionary: of a plain one with a single value DuckDB 2.0.0 counts that row among those where it is null.
            texts = [field.name for field in table.schema if field.type == pa.string()]
            pq.write_table(table, file, compression="zstd", use_dictionary=texts, write_statistics=True)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, place)
    finally:
        temporary.unlink(missing_ok=True)
    errors = table.num_rows - table.column("error").null_count
    return Done(block.number, table.num_rows, errors, time.monotonic() - began)


def is_done(folder: Path, block: Block, job: Job) -> bool:
    """Whether a block's file is there, whole and of this run. Work that was cut off leaves none; a disk that lost one leaves what no reader opens."""
    try:
        found = pq.read_schema(folder / block.name).metadata or {}
    except (OSError, pa.ArrowException):
        return False
    text = found.get(b"precordia", b"").decode()
    return f'"block": {block.number},' in text and job.sha256 in text


__all__ = ["Done", "Worker", "do_block", "is_done", "np"]

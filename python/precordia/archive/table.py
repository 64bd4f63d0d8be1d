"""The table that an archive becomes: its columns with units, and rows of it. Apart from the work, because the schema is what others rely on."""
from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from .. import _library as lib
from ..engine import Measurement, Model
from ..exams import Verdict
from ..formats.recording import LEADS
from .job import Job
from .signals import ExamSignals

MEASURED = {"heart_rate": "1/min", "p": "ms", "pr": "ms", "qrs": "ms", "qt": "ms", "qtc": "ms", "p_axis": "degrees", "qrs_axis": "degrees", "t_axis": "degrees"}


class Rows:
    """Rows of one block, as columns that grow. `table` makes the same bytes of the same rows wherever it runs."""

    def __init__(self, job: Job, model: Model) -> None:
        self.job, self.model = job, model
        self.labels = _labels(job, model)
        self.fields = _fields(job, model, self.labels)
        self.columns: list[list[Any]] = [[] for _ in self.fields]
        self.probabilities: list[np.ndarray[Any, Any]] = []
        self.errors = 0

    def add(self, record: str, exam: ExamSignals, verdict: Verdict | None, measured: Measurement | None, beats: int | None, rate: float | None, window: int | None,
            start: float) -> None:
        """A row of an exam, or of one window of it."""
        quality = None
        if verdict is not None:
            words = [word for word in ([] if verdict.quality == "good" else [verdict.quality]) + list(exam.cautions)]
            quality = ";".join(words) or "good"
        values: list[Any] = [record, exam.format, exam.rate, exam.seconds, "+".join(exam.leads), exam.start]
        if self.job.windows:
            values += [window, start]
        known = verdict is not None and verdict.is_known
        values += [known, quality]
        if "quality" in self.job.what:
            values += [verdict.windows_all, verdict.windows_unknown, "+".join(verdict.reasons) or None] if verdict else [0, 0, None]
        if "measurements" in self.job.what:
            values += _measured(measured)
        if "beats" in self.job.what:
            values += [beats, None if rate is None or np.isnan(rate) else rate]
        self._put(values, _of_labels(self.labels, self.job, verdict), "; ".join(exam.notes) or None, None)

    def fail(self, record: str, error: str) -> None:
        """The row of what cannot be read."""
        self.errors += 1
        self._put([record] + [None] * (len(self._plain) - 1), None, None, error)

    @property
    def _plain(self) -> list[pa.Field]:
        return [field for field in self.fields if not (field.metadata or {}).get(b"kind")][:-2]

    def _put(self, values: list[Any], probabilities: Any, notes: str | None, error: str | None) -> None:
        count = len(self._plain)
        for column, value in zip(self.columns[:count], values, strict=True):
            column.append(value)
        width = len(self.fields) - count - 2
        self.probabilities.append(np.full(width, np.nan, np.float32) if probabilities is None else probabilities)
        self.columns[-2].append(notes)
        self.columns[-1].append(error)

    @property
    def count(self) -> int:
        return len(self.columns[0])

    def table(self, number: int) -> pa.Table:
        """What was added, in order."""
        plain = len(self._plain)
        arrays = [pa.array(column, field.type) for column, field in zip(self.columns[:plain], self.fields)]
        if len(self.fields) - plain - 2:
            block = np.array(self.probabilities, np.float32).reshape(self.count, -1)
            arrays += [pa.array(np.ascontiguousarray(column), pa.float32(), mask=np.isnan(column)) for column in block.T]
        arrays += [pa.array(column, field.type) for column, field in zip(self.columns[-2:], self.fields[-2:])]
        return pa.Table.from_arrays(arrays, schema=schema(self.job, self.model, self.fields, number))


def schema(job: Job, model: Model, fields: Sequence[pa.Field], number: int) -> pa.Schema:
    """The columns, and what made them: nothing of time or place, so that the same exams give the same bytes."""
    facts = {"format": 1, "block": number, "model": model.name, "model_version": model.facts.version, "model_sha256": job.sha256, "engine": job.version,
             "what": list(job.what), "labels": job.labels, "windows": job.windows}
    return pa.schema(fields, metadata={"precordia": json.dumps(facts, sort_keys=True)})


def _fields(job: Job, model: Model, labels: Sequence[int]) -> list[pa.Field]:
    text, number = pa.string(), pa.float32()
    fields = [pa.field("record", text, False), pa.field("format", text), _field("rate", pa.int32(), "Hz"), _field("seconds", pa.float64(), "s"), pa.field("leads", text),
              pa.field("start", text)]
    if job.windows:
        fields += [pa.field("window", pa.int32()), _field("window_start", pa.float64(), "s")]
    fields += [pa.field("known", pa.bool_()), pa.field("quality", text)]
    if "quality" in job.what:
        fields += [pa.field("windows", pa.int32()), pa.field("windows_unknown", pa.int32()), pa.field("reasons", text)]
    if "measurements" in job.what:
        fields += [_field(name, number, unit) for name, unit in MEASURED.items()]
        fields += [pa.field("p_present", pa.bool_()), pa.field("measured_beats", pa.int32()), pa.field("withheld", pa.bool_())]
        fields += [_field(f"st_{place}_{lead}", number, "mV") for place in ("j", "j60") for lead in LEADS]
    if "beats" in job.what:
        fields += [pa.field("beats", pa.int32()), _field("last_heart_rate", number, "1/min")]
    if "probabilities" in job.what:
        fields += [_labelled(name, model.label(index)) for index, name in zip(labels, _names(job, model, labels))]
    if "classes" in job.what:
        fields += [_labelled(f"c_{one.code}", one) for one in model.classes]
    return [*fields, pa.field("notes", text), pa.field("error", text)]


def _field(name: str, kind: pa.DataType, unit: str) -> pa.Field:
    return pa.field(name, kind, metadata={"unit": unit})


def _labelled(name: str, label: lib.Label | lib.Class) -> pa.Field:
    return pa.field(name, pa.float32(), metadata={"kind": "probability", "unit": "1", "words": str(label.words)})


def _labels(job: Job, model: Model) -> list[int]:
    """Numbers of the labels that are wanted: of one set, or of all."""
    sets = model.label_sets
    wanted = sets.values() if job.labels == "all" else [sets[job.labels]]
    return [index for part in wanted for index in range(part.start, part.stop)]


def _names(job: Job, model: Model, labels: Sequence[int]) -> list[str]:
    """Columns of labels: p_AFIB of a statement or where one set is wanted, p_superclasses_NORM of another set beside it."""
    codes = {index: str(model.label(index).code) for index in labels}
    if job.labels != "all":
        return [f"p_{codes[index]}" for index in labels]
    sets = {index: "" if place == 0 else f"{name}_" for place, (name, part) in enumerate(model.label_sets.items()) for index in range(part.start, part.stop)}
    return [f"p_{sets[index]}{codes[index]}" for index in labels]


def _of_labels(labels: Sequence[int], job: Job, verdict: Verdict | None) -> Any:
    if verdict is None:
        return None
    parts = []
    if "probabilities" in job.what:
        parts.append(verdict.probabilities[labels])
    if "classes" in job.what:
        parts.append(verdict.classes)
    return np.concatenate(parts).astype(np.float32) if parts else np.empty(0, np.float32)


def _measured(found: Measurement | None) -> list[Any]:
    if found is None:
        return [None] * (len(MEASURED) + 3 + 2 * len(LEADS))
    values = [*(getattr(found, name) for name in MEASURED), *found.st_j.tolist(), *found.st_j60.tolist()]
    known = [None if np.isnan(value) else float(value) for value in values]
    return [*known[: len(MEASURED)], found.p_present, found.measured_beats, found.is_withheld, *known[len(MEASURED):]]

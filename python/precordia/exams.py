"""Recorded exams: a whole exam in, a verdict out, by the library's stored-exam path. Apart from engine.py, whose engines hear streams."""
from __future__ import annotations

import ctypes as c
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arguments as arguments
from . import _library as lib
from ._arguments import LEADS
from ._library import check, library
from .engine import Model

#: What is wrong with each frame, as precordia_marks has it: sets of leads as bits.
MARKS = np.dtype([("missing", "<u2"), ("clipped", "<u2"), ("off", "<u2"), ("reserved", "<u2")])


@dataclass(frozen=True)
class Verdict:
    """What an exam came to, as `precordia classify` has it."""

    #: Mean probability of each label of the model, the statements first.
    probabilities: NDArray[np.float64]
    #: Mean probability of each class; NaN for one that the model does not cover.
    classes: NDArray[np.float64]
    #: Windows that the probabilities are the mean of, all windows, and those without an answer.
    windows: int
    windows_all: int
    windows_unknown: int
    #: "good", or what is wrong with the signal, such as "short;flat:V3+V4".
    quality: str
    #: Whether the probabilities are an answer. Where not, they are what would have been said, for those who study it.
    is_known: bool
    is_short: bool
    #: Why there is no answer, and in which leads.
    reasons: tuple[str, ...]
    leads: tuple[str, ...]
    model: Model

    @property
    def statements(self) -> Mapping[str, float]:
        """Probabilities of the statements by their codes, such as AFIB."""
        return dict(zip(self.model.statements, self.probabilities.tolist()))


class Exams:
    """Classifies exams one after the other in the same memory. For one thread at a time; the interpreter's lock is released while an exam is classified."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._memory = c.create_string_buffer(1)
        self._exam = c.c_void_p()
        self._stream = b""
        self._quality = c.create_string_buffer(1024)
        self._verdict = lib.Verdict()

    def classify_counts(
        self, counts: NDArray[np.int32], rate: int, leads: Sequence[str] = LEADS, *, microvolts_per_count: ArrayLike = 1.0, baseline: ArrayLike = 0,
        derived: Sequence[str] = (), marks: NDArray[np.void] | None = None,
    ) -> Verdict:
        """An exam as its device counted: int32 of shape (frames, leads). `marks`, of dtype `MARKS`, say what is missing or clipped in each frame."""
        if counts.dtype != np.int32 or counts.ndim != 2 or counts.shape[1] != len(leads):
            raise arguments.ArgumentError("counts", (str(counts.dtype), counts.shape), f"int32 of shape (frames, {len(leads)})")
        kept = _marks(marks, len(counts))
        self._prepare(rate, leads, microvolts_per_count, baseline, derived)
        counts = np.ascontiguousarray(counts)
        library.precordia_exam_classify_counts(self._exam, counts.ctypes.data, None if kept is None else kept.ctypes.data, len(counts), self._verdict)
        return self._result()

    def classify_microvolts(
        self, microvolts: ArrayLike, rate: int, leads: Sequence[str] = LEADS, *, resolution: ArrayLike = 0.1, derived: Sequence[str] = (),
        marks: NDArray[np.void] | None = None,
    ) -> Verdict:
        """An exam in microvolts, NaN where a sample is missing, rounded to `resolution` microvolts."""
        values = np.ascontiguousarray(arguments.samples_of(microvolts, len(leads)))
        kept = _marks(marks, len(values))
        self._prepare(rate, leads, resolution, 0, derived)
        library.precordia_exam_classify_microvolts(self._exam, values.ctypes.data, None if kept is None else kept.ctypes.data, len(values), self._verdict)
        return self._result()

    def _prepare(self, rate: int, leads: Sequence[str], scale: ArrayLike, baseline: ArrayLike, derived: Sequence[str]) -> None:
        stream = lib.stream_of(rate, leads, scale, baseline, derived)
        key = bytes(stream)
        if key == self._stream:
            return
        size = c.c_size_t()
        check(library.precordia_exam_bytes(self.model.memory, stream, size))
        if size.value > len(self._memory):
            self._memory = c.create_string_buffer(size.value)
        self._stream = b""
        check(library.precordia_exam_init(self._exam, self._memory, len(self._memory), self.model.memory, stream))
        self._stream = key

    def _result(self) -> Verdict:
        found, facts = self._verdict, self.model.facts
        probabilities, classes = np.empty(facts.labels), np.empty(facts.classes)
        library.precordia_exam_probabilities(self._exam, 0, len(probabilities), probabilities.ctypes.data)
        library.precordia_exam_class_probabilities(self._exam, 0, len(classes), classes.ctypes.data)
        library.precordia_exam_quality(self._exam, self._quality, len(self._quality))
        return Verdict(
            probabilities, classes, found.windows, found.windows_all, found.windows_unknown, self._quality.value.decode(), found.is_known, found.is_short,
            lib.reasons_of(found.reasons), lib.leads_of(found.leads), self.model)


def _marks(marks: NDArray[np.void] | None, frames: int) -> NDArray[np.void] | None:
    if marks is None:
        return None
    if marks.dtype != MARKS or marks.shape != (frames,):
        raise arguments.ArgumentError("marks", (str(marks.dtype), marks.shape), "one of dtype MARKS for each frame")
    return np.ascontiguousarray(marks)


_own = threading.local()


def exams_of(model: Model) -> Exams:
    """This thread's own, for a model."""
    found: Exams | None = getattr(_own, "exams", None)
    if found is None or found.model is not model:
        found = _own.exams = Exams(model)
    return found

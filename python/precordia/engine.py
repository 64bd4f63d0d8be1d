"""Models and engines: arrays of microvolts or counts in, events out."""
import ctypes as c
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from os import PathLike, fsencode, strerror
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arguments as arguments
from . import _library as lib
from ._arguments import LEADS
from ._library import PrecordiaError, check, library


@dataclass(frozen=True)
class Event:
    """What the engine says. `probabilities` belong to kinds "window" and "unknown": one a statement, in the order of `Model.statements`."""

    kind: str
    sample: int
    code: str
    priority: str
    value: float
    leads: tuple[str, ...]
    reasons: tuple[str, ...]
    probabilities: NDArray[np.float32] | None


@dataclass(frozen=True)
class Measurement:
    """What was measured of the last 10 s: times in milliseconds, axes in degrees, levels of ST in millivolts in the order of `LEADS`; NaN for what is not known."""

    heart_rate: float
    p: float
    pr: float
    qrs: float
    qt: float
    qtc: float
    p_axis: float
    qrs_axis: float
    t_axis: float
    beats: int
    measured_beats: int
    p_present: bool | None
    st_j: NDArray[np.float32]
    st_j60: NDArray[np.float32]
    is_withheld: bool


#: The shipped model's file name.
MODEL = "ptbxl71.precordia"


def model_path(path: str | PathLike[str] | None = None) -> str:
    """A model file: `path`, or what PRECORDIA_MODEL names, or the wheel's own, or the repository's."""
    if path is not None:
        return os.fspath(path)
    named = os.environ.get("PRECORDIA_MODEL")
    places = [named] if named else [str(Path(__file__).with_name(MODEL)), str(Path(__file__).parents[2] / "models" / MODEL)]
    found = next((place for place in places if os.path.exists(place)), None)
    if found is None:
        raise PrecordiaError("modelFile", f"{places[0]}: there is no model; a path, or one in PRECORDIA_MODEL, would be right")
    return found


class Model:
    """A model file, checked and read into memory; any number of engines may use it. Without a path the shipped one."""

    def __init__(self, path: str | PathLike[str] | None = None) -> None:
        path = model_path(path)
        self.memory = lib.ModelMemory()
        error = library.precordia_model_open(self.memory, fsencode(path))
        if error:
            fault = lib.ModelFault()
            library.precordia_model_last_fault(self.memory, fault)
            name = library.precordia_error_name(error).decode()
            raise PrecordiaError(name, f"{path}: {strerror(fault.code) if name == 'modelFile' else fault.explanation.decode()}")
        self.facts = lib.ModelFacts()
        check(library.precordia_model_describe(self.memory, self.facts))

    def __del__(self) -> None:
        library.precordia_model_close(self.memory)

    @property
    def name(self) -> str:
        return str(self.facts.name)

    @property
    def sha256(self) -> str:
        """The file's SHA-256, which identifies the model."""
        return bytes(self.facts.sha256[:32]).hex()

    def label(self, index: int) -> lib.Label:
        """A label's code, words, group, thresholds and priority."""
        found = lib.Label()
        if not library.precordia_model_label(self.memory, arguments.whole("label", index, 0, 2**31), found):
            raise arguments.ArgumentError("label", index, f"0 to {self.facts.labels - 1}")
        return found

    @property
    def classes(self) -> list[lib.Class]:
        """The statements of another vocabulary that are derived from labels: code, words, group, status, evidence."""
        classes = []
        for index in range(self.facts.classes):
            found = lib.Class()
            library.precordia_model_class(self.memory, index, found)
            classes.append(found)
        return classes

    @property
    def label_sets(self) -> dict[str, slice]:
        """The sets of labels by name; events and alerts are about the first."""
        found = lib.LabelSet()
        sets = {}
        for index in range(self.facts.label_sets):
            library.precordia_model_label_set(self.memory, index, found)
            sets[str(found.name)] = slice(found.first, found.first + found.count)
        return sets

    @property
    def statements(self) -> list[str]:
        """Codes of the statements, such as AFIB, in the order of an event's probabilities."""
        found = lib.Label()
        codes = []
        for index in range(self.facts.statements):
            library.precordia_model_label(self.memory, index, found)
            codes.append(str(found.code))
        return codes


class Engine:
    """One stream's engine. Push arrays of shape (frames, channels) and take the events that they cause."""

    def __init__(
        self, model: Model, rate: int, leads: tuple[str, ...] = LEADS, *, derived: tuple[str, ...] = (),
        microvolts_per_count: ArrayLike = 1.0, baseline: ArrayLike = 0, hop: int = 0, measure: int = 0, age: int = 0, sex: str = "",
    ):
        """`hop` is in samples of the model's rate; 0 takes the model's own. Arrays of counts and microvolts have the channels of `leads`.

        `measure` is seconds between two measurements, 0 for none; `age` in years and `sex`, "female" or "male", choose limits of ST."""
        if sex not in ("", "female", "male"):
            raise arguments.ArgumentError("sex", sex, "female, male or nothing")
        age, measure = arguments.whole("age", age, 0, 120), arguments.whole("measure", measure, 0, 60)
        stream = lib.stream_of(rate, leads, microvolts_per_count, baseline, derived)
        self.model, self.rate, self.leads, self.index = model, int(stream.rate), arguments.leads_of(leads), 0
        hop = arguments.whole("hop", hop, 0, model.facts.hop, f"a multiple of {model.facts.hop_unit} up to {model.facts.hop}")
        options, size = lib.Options(hop=hop, measure_seconds=measure, patient=age | {"": 0, "female": 0x100, "male": 0x200}[sex]), c.c_size_t()
        check(library.precordia_engine_bytes(model.memory, stream, options, size))
        self._memory = c.create_string_buffer(size.value)
        self._engine = c.c_void_p()
        check(library.precordia_engine_init(self._engine, self._memory, size.value, model.memory, stream, options))

    @property
    def handle(self) -> c.c_void_p:
        """The precordia_engine, for functions of the library that have none here. Not longer than the engine itself."""
        return self._engine

    def push_counts(self, counts: ArrayLike, index: int | None = None, marks: NDArray[np.void] | None = None) -> list[Event]:
        """Takes device counts. `index` is the first frame's number as the device counts, if frames may have been lost; `marks`, of dtype `exams.MARKS`, say what
        is missing or clipped."""
        return [*self._push(library.precordia_engine_push_counts, arguments.counts_of(counts), index, marks)]

    def push_microvolts(self, microvolts: ArrayLike, index: int | None = None) -> list[Event]:
        """Takes microvolts, NaN for a missing sample; they are rounded to `microvolts_per_count`."""
        return [*self.follow(microvolts, index)]

    def follow(self, microvolts: ArrayLike, index: int | None = None) -> Iterator[Event]:
        """As `push_microvolts`, but an event at a time, for who asks the engine between two of them. Takes frames only as far as it is iterated."""
        return self._push(library.precordia_engine_push_microvolts, np.ascontiguousarray(microvolts, np.float64), index)

    def drain(self) -> Iterator[Event]:
        """Ends the stream: what was held back, and the answer over the rest."""
        more = True
        while more:
            more = library.precordia_engine_drain(self._engine)
            yield from self.poll()

    def poll(self) -> Iterator[Event]:
        raw = lib.Event()
        while library.precordia_engine_poll(self._engine, raw):
            self.raw = raw
            yield self._event(raw)

    def reset(self) -> None:
        """Back to the beginning, for another exam of the same format."""
        library.precordia_engine_reset(self._engine)
        self.index = 0

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """Those of all labels at the last answer."""
        values = np.empty(self.model.facts.labels, np.float32)
        library.precordia_engine_probabilities(self._engine, 0, len(values), values.ctypes.data)
        return values

    @property
    def heart_rate(self) -> float:
        """Beats a minute, NaN if it cannot be told."""
        return float(library.precordia_engine_heart_rate(self._engine))

    @property
    def measurement(self) -> Measurement | None:
        """What was measured last; None of an engine that does not measure."""
        found = lib.Measurement()
        if not library.precordia_engine_measurement(self._engine, found):
            return None
        names = ("heart_rate", "p", "pr", "qrs", "qt", "qtc", "p_axis", "qrs_axis", "t_axis", "beats", "measured_beats")
        return Measurement(
            **{name: getattr(found, name) for name in names}, p_present={0: False, 1: True}.get(found.p_present), st_j=np.array(found.st_j, np.float32),
            st_j60=np.array(found.st_j60, np.float32), is_withheld=found.is_withheld)

    @property
    def counters(self) -> dict[str, int]:
        """Everything that was counted, so that nothing is lost silently."""
        found = lib.Counters()
        library.precordia_engine_counters(self._engine, found)
        return {field[0]: getattr(found, field[0]) for field in lib.Counters._fields_}

    def lines(self, record: str, top: int = 5) -> "Lines":
        """The writer of JSON lines, byte for byte those of `precordia replay --json`."""
        return Lines(self, record, top)

    def _push(self, function: Callable[..., int], values: NDArray[Any], index: int | None, marks: NDArray[np.void] | None = None) -> Iterator[Event]:
        if values.ndim != 2 or values.shape[1] != len(self.leads):
            raise arguments.ArgumentError("array of shape", values.shape, f"(frames, {len(self.leads)})")
        if marks is not None and (marks.itemsize != 8 or marks.shape != (len(values),) or not marks.flags.c_contiguous):
            raise arguments.ArgumentError("marks", marks.shape, "one for each frame")
        first = self.index if index is None else arguments.whole("index", index, 0, 2**63)
        taken = 0
        while taken < len(values):
            wrong = None if marks is None else marks[taken:].ctypes.data
            taken += function(self._engine, first + taken, values[taken:].ctypes.data, wrong, len(values) - taken)
            self.index = first + taken
            yield from self.poll()

    def _event(self, raw: lib.Event) -> Event:
        kind = library.precordia_event_name(raw.kind).decode()
        answers = kind in ("window", "unknown")
        return Event(
            kind, raw.sample, str(library.precordia_model_condition(self.model.memory, raw.code)),
            library.precordia_priority_name(raw.priority).decode(), raw.value,
            tuple(LEADS[lead] for lead in range(12) if raw.leads >> lead & 1),
            tuple(library.precordia_reason_name(1 << bit).decode() for bit in range(32) if (raw.reasons | raw.more_reasons << 16) >> bit & 1),
            self.probabilities[: self.model.facts.statements] if answers else None)


class Lines:
    """JSON lines of one engine; write an event before the next one is taken."""

    def __init__(self, engine: Engine, record: str, top: int):
        self.engine = engine
        self._name = record.encode()
        self._report = lib.Report(name=lib.Text(c.cast(c.c_char_p(self._name), c.c_void_p), len(self._name)), top=top)
        self._buffer = c.create_string_buffer(1 << 16)

    def opening(self, frames: int) -> bytes:
        measured = sum(1 << LEADS.index(lead) for lead in self.engine.leads)
        return self._line(library.precordia_report_stream, measured, frames)

    def event(self) -> bytes:
        """The event that the engine gave last."""
        return self._line(library.precordia_report_event, self.engine.raw)

    def closing(self, frames: int) -> bytes:
        return self._line(library.precordia_report_end, frames, False)

    def _line(self, function: Callable[..., int], *arguments: object) -> bytes:
        size = function(self._report, self.engine._engine, *arguments, self._buffer, len(self._buffer))
        return self._buffer.raw[: min(size, len(self._buffer))]

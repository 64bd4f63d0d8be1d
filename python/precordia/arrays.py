"""Arrays in, answers out, a call each: `classify`, `measure`, `beats`, `quality` and `stream`. Apart from engine.py and exams.py, which are for those who keep their engines."""
from __future__ import annotations

import ctypes as c
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arguments as arguments
from . import _library as lib
from ._arguments import LEADS
from ._library import library
from .engine import Engine, Event, Measurement, Model
from .exams import Verdict, exams_of

#: Microvolts of a count to which the samples of an array are rounded.
RESOLUTION = 0.1


@dataclass(frozen=True)
class Beats:
    """What was heard of the heart's beats."""

    #: Beats found.
    count: int
    #: Beats a minute at the end, NaN if it cannot be told.
    heart_rate: float
    #: Seconds since the beginning, and the heart rate from there on; NaN where there is none.
    rates: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Quality:
    """How good the signal was in a window of 10 s."""

    #: First second of the window.
    start: float
    #: "good", "degraded" (some leads are bad, few enough for an answer) or "unknown".
    verdict: str
    reasons: tuple[str, ...]
    #: How much of the window could be read, 0 to 1, by lead; leads that the array does not have are not in it.
    index: Mapping[str, float]


@lru_cache(maxsize=1)
def default_model() -> Model:
    """The shipped model, read once."""
    return Model()


def classify(array: ArrayLike, rate: int, leads: Sequence[str] = LEADS, unit: str = "uV", *, model: Model | None = None) -> Verdict:
    """The verdict on a recorded exam, as `precordia classify` has it.

    `array` has the shape (frames, leads), NaN for a missing sample, in `unit`, "uV", "mV" or "V"; `rate` is in hertz, 100 to 2000. III, aVR, aVL and aVF are computed
    where I and II are there and they are not. Takes 1.5 ms for 10 s of 12 leads, without the interpreter's lock.
    """
    names, values = _checked(array, rate, leads, unit)
    derived = tuple(lead for lead in LEADS[2:6] if lead not in names) if {"I", "II"} <= {*names} else ()
    return exams_of(model or default_model()).classify_microvolts(values, rate, names, resolution=RESOLUTION, derived=derived)


def measure(
    array: ArrayLike, rate: int, leads: Sequence[str] = LEADS, unit: str = "uV", *, age: int = 0, sex: str = "", model: Model | None = None,
) -> Measurement | None:
    """PR, QRS, QT, axes and ST of the last 10 s that end with a whole second; None of an array of less than 10 s. Arguments as of `classify`; `age` in years, 0 if not
    known, and `sex`, "female", "male" or "", choose limits of ST."""
    names, values = _checked(array, rate, leads, unit)
    seconds = len(values) // arguments.rate_of(rate)
    hop = next(hop for hop in range(60, 0, -1) if max(seconds, 1) % hop == 0)
    engine = _engine(model, rate, names, measure=hop, age=age, sex=sex)
    for _ in engine.follow(values):
        pass
    for _ in engine.drain():
        pass
    return engine.measurement if seconds >= 10 else None


def beats(array: ArrayLike, rate: int, leads: Sequence[str] = LEADS, unit: str = "uV", *, model: Model | None = None) -> Beats:
    """How many beats there are, and the heart rate as it changes. Arguments as of `classify`."""
    names, values = _checked(array, rate, leads, unit)
    engine = _engine(model, rate, names)
    rates: list[tuple[float, float]] = []
    for events in (engine.follow(values), engine.drain()):
        rates += [(event.sample / engine.rate, event.value) for event in events if event.kind == "heartRate"]
    return Beats(engine.counters["beats"], engine.heart_rate, tuple(rates))


def quality(array: ArrayLike, rate: int, leads: Sequence[str] = LEADS, unit: str = "uV", *, model: Model | None = None) -> list[Quality]:
    """How good the signal is in each whole 10 s, and in the last 10 s where at least a second remains. Arguments as of `classify`."""
    names, values = _checked(array, rate, leads, unit)
    engine, found = _engine(model, rate, names), []
    window = 10 * engine.rate
    for first in range(0, max(len(values), 1), window):
        part = values[first:first + window]
        if first and len(part) < engine.rate:
            break
        for _ in engine.follow(part):
            pass
        found.append(_quality(engine, max(0.0, (first + len(part) - window) / engine.rate), names))
    return found


def stream(blocks: Iterable[ArrayLike], rate: int, leads: Sequence[str] = LEADS, unit: str = "uV", *, measure: int = 0, model: Model | None = None) -> Iterator[Event]:
    """The events of a live stream: arrays of shape (frames, leads) as they come, events as soon as they are known. Arguments as of `classify`."""
    names = arguments.leads_of(leads)
    engine, scale = _engine(model, rate, names, measure=measure), arguments.scale_of(unit)
    for block in blocks:
        yield from engine.follow(arguments.samples_of(block, len(names), "block") * scale)
    yield from engine.drain()


def _checked(array: ArrayLike, rate: int, leads: Sequence[str], unit: str) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    arguments.rate_of(rate)
    names, scale = arguments.leads_of(leads), arguments.scale_of(unit)
    values = arguments.samples_of(array, len(names))
    return names, values if scale == 1 else values * scale


def _engine(model: Model | None, rate: int, leads: tuple[str, ...], *, measure: int = 0, age: int = 0, sex: str = "") -> Engine:
    derived = tuple(lead for lead in LEADS[2:6] if lead not in leads) if {"I", "II"} <= {*leads} else ()
    return Engine(model or default_model(), rate, leads, derived=derived, microvolts_per_count=RESOLUTION, measure=measure, age=age, sex=sex)


def _quality(engine: Engine, start: float, leads: tuple[str, ...]) -> Quality:
    report, index = lib.Quality(), np.empty(12, np.float32)
    library.precordia_engine_quality(engine.handle, c.byref(report))
    library.precordia_engine_quality_index(engine.handle, index.ctypes.data)
    return Quality(start, ("good", "degraded", "unknown")[report.verdict], lib.reasons_of(report.reasons), {lead: float(index[LEADS.index(lead)]) for lead in leads})

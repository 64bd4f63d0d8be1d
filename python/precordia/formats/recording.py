"""A recorded ECG as any format tells it. Apart from the adapters, so that they and the writers share nothing else."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

#: The count that stands for "no sample" in `Signal.counts`.
MISSING = -(2**31)

#: The twelve leads by the names that Precordia uses.
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")

#: Microvolts in one of these units, however it is spelt; lower case, the micro signs as u.
VOLTAGES: Mapping[str, float] = MappingProxyType({
    "nv": 1e-3, "uv": 1.0, "mv": 1e3, "v": 1e6, "nanovolt": 1e-3, "nanovolts": 1e-3, "microvolt": 1.0, "microvolts": 1.0,
    "uvolt": 1.0, "uvolts": 1.0, "millivolt": 1e3, "millivolts": 1e3, "mvolt": 1e3, "mvolts": 1e3, "volt": 1e6, "volts": 1e6})


def microvolts_per(unit: str | None) -> float | None:
    """Microvolts in a unit of voltage by its name; None for what is no voltage or is not known."""
    if unit is None:
        return None
    return VOLTAGES.get(unit.strip().replace("\u00b5", "u").replace("\u03bc", "u").lower())


def lead_of(name: str) -> str | None:
    """The lead of the twelve that a signal's name means, such as aVR for "ECG AVR" or "Lead aVR"; None for any other name."""
    words = name.strip().lower().replace("_", " ").split()
    while len(words) > 1 and words[0] in ("ecg", "ekg", "lead"):
        words = words[1:]
    if len(words) != 1:
        return None
    return next((lead for lead in LEADS if lead.lower() == words[0]), None)


def grouped(notes: Iterable[str]) -> list[str]:
    """Notes with each said once, and what is said of several signals alike as one: "I, II: a skew is mended"."""
    found: dict[str, list[str]] = {}
    for note in notes:
        name, colon, rest = note.partition(": ")
        named = bool(colon) and lead_of(name) is not None
        names = found.setdefault(rest if named else note, [])
        if named and name not in names:
            names.append(name)
    return [", ".join(names) + ": " + text if names else text for text, names in found.items()]


@dataclass(frozen=True)
class Filters:
    """Edges in hertz that the file states for a signal; None is unknown, never "no filter"."""

    highpass: float | None = None
    lowpass: float | None = None
    notch: float | None = None
    #: The file's own words, where it has only words.
    words: str | None = None


@dataclass(frozen=True)
class Signal:
    """One channel: what the file calls it, and its samples.

    A value is `counts * gain + offset`, in `unit`. `counts` are int32 with `MISSING` for a sample that is not there; or float64 with NaN, where the file has no
    integers. `unit` is "uV" for every voltage (gain and offset are converted), else what the file says; None if it does not say.
    """

    name: str
    rate: float
    counts: NDArray[np.int32] | NDArray[np.float64]
    unit: str | None = "uV"
    gain: float = 1.0
    offset: float = 0.0
    #: The file states no gain: `gain` is the one that the format's definition assumes.
    gain_assumed: bool = False
    #: The file's own unit, before voltages were made microvolts.
    file_unit: str | None = None
    #: Bits of the converter.
    resolution: int | None = None
    filters: Filters = Filters()
    #: The count in the middle of the converter's range, of WFDB.
    converter_zero: int = 0
    #: The samples do not add up to the checksum that the file states.
    is_damaged: bool = False

    @property
    def lead(self) -> str | None:
        """Which of the twelve leads it is, by its name; None for any other."""
        return lead_of(self.name) if self.unit in ("uV", None) else None

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which samples are not there."""
        if self.counts.dtype.kind == "f":
            return np.isnan(self.counts)
        return np.asarray(self.counts == MISSING)

    @property
    def values(self) -> NDArray[np.float64]:
        """The samples in `unit`, NaN where one is missing."""
        values = self.counts.astype(np.float64) * self.gain + self.offset
        values[self.missing] = np.nan
        return values

    @property
    def seconds(self) -> float:
        return len(self.counts) / self.rate


@dataclass(frozen=True)
class Patient:
    """What the file says of the patient; None is unknown. Height in cm, weight in kg, age in years."""

    identifier: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    #: "M", "F", or "O" for other; None if the file says "unknown" or nothing.
    sex: str | None = None
    birth_date: date | None = None
    age: float | None = None
    height: float | None = None
    weight: float | None = None
    pacemaker: bool | None = None
    medications: tuple[str, ...] = ()
    history: str | None = None


@dataclass(frozen=True)
class Device:
    """What the file says of the recorder and where it stood; None is unknown."""

    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    software: str | None = None
    institution: str | None = None
    department: str | None = None
    operator: str | None = None


@dataclass(frozen=True)
class Annotation:
    """Something at a time of the recording. `sample` is exact where the file counts samples of the common rate."""

    seconds: float
    text: str
    duration: float | None = None
    sample: int | None = None
    lead: str | None = None


@dataclass(frozen=True)
class Recording:
    """A recorded ECG. What the file does not say is None or empty; nothing is guessed unless `notes` says so.

    `measurements` are the file's own, not computed: heart_rate (1/min), rr, pr, qrs, qt, qtc, p_duration (ms), p_axis, qrs_axis, t_axis (degrees).
    `extra` is all else that the file says, in its own words. `medians` are averaged beats, where the file stores them.
    """

    format: str
    path: str
    signals: tuple[Signal, ...]
    start: datetime | None = None
    patient: Patient = Patient()
    device: Device = Device()
    placement: str | None = None
    measurements: Mapping[str, float] = field(default_factory=dict)
    statements: tuple[str, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    medians: tuple[Signal, ...] = ()
    comments: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def voltages(self) -> tuple[Signal, ...]:
        """The signals that are voltages, at the rate that most of them have."""
        found = [signal for signal in self.signals if signal.unit == "uV"]
        rates = [signal.rate for signal in found]
        rate = max(rates, key=rates.count, default=None)
        return tuple(signal for signal in found if signal.rate == rate)

    @property
    def rate(self) -> float:
        """Samples a second of `voltages`, hertz. ValueError where there are none."""
        if not self.voltages:
            raise ValueError(f"{self.path}: no signal is a voltage")
        return self.voltages[0].rate

    @property
    def leads(self) -> tuple[str, ...]:
        """Names of `voltages`: the lead's where it is one of the twelve, else the file's."""
        return tuple(signal.lead or signal.name for signal in self.voltages)

    @property
    def microvolts(self) -> NDArray[np.float64]:
        """Array of shape (frames, leads) of `voltages`, NaN where a sample is missing or a signal has ended."""
        frames = max((len(signal.counts) for signal in self.voltages), default=0)
        values = np.full((frames, len(self.voltages)), np.nan)
        for column, signal in enumerate(self.voltages):
            values[: len(signal.counts), column] = signal.values
        return values

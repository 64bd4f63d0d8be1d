"""An exam as the library hears it: counts of the leads that it has, and what is wrong with single samples. Apart from the readers, which tell everything a file says."""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..exams import MARKS
from ..formats.errors import FormatError
from ..formats.recording import LEADS, MISSING, Recording, Signal, grouped
from ..formats.writers._counts import counts_of, plain
from ..formats.writers.wfdb import _format, _whole

#: Leads that I and II determine.
DERIVED = ("III", "aVR", "aVL", "aVF")


@dataclass(frozen=True)
class ExamSignals:
    """`counts` of shape (frames, leads); `marks` one entry a frame, or None where nothing is wrong. `cautions` are words for the column `quality`."""

    path: str
    format: str
    rate: int
    leads: tuple[str, ...]
    derived: tuple[str, ...]
    counts: NDArray[np.int32]
    microvolts_per_count: NDArray[np.float64]
    baseline: NDArray[np.int32]
    marks: NDArray[np.void] | None
    start: str | None = None
    cautions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        return len(self.counts) / self.rate

    def window(self, first: int, frames: int) -> ExamSignals:
        """Some of its frames as an exam of their own."""
        part = slice(first, first + frames)
        return ExamSignals(self.path, self.format, self.rate, self.leads, self.derived, self.counts[part], self.microvolts_per_count, self.baseline,
                           None if self.marks is None else self.marks[part], self.start, self.cautions, self.notes)


_SPELT = {"i": 0, "ii": 1, "iii": 2, "avr": 3, "avl": 4, "avf": 5, **{f"{letter}{number}": 5 + number for letter in "vc" for number in range(1, 7)},
          **{f"{before}{name}": place for before in ("l", "d", "ml") for place, name in enumerate(("i", "ii", "iii"))},
          **{f"{before}{number}": number - 1 for before in "ld" for number in (1, 2, 3)}}


def lead_spelt(name: str) -> str | None:
    """The lead that a signal's name means, by the rules of the program (Lead(spelling:)): aVR, ECG_avr, MDC_ECG_LEAD_AVR, LI, D1, C3, MLII."""
    if not name.isascii() or any(byte == "-" and (place == 0 or name[place - 1] == " ") for place, byte in enumerate(name)):
        return None
    found = "".join(letter for letter in name.lower() if letter.isalnum())
    changed = True
    while changed:
        changed = False
        for word in ("mdc", "ecg", "ekg", "leads", "lead", "derivation", "mod"):
            if found.startswith(word):
                found, changed = found[len(word):], True
    place = _SPELT.get(found)
    return None if place is None else LEADS[place]


def whole_rate(path: str, format: str, rate: float) -> int:
    """A rate that the engine takes."""
    whole = round(rate) if math.isfinite(rate) else 0
    if not 100 <= whole <= 2000 or abs(rate - whole) > whole * 1e-5:
        raise FormatError(path, format, "rate", "a whole number of hertz from 100 to 2000 would be right", value=f"{rate:g}")
    return whole


def derived_of(leads: tuple[str, ...]) -> tuple[str, ...]:
    """Leads to compute: those of I and II that are not there."""
    return tuple(lead for lead in DERIVED if lead not in leads) if "I" in leads and "II" in leads else ()


def marks_of(missing: NDArray[np.bool_], clipped: NDArray[np.bool_], leads: tuple[str, ...]) -> NDArray[np.void] | None:
    """What is wrong with each frame, None where nothing is."""
    if not missing.any() and not clipped.any():
        return None
    bits = np.array([1 << LEADS.index(lead) for lead in leads], np.uint16)
    marks = np.zeros(len(missing), MARKS)
    marks["missing"] = (missing * bits).sum(axis=1)
    marks["clipped"] = ((clipped & ~missing) * bits).sum(axis=1)
    return marks


def limits_of(resolution: int | None, zero: int, bits: int, invalid: int) -> tuple[int, int] | None:
    """The counts at which a converter of so many bits is at its limit; None where the file does not state one that can be."""
    if resolution is None or not 8 <= resolution <= min(31, bits):
        return None
    half = 1 << resolution - 1
    lowest, highest = zero - half, zero + half - 1
    return (lowest + 1 if lowest == invalid else lowest), highest


def column(leads: list[str]) -> str:
    """A set of leads as tables name it."""
    names = [lead for lead in LEADS if lead in leads]
    return "all" if len(names) == 12 else "+".join(names)


def of_recording(one: Recording) -> ExamSignals:
    """A recording of any format, with the counts that `precordia-convert --to wfdb` would give it, which is what `precordia classify` hears of such a file."""
    named: dict[str, Signal] = {}
    notes = grouped(one.notes)
    others, damaged = [], []
    for signal in one.signals:
        lead = lead_spelt(signal.name) if signal.unit == "uV" else None
        if lead is None or lead in named:
            others.append(signal.name)
        elif signal.is_damaged:
            damaged.append(lead)
        else:
            named[lead] = signal
    if not named:
        what = f"the samples of {column(damaged)} do not add up to the checksum" if damaged else f"none of the twelve is among {', '.join(others[:24]) or 'nothing'}"
        raise FormatError(one.path, one.format, "leads", what)
    rates = [signal.rate for signal in named.values()]
    usual = max(rates, key=rates.count)
    left = [lead for lead, signal in named.items() if signal.rate != usual]
    for lead in left:
        notes.append(f"{lead} is left out: {named.pop(lead).rate:g} Hz, the other leads have {usual:g}")
    if others:
        notes.append(f"no lead of the twelve, or a second one, and left out: {', '.join(others[:24])}")
    leads, signals = tuple(named), list(named.values())
    bits, invalid = _format(signals)
    frames = max(len(signal.counts) for signal in signals)
    if not frames:
        raise FormatError(one.path, one.format, "samples", "the file holds none")
    counts, missing, clipped = np.zeros((frames, len(leads)), np.int32), np.ones((frames, len(leads)), bool), np.zeros((frames, len(leads)), bool)
    scale, baseline = np.ones(len(leads)), np.zeros(len(leads), np.int32)
    for index, signal in enumerate(signals):
        found = _whole(counts_of(signal, bits, invalid), invalid)
        length = len(found.values)
        missing[:length, index] = found.values == invalid
        counts[:length, index] = np.where(found.values == invalid, 0, found.values)
        limits = limits_of(signal.resolution, signal.converter_zero, bits, invalid)
        if limits is not None:
            clipped[:length, index] = (found.values == limits[0]) | (found.values == limits[1])
        scale[index], baseline[index] = 1000.0 / float(plain(1000.0 / found.gain)), round(-found.offset / found.gain)
    return ExamSignals(one.path, one.format, whole_rate(one.path, one.format, usual), leads, derived_of(leads), counts, scale, baseline,
                       marks_of(missing, clipped, leads), one.start.isoformat() if one.start else None,
                       cautions_of([lead for lead, signal in named.items() if signal.gain_assumed], left, damaged), tuple(notes))


def cautions_of(uncalibrated: list[str], lost: list[str], damaged: list[str]) -> tuple[str, ...]:
    """What makes amplitudes a guess or leaves leads out, in the words of `precordia classify`."""
    said = (("uncalibrated", uncalibrated), ("left-out", lost + damaged))
    return tuple(f"{word}:{column(leads)}" for word, leads in said if leads)


def of_plain(path: str) -> ExamSignals | None:
    """A WFDB record of the usual form, all signals in one file of format 16 and with gains, read without the package wfdb, which takes eight times as long as the
    engine. None for any other form, and for whatever is odd: then the full reader has the word."""
    try:
        with open(path, encoding="ascii") as file:
            lines = [line.split(None, 8) for line in file if not line.startswith("#") and line.strip()]
        name, signals, rate, frames = lines[0][0], int(lines[0][1]), float(lines[0][2]), int(lines[0][3])
    except (OSError, ValueError, IndexError):
        return None
    if "/" in name or len(lines[0]) != 4 or signals < 1 or frames < 1 or len(lines) != signals + 1 or any(len(line) < 9 for line in lines[1:]):
        return None
    file_name = lines[1][0]
    leads = tuple(lead_spelt(line[8]) or "" for line in lines[1:])
    if "" in leads or len(set(leads)) != len(leads) or any(line[0] != file_name or line[1] != "16" for line in lines[1:]) or not 100 <= rate <= 2000 or rate != int(rate):
        return None
    try:
        facts = [_line(line) for line in lines[1:]]
        raw = np.fromfile(path[: path.rfind("/") + 1] + file_name, "<i2")
    except (OSError, ValueError):
        return None
    if raw.size != frames * signals or "/" in file_name:
        return None
    raw = raw.reshape(frames, signals)
    if not np.array_equal(raw.sum(axis=0, dtype=np.int64) & 0xFFFF, [fact[4] for fact in facts]):
        return None
    limits = [limits_of(fact[2], fact[3], 16, -32768) or (-32768, -32768) for fact in facts]
    missing = raw == -32768
    clipped = (raw == [low for low, _ in limits]) | (raw == [high for _, high in limits])
    return ExamSignals(path, "WFDB", int(rate), leads, derived_of(leads), raw.astype(np.int32), np.array([fact[0] for fact in facts]),
                       np.array([fact[1] for fact in facts], np.int32), marks_of(missing, clipped, leads))


def _line(fields: list[str]) -> tuple[float, int, int, int, int]:
    """Microvolts a count, baseline, resolution, the converter's zero and checksum of a signal's line. ValueError for what is not plain."""
    gain, _, unit = fields[2].partition("/")
    number, _, rest = gain.partition("(")
    factor = {"mV": 1000.0, "uV": 1.0}.get(unit or "mV")
    if factor is None or not float(number) > 0 or (rest and not rest.endswith(")")):
        raise ValueError(fields[2])
    zero = int(fields[4])
    return factor / float(number), int(rest[:-1]) if rest else zero, int(fields[3]), zero, int(fields[6]) & 0xFFFF


__all__ = ["MISSING", "ExamSignals", "of_plain", "of_recording"]

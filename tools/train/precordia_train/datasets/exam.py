# What every reader gives: exams with microvolts in one lead order and one byte a label.
# Separate from the layouts so that training sees one interface, and units, lead order and padding are dealt with in one place.
"""Stored values -> x unit -> microvolts -> lead order I II III aVR aVL aVF V1-V6 -> zero padding stripped."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from . import checks

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")

#: Other spellings that published sets use, in capitals.
ALIASES = {"DI": "I", "DII": "II", "DIII": "III"} | {lead.upper(): lead for lead in LEADS}


class DatasetError(ValueError):
    """Something in the files is not as it should be: what, where, and what would be right."""


@dataclass(frozen=True)
class Entry:
    """What the tables say of one tracing, before its signal is read."""

    #: The tracing's own name, unique in its set.
    name: str
    #: The exam it belongs to; an exam may have several tracings.
    exam: str
    #: The patient; the exam's id where the set does not tell patients apart.
    patient: str
    #: u8 [codes], 0 or 1; 255 where `snomed.statements` cannot tell.
    labels: np.ndarray
    #: The published fold, where there is one.
    fold: int | None = None
    #: The published split's name, where there is one.
    split: str | None = None


@dataclass(frozen=True)
class Exam(Entry):
    """One tracing with its signal."""

    #: Samples a second, the file's own.
    rate: int = 0
    #: float64 [samples, 12] in `LEADS` order; not a number where the file marks a sample as missing.
    microvolts: np.ndarray = field(default_factory=lambda: np.zeros((0, 12)))


@dataclass(frozen=True)
class Stored:
    """A tracing as its file holds it: values [samples, leads] above zero, the columns' names, and what a value is worth."""

    values: np.ndarray
    rate: int
    leads: tuple
    unit: str
    #: Values a unit, one number or one for each column.
    gain: np.ndarray | float = 1.0


@dataclass
class Dataset:
    """A set of tracings. Iterating reads one signal at a time; `entries` and `labels()` cost nothing more than the tables did."""

    name: str
    root: Path
    codes: list
    entries: list
    #: Entry's index -> what its file holds.
    stored: Callable[[int], Stored]
    #: Rows of nothing but zeros before and after the tracing are no signal.
    padded: bool = False
    #: Seconds that a tracing may last; a wrong rate shows here.
    seconds: tuple = (1, 3600)
    #: Tracings that iterating left out because nothing but zeros is in them.
    empty: list = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.entries)

    def labels(self) -> np.ndarray:
        """u8 [tracings, codes]."""
        return np.stack([entry.labels for entry in self.entries]) if self.entries else np.zeros((0, len(self.codes)), np.uint8)

    def exam(self, index: int) -> Exam:
        """Reads one tracing. An all-zero one has no samples."""
        return self._exam(index, self.stored(index))

    def _exam(self, index: int, stored: Stored) -> Exam:
        entry = self.entries[index]
        where = f"{self.name}: {entry.name}"
        found = microvolts(stored, where)
        return Exam(**vars(entry), rate=stored.rate, microvolts=checks.stripped(found) if self.padded else found)

    def __iter__(self) -> Iterator[Exam]:
        self.empty = []
        for index, entry in enumerate(self.entries):
            exam = self.exam(index)
            if len(exam.microvolts):
                yield exam
            else:
                self.empty.append(entry.name)

    def chosen(self, indices) -> "Dataset":
        """The same set with these tracings only."""
        indices = [int(index) for index in indices]
        return replace(self, entries=[self.entries[i] for i in indices], stored=lambda index: self.stored(indices[index]), empty=[])

    def sample(self, count: int = 32) -> list[int]:
        """Up to `count` indices, evenly spread over the set."""
        return sorted({int(i) for i in np.linspace(0, len(self) - 1, min(count, len(self)))})

    def check(self, count: int = 32) -> "Dataset":
        """Measures lead order, unit and length on a spread of tracings and raises `DatasetError` where they are not as declared."""
        if not self.entries:
            raise DatasetError(f"{self.name}: no tracings in {self.root}")
        pairs = [(stored, self._exam(index, stored)) for index in self.sample(count) for stored in [self.stored(index)]]
        pairs = [(stored, exam) for stored, exam in pairs if len(exam.microvolts)]
        if not pairs:
            raise DatasetError(f"{self.name}: nothing but zeros in {min(count, len(self))} tracings of {self.root}")
        microvolts = [exam.microvolts for _, exam in pairs]
        stored = pairs[0][0]
        wrong = [
            checks.wrong_length([len(exam.microvolts) / exam.rate for _, exam in pairs], stored.rate, self.seconds),
            checks.wrong_unit(microvolts, stored.unit, UNITS),
            checks.wrong_order(microvolts, LEADS, [LEADS[i] for i in np.argsort(order(stored.leads, self.name))]),
        ]
        if any(wrong):
            raise DatasetError(f"{self.name}, measured on {len(pairs)} tracings: " + "; ".join(text for text in wrong if text))
        return self


#: Millivolts a unit.
UNITS = {"V": 1000.0, "mV": 1.0, "uV": 0.001, "nV": 0.000001}


def factor(unit: str, where: str) -> float:
    """Millivolts a unit; the spelling's case counts for nothing, mV being the only M of an ECG."""
    known = {name.lower(): value for name, value in UNITS.items()} | {"µv": 0.001, "μv": 0.001}
    if unit.lower() not in known:
        raise DatasetError(f"{where}: unit {unit!r}; known are {', '.join(UNITS)}")
    return known[unit.lower()]


def microvolts(stored: Stored, where: str) -> np.ndarray:
    """float64 [samples, 12] in `LEADS` order."""
    scale = 1000.0 * factor(stored.unit, where) / np.asarray(stored.gain, np.float64)
    return (np.asarray(stored.values, np.float64) * scale)[:, order(stored.leads, where)]


def order(leads, where: str) -> list[int]:
    """The column of each lead of `LEADS`."""
    names = [ALIASES.get(str(lead).upper()) for lead in leads]
    if sorted(name or "" for name in names) != sorted(LEADS):
        raise DatasetError(f"{where}: leads {', '.join(map(str, leads))}; each of {', '.join(LEADS)} is needed once")
    return [names.index(lead) for lead in LEADS]

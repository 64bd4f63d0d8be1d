"""WFDB exams of format 16 in one file, the usual form of PTB-XL and of `precordia simulate`. Anything else: the wfdb package."""
import re
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MISSING = -32768


@dataclass(frozen=True)
class Record:
    """An exam as its device counted: `counts` of shape (frames, leads)."""

    rate: int
    leads: tuple[str, ...]
    counts: NDArray[np.int16]
    microvolts_per_count: NDArray[np.float64]
    baseline: NDArray[np.int32]

    @property
    def microvolts(self) -> NDArray[np.float64]:
        """The samples in microvolts, NaN where one is missing."""
        values = (self.counts.astype(np.float64) - self.baseline) * self.microvolts_per_count
        values[self.counts == MISSING] = np.nan
        return values


def read_record(path: str | PathLike[str]) -> Record:
    """Reads an exam by its path without extension. Raises ValueError for a form that it does not know."""
    header = Path(path).with_suffix(".hea")
    lines = [line for line in header.read_text().splitlines() if line.strip() and not line.startswith("#")]
    _, channels, rate, *_ = lines[0].split()
    leads, scales, zeros, files = [], [], [], set()
    for line in lines[1 : 1 + int(channels)]:
        fields = line.split(maxsplit=8)
        file, form, gain = fields[:3]
        found = re.fullmatch(r"([\d.eE+-]+)(?:\((-?\d+)\))?/(mV|uV)", gain)
        if form != "16" or found is None:
            raise ValueError(f"{header}: format {form}, gain {gain}; format 16 with a gain such as 1000/mV would be right")
        files.add(file)
        leads.append({"AVR": "aVR", "AVL": "aVL", "AVF": "aVF"}.get(fields[8].strip(), fields[8].strip()))
        scales.append((1000.0 if found[3] == "mV" else 1.0) / float(found[1]))
        zeros.append(int(found[2] or fields[4]))
    if len(files) != 1:
        raise ValueError(f"{header}: signals in {len(files)} files; one would be right")
    counts = np.fromfile(header.with_name(files.pop()), "<i2").reshape(-1, int(channels))
    return Record(int(float(rate)), tuple(leads), counts, np.array(scales), np.array(zeros, np.int32))

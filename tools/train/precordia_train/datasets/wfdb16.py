# WFDB records of one 16-bit signal file, with or without bytes before the samples: PTB-XL's .dat and the challenges' .mat.
# Separate, and not the wfdb package, because the tests of the repository run without it and this is all that the sets use.
"""https://physionet.org/physiotools/wag/header-5.htm, signal-5.htm: format 16, two's complement, low byte first."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .exam import LEADS, DatasetError, Stored

#: Format 16's mark of a missing sample.
MISSING = -32768


@dataclass(frozen=True)
class Header:
    """A record's header: the record line, the signals' lines as words, and the comments without their mark."""

    path: Path
    rate: int
    samples: int
    signals: list
    comments: list

    def comment(self, name: str) -> str | None:
        """The text after `name:` in a comment, as in `# Dx: 426783006`."""
        return next((line.partition(":")[2].strip() for line in self.comments if line.partition(":")[0].strip() == name), None)


def header_path(path: Path) -> Path:
    """A record's header, `path` being with or without the ending."""
    return path if path.suffix == ".hea" else path.with_name(path.name + ".hea")


def header(path: Path) -> Header:
    """Reads a record's header."""
    path = header_path(path)
    if not path.is_file():
        raise DatasetError(f"{path}: no such file")
    lines = [line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    head, *signals = [line.split() for line in lines if line and not line.startswith("#")] or [[]]
    try:
        count, rate, samples = int(head[1]), float(re.split("[/(]", head[2])[0]), int(head[3])
    except (IndexError, ValueError):
        raise DatasetError(f"{path}: the first line is {' '.join(head)!r}, not a record's name, leads, rate and samples") from None
    if count != len(signals) or any(len(words) < 3 for words in signals):
        raise DatasetError(f"{path}: {len(signals)} lines of leads, the first line says {count}")
    if not rate.is_integer() or rate <= 0 or samples <= 0:
        raise DatasetError(f"{path}: {samples} samples at {rate:g} Hz; a whole number of hertz and one sample at least are needed")
    return Header(path, int(rate), samples, signals, [line.lstrip("#").strip() for line in lines if line.startswith("#")])


def calibration(words: list, where: str) -> tuple[float, float, str]:
    """Values a unit, the value of zero, and the unit's name, from a signal's line."""
    found = re.fullmatch(r"([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d{1,2})?)(?:\(([-+]?\d+)\))?(?:/(\S+))?", words[2])
    if not found or float(found[1]) == 0:
        raise DatasetError(f"{where}: gain {words[2]!r}; 1000(0)/mV is an example of what would be right")
    zero = found[2] or (words[4] if len(words) > 4 else "0")
    try:
        return float(found[1]), float(int(zero)), found[3] or "mV"
    except ValueError:
        raise DatasetError(f"{where}: the value of zero is {zero!r}; a whole number would be right") from None


def read(path: Path, rate: int | None = None) -> Stored:
    """A record's values, one column a lead, in the header's order; another rate than `rate` is an error."""
    head = header(path)
    if rate not in (None, head.rate):
        raise DatasetError(f"{head.path}: {head.rate} Hz; {rate} Hz was expected")
    files, formats = {words[0] for words in head.signals}, {words[1] for words in head.signals}
    if len(files) != 1 or len(formats) != 1 or not (form := re.fullmatch(r"16(?:x1)?(?:\+(\d+))?", *formats)):
        raise DatasetError(f"{head.path}: formats {', '.join(sorted(formats))} in {len(files)} files; one file of format 16 is read")
    file, skip, leads = head.path.parent / files.pop(), int(form[1] or 0), len(head.signals)
    if not file.is_file():
        raise DatasetError(f"{file}: no such file; {head.path.name} names it")
    size = skip + 2 * leads * head.samples
    if file.stat().st_size != size:
        raise DatasetError(f"{file}: {file.stat().st_size} bytes; {leads} leads of {head.samples} samples after {skip} bytes are {size}")
    counts = np.fromfile(file, "<i2", offset=skip).reshape(head.samples, leads)
    gains, zeros, units = zip(*(calibration(words, str(head.path)) for words in head.signals))
    if len({unit.lower() for unit in units}) != 1:
        raise DatasetError(f"{head.path}: units {', '.join(units)}; all leads need the same")
    values = np.where(counts == MISSING, np.nan, counts - np.array(zeros))
    return Stored(values, head.rate, tuple(words[-1] for words in head.signals), units[0], np.array(gains))


def write(path: Path, microvolts: np.ndarray, rate: int, leads: tuple[str, ...] = LEADS) -> None:
    """Writes PATH.hea and PATH.dat: [samples, 12] microvolts in `LEADS` order, 1 microvolt a unit, cut at 32.767 mV; of `leads` alone."""
    microvolts = microvolts[:, [LEADS.index(lead) for lead in leads]]
    counts = np.where(np.isfinite(microvolts), np.clip(np.rint(microvolts), -32767, 32767), MISSING).astype("<i2")
    counts.tofile(path.with_name(path.name + ".dat"))
    lines = [f"{path.name} {len(leads)} {rate} {len(counts)}"]
    for lead, column in zip(leads, counts.T):
        total = int(column.astype(np.int64).sum() & 0xFFFF)
        lines.append(f"{path.name}.dat 16 1000(0)/mV 16 0 {column[0]} {total - 0x10000 if total & 0x8000 else total} 0 {lead}")
    path.with_name(path.name + ".hea").write_text("\n".join(lines) + "\n")

"""Archives for tests: many exams made of one simulated one, each begun elsewhere, so that all differ."""
import subprocess
from pathlib import Path

import numpy as np

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


def simulated(program: str, folder: Path) -> np.ndarray:
    """Counts of shape (5000, 12) at 500 Hz, a microvolt each."""
    subprocess.run([program, "simulate", "--rhythm", "atrial-fibrillation", "--seconds", "10", "-o", str(folder / "base")], check=True, capture_output=True)
    return np.fromfile(folder / "base.dat", "<i2").reshape(-1, 12)


def record(place: Path, counts: np.ndarray, rate: int = 500) -> None:
    """A WFDB record of format 16."""
    place.parent.mkdir(parents=True, exist_ok=True)
    counts.astype("<i2").tofile(place.with_suffix(".dat"))
    sums = counts.sum(axis=0, dtype=np.int64) & 0xFFFF
    lines = [f"{place.name} {counts.shape[1]} {rate} {len(counts)}"]
    lines += [f"{place.name}.dat 16 1000(0)/mV 16 0 {counts[0, index]} {sums[index]} 0 {LEADS[index]}" for index in range(counts.shape[1])]
    place.with_suffix(".hea").write_text("\n".join(lines) + "\n")


def tree(folder: Path, base: np.ndarray, count: int, broken: bool = True) -> None:
    """`count` records in folders of ten; of each fifty one has lost its end, as a copy that was cut off."""
    for number in range(count):
        place = folder / f"{number // 10:02d}" / f"exam{number:04d}"
        record(place, np.roll(base, -97 * number, axis=0))
        if broken and number % 50 == 17:
            data = place.with_suffix(".dat")
            data.write_bytes(data.read_bytes()[:4000])


def parts(folder: Path) -> dict[str, bytes]:
    """The files of a run by name."""
    return {place.name: place.read_bytes() for place in sorted(folder.glob("*.parquet"))}

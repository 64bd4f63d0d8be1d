# PTB-XL in its published layout, and microvolts of any source, turned into exactly the bytes that the engine would feed the network.
# Separate from the model because the Swift engine has to reproduce this file, and nothing else, sample by sample.
"""Microvolts -> minus the first sample -> model rate -> filter sections -> u8. `docs/model-format.md`, Arithmetic, step 1."""

import ast
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .resample import resampled

LEADS = ("I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6")
RATE = 100
WINDOW = 1000
ZERO_POINT = 128

#: Microvolts a unit. Chosen on fold 9, see EXPERIMENTS.md.
STEP = 25.0

# scipy.signal.butter(2, 0.5, "highpass", fs=100, output="sos") and butter(2, 40, "lowpass", fs=100, output="sos"),
# scipy 1.17.1, as literals so that another scipy cannot move a bit: b0, b1, b2, a1, a2.
SECTIONS = np.array(
    [
        [0.9780304792065599, -1.9560609584131199, 0.9780304792065599, -1.9555782403150352, 0.9565436765112031],
        [0.6389455251590223, 1.2778910503180445, 0.6389455251590223, 1.1429805025399007, 0.41280159809618844],
    ]
)


def filtered(x: np.ndarray, sections: np.ndarray = SECTIONS) -> np.ndarray:
    """x: [..., samples, leads] float64. Transposed direct form II from rest, states below 1e-20 flushed."""
    x = np.moveaxis(x, -2, 0)
    y = np.empty_like(x)
    states = np.zeros((len(sections), 2) + x.shape[1:])
    for index in range(x.shape[0]):
        value = x[index]
        for section, (b0, b1, b2, a1, a2) in enumerate(sections):
            out = b0 * value + states[section, 0]
            first = (b1 * value - a1 * out) + states[section, 1]
            second = b2 * value - a2 * out
            first[np.abs(first) < 1e-20] = 0
            second[np.abs(second) < 1e-20] = 0
            states[section, 0], states[section, 1] = first, second
            value = out
        y[index] = value
    return np.moveaxis(y, 0, -2)


def units(microvolts: np.ndarray, step: float = STEP) -> np.ndarray:
    """Filtered microvolts as u8 with zero point 128; not a number counts as the lowest value."""
    whole = np.rint(microvolts * (1.0 / step))
    return (np.where(whole > -128, np.where(whole < 127, whole, 127), -128) + ZERO_POINT).astype(np.uint8)


def band(microvolts: np.ndarray, rate: int) -> np.ndarray:
    """[..., samples, 12] microvolts at `rate` hertz -> the classifier's band at 100 Hz, microvolts, float64."""
    return filtered(resampled(microvolts - microvolts[..., :1, :], rate, RATE))


def network_input(microvolts: np.ndarray, rate: int, step: float = STEP) -> np.ndarray:
    """[..., samples, 12] microvolts at `rate` hertz -> u8 [..., columns, 12], what the network sees."""
    return units(band(microvolts, rate), step)


@dataclass
class Tables:
    """PTB-XL's two tables, in file order."""

    ecg_id: np.ndarray
    patient: np.ndarray
    fold: np.ndarray
    low: list
    high: list
    labels: np.ndarray
    codes: list
    statements: list
    groups: list


def tables(root: Path) -> Tables:
    """Reads ptbxl_database.csv and scp_statements.csv. A code with any likelihood, 0 included, is positive. Raises `DatasetError` for a
    missing file or column, and for a code that scp_statements.csv lacks."""
    from .datasets.exam import DatasetError
    from .datasets.tables import rows

    said = rows(root / "scp_statements.csv", ("", "description", "form", "diagnostic_class"))
    codes = [row[""] for row in said]
    place = {code: index for index, code in enumerate(codes)}
    found = rows(root / "ptbxl_database.csv", ("ecg_id", "patient_id", "scp_codes", "strat_fold", "filename_lr", "filename_hr"))
    labels = np.zeros((len(found), len(codes)), np.uint8)
    for index, row in enumerate(found):
        stated = ast.literal_eval(row["scp_codes"])
        strange = ", ".join(code for code in stated if code not in place)
        if strange:
            raise DatasetError(f"{root / 'ptbxl_database.csv'}: scp_codes has {strange}, which scp_statements.csv does not list")
        labels[index, [place[code] for code in stated]] = 1
    return Tables(
        np.array([int(float(row["ecg_id"])) for row in found]), np.array([int(float(row["patient_id"])) for row in found]),
        np.array([int(row["strat_fold"]) for row in found]), [row["filename_lr"] for row in found], [row["filename_hr"] for row in found],
        labels, codes, [row["description"] for row in said],
        [row["diagnostic_class"] or ("form" if row["form"] else "rhythm") for row in said],
    )  # fmt: skip


def read_record(path: Path, rate: int | None = None) -> tuple[np.ndarray, int]:
    """A WFDB record of format 16, as PTB-XL's, as microvolts [samples, 12] in `LEADS` order, and its rate. Raises `DatasetError`, also
    for another rate than `rate`."""
    from .datasets import exam, wfdb16

    stored = wfdb16.read(path, rate)
    return exam.microvolts(stored, str(path)), stored.rate


def paths(table: Tables, rate: int, fold: int | None = None, last: int | None = None) -> list:
    """Record names, relative to the tables' folder, in file order: of one fold, or up to the ecg_id `last`, or both."""
    names = table.low if rate == 100 else table.high
    return [
        name for name, found, ecg_id in zip(names, table.fold, table.ecg_id)
        if fold in (None, int(found)) and (last is None or ecg_id <= last)
    ]  # fmt: skip

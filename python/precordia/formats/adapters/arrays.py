"""Arrays without words: MATLAB v4 and v5 by scipy (BSD-3-Clause), npy by numpy (BSD-3-Clause). Rate, unit and leads are the caller's."""
from __future__ import annotations

import os
from typing import Any

import numpy as np

from ..errors import FormatError, missing
from ..layout import Layout
from ..recording import Patient, Recording
from .hdf5 import LIMIT, of_array


def read_npy(path: str, format: str, layout: Layout) -> Recording:
    """An array of shape (frames, leads) of numbers. Nothing that runs code is opened (`allow_pickle=False`)."""
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # noqa: BLE001
        raise FormatError(path, format, "header", str(error) or type(error).__name__) from None
    return _array(path, format, "array", values, layout, {})


def read_matlab(path: str, format: str, layout: Layout) -> Recording:
    """The matrix `val` of (leads, frames), or CPSC2018's structure `ECG` with data, sex and age."""
    if format == "MATLAB 7.3":
        raise FormatError(path, format, "version", "MATLAB 7.3 is not read; save it with '-v7'")
    try:
        from scipy.io import loadmat, whosmat
    except ImportError:
        raise missing(path, format, "scipy") from None
    size = os.path.getsize(path)
    try:
        listed = {name: (shape, kind) for name, shape, kind in whosmat(path)}
        wanted = next((name for name in ("ECG", "val", "data", "ecg", "signal") if name in listed), None)
        if wanted is None:
            raise FormatError(path, format, "variable", f"there is no ECG nor val; the file has {', '.join(listed) or 'nothing'}")
        shape = listed[wanted][0]
        if int(np.prod(shape, dtype=object)) > min(LIMIT, size * 1100):
            raise FormatError(path, format, f"variable {wanted}, shape", "more than the file can hold", value=shape)
        held: Any = loadmat(path, variable_names=[wanted])[wanted]
    except FormatError:
        raise
    except Exception as error:  # noqa: BLE001
        raise FormatError(path, format, "", str(error) or type(error).__name__) from None
    extra: dict[str, str] = {"variable": wanted}
    patient = Patient()
    if held.dtype.names:
        if "data" not in held.dtype.names or held.size != 1:
            raise FormatError(path, format, f"variable {wanted}", f"a structure with data would be right; it has {', '.join(held.dtype.names)}")
        one = held.reshape(-1)[0]
        sex = str(np.ravel(one["sex"])[0])[:1].upper() if "sex" in held.dtype.names and np.size(one["sex"]) else ""
        age = np.ravel(one["age"])[0] if "age" in held.dtype.names and np.size(one["age"]) else None
        patient = Patient(sex=sex if sex in ("M", "F") else None,
                          age=float(age) if isinstance(age, (int, float, np.number)) and np.isfinite(age) and age >= 0 else None)
        held = one["data"]
    values = np.asarray(held)
    # MATLAB's own sets have a row for each lead; a recording is longer than it has leads.
    if values.ndim == 2 and values.shape[0] < values.shape[1]:
        values = values.T
    found = _array(path, format, f"variable {wanted}", values, layout, extra)
    return Recording(found.format, path, found.signals, patient=patient, notes=found.notes, extra=extra)


def _array(path: str, format: str, where: str, values: Any, layout: Layout, extra: dict[str, str]) -> Recording:
    if values.dtype.kind not in "fiu":
        raise FormatError(path, format, where, "numbers would be right", value=str(values.dtype))
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2 or not 1 <= values.shape[1] <= 256 or not 1 <= values.shape[0] or values.size > LIMIT:
        raise FormatError(path, format, f"{where}, shape", f"(frames, leads), 1 to 256 leads and up to {LIMIT} samples would be right", value=values.shape)
    if values.shape[1] > values.shape[0] and layout.leads is None:
        raise FormatError(path, format, f"{where}, shape", "(frames, leads) would be right: this has more leads than frames", value=values.shape)
    return of_array(path, format, np.array(values), layout, [], extra)

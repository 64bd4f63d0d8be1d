"""HDF5 of CODE-15 %, CODE-II-open and SPH, by h5py (BSD-3-Clause; brings the HDF5 library, BSD-style)."""
from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import FormatError, missing
from ..layout import NAMED, Layout
from ..recording import Recording, Signal, microvolts_per

#: Samples of one exam above which it is refused.
LIMIT = 1 << 28


def read_each(path: str, format: str, layout: Layout, only: str | None = None, rows: range | None = None) -> Iterator[tuple[str, Recording | FormatError]]:
    """The exams of a file one after the other, with the id that names each; only that one if `only` is given. With `rows`, those places alone, and what is wrong
    with one exam in its place."""
    try:
        import h5py
    except ImportError:
        raise missing(path, format, "h5py") from None
    layout = _known(path, layout)
    try:
        file: Any = h5py.File(path, "r")
    except Exception as error:  # noqa: BLE001
        raise FormatError(path, format, "", str(error) or type(error).__name__) from None
    with file:
        data, axes = _dataset(path, format, file, layout, h5py)
        ids = _ids(path, format, file, data, axes, h5py)
        if only is not None and only not in ids:
            raise FormatError(path, format, "exam", f"is none of the file's {len(ids)}, such as {ids[0]}" if ids else "the file has no exam", value=only)
        for index, name in enumerate(ids):
            if rows is not None and index not in rows:
                continue
            if only is None or name == only:
                try:
                    yield name, _exam(path, format, data, axes, index, name, layout)
                except FormatError as error:
                    if rows is None:
                        raise
                    yield name, error


def count(path: str, format: str, layout: Layout) -> int:
    """How many exams a file has."""
    try:
        import h5py
    except ImportError:
        raise missing(path, format, "h5py") from None
    with h5py.File(path, "r") as file:
        data, axes = _dataset(path, format, file, _known(path, layout), h5py)
        return len(_ids(path, format, file, data, axes, h5py))


def _known(path: str, layout: Layout) -> Layout:
    """The layout of a published file by its name, where nothing was said."""
    if layout != Layout():
        return layout
    name = os.path.basename(path)
    if re.fullmatch(r"exams_part\d+\.(hdf5|h5)", name):
        return NAMED["code15"]
    return NAMED["sph"] if re.fullmatch(r"A\d{5}\.h5", name) else layout


def _dataset(path: str, format: str, file: Any, layout: Layout, h5py: Any) -> tuple[Any, str]:
    """The dataset of samples and what its axes are: "exam sample lead" or "lead sample"."""
    wanted = [layout.dataset] if layout.dataset else ["tracings", "ecg"]
    found = next((name for name in wanted if name in file and isinstance(file[name], h5py.Dataset)), None)
    if found is None:
        raise FormatError(path, format, "dataset", f"there is no {' nor '.join(wanted)}; the file has {', '.join(map(str, list(file)[:8])) or 'nothing'}",
                          remedy="--layout code15, code2-open or sph")
    data = file[found]
    axes = "exam sample lead" if found == "tracings" else "lead sample"
    if data.dtype.kind not in "fiu":
        raise FormatError(path, format, f"dataset {found}", "numbers would be right", value=str(data.dtype))
    if data.ndim != len(axes.split()):
        raise FormatError(path, format, f"dataset {found}, shape", f"({', '.join(axes.split())}) would be right", value=data.shape)
    frames, leads = (data.shape[1], data.shape[2]) if data.ndim == 3 else (data.shape[1], data.shape[0])
    if not 1 <= leads <= 256 or frames < 1 or frames * leads > LIMIT:
        raise FormatError(path, format, f"dataset {found}, shape", f"1 to 256 leads and up to {LIMIT} samples of an exam are read", value=data.shape)
    chunk = int(np.prod(data.chunks)) if data.chunks else 0
    if chunk > LIMIT:
        raise FormatError(path, format, f"dataset {found}, chunk", f"up to {LIMIT} values are read", value=data.chunks)
    return data, axes


def _ids(path: str, format: str, file: Any, data: Any, axes: str, h5py: Any) -> list[str]:
    if axes == "lead sample":
        return [os.path.splitext(os.path.basename(path))[0]]
    if data.shape[0] > 10_000_000:
        raise FormatError(path, format, "exams", "up to 10000000 in a file are read", value=data.shape[0])
    for name in ("exam_id", "id_exam"):
        if name in file and isinstance(file[name], h5py.Dataset):
            if file[name].shape != (data.shape[0],):
                raise FormatError(path, format, f"dataset {name}, shape", f"({data.shape[0]},) would be right", value=file[name].shape)
            ids = [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in file[name][:]]
            # The parts of CODE-15 % end with a row of exam 0 and zeros.
            while ids and ids[-1] == "0" and not np.any(data[len(ids) - 1]):
                ids.pop()
            return ids
    return [str(index) for index in range(data.shape[0])]


def _exam(path: str, format: str, data: Any, axes: str, index: int, name: str, layout: Layout) -> Recording:
    try:
        values = np.asarray(data[index] if axes != "lead sample" else data[:].T)
    except Exception as error:  # noqa: BLE001
        raise FormatError(path, format, f"exam {name}", str(error) or type(error).__name__) from None
    notes = [layout.note] if layout.note else []
    if layout.padded:
        held = np.flatnonzero(np.any(values != 0, axis=1))
        if not held.size:
            raise FormatError(path, format, f"exam {name}", "all samples are 0")
        first, last = int(held[0]), int(held[-1]) + 1
        if first or last < len(values):
            notes.append(f"zeros before sample {first} and from {last} on are padding and left out")
        values = values[first:last]
    return of_array(path, format, values, layout, notes, {"exam": name})


def of_array(path: str, format: str, values: Any, layout: Layout, notes: list[str], extra: dict[str, str]) -> Recording:
    """A recording of an array of shape (frames, leads) whose rate, unit and leads the layout says."""
    rate, unit, leads = layout.complete(path, format, values.shape[1])
    factor = microvolts_per(unit) or 1.0
    whole = values.dtype.kind in "iu" and values.dtype.itemsize <= 4 and values.dtype != np.uint32
    columns = values.astype(np.int32 if whole else np.float64)
    columns[~np.isfinite(columns)] = np.nan if not whole else 0
    signals = tuple(Signal(lead, rate, np.ascontiguousarray(columns[:, index]), "uV", factor / layout.values_per_unit, file_unit=unit)
                    for index, lead in enumerate(leads))
    return Recording(format, path, signals, notes=tuple(notes), extra=extra)

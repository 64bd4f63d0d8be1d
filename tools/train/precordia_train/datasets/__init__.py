# The door to every data set: `open_dataset(name, root, **options)`.
# Separate from the readers so that a new set is one line here and a layout file or a function there.
"""Data sets of 12-lead exams behind one interface; `Dataset` and `Exam` say what they give."""

from pathlib import Path

from . import layout, physionet
from .exam import LEADS, Dataset, DatasetError, Entry, Exam

__all__ = ["LEADS", "NAMES", "Dataset", "DatasetError", "Entry", "Exam", "open_dataset"]

LAYOUTS = Path(__file__).parent / "layouts"
READERS = {"ptbxl": physionet.ptbxl, "cpsc2018": physionet.cpsc2018, "cinc": physionet.cinc}

#: What `open_dataset` knows by name; any other name is the path of a layout file.
NAMES = (*READERS, *sorted(path.stem for path in LAYOUTS.glob("*.toml")))


def open_dataset(name: str, root: Path | str, check: bool = True, **options) -> Dataset:
    """Opens a set: one of `NAMES`, or the path of a layout file (`*.toml`).

    Tables are read now, signals when asked for, but for some 32 on which lead order, unit and length are measured unless `check` is false.
    Options: rate for ptbxl (100 or 500) and cinc; codes for cinc; for layouts partial, table, and any key of [signals].
    Raises `DatasetError`, which says what is wrong where, and what would be right.
    """
    root = Path(root)
    known = READERS.get(name)
    if known is None and not name.endswith(".toml") and name not in NAMES:
        raise DatasetError(f"no data set {name!r}; known are {', '.join(NAMES)}, and layout files by their path, ending in .toml")
    if not root.is_dir():
        raise DatasetError(f"{root}: no such folder")
    if known is None:
        path = Path(name) if name.endswith(".toml") else LAYOUTS / f"{name}.toml"
        dataset = layout.opened(root, path, **options)
    else:
        dataset = known(root, **options)
    return dataset.check() if check else dataset

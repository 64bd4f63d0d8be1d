# Where a layout's tracings lie: rows of stacked HDF5 datasets, one HDF5 file each, or WFDB records.
# Separate from the layout so that h5py is loaded, and its errors are put into words, in one file.
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from . import wfdb16
from .exam import DatasetError, Stored
from .tables import identifier, whole

#: The orders of dimensions that are read; with "tracing" a file holds many.
AXES = (["tracing", "sample", "lead"], ["tracing", "lead", "sample"], ["sample", "lead"], ["lead", "sample"])


def places_of(root: Path, signals: dict, table: list[dict], ids: list[str] | None, partial: bool) -> tuple[list, Callable[[int], Stored]]:
    """(row of the table, (file, row in the file)) of each tracing, in the table's order, and what reads a tracing by its index there.

    `ids`: what the key dataset of the files holds for each row of the table. `partial`: leave out the rows whose file is not there.
    """
    wfdb = signals["format"] == "wfdb"
    stacked = not wfdb and "tracing" in signals["axes"]
    files = Files(signals)
    pattern = signals["file"]
    if stacked and "{" not in pattern:
        paths = [Path(pattern)] if Path(pattern).is_absolute() else sorted(root.glob(pattern))
        if not paths:
            raise DatasetError(f"{root / pattern}: no such file")
        by_row = [None] * len(table)
    else:
        by_row, paths = row_files(root, pattern, table, wfdb, partial)
    if not stacked:
        places = [(row, (path, None)) for row, path in enumerate(by_row) if path]
    elif "key" in signals:
        places = keyed(files, paths, by_row, ids, partial, root / pattern)
    elif "{" in pattern:
        raise DatasetError(f"[signals] file {pattern!r}: a file that holds many tracings needs key, the dataset with their ids")
    else:
        places = in_order(files, paths, len(table))

    def stored(index: int) -> Stored:
        row, (path, position) = places[index]
        rate, gain = signals.get("rate"), float(signals.get("gain", 1))
        if isinstance(rate, str):
            rate = whole(table[row][rate], f"{table[row]['']}, row {row + 1}: {rate}")
        if wfdb:
            read = wfdb16.read(path, rate)
            read = replace(read, gain=read.gain * gain)
        else:
            read = Stored(files.values(path, position), int(rate), tuple(signals["leads"]), signals["unit"], gain)
        samples = signals.get("samples")
        if samples and whole(table[row][samples], f"{table[row]['']}, row {row + 1}: {samples}") != len(read.values):
            raise DatasetError(f"{path}: {len(read.values)} samples; {table[row]['']} says {table[row][samples]}")
        return read

    return places, stored


def row_files(root: Path, pattern: str, table: list[dict], wfdb: bool, partial: bool) -> tuple[list, list]:
    """The file of each row of the table, its columns put into the pattern, and all of them once, in order."""
    try:
        by_row = [root / pattern.format_map(row) for row in table]
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        there = ", ".join(name for name in table[0] if name not in ("", "split of file"))
        raise DatasetError(f"[signals] file {pattern!r}: no column {error}; there are {there}") from None
    there = {path: (wfdb16.header_path(path) if wfdb else path).is_file() for path in dict.fromkeys(by_row)}
    missing = [str(path) for path, known in there.items() if not known]
    if missing and (not partial or len(missing) == len(there)):
        raise DatasetError(f"{missing[0]}{f' and {len(missing) - 1} more of {len(there)}' if missing[1:] else ''}: no such file")
    return [path if there[path] else None for path in by_row], [path for path, known in there.items() if known]


def keyed(files: "Files", paths: list, by_row: list, ids, partial: bool, pattern: Path) -> list:
    """Places by the files' own ids: a row's tracings are all those that carry its id, in file order."""
    if ids is None:
        raise DatasetError(f"{pattern}: [signals] key needs [table] exam or tracing, the column with the same ids")
    carriers = {}
    for path in paths:
        for position, key in enumerate(files.keys(path)):
            carriers.setdefault(key, []).append((path, position))
    places = []
    for row, (key, path) in enumerate(zip(ids, by_row)):
        its = [place for place in carriers.get(key, []) if path in (None, place[0])]
        if not its and not partial:
            raise DatasetError(f"{path or pattern}: no tracing of {key}, which the table lists in row {row + 1}")
        places += [(row, place) for place in its]
    return places


def in_order(files: "Files", paths: list, count: int) -> list:
    """Places where tracing i belongs to row i of the table."""
    found = [(path, position) for path in paths for position in range(files.count(path))]
    if len(found) != count:
        raise DatasetError(
            f"{', '.join(path.name for path in paths)}: {len(found)} tracings, {count} rows in the table; without a key they must agree"
        )
    return list(enumerate(found))


@contextmanager
def damage_named(path: Path):
    """h5py says of a damaged file one of half a dozen exceptions, according to where the damage lies: here they are one."""
    try:
        yield
    except DatasetError:
        raise
    except Exception as error:
        raise DatasetError(f"{path}: {path.stat().st_size} bytes, truncated, damaged or no HDF5: {error}") from None


class Files:
    """HDF5 files of one layout; the last one stays open."""

    def __init__(self, signals: dict):
        self.name, self.key, self.axes = signals.get("dataset"), signals.get("key"), signals.get("axes")
        self.leads = len(signals.get("leads", ()))
        self.path, self.file = None, None

    def dataset(self, path: Path, name: str):
        """An open file's dataset `name`."""
        try:
            import h5py
        except ImportError:
            raise DatasetError(f"{path}: HDF5 needs h5py: pip install -r tools/train/requirements.txt") from None
        if not path.is_file():
            raise DatasetError(f"{path}: no such file")
        with damage_named(path):
            if path != self.path:
                self.close()
                self.file, self.path = h5py.File(path, "r"), path
            if name not in self.file or not isinstance(self.file[name], h5py.Dataset):
                raise DatasetError(f"{path}: no dataset {name}; there are {', '.join(map(str, self.file)) or 'none'}")
            return self.file[name]

    def close(self) -> None:
        if self.file is not None:
            self.file.close()
        self.path, self.file = None, None

    def tracings(self, path: Path):
        """The dataset of signals, its dimensions checked against the axes."""
        found = self.dataset(path, self.name)
        with damage_named(path):
            shape, kind = found.shape, found.dtype
        if len(shape) != len(self.axes) or shape[self.axes.index("lead")] != self.leads or kind.kind not in "fiu":
            wanted = f"{', '.join(self.axes)} with {self.leads} leads, of numbers,"
            raise DatasetError(f"{path}: {self.name} has the shape {shape} of {kind}; {wanted} was expected")
        return found

    def count(self, path: Path) -> int:
        """How many tracings a file holds."""
        return self.tracings(path).shape[0]

    def keys(self, path: Path) -> list[str]:
        """The id of each tracing of a file."""
        count, keys = self.count(path), self.dataset(path, self.key)
        with damage_named(path):
            if keys.shape != (count,):
                raise DatasetError(f"{path}: {self.key} has the shape {keys.shape}; {self.name} holds {count} tracings")
            return [identifier(key) for key in keys[...]]

    def values(self, path: Path, position: int | None) -> np.ndarray:
        """One tracing, [samples, leads]."""
        found = self.tracings(path)
        with damage_named(path):
            values = np.asarray(found[...] if position is None else found[position])
        axes = [axis for axis in self.axes if axis != "tracing"]
        return values if axes[0] == "sample" else values.T

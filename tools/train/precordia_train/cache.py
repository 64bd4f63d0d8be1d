# A prepared data set on disk: the network's u8 input, folds, patients and label sets, the same files for every source.
# Separate from readers and training: whoever writes such a folder can train on it.
"""inputs.npy: u8 [all samples][leads], record after record. tables.npz: name, group (patient; records of one group never part), fold (0:
none) and start (samples, one more than records). sets.npz: for each set NAME.codes, .statements, .groups, .labels (u8, records x labels,
255 unknown) and maybe .likelihood (f2, 0 to 1) and .evidence (u8 a label). cache.json: the data set's name, its input's definition, SHA-256
of sources and arrays."""

import hashlib
import json
import os
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

UNKNOWN = 255
FILES = ("inputs.npy", "tables.npz", "sets.npz")


@dataclass
class Input:
    """What one column of u8 is: `step` microvolts a unit about `zero_point`, leads by name, filter sections as in the model file.
    `whole_window`: shorter records stand in the middle of a window, as for a network that answers whole windows alone; else at its end."""

    rate: int
    window: int
    leads: list
    step: float
    zero_point: int
    sections: list
    whole_window: bool = False


@dataclass
class LabelSet:
    """Names and labels of one set. `labels`: u8 [records][labels], 255 unknown. `likelihood`: 0 to 1 where stated, or None."""

    name: str
    codes: list
    statements: list
    groups: list
    labels: np.ndarray
    likelihood: np.ndarray | None = None
    evidence: np.ndarray | None = None


def sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass
class Table:
    """What `write` needs beside the inputs. `sources`: name -> SHA-256 of the files that the labels came from."""

    dataset: str
    names: list
    groups: list
    folds: np.ndarray
    starts: np.ndarray
    sets: list = field(default_factory=list)
    sources: dict = field(default_factory=dict)


def begun(folder: Path) -> Path:
    """The folder, made if need be, and no longer a cache until `write` has ended."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cache.json").unlink(missing_ok=True)
    return folder


def created(path: Path, shape: tuple) -> np.ndarray:
    """A u8 array on disk, to be filled. Its place is taken at once: a full disk is an `OSError` here, not a crash later."""
    array = np.lib.format.open_memmap(path, "w+", np.uint8, shape)
    if hasattr(os, "posix_fallocate"):
        try:
            with open(path, "r+b") as file:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from None
    return array


def opened(path: Path, **how):
    """np.load, with an error that names the file and what to do."""
    try:
        return np.load(path, **how)
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: truncated or damaged ({error}); make it again") from None


def write(folder: Path, description: Input, table: Table) -> None:
    """Everything but inputs.npy, which is there already; cache.json last, so that a folder with it is whole."""
    np.savez(folder / "tables.npz", name=table.names, group=table.groups, fold=table.folds, start=table.starts)
    arrays = {"names": [each.name for each in table.sets]}
    for each in table.sets:
        for part in ("codes", "statements", "groups", "labels", "likelihood", "evidence"):
            if getattr(each, part) is not None:
                arrays[f"{each.name}.{part}"] = getattr(each, part)
    np.savez_compressed(folder / "sets.npz", **arrays)
    text = {
        "dataset": table.dataset, "input": asdict(description), "sources": table.sources,
        "arrays": {name: sha256(folder / name) for name in FILES},
    }  # fmt: skip
    (folder / "cache.json").write_text(json.dumps(text, indent=1))


class Data:
    """A cache, open for reading."""

    def __init__(self, folder: Path):
        if not (folder / "cache.json").exists():
            raise ValueError(f"{folder}: no cache.json; `prepare` fills this folder")
        text = json.loads((folder / "cache.json").read_text())
        self.folder, self.dataset, self.hashes, self.sources = folder, text["dataset"], text["arrays"], text["sources"]
        self.input = Input(**text["input"])
        self.inputs = opened(folder / "inputs.npy", mmap_mode="r")
        tables = opened(folder / "tables.npz")
        self.names, self.groups, self.fold = tables["name"], tables["group"], tables["fold"]
        self.start = tables["start"]
        self.length = np.diff(self.start)
        self._sets = opened(folder / "sets.npz")
        self.set_names = [str(name) for name in self._sets["names"]]

    def check(self) -> dict:
        """Hashes the arrays again; raises where one is not what `prepare` wrote."""
        for name, digest in self.hashes.items():
            if sha256(self.folder / name) != digest:
                raise ValueError(f"{self.folder / name}: changed since `prepare`; prepare the cache again")
        return self.hashes

    def set(self, name: str) -> LabelSet:
        if name not in self.set_names:
            raise ValueError(f"{self.folder}: no label set {name}; there are {', '.join(self.set_names)}")
        part = lambda what: self._sets[f"{name}.{what}"] if f"{name}.{what}" in self._sets else None
        text = lambda what: [str(each) for each in self._sets[f"{name}.{what}"]]
        return LabelSet(name, text("codes"), text("statements"), text("groups"), part("labels"), part("likelihood"), part("evidence"))

    def windows(self, rows: np.ndarray, length: int, offsets: np.ndarray | None = None) -> np.ndarray:
        """u8 [rows][length][leads] from `offsets` (0 if left out). Around a shorter record is silence at the zero point."""
        offsets = np.zeros(len(rows), np.int64) if offsets is None else offsets
        if (self.length[rows] - offsets >= length).all():
            return self.inputs[(self.start[rows] + offsets)[:, None] + np.arange(length)]
        out = np.full((len(rows), length, self.inputs.shape[1]), self.input.zero_point, np.uint8)
        for index, (row, offset) in enumerate(zip(rows, offsets)):
            piece = self.inputs[self.start[row] + offset : min(self.start[row] + offset + length, self.start[row + 1])]
            at = (length - len(piece)) // (2 if self.input.whole_window else 1)
            out[index, at : at + len(piece)] = piece
        return out

    def rows(self, folds) -> np.ndarray:
        return np.flatnonzero(np.isin(self.fold, folds))

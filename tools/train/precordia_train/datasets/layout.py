# Sets described by a layout file: CSV tables of exams beside HDF5 files or WFDB records.
# Separate from the readers in code because a layout is data: who has a set of another shape changes a file, not a program.
"""A layout's keys: `FIELDS`; `configs/code2-open.toml` explains each of them."""

import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .exam import Dataset, DatasetError, Entry
from .signals import AXES, places_of
from .tables import flag, identifier, rows, whole

#: What a layout may say, by section, and as what.
FIELDS = {
    "table": {"file": (str, dict), "separator": str, "exam": str, "tracing": str, "patient": str, "fold": str, "split": str},
    "signals": {
        "format": str, "file": str, "dataset": str, "axes": list, "key": str, "samples": str, "rate": (int, str), "unit": str,
        "gain": (int, float), "leads": list, "padded": bool, "seconds": list,
    },
    "labels": {"columns": (list, dict), "list": str, "separator": str, "modifier": str, "known": str, "known_column": str},
}  # fmt: skip
NAMES = {str: "text", dict: "a table", list: "a list", int: "a whole number", float: "a number", bool: "true or false"}

#: What a WFDB record's header says, so that a layout must not.
HEADER = {"dataset", "axes", "key", "unit", "leads"}


@dataclass(frozen=True)
class Layout:
    """A layout file's sections, checked: only known keys, all needed ones."""

    path: Path
    name: str
    table: dict
    signals: dict
    labels: dict


def layout(path: Path, labelled: bool = True, **changes) -> Layout:
    """Reads a layout file. `labelled` = False leaves out [labels]. `changes`: table=FILE, or a key of [signals] with another value."""
    if not path.is_file():
        raise DatasetError(f"{path}: no such file")
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: {error}") from None
    sections = {name: dict(found.pop(name, {})) for name in FIELDS}
    name = found.pop("name", path.stem)
    if "table" in changes:
        sections["table"]["file"] = changes.pop("table")
    sections["signals"].update(changes)
    unknown = sorted(found) + [f"{s}.{key}" for s, keys in FIELDS.items() for key in sorted(sections[s].keys() - keys)]
    if unknown:
        taken = "; ".join(f"[{section}] takes {', '.join(sorted(keys))}" for section, keys in FIELDS.items())
        raise DatasetError(f"{path}: unknown {', '.join(unknown)}; {taken}")
    if not labelled:
        sections["labels"] = {}
    check(path, **sections)
    return Layout(path, name, **sections)


def check(path: Path, table: dict, signals: dict, labels: dict) -> None:
    """Raises where a key has a wrong type or value, or a needed one is missing."""
    for section, said in (("table", table), ("signals", signals), ("labels", labels)):
        for key, value in said.items():
            kinds = FIELDS[section][key] if isinstance(FIELDS[section][key], tuple) else (FIELDS[section][key],)
            if type(value) not in kinds:
                raise DatasetError(f"{path}: [{section}] {key} = {value!r}; {' or '.join(NAMES[kind] for kind in kinds)} is needed")
    form = signals.setdefault("format", "hdf5")
    if form not in ("hdf5", "wfdb"):
        raise DatasetError(f"{path}: format {form!r}; hdf5 and wfdb are read")
    if form == "wfdb" and signals.keys() & HEADER:
        raise DatasetError(
            f"{path}: [signals] {', '.join(sorted(signals.keys() & HEADER))}: with format wfdb the records' headers say this"
        )
    for key in ("rate", "gain"):
        if isinstance(signals.get(key), int | float) and signals[key] <= 0:
            raise DatasetError(f"{path}: [signals] {key} = {signals[key]}; more than 0 is needed")
    needed = ("file",) if form == "wfdb" else ("file", "dataset", "axes", "rate", "unit", "leads")
    missing = ["[table] file"] * (not table.get("file")) + [f"[signals] {key}" for key in needed if not signals.get(key)]
    if missing:
        raise DatasetError(f"{path}: {', '.join(missing)} not given")
    if form == "hdf5" and signals["axes"] not in AXES:
        raise DatasetError(f"{path}: axes {signals['axes']}; {' or '.join(map(str, AXES))} would be right")


def exams(root: Path, to: Layout) -> list[dict]:
    """The rows of the table, or of the tables of `file = {train = "a.csv", validation = "b.csv"}`, whose names are the splits."""
    table = to.table
    columns = [table.get(key) for key in ("exam", "tracing", "patient", "fold", "split")] + [
        to.signals.get("samples"),
        to.labels.get("list"),
    ]
    columns += [to.signals["rate"]] if isinstance(to.signals.get("rate"), str) else []
    columns += label_columns(to.labels).values()
    files = table["file"] if isinstance(table["file"], dict) else {None: table["file"]}
    out = []
    for split, file in files.items():
        found = rows(root / file, [column for column in columns if column], table.get("separator", ","))
        out += [row | {"": str(root / file), "split of file": split} for row in found]
    return out


def label_columns(labels: dict) -> dict:
    """Code -> column."""
    columns = labels.get("columns", [])
    return columns if isinstance(columns, dict) else {column: column for column in columns}


def labelled(root: Path, to: Layout, table: list[dict]) -> tuple[list, np.ndarray]:
    """The codes and u8 [rows, codes], from a column a code or from one column that lists codes."""
    if "list" not in to.labels:
        columns = label_columns(to.labels)
        cells = [[flag(row[c], f"{row['']}, row {i}: {c}") for c in columns.values()] for i, row in enumerate(table, 1)]
        return list(columns), np.array(cells, np.uint8).reshape(len(table), len(columns))
    found = [listed(row[to.labels["list"]], to.labels) for row in table]
    known = None
    if "known" in to.labels:
        column = to.labels.get("known_column", "Code")
        known = {identifier(row[column]) for row in rows(root / to.labels["known"], [column])}
        modifier = to.labels.get("modifier")
        for row, codes in zip(table, found):
            strange = {part for code in codes for part in (code.split(modifier) if modifier else [code])} - known
            if strange:
                raise DatasetError(
                    f"{row['']}: {to.labels['list']} has {', '.join(sorted(strange))}, which {to.labels['known']} does not list"
                )
    codes = sorted({code for codes in found for code in codes}, key=natural)
    place = {code: index for index, code in enumerate(codes)}
    out = np.zeros((len(table), len(codes)), np.uint8)
    for index, codes_of_row in enumerate(found):
        out[index, [place[code] for code in codes_of_row]] = 1
    return codes, out


def listed(cell: str, labels: dict) -> list[str]:
    """ "60+310+320;147" -> 60, 60+310, 60+320, 147: each statement, and each again with every modifier."""
    out, modifier = [], labels.get("modifier")
    for item in cell.split(labels.get("separator", ";")):
        statement, *more = [identifier(part) for part in (item.split(modifier) if modifier else [item])]
        out += [statement] * bool(statement) + [f"{statement}{modifier}{part}" for part in more if part]
    return out


def natural(code: str) -> tuple:
    """Sorts "6" before "50" before "50+346"."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in code.split("+"))


def opened(root: Path, path: Path, partial: bool = False, **changes) -> Dataset:
    """The set that the layout file `path` describes, lying in `root`.

    `partial`: exams whose signal file is not there are left out; otherwise they are an error. `changes`: see `layout`.
    """
    to = layout(path, **changes)
    table = exams(root, to)
    codes, labels = labelled(root, to, table)
    ids = [identifier(row[column]) for row in table] if (column := to.table.get("tracing") or to.table.get("exam")) else None
    places, stored = places_of(root, to.signals, table, ids, partial)
    numbers, entries = Counter(), []
    several = {row for row, count in Counter(row for row, _ in places).items() if count > 1}
    for row, _ in places:
        cells = table[row]
        exam = identifier(cells[to.table["exam"]]) if "exam" in to.table else str(row)
        name = ids[row] if ids else exam
        numbers[name] += 1
        entries.append(
            Entry(
                f"{name}.{numbers[name]}" if row in several else name,
                exam,
                identifier(cells[to.table["patient"]]) if "patient" in to.table else exam,
                labels[row],
                whole(cells[to.table["fold"]], f"{cells['']}: {to.table['fold']}") if "fold" in to.table else None,
                cells[to.table["split"]] if "split" in to.table else cells["split of file"],
            )  # fmt: skip
        )
    if len({entry.name for entry in entries}) < len(entries):
        twice = Counter(entry.name for entry in entries).most_common(1)[0][0]
        raise DatasetError(
            f"{root / str(to.table['file'])}: {twice} stands in several rows; [table] tracing names a column that tells them apart"
        )
    return Dataset(
        to.name, root, codes, entries, stored, bool(to.signals.get("padded", False)), tuple(to.signals.get("seconds", (1, 3600)))
    )  # fmt: skip

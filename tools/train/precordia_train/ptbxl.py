# PTB-XL's label sets: its 71 statements, their subclasses and superclasses, CODE's classes, and the machine's 12SL statements.
# Separate from the recordings' way to the network, which knows no label.
import ast
import csv
from pathlib import Path

import numpy as np

from . import code66
from .cache import UNKNOWN, LabelSet
from .preprocess import Tables, tables

SUPERCLASSES = {
    "NORM": "normal ECG", "MI": "myocardial infarction", "STTC": "ST/T change", "CD": "conduction disturbance", "HYP": "hypertrophy",
}  # fmt: skip


def likelihoods(root: Path, table: Tables) -> np.ndarray:
    """0 to 1 as scp_codes states it; a statement of unknown likelihood (0 in the file) counts as certain, one not stated as 0."""
    place = {code: index for index, code in enumerate(table.codes)}
    row_of = {int(ecg_id): row for row, ecg_id in enumerate(table.ecg_id)}
    out = np.zeros(table.labels.shape, np.float16)
    with open(root / "ptbxl_database.csv", newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            row = row_of.get(int(float(line["ecg_id"])))
            if row is not None:
                for code, value in ast.literal_eval(line["scp_codes"]).items():
                    out[row, place[code]] = value / 100 if value else 1
    return out


def tasks(root: Path) -> dict:
    """The columns of scp_statements.csv by code: diagnostic, form, rhythm (bool), subclass and superclass (text, or empty)."""
    with open(root / "scp_statements.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    found = {}
    for row in rows[1:]:
        line = dict(zip(rows[0], row))
        found[row[0]] = {
            "diagnostic": bool(line["diagnostic"]), "form": bool(line["form"]), "rhythm": bool(line["rhythm"]),
            "subclass": line["diagnostic_subclass"], "superclass": line["diagnostic_class"], "description": line["description"],
        }  # fmt: skip
    return found


def aggregated(name: str, table: Tables, of: dict, text: dict, groups: dict) -> LabelSet:
    """A set whose labels are unions of statements: `of` maps statement to label."""
    codes = sorted(set(of.values()))
    labels = np.zeros((len(table.ecg_id), len(codes)), np.uint8)
    for statement, code in of.items():
        labels[:, codes.index(code)] |= table.labels[:, table.codes.index(statement)]
    return LabelSet(name, codes, [text[code] for code in codes], [groups[code] for code in codes], labels)


def machine_statements(root: Path, table: Tables) -> LabelSet:
    """12SL's own codes (12sl_statements.csv of PTB-XL+); unknown where the table lacks the record."""
    with open(root / "12sl_statements.csv", newline="", encoding="utf-8") as file:
        stated = {int(line["ecg_id"]): set(ast.literal_eval(line["statements"])) for line in csv.DictReader(file)}
    codes = sorted(set().union(*stated.values()))
    place = {code: index for index, code in enumerate(codes)}
    labels = np.zeros((len(table.ecg_id), len(codes)), np.uint8)
    for row, ecg_id in enumerate(table.ecg_id):
        if int(ecg_id) not in stated:
            labels[row] = UNKNOWN
            continue
        labels[row, [place[code] for code in stated[int(ecg_id)]]] = 1
    return LabelSet("12sl", codes, codes, ["machine"] * len(codes), labels)


def code_classes(root: Path, table: Tables) -> LabelSet:
    """CODE's classes that PTB-XL's or the machine's statements cover, each with its evidence."""
    targets = code66.targets(root)
    there = np.isin(tables(root).ecg_id, table.ecg_id)
    rows = code66.classes()
    own = np.flatnonzero(targets.evidence)
    return LabelSet(
        "code", [rows[index].name for index in own], [rows[index].statement for index in own], [rows[index].group for index in own],
        targets.labels[there][:, own], evidence=targets.evidence[own],
    )  # fmt: skip


def forms(table: Tables, about: dict) -> LabelSet:
    """The form statements of the records that state one, unknown in the others: the published task ranks among those alone."""
    at = [index for index, code in enumerate(table.codes) if about[code]["form"]]
    labels = table.labels[:, at].copy()
    labels[labels.sum(1) == 0] = UNKNOWN
    pick = lambda texts: [texts[index] for index in at]
    return LabelSet("forms", pick(table.codes), pick(table.statements), pick(table.groups), labels)


def label_sets(root: Path, table: Tables) -> list:
    """All sets that the files below `root` give; the first is "statements"."""
    about = tasks(root)
    subclass = {code: each["subclass"] for code, each in about.items() if each["subclass"]}
    superclass = {code: each["superclass"] for code, each in about.items() if each["superclass"]}
    members = lambda of, name: "; ".join(about[code]["description"] for code in of if of[code] == name)
    group_of = {sub: about[code]["superclass"] for code, sub in subclass.items()}
    sets = [
        LabelSet("statements", table.codes, table.statements, table.groups, table.labels, likelihoods(root, table)),
        aggregated("subclasses", table, subclass, {name: members(subclass, name) for name in group_of}, group_of),
        aggregated("superclasses", table, superclass, SUPERCLASSES, {name: "diagnostic" for name in SUPERCLASSES}),
        forms(table, about),
        code_classes(root, table),
    ]
    if (root / "12sl_statements.csv").exists():
        sets.append(machine_statements(root, table))
    return sets

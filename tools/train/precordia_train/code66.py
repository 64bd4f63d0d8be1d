# CODE's 66 classes as training targets: the table of sources, read and applied to PTB-XL's and 12SL's statements.
# Separate from preprocess.py because which statement means which class is a judgement, kept in models/code66-sources.csv.
"""`targets` for training, `classes` for the table alone; `python -m precordia_train.code66 --data DIR` prints docs/code66.md's table.

A class has rows of one kind of evidence: PTB-XL's statements and columns (human), or, where those say nothing, 12SL's (a machine's)."""

import argparse
import ast
import csv
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

MODELS = Path(__file__).resolve().parents[3] / "models"
TABLE, SOURCES = MODELS / "code66.csv", MODELS / "code66-sources.csv"

#: What a class's labels rest on, as in docs/model-format.md.
NOT_COVERED, HUMAN, MACHINE = 0, 1, 2

#: Fewest positives in folds 1-8; one in fold 9, where calibration and threshold are chosen, is needed as well.
FEWEST = {HUMAN: 10, MACHINE: 20}

#: A statement given with less than even odds is no positive; 0 means "stated, likelihood unknown" and is one.
LIKELIHOOD = 50

#: A criterion on what is measured (docs/measurements.md) is no label and trains nothing; the program answers it.
PTBXL, COLUMN, TWELVE_SL, CRITERION, NONE = "ptbxl", "ptbxl-column", "12sl", "criterion", "none"
#: positive: makes the record positive. require: one of these must be there too. exclude: none of these may be.
#: compare: the machine's nearest code, for the table's agreement. unused: a decision against, kept with its reason.
ROLES = ("positive", "require", "exclude", "compare", "unused", CRITERION)
NORMAL = "NORMAL"


@dataclass
class Source:
    """A row of code66-sources.csv. `code` of ptbxl and 12sl: codes with a space between must all be there (12SL: in one sentence).
    Of ptbxl-column: `column` (not empty), `column=text` (equal) or `column~WORD` (contains the word, any case)."""

    line: int
    source: str
    code: str
    role: str
    reason: str


@dataclass
class Code:
    """One of the 66 classes: code66.csv's row and its rows of code66-sources.csv."""

    name: str
    statement: str
    group: str
    status: str
    rows: list = field(default_factory=list)

    def of(self, role: str) -> list:
        return [row for row in self.rows if row.role == role]

    @property
    def evidence(self) -> int:
        """What the positive rows are, before anything is counted."""
        kinds = {row.source for row in self.of("positive")}
        return MACHINE if TWELVE_SL in kinds else HUMAN if kinds else NOT_COVERED


class Targets(NamedTuple):
    """`labels` u8 [records in ptbxl_database.csv's order][66]; a column of a class that is not covered is all 0.
    `evidence` u8 [66]: NOT_COVERED, HUMAN or MACHINE. `reasons` [66]: why not covered, else an empty string."""

    names: list
    labels: np.ndarray
    evidence: np.ndarray
    reasons: list


def classes(path66: Path = TABLE, path_sources: Path = SOURCES) -> list:
    """The 66 `Code`s in table order. ValueError with the line for an unknown class, source or role, a row given twice, a missing
    code or reason, a class without any row, and a class whose positive rows mix human labels with a machine's."""
    with open(path66, newline="", encoding="utf-8") as file:
        found = {row["label"]: Code(row["label"], row["statement"], row["group"], row["status"]) for row in csv.DictReader(file)}
    seen = set()
    with open(path_sources, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        for row in reader:
            where = f"{path_sources}, line {reader.line_num}"
            checked(where, "class", row["class"], list(found))
            checked(where, "source", row["source"], (PTBXL, COLUMN, TWELVE_SL, CRITERION, NONE))
            checked(where, "role", row["role"], ROLES)
            if (row["source"] == CRITERION) != (row["role"] == CRITERION):
                raise ValueError(f"{where}: source and role {CRITERION} go together")
            if not row["reason"] or (row["source"] == NONE) != (not row["code"]):
                raise ValueError(f"{where}: expected a reason, and a code exactly where the source is not {NONE}")
            key = (row["class"], row["source"], row["code"])
            if key in seen:
                raise ValueError(f"{where}: {', '.join(key)} is there twice")
            seen.add(key)
            found[row["class"]].rows.append(Source(reader.line_num, row["source"], row["code"], row["role"], row["reason"]))
    for code in found.values():
        if not code.rows:
            raise ValueError(f"{path_sources}: {code.name} has no row; a class that nothing covers has one of source {NONE}")
        if len({row.source == TWELVE_SL for row in code.of("positive")}) > 1:
            raise ValueError(f"{path_sources}: {code.name}: positive rows of {TWELVE_SL} beside others; human labels go first, alone")
    return list(found.values())


def checked(where: str, column: str, value: str, expected) -> None:
    if value not in expected:
        raise ValueError(f"{where}, column {column}: {value!r}: expected one of {', '.join(expected)}")


class Statements:
    """What PTB-XL and 12SL say of each record, and which records a row of the table takes in."""

    def __init__(self, root: Path, root_12sl: Path | None = None):
        """root: ptbxl_database.csv and scp_statements.csv. root_12sl: 12sl_statements.csv and 12slv23ToSNOMED.csv of PTB-XL+,
        `root` if left out; without the first of them `machine` is None. About 3 s for PTB-XL."""
        with open(root / "scp_statements.csv", newline="", encoding="utf-8") as file:
            self.codes = {row[0] for row in csv.reader(file)} - {""}
        with open(root / "ptbxl_database.csv", newline="", encoding="utf-8") as file:
            self.records = list(csv.DictReader(file))
        self.human = [stated(row["scp_codes"]) for row in self.records]
        self.fold = np.array([int(row["strat_fold"]) for row in self.records])
        self.machine, self.machine_codes = None, set()
        path = (root_12sl or root) / "12sl_statements.csv"
        if path.exists():
            with open(path.with_name("12slv23ToSNOMED.csv"), newline="", encoding="utf-8-sig") as file:
                self.machine_codes = {row["Acronym"] for row in csv.DictReader(file)} - {""}
            self.machine = sentences(path, [int(float(row["ecg_id"])) for row in self.records])

    def matches(self, row: Source, path: Path = SOURCES) -> np.ndarray:
        """bool [records]. ValueError naming line and column for a code or a column that the source does not have."""
        where = f"{path}, line {row.line}"
        if row.source == COLUMN:
            return self.column_matches(row.code, where)
        wanted, known = set(row.code.split()), self.codes if row.source == PTBXL else self.machine_codes
        if wanted - known:
            raise ValueError(f"{where}, column code: {', '.join(sorted(wanted - known))}: no code of {row.source}")
        if row.source == PTBXL:
            return np.array([wanted <= codes for codes in self.human])
        return np.array([any(wanted <= sentence for sentence in record) for record in self.machine])

    def column_matches(self, code: str, where: str) -> np.ndarray:
        parts = re.fullmatch(r"(\w+)(?:([=~])(.+))?", code)
        if not parts or parts[1] not in self.records[0]:
            raise ValueError(f"{where}, column code: {code}: no column of ptbxl_database.csv, alone or before = or ~")
        column, operator, text = parts.groups()
        cells = [record[column].strip() for record in self.records]
        if operator == "~":
            return np.array([text.upper() in re.findall(r"[^\W\d_]+", cell.upper()) for cell in cells])
        return np.array([cell == text if operator else cell != "" for cell in cells])

    def any(self, rows: list) -> np.ndarray:
        return np.any([np.zeros(len(self.records), bool)] + [self.matches(row) for row in rows], 0)


def stated(text: str) -> set:
    """The codes of an scp_codes cell that count."""
    return {code for code, likelihood in ast.literal_eval(text).items() if likelihood == 0 or likelihood >= LIKELIHOOD}


def sentences(path: Path, ecg_ids: list) -> list:
    """12SL's codes of each record, one set a sentence, in the order of `ecg_ids`."""
    with open(path, newline="", encoding="utf-8") as file:
        found = {int(row["ecg_id"]): [set(s.split(";")) for s in ast.literal_eval(row["statements_cat"])] for row in csv.DictReader(file)}
    missing = [ecg_id for ecg_id in ecg_ids if ecg_id not in found]
    if missing:
        raise ValueError(f"{path}: {len(missing)} of {len(ecg_ids)} records are not there, the first is ecg_id {missing[0]}")
    return [found[ecg_id] for ecg_id in ecg_ids]


def labelled(codes: list, statements: Statements) -> np.ndarray:
    """u8 [records][classes] before anything is counted. NORMAL goes last and both ways: a human who states it overrules a machine's
    label of any class, and what a human states beside it overrules NORMAL."""
    labels = np.zeros((len(statements.records), len(codes)), bool)
    for index, code in enumerate(codes):
        if code.evidence == NOT_COVERED or (code.evidence == MACHINE and statements.machine is None):
            continue
        found = statements.any(code.of("positive")) & ~statements.any(code.of("exclude"))
        labels[:, index] = found & statements.any(code.of("require")) if code.of("require") else found
    normal = [code.name for code in codes].index(NORMAL)
    machine = np.array([code.evidence == MACHINE for code in codes])
    labels[:, machine] &= ~labels[:, [normal]]
    labels[:, normal] &= ~np.delete(labels, normal, 1).any(1)
    return labels.astype(np.uint8)


def targets(root: Path, root_12sl: Path | None = None, path66: Path = TABLE, path_sources: Path = SOURCES) -> Targets:
    """Training targets of PTB-XL in `root` for all 66 classes; train the columns whose evidence is not 0, each in a head of its own.
    Without 12SL's file the classes of machine labels are not covered, which their reasons say."""
    codes, statements = classes(path66, path_sources), Statements(root, root_12sl)
    for code in codes:
        for row in code.rows:
            if row.source in (PTBXL, COLUMN) or (row.source == TWELVE_SL and statements.machine is not None):
                statements.matches(row, path_sources)
    labels, evidence, reasons = labelled(codes, statements), [], []
    trained, ninth = labels[statements.fold <= 8].sum(0), labels[statements.fold == 9].sum(0)
    for index, code in enumerate(codes):
        reasons.append(uncovered(code, int(trained[index]), int(ninth[index]), statements))
        evidence.append(NOT_COVERED if reasons[-1] else code.evidence)
    labels[:, np.array(evidence) == NOT_COVERED] = 0
    return Targets([code.name for code in codes], labels, np.array(evidence, np.uint8), reasons)


def uncovered(code: Code, trained: int, ninth: int, statements: Statements) -> str:
    """Why a class is not covered; an empty string if it is."""
    if code.evidence == NOT_COVERED:
        return "no source"
    if code.evidence == MACHINE and statements.machine is None:
        return "12sl_statements.csv is not there"
    return f"too few: {trained} in folds 1-8, {ninth} in fold 9" if trained < FEWEST[code.evidence] or not ninth else ""


def agreement(human: np.ndarray, machine: np.ndarray) -> tuple[float, float, float]:
    """Cohen's kappa, and the machine's sensitivity and PPV with the human as the truth; NaN where nothing is stated."""
    both, chance = (human & machine).sum(), human.mean() * machine.mean() + (~human).mean() * (~machine).mean()
    ratio = lambda part, whole: float(part) / float(whole) if whole else float("nan")  # noqa: E731
    return ratio((human == machine).mean() - chance, 1 - chance), ratio(both, human.sum()), ratio(both, machine.sum())


def report(root: Path, root_12sl: Path | None = None, scores: dict | None = None):
    """The lines of docs/code66.md's table: a row a class. `scores`: AUROC and AUPRC as text by class, which become two more columns."""
    codes, statements, found = classes(), Statements(root, root_12sl), targets(root, root_12sl)
    before, train = labelled(codes, statements), statements.fold <= 8
    heads = " AUROC | AUPRC |" if scores is not None else ""
    yield f"| class | statement | status | labels | of | 1-8 | 9 | 10 |{heads} 12SL against the human, 1-8: kappa, sensitivity, PPV |"
    yield "|---" * (9 if scores is None else 11) + "|"
    for index, code in enumerate(codes):
        counts = [int(before[chosen, index].sum()) for chosen in (train, statements.fold == 9, statements.fold == 10)]
        kind = ("**not covered**: " + found.reasons[index].split(":")[0], "human", "machine")[found.evidence[index]]
        if code.of(CRITERION):
            kind = kind.replace("**not covered**", "by criterion") if found.evidence[index] == NOT_COVERED else f"{kind}, criterion"
        source = ", ".join(row.code for row in code.of("positive")).replace("|", "\\|")
        compared, nearest = code.of("compare"), ""
        if compared and code.evidence == HUMAN and statements.machine is not None:
            values = agreement(before[train, index] == 1, statements.any(compared)[train])
            nearest = f"{' '.join(row.code for row in compared)}: " + ", ".join(f"{value:.2f}" for value in values)
        numbers = " | ".join(map(str, counts)) if code.of("positive") else " | | "
        figures = "" if scores is None else " | ".join(scores.get(code.name, ("", ""))) + " | "
        yield f"| {code.name} | {code.statement} | {code.status} | {kind} | {source} | {numbers} | {figures}{nearest} |"


def write_labels(root: Path, path: Path, fold: int | None, root_12sl: Path | None = None) -> int:
    """CSV of record (filename_hr) and codes (covered classes, joined by ;) of a fold, all if None. Returns the number of records."""
    statements, found = Statements(root, root_12sl), targets(root, root_12sl)
    rows = np.flatnonzero(statements.fold == fold) if fold else np.arange(len(statements.records))
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["record", "codes"])
        for row in rows:
            writer.writerow([statements.records[row]["filename_hr"], ";".join(found.names[i] for i in np.flatnonzero(found.labels[row]))])
    return len(rows)


def main() -> int:
    parser = argparse.ArgumentParser(prog="precordia_train.code66", description="CODE's 66 classes: what labels there are, as a table.")
    parser.add_argument("--data", type=Path, required=True, help="folder with ptbxl_database.csv and scp_statements.csv")
    parser.add_argument("--12sl", dest="twelve_sl", type=Path, help="folder of the 12SL tables; that of --data if left out")
    parser.add_argument("--labels", type=Path, help="instead: write record,codes of the covered classes here")
    parser.add_argument("--fold", type=int, help="with --labels: this fold; all if left out")
    options = parser.parse_args()
    try:
        if options.labels:
            print(f"{write_labels(options.data, options.labels, options.fold, options.twelve_sl)} records in {options.labels}")
            return 0
        print("\n".join(report(options.data, options.twelve_sl)))
        return 0
    except (OSError, ValueError) as error:
        print(f"precordia_train.code66: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

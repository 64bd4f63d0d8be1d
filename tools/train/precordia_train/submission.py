# From `precordia classify --labels classes` to CODE-II-test's submission: a row of class probabilities for each exam.
# Separate from training and from the readers: it needs neither, only the program's rows and a table of which exam a tracing belongs to.
"""Several tracings of an exam are averaged, as the data set's authors do (arXiv 2511.15632)."""

import csv
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .datasets import DatasetError
from .datasets.tables import rows

#: What a class gets for which the model has no answer. A constant moves no ranking: its AUROC is 0.5, its AUPRC the prevalence.
NOT_COVERED = 0.0


@dataclass
class Submission:
    """What is written, and what the person who sends it has to know."""

    classes: list
    exams: list
    #: float64 [exams, classes].
    probabilities: np.ndarray
    #: Classes that the model does not answer; `NOT_COVERED` stands in their columns.
    not_covered: list = field(default_factory=list)
    #: Tracings without an answer that were left out of their exams' means.
    missing: list = field(default_factory=list)
    #: Exams without any answer; they have the mean of all others.
    filled: list = field(default_factory=list)


def tracing(record: str) -> str:
    """A record's name as `classify` prints it, without folder and .hea."""
    name = record.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return name[:-4] if name.endswith(".hea") else name


def answers(path: Path, classes: list) -> tuple[dict, list]:
    """Tracing -> float64 [classes], not a number where a cell is empty, None without an answer; and the classes never answered."""
    table = rows(path, ("record", "windows", "quality"))
    columns = [column for column in table[0] if column not in ("record", "windows", "quality")]
    unknown = [column for column in columns if column not in classes]
    if unknown:
        raise DatasetError(
            f"{path}: {', '.join(unknown[:5])}{' ...' if unknown[5:] else ''}: none of the {len(classes)} classes; "
            "was it written with --labels classes, by a model with this table of classes?"
        )
    found = {}
    for row in table:
        name = tracing(row["record"])
        if name in found:
            raise DatasetError(f"{path}: two rows of {name}")
        cells = [row.get(column, "") for column in classes]
        found[name] = np.array([probability(cell, f"{path}: {name}, {c}") for cell, c in zip(cells, classes)]) if any(cells) else None
    answered = [values for values in found.values() if values is not None]
    if not answered:
        raise DatasetError(f"{path}: no row has an answer")
    empty = np.isnan(np.stack(answered))
    uneven = np.flatnonzero(empty.any(axis=0) & ~empty.all(axis=0))
    if len(uneven):
        raise DatasetError(f"{path}: {classes[uneven[0]]} is answered in some rows and empty in others; rows of different models?")
    return found, [classes[i] for i in np.flatnonzero(empty.all(axis=0))]


def probability(cell: str, where: str) -> float:
    try:
        value = float(cell) if cell else np.nan
    except ValueError:
        value = -1.0
    if value < 0 or value > 1:
        raise DatasetError(f"{where} is {cell!r}; a probability from 0 to 1 would be right")
    return value


def submission(classified: Path, tracings: Path, classes: list, allow_missing: bool = False) -> Submission:
    """Averages each exam's tracings. `tracings`: a CSV with tracing and exam_id, which fixes the exams and their order.

    A tracing without an answer is an error; with `allow_missing` it is left out, and an exam that has none gets the mean of the others.
    """
    found, not_covered = answers(classified, classes)
    table = rows(tracings, ("tracing", "exam_id"))
    names = [tracing(row["tracing"]) for row in table]
    if len(set(names)) < len(names):
        raise DatasetError(f"{tracings}: two rows of {next(name for i, name in enumerate(names) if name in names[:i])}")
    strange = [name for name in found if name not in set(names)]
    if strange:
        raise DatasetError(f"{classified}: {strange[0]}{f' and {len(strange) - 1} more' if strange[1:] else ''}, of no exam in {tracings}")
    missing = [name for name in names if found.get(name) is None]
    if missing and not allow_missing:
        raise DatasetError(
            f"{classified}: no answer for {', '.join(missing[:5])}{f' and {len(missing) - 5} more' if missing[5:] else ''}; "
            "--allow-missing leaves them out of their exams' means"
        )
    exams = {}
    for name, row in zip(names, table):
        answered = exams.setdefault(row["exam_id"], [])
        answered += [found[name]] if found.get(name) is not None else []
    known = np.mean([np.mean(values, axis=0) for values in exams.values() if values], axis=0)
    out = np.stack([np.mean(values, axis=0) if values else known for values in exams.values()])
    filled = [exam for exam, values in exams.items() if not values]
    return Submission(classes, list(exams), np.where(np.isnan(out), NOT_COVERED, out), not_covered, missing, filled)


def write(made: Submission, path: Path) -> None:
    """exam_id and a column a class, six decimals."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["exam_id", *made.classes])
        writer.writerows([exam, *(f"{value:.6f}" for value in values)] for exam, values in zip(made.exams, made.probabilities))


def run(options) -> int:
    classes = [row["label"] for row in rows(options.classes, ("label",))]
    made = submission(options.classified, options.tracings, classes, options.allow_missing)
    write(made, options.output)
    print(f"{options.output}: {len(made.exams)} exams, {len(made.classes)} classes")
    for text, names in (
        (f"classes not covered, {NOT_COVERED:g} in every row", made.not_covered),
        ("tracings without an answer, left out", made.missing),
        ("exams without an answer, given the mean of all others", made.filled),
    ):
        if names:
            print(f"warning: {len(names)} {text}: {', '.join(names)}", file=sys.stderr)
    return 0


def add_parser(verbs) -> None:
    """Adds `submission` to the command."""
    sub = verbs.add_parser("submission", help="class probabilities per exam, as CODE-II-test wants them")
    sub.set_defaults(function=run)
    sub.add_argument("classified", type=Path, help="what precordia classify --format csv --labels classes printed")
    sub.add_argument("--tracings", type=Path, required=True, help="CSV with tracing and exam_id, as `datasets --write` makes it")
    sub.add_argument("--classes", type=Path, default=Path(__file__).resolve().parents[3] / "models" / "code66.csv")
    sub.add_argument("--allow-missing", action="store_true", help="leave out tracings without an answer")
    sub.add_argument("-o", "--output", type=Path, required=True)

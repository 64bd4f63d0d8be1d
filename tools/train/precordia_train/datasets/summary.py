# The `datasets` command: what a set holds and what its samples say of lead order, unit and length, and its tracings as WFDB records.
# Separate from the readers, which print nothing.
import csv
import functools
import re
from collections import Counter
from pathlib import Path

import numpy as np

from . import LEADS, NAMES, Dataset, DatasetError, checks, open_dataset, wfdb16


def summary(dataset: Dataset, count: int = 256) -> list[str]:
    """Lines for a person. Signals are measured on up to `count` tracings, evenly spread."""
    entries = dataset.entries
    people, exams = len({entry.patient for entry in entries}), len({entry.exam for entry in entries})
    lines = [f"{dataset.name}: {len(entries)} tracings, {exams} exams, {people} patients, {len(dataset.codes)} labels"]
    for what, values in (("folds", [entry.fold for entry in entries]), ("splits", [entry.split for entry in entries])):
        if set(values) != {None}:
            lines.append(
                f"{what}: "
                + ", ".join(f"{value} {n}" for value, n in sorted(Counter(values).items(), key=lambda item: str(item[0]).zfill(3)))
            )
    read = [dataset.exam(index) for index in dataset.sample(count)]
    full = [exam for exam in read if len(exam.microvolts)]
    lines.append(f"measured on {len(read)} tracings, {len(read) - len(full)} of them all zeros:")
    if full:
        seconds, signals = [len(exam.microvolts) / exam.rate for exam in full], [exam.microvolts for exam in full]
        missing = sum(int(np.isnan(x).sum()) for x in signals)
        found = checks.residuals(signals, LEADS)
        rates = sorted(Counter(exam.rate for exam in full).items())
        lines += [
            "  rates: " + ", ".join(f"{rate} Hz {n}" for rate, n in rates),
            f"  seconds: {min(seconds):.1f} to {max(seconds):.1f}, median {np.median(seconds):.1f}",
            f"  amplitude, 99.9th percentile: {checks.amplitude(signals):.2f} mV (most sets: 1 to 2)",
            "  residuals of the limb leads: " + ", ".join(f"{lead} {size:.3f}" for lead, size in found.items())
            + f" (right up to {checks.LARGEST_RESIDUAL})",
            f"  missing samples: {missing} of {sum(x.size for x in signals)}",
        ]  # fmt: skip
    totals = dataset.labels().sum(axis=0, dtype=int)
    lines += [f"  {code:>20} {total:>7}" for code, total in zip(dataset.codes, totals)]
    return lines


def silent(items, **_):
    """No progress bar."""
    return items


def write(dataset: Dataset, folder: Path, progress=silent) -> int:
    """Each tracing as a WFDB record, for `precordia classify FOLDER`, and tracings.csv with tracing and exam_id. Answers how many."""
    names = [re.sub(r"[^A-Za-z0-9_]", "_", entry.name) for entry in dataset.entries]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DatasetError(f"{dataset.name}: two tracings would both be the record {twice[0]}")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise DatasetError(f"{folder}: not empty; an empty folder is needed, so that no other record is taken for one of this set")
    written = 0
    with open(folder / "tracings.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["tracing", "exam_id"])
        for index in progress(range(len(dataset)), desc="write", unit="tracing"):
            exam = dataset.exam(index)
            table.writerow([names[index], exam.exam])
            if len(exam.microvolts):
                wfdb16.write(folder / names[index], exam.microvolts, exam.rate)
                written += 1
    return written


def value(text: str) -> tuple:
    """KEY=VALUE of the command line: a whole number, a list where there are commas, or text."""
    key, equals, said = text.partition("=")
    if not equals:
        raise DatasetError(f"--set {text}: KEY=VALUE is needed, as in unit=mV or leads=I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6")
    return key, said.split(",") if "," in said else int(said) if said.isdigit() else said


def run(options, progress=silent) -> int:
    more = dict(value(text) for text in options.set)
    more |= {"partial": True} if options.partial else {}
    more |= {"labelled": False} if options.unlabelled else {}
    try:
        dataset = open_dataset(options.name, options.root, check=not options.unchecked, **more)
    except TypeError as error:
        raise DatasetError(f"{options.name}: {error}") from None
    print("\n".join(summary(dataset, options.sample)))
    if options.write:
        print(f"{write(dataset, options.write, progress)} of {len(dataset)} tracings written to {options.write}")
    return 0


def add_parser(verbs, progress=silent) -> None:
    """Adds `datasets` to the command. `progress`: wraps what it goes through, as tqdm does."""
    sub = verbs.add_parser("datasets", help="what a data set holds; its tracings as WFDB records")
    sub.set_defaults(function=functools.partial(run, progress=progress))
    sub.add_argument("name", help=f"{', '.join(NAMES)}, or a layout file (*.toml)")
    sub.add_argument("root", type=Path, help="the set's folder")
    sub.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="an option of the reader or a key of the layout's [signals]"
    )
    sub.add_argument("--partial", action="store_true", help="leave out exams whose signal file is not there (layouts)")
    sub.add_argument("--unlabelled", action="store_true", help="do not look for label columns (layouts)")
    sub.add_argument("--unchecked", action="store_true", help="do not stop at a wrong lead order, unit or length")
    sub.add_argument("--sample", type=int, default=256, help="tracings to measure; 256 if not given")
    sub.add_argument("--write", type=Path, metavar="FOLDER", help="write the tracings as WFDB records, and tracings.csv with their exams")

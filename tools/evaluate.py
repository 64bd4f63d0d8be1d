#!/usr/bin/env python3
# Accuracy from the program's own output: `precordia classify --format csv` against PTB-XL's tables.
# Separate from tools/train, so that whoever has the program and the tables needs nothing but numpy to check the figures.
"""Macro AUROC over the statements of `precordia classify --format csv`, or the agreement of two such files.

    evaluate.py OUT.csv --data PTBXL [--fold 10] [--rows N]
    evaluate.py --agreement A.csv B.csv [--at-most DIFFERENCE]

Columns of the CSV: record, windows, quality, then one probability for each statement code. Records are matched by PTB-XL's number.
"""

import argparse
import ast
import csv
import re
import sys
from pathlib import Path

import numpy as np

LEADING = ("record", "windows", "quality")


def record_number(name: str) -> int | None:
    """PTB-XL's ecg_id of a record's name or path (00017_lr, records500/00000/00017_hr.hea, HR00017); None where there is none."""
    match = re.match(r"^(?:HR)?0*(\d+)(?:_[lh]r)?(?:\.(?:hea|dat|mat))?$", re.split(r"[/\\]", name.strip())[-1])
    return int(match.group(1)) if match else None


def probabilities(path: Path) -> tuple[list, dict, list]:
    """Codes, ecg_id -> probabilities, and the rows that hold none: unreadable records. A row of quality unknown has probabilities."""
    with open(path, newline="", encoding="utf-8") as file:
        reader = (row for row in csv.reader(file) if any(cell.strip() for cell in row))
        header = next(reader, None)
        if not header or header[0] != "record":
            raise ValueError(f"{path}: the first line is {header}, expected record,windows,quality,CODE,...")
        keep = [index for index, name in enumerate(header) if name not in LEADING]
        rows, without = {}, []
        for row in reader:
            number = record_number(row[0])
            try:
                values = np.array([float(row[index]) for index in keep])
            except (ValueError, IndexError):
                values = np.array([np.nan])
            if number is None or not np.isfinite(values).all():
                without.append(row[0])
            elif number in rows:
                raise ValueError(f"{path}: record {number} stands there twice, the second time as {row[0]}")
            else:
                rows[number] = values
    return [header[index] for index in keep], rows, without


def labels(root: Path, codes: list) -> dict:
    """ecg_id -> (fold, u8 labels in the order of `codes`). A code with any likelihood, 0 included, is positive."""
    place = {code: index for index, code in enumerate(codes)}
    with open(root / "scp_statements.csv", newline="", encoding="utf-8") as file:
        known = {row[0] for row in csv.reader(file) if row}
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise ValueError(f"{root}/scp_statements.csv does not know {unknown[:5]}: the output is not of a model with SCP codes")
    found = {}
    with open(root / "ptbxl_database.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            values = np.zeros(len(codes), np.uint8)
            for code in ast.literal_eval(row["scp_codes"]):
                if code in place:
                    values[place[code]] = 1
            found[int(float(row["ecg_id"]))] = (int(row["strat_fold"]), values)
    return found


def auroc(positive: np.ndarray, scores: np.ndarray) -> float:
    """Mann-Whitney with mid-ranks; nan without both classes."""
    hits = int(positive.sum())
    others = positive.size - hits
    if hits == 0 or others == 0:
        return float("nan")
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[place]
    return float((ranks[positive.astype(bool)].sum() - hits * (hits + 1) / 2) / (hits * others))


def evaluate(path: Path, root: Path, fold: int, rows: int, least: float | None) -> int:
    codes, given, without = probabilities(path)
    truth = labels(root, codes)
    wanted = [number for number, (found, _) in truth.items() if found == fold]
    chosen = [number for number in wanted if number in given]
    if not chosen:
        raise ValueError(f"{path}: none of the {len(wanted)} records of fold {fold} is in it")
    y = np.stack([truth[number][1] for number in chosen])
    p = np.stack([given[number] for number in chosen])
    each = np.array([auroc(y[:, index], p[:, index]) for index in range(len(codes))])
    scored = np.flatnonzero(np.isfinite(each))
    macro = float(each[scored].mean())
    print(f"fold {fold}: {len(chosen)} of {len(wanted)} records, {len(without)} rows without probabilities")
    print(f"macro AUROC {macro:.4f} over {len(scored)} of {len(codes)} statements ({len(codes) - len(scored)} have no positive record)")
    order = scored[np.argsort(-each[scored])]
    for title, part in (("best", order[:rows]), ("worst", order[::-1][:rows])):
        print(f"{title}:")
        for index in part:
            print(f"  {codes[index]:8} {each[index]:.4f}  {int(y[:, index].sum()):5} positive")
    if len(chosen) < len(wanted):
        print(f"missing: {[number for number in wanted if number not in given][:10]} ...", file=sys.stderr)
        return 1
    return 1 if least is not None and macro < least else 0


def agreement(first: Path, second: Path, rows: int, most: float | None = None) -> int:
    codes, a, _ = probabilities(first)
    codes_b, b, _ = probabilities(second)
    if codes != codes_b:
        raise ValueError(f"{first} and {second} have different statement columns")
    both = sorted(a.keys() & b.keys())
    if not both:
        raise ValueError(f"{first} and {second} have no record in common")
    x, y = np.stack([a[number] for number in both]), np.stack([b[number] for number in both])
    difference = np.abs(x - y)
    print(f"{len(both)} records in both ({len(a)} and {len(b)})")
    print(f"mean absolute difference of probabilities {difference.mean():.5f}, 99th percentile {np.percentile(difference, 99):.4f}, largest {difference.max():.4f}")
    worst = np.argsort(-difference.mean(0))[:rows]
    print("largest by statement: " + ", ".join(f"{codes[index]} {difference[:, index].mean():.4f}" for index in worst))
    return 1 if most is not None and difference.mean() > most else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path, nargs="?", help="what precordia classify --format csv wrote")
    parser.add_argument("--agreement", type=Path, nargs=2, metavar=("A.csv", "B.csv"))
    parser.add_argument("--data", type=Path, help="folder with ptbxl_database.csv and scp_statements.csv")
    parser.add_argument("--fold", type=int, default=10)
    parser.add_argument("--rows", type=int, default=8, help="statements listed as best and worst")
    parser.add_argument("--at-least", type=float, help="exit status 1 below this macro AUROC")
    parser.add_argument("--at-most", type=float, help="exit status 1 above this mean absolute difference")
    options = parser.parse_args()
    try:
        if options.agreement:
            return agreement(*options.agreement, options.rows, options.at_most)
        if not options.output or not options.data:
            parser.error("OUT.csv and --data, or --agreement A.csv B.csv")
        return evaluate(options.output, options.data, options.fold, options.rows, options.at_least)
    except (OSError, ValueError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

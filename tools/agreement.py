#!/usr/bin/env python3
# How much two outputs of `precordia classify` differ: another rate, another processor, another model of the same statements.
# Apart from `precordia evaluate`, which holds answers against labels: here neither side is the truth.
"""The agreement of two files of `precordia classify --format csv`.

    agreement.py A.csv B.csv [--at-most DIFFERENCE]

Columns of the CSV: record, windows, quality, then one probability for each statement code. Records are matched by PTB-XL's number.
"""

import argparse
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
    parser.add_argument("output", type=Path, nargs=2, metavar="OUT.csv")
    parser.add_argument("--rows", type=int, default=8, help="statements listed as most different")
    parser.add_argument("--at-most", type=float, help="exit status 1 above this mean absolute difference")
    options = parser.parse_args()
    try:
        return agreement(*options.output, options.rows, options.at_most)
    except (OSError, ValueError) as error:
        print(f"agreement: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

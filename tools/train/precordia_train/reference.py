# What the integer network says about whole folds, and how two such answers differ.
# Separate because it is the proof that Swift and Python compute the same bits on real recordings.
"""The bits format, one text file: a header `record,CODE,CODE,...`, then one row for each record: its name and, for each label,
the logit's binary32 pattern as 8 lower-case hexadecimal digits. `precordia classify --format bits` writes the same."""

import csv
import hashlib
import re
from pathlib import Path

import numpy as np

from . import integer, preprocess
from .modelfile import Model


def records(root: Path, table, rows, rate: int):
    """Yields (name, u8 input [1][columns][12]) for each row that is there; `rate` 100 or 500."""
    for row in rows:
        name = (table.low if rate == 100 else table.high)[row]
        if (root / name).with_suffix(".hea").exists():
            microvolts, found = preprocess.read_record(root / name, rate)
            yield name, preprocess.network_input(microvolts[None], found)


def write_logits(
    model: Model, root: Path, fold: int | None, rate: int, path: Path, progress=lambda items, **_: items, batch: int = 64
) -> tuple[int, list]:
    """Logits of every record of a fold (all records without one), one whole window each. How many, and the names of those not there."""
    table = preprocess.tables(root)
    rows = [index for index in range(len(table.low)) if fold in (None, int(table.fold[index]))]
    written, skipped = 0, []
    with open(path, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["record"] + [label.code for label in model.labels])
        for start in progress(range(0, len(rows), batch), desc="reference", unit="batch"):
            found = list(records(root, table, rows[start : start + batch], rate))
            present = {name for name, _ in found}
            names = table.low if rate == 100 else table.high
            skipped += [names[row] for row in rows[start : start + batch] if names[row] not in present]
            if not found:
                continue
            logits = integer.logits(model, np.concatenate([x for _, x in found]))
            for (name, _), row in zip(found, logits):
                out.writerow([name] + [f"{bits:08x}" for bits in row.view(np.uint32)])
                written += 1
    return written, skipped


#: The recordings up to this ecg_id, 488 of them, are hashed at 500 and at 100 Hz.
LAST_OF_BOTH_RATES = 500
#: What `write_inputs` hashes: name, rate, fold (none: up to `LAST_OF_BOTH_RATES`).
INPUT_SETS = (("ptbxl-500", 500, None), ("ptbxl-100", 100, None), ("ptbxl-fold10-100", 100, 10))


def write_inputs(model: Model, root: Path, path: Path, progress=lambda items, **_: items) -> list:
    """SHA-256 of the network's input on whole sets of recordings: one line `HASH SET COUNT records` for each of `INPUT_SETS`.

    The hash runs over the u8 columns, 12 bytes each in lead order, of a record from its first sample to its last, record after
    record by ecg_id. Any engine, live or offline, that is fed the same files must make the same bytes."""
    if model.rate != preprocess.RATE or model.step != preprocess.STEP or not np.array_equal(model.sections, preprocess.SECTIONS):
        raise ValueError("the model's rate, step or filter sections are not those that preprocess prepares training data with")
    table = preprocess.tables(root)
    order = np.argsort(table.ecg_id, kind="stable")
    both = [row for row in order if table.ecg_id[row] <= LAST_OF_BOTH_RATES]
    lines = []
    for name, rate, fold in INPUT_SETS:
        rows = both if fold is None else [row for row in order if table.fold[row] == fold]
        digest, count = hashlib.sha256(), 0
        for _, columns in progress(records(root, table, rows, rate), desc=name, unit="record", total=len(rows)):
            digest.update(columns.tobytes())
            count += 1
        if count != len(rows):
            raise ValueError(f"{name}: {count} of {len(rows)} records are in {root}")
        lines.append(f"{digest.hexdigest()} {name} {count} records")
    path.write_text("\n".join(lines) + "\n")
    return lines


def record_key(name: str) -> str:
    """PTB-XL's number where the name ends in one (00017_lr, records500/00000/00017_hr), else the last part of the path."""
    last = re.split(r"[/\\]", name.strip())[-1]
    match = re.match(r"^(?:HR)?0*(\d+)(?:_[lh]r)?(?:\.(?:hea|dat|mat))?$", last)
    return match.group(1) if match else last


def read_bits(path: Path) -> tuple[list, dict]:
    """Codes, and record -> u32 patterns. Columns named windows or quality are passed over."""
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        header = next(reader, None)
        if not header or header[0] != "record":
            raise ValueError(f"{path}: the first line is {header}, expected record,CODE,...")
        keep = [i for i, name in enumerate(header) if name not in ("record", "windows", "quality")]
        found = {}
        for row in filter(None, reader):
            key = record_key(row[0])
            if key in found:
                raise ValueError(f"{path}: record {key} stands there twice, the second time as {row[0]}")
            found[key] = np.array([int(row[i], 16) for i in keep], np.uint32)
        return [header[i] for i in keep], found


def compare(first: Path, second: Path) -> tuple[bool, str]:
    """Whether two bits files say the same, and a sentence."""
    codes_a, a = read_bits(first)
    codes_b, b = read_bits(second)
    if codes_a != codes_b:
        return False, f"the label columns differ: {len(codes_a)} in {first}, {len(codes_b)} in {second}"
    only_a, only_b = sorted(a.keys() - b.keys()), sorted(b.keys() - a.keys())
    both = sorted(a.keys() & b.keys())
    unequal = [key for key in both if not np.array_equal(a[key], b[key])]
    logits = sum(int((a[key] != b[key]).sum()) for key in unequal)
    text = f"{len(both)} records in both, {len(both) * len(codes_a)} logits, {logits} differ in {len(unequal)} records"
    if unequal:
        x, y = a[unequal[0]].view(np.float32), b[unequal[0]].view(np.float32)
        worst = max(float(np.abs(a[k].view(np.float32).astype(np.float64) - b[k].view(np.float32)).max()) for k in unequal)
        place = int(np.flatnonzero(x != y)[0]) if (x != y).any() else 0
        text += f"; first: record {unequal[0]}, {codes_a[place]}: {x[place]!r} against {y[place]!r}; largest difference {worst:.3g}"
    if only_a or only_b:
        text += f"; only in {first}: {len(only_a)} {only_a[:3]}, only in {second}: {len(only_b)} {only_b[:3]}"
    return not unequal and not only_a and not only_b and bool(both), text

# The last step: labels, thresholds, alert priorities and CODE classes around the integers, and the file on disk.
# Separate from the quantiser: everything here comes from tables that a person may edit.
import csv
from pathlib import Path

import numpy as np

from . import calibrate, integer
from .modelfile import PRIORITIES, Class, Label, Model, decoded, encoded


def priorities(path: Path, codes: list) -> dict:
    """alerts.csv as code -> number; refuses a code that the model lacks."""
    found = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["code"] not in codes or row["priority"] not in PRIORITIES:
                raise ValueError(f"{path}: {row['code']}, {row['priority']}: expected a label of the model and one of {PRIORITIES}")
            found[row["code"]] = PRIORITIES.index(row["priority"])
    return found


def classes(path: Path, codes: list) -> list:
    """code66.csv as `Class`es; `ptbxl_scp` names the sources, and a class without any is not covered."""
    with open(path, newline="", encoding="utf-8") as file:
        return [
            Class(
                row["label"], row["statement"], row["group"], row["status"],
                [codes.index(code) for code in row["ptbxl_scp"].split(";") if code],
            )  # fmt: skip
            for row in csv.DictReader(file)
        ]


def labelled(model: Model, data, labels: np.ndarray, logits: np.ndarray, alerts: Path, code66: Path) -> dict:
    """Fills in labels, calibration, thresholds and classes from the integer logits of fold 9. Returns a report."""
    raised = priorities(alerts, data.codes)
    before, after = calibrate.cross_validated(labels, logits)
    pairs = calibrate.platt(labels, logits) if after < before else [(1.0, 0.0)] * len(data.codes)
    probability = calibrate.probabilities(pairs, logits)
    model.labels, points = [], {}
    for index, code in enumerate(data.codes):
        choose = calibrate.alert_threshold if code in raised else calibrate.best_f_threshold
        threshold = choose(labels[:, index], probability[:, index])
        model.labels.append(
            Label(code, data.statements[index], data.groups[index], threshold, raised.get(code, 0), *map(float, np.float32(pairs[index])))
        )
        points[code] = calibrate.operating_point(labels[:, index], probability[:, index], threshold) | {"threshold": threshold}
    model.classes = classes(code66, data.codes)
    alerting = np.array([label.priority > 0 for label in model.labels])
    over = probability >= np.array([label.threshold for label in model.labels], np.float32)
    quiet = labels[:, alerting].sum(1) == 0
    return {
        "likelihood": (before, after), "points": points,
        "false_alarm_share": float(over[quiet][:, alerting].any(1).mean()),
        "quiet_records": int(quiet.sum()),
    }  # fmt: skip


def plain(value):
    """For JSON, which has no NaN: a rate without any record becomes None, at any depth."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def write(model: Model, path: Path) -> Model:
    """Writes the file and reads it back; returns what a reader sees."""
    integer.check_ranges(model)
    data = encoded(model)
    again = decoded(data)
    if encoded(again) != data:
        raise AssertionError("the reader does not give back what the writer wrote")
    path.write_bytes(data)
    return again

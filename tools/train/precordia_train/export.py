# The last step: calibration, thresholds, alert priorities and CODE classes around the integers, and the file on disk.
# Separate from the quantiser: everything here comes from tables that a person may edit.
import csv
import json
from pathlib import Path

import numpy as np

from . import calibrate, code66, integer
from .cache import UNKNOWN
from .configuration import Export
from .modelfile import HUMAN, PRIORITIES, STATEMENTS, Class, Model, decoded, encoded

#: The label set whose labels are CODE's classes.
CODE = "code"


def priorities(path: Path, codes: list) -> dict:
    """alerts.csv as code -> number. Refuses a code that the model lacks or that is there twice, and a row without a reason."""
    found = {}
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != ["code", "priority", "reason"]:
            raise ValueError(f"{path}: its columns are {', '.join(reader.fieldnames or [])}; code, priority, reason are right")
        for row in reader:
            if row["code"] not in codes or row["priority"] not in PRIORITIES:
                raise ValueError(f"{path}: {row['code']}, {row['priority']}: expected a label of the model and one of {PRIORITIES}")
            if row["code"] in found or not row["reason"]:
                raise ValueError(f"{path}, line {reader.line_num}: {row['code']}: expected once, with a reason")
            found[row["code"]] = PRIORITIES.index(row["priority"])
    return found


def classes(model: Model, evidence: dict) -> list:
    """CODE's 66 classes; a class with a head of its own in the set "code" has that label as source, the others are not covered. In a model
    without that set whose statements are all classes, as one trained on CODE itself, these are the heads; PTB-XL's never are, although some
    bear a class's name. `evidence`: code -> what its labels were, human if not told."""
    rows, sets = code66.classes(), {each.name: each for each in model.all_sets()}
    each = sets.get(CODE, sets[STATEMENTS])
    place = {model.labels[index].code: index for index in range(each.first, each.first + each.count)}
    if CODE not in sets and not place.keys() <= {row.name for row in rows}:
        place = {}
    return [
        Class(row.name, row.statement, row.group, row.status, [place[row.name]], evidence.get(row.name, HUMAN)) if row.name in place
        else Class(row.name, row.statement, row.group, row.status)
        for row in rows
    ]  # fmt: skip


def labelled(model: Model, labels: np.ndarray, logits: np.ndarray, raised: dict, settings: Export) -> dict:
    """Fills in calibration, thresholds and priorities from the integer logits of the validation fold, set by set, over the records that the
    set knows. Returns a report.

    `labels`: u8 [records][labels]. `raised`: code -> priority, for the first set."""
    report = {"likelihood": {}, "points": {}, "alarms": {}}
    for number, each in enumerate(model.all_sets()):
        at = slice(each.first, each.first + each.count)
        known = (labels[:, at] != UNKNOWN).all(1)
        truth, z = labels[known, at], logits[known, at]
        pairs, before, after = calibrate.chosen(truth, z)
        probability = calibrate.probabilities(pairs, z)
        report["likelihood"][each.name] = (before, after)
        for index, label in enumerate(model.labels[at]):
            y, p = truth[:, index], probability[:, index]
            label.priority = raised.get(label.code, 0) if number == 0 else 0
            label.slope, label.offset = map(float, np.float32(pairs[index]))
            label.threshold = calibrate.best_f_threshold(y, p)
            label.alarm_threshold = calibrate.alarm_threshold(y, p, settings.specificity, settings.least if label.priority else 0.0)
            name = label.code if number == 0 else f"{each.name}.{label.code}"
            report["points"][name] = calibrate.operating_point(y, p, label.threshold) | {"threshold": label.threshold}
            report["alarms"][name] = calibrate.operating_point(y, p, label.alarm_threshold) | {"threshold": label.alarm_threshold}
        if number == 0:
            report |= quiet(model.labels[at], truth, probability)
    return report


def quiet(labels: list, truth: np.ndarray, probability: np.ndarray) -> dict:
    """Of the records without any alerting statement the share that has a false one, and how many they are."""
    alerting = np.array([label.priority > 0 for label in labels])
    if not alerting.any():
        return {"false_alarm_share": 0.0, "quiet_records": len(truth)}
    over = probability >= np.array([label.alarm_threshold for label in labels], np.float32)
    without = truth[:, alerting].sum(1) == 0
    return {"false_alarm_share": float(over[without][:, alerting].any(1).mean()), "quiet_records": int(without.sum())}


def plain(value):
    """For JSON, which has no NaN: a rate without any record becomes None, at any depth."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def write(model: Model, path: Path, limit: int) -> Model:
    """Writes the file and reads it back; returns what a reader sees. Raises `ValueError` above `limit` bytes."""
    integer.check_ranges(model)
    data = encoded(model)
    if len(data) > limit:
        raise ValueError(f"{path} would have {len(data)} bytes, at most {limit} are right (export.toml, bytes)")
    again = decoded(data)
    if encoded(again) != data:
        raise AssertionError("the reader does not give back what the writer wrote")
    new = path.with_name(path.name + ".new")
    new.write_bytes(data)
    new.rename(path)
    return again


def export(cache_folder: Path, run: Path, settings: Export, output: Path, tables: Path) -> dict:
    """From what `quantize` left in `run` to the finished file. `tables`: the folder that `alerts` is relative to."""
    from . import cache, quantize, runs

    data = cache.Data(cache_folder)
    model, answers = quantize.left(run)
    runs.check_cache(run, data)
    model.name, model.version = settings.name, settings.version
    sets = model.all_sets()
    labels = np.concatenate([quantize.truth(data, each, model.labels)[answers["rows"]] for each in sets], 1)
    raised = priorities(tables / settings.alerts, [label.code for label in model.labels[: sets[0].count]]) if settings.alerts else {}
    report = labelled(model, labels, answers["integer"], raised, settings)
    if settings.code66:
        covered = data.set(CODE) if any(each.name == CODE for each in sets) else None
        known = {} if covered is None or covered.evidence is None else dict(zip(covered.codes, map(int, covered.evidence)))
        model.classes = classes(model, known)
    written = write(model, output, settings.bytes)
    report |= {"sha256": written.hash.hex(), "bytes": output.stat().st_size, "macs": quantize.cost(model), "output": str(output)}
    report = plain(report)
    (run / "export.json").write_text(json.dumps(report, indent=1, allow_nan=False))
    runs.figures(run, "export", {key: value for key, value in report.items() if key not in ("points", "alarms")})
    return report


def printed(report: dict, path: Path) -> str:
    """The file, and the alerting statements at their alarm thresholds."""
    lines = [f"{path}: {report['bytes']} bytes, {report['macs'] / 1e6:.1f} MMAC a window, SHA-256 {report['sha256']}"]
    for name, (before, after) in report["likelihood"].items():
        lines.append(f"{name}: negative log likelihood {before:.5f}, calibrated {after:.5f}" + ("" if after < before else " (not taken)"))
    lines.append(f"{report['false_alarm_share']:.2%} of {report['quiet_records']} records without any alerting statement have a false one")
    model = decoded(path.read_bytes())
    for label in model.labels:
        if label.priority:
            point = {k: v if v is None else round(v, 4) for k, v in report["alarms"][label.code].items()}
            lines.append(f"{label.code} {json.dumps(point)}")
    return "\n".join(lines)

# A run's figures on a fold, task by task, from its integers or its float network.
# Separate from `precordia evaluate`, which judges a finished file and is what every published figure comes from.
import datetime
from pathlib import Path

import numpy as np
import torch

from . import integer, metrics, quantize, runs, train
from .cache import UNKNOWN, Data
from .configuration import Evaluate


def answers(data: Data, run: Path, settings: Evaluate, progress) -> tuple[np.ndarray, np.ndarray, dict]:
    """Rows of the fold, logits, and (set, code) -> column."""
    rows = data.rows([settings.fold])
    if not len(rows):
        raise ValueError(f"{data.folder}: no record in fold {settings.fold}")
    if runs.described(run)["input"] != vars(data.input):
        raise ValueError(f"{run} was trained on another input than {data.folder} has")
    if settings.network == "float":
        network, text = runs.network(run)
        names = [(each["name"], code) for each in text["sets"] for code in each["codes"]]
        return rows, train.predict(network, data, rows), {name: index for index, name in enumerate(names)}
    if settings.network != "integer":
        raise ValueError(f"network = {settings.network!r}: integer or float is right")
    model, found = quantize.left(run)
    column = {(s.name, model.labels[i].code): i for s in model.all_sets() for i in range(s.first, s.first + s.count)}
    if np.array_equal(found["rows"], rows) and runs.described(run)["data"]["arrays"] == data.check():
        return rows, found["integer"], column
    return rows, train.answered(lambda u: integer.logits(model, u), data, rows, progress), column


def interval(labels: np.ndarray, logits: np.ndarray, count: int, progress, seed: int = 0) -> tuple[float, float]:
    """2.5th and 97.5th percentile of the macro AUROC over `count` resamplings of the records with replacement."""
    random = np.random.default_rng(seed)
    found = []
    for _ in progress(range(count), desc="bootstrap", unit="sample"):
        chosen = random.integers(0, len(labels), len(labels))
        found.append(metrics.macro_auroc(labels[chosen], logits[chosen]))
    return float(np.percentile(found, 2.5)), float(np.percentile(found, 97.5))


def evaluate(cache: Path, run: Path, settings: Evaluate, progress=lambda items, **_: items, threads: int = 1) -> dict:
    """Figures by task. The look at the fold is added to `looks` in run.json first."""
    torch.set_num_threads(threads)
    data = Data(cache)
    rows, logits, column = answers(data, run, settings, progress)
    look = {"fold": settings.fold, "network": settings.network, "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")}
    runs.describe(run, {"looks": [*runs.described(run).get("looks", []), look]})
    tasks = [(t.name, t.set, t.codes) for t in settings.tasks] or [(name, name, []) for name in dict.fromkeys(s for s, _ in column)]
    result = {}
    for name, of, codes in tasks:
        found = data.set(of)
        unknown = [code for code in codes if (of, code) not in column]
        if unknown:
            raise ValueError(f"tasks {name}: {', '.join(unknown)}: no such label in set {of} of {run}")
        codes = codes or [code for s, code in column if s == of]
        labels = found.labels[rows][:, [found.codes.index(code) for code in codes]]
        z = logits[:, [column[of, code] for code in codes]]
        known = (labels != UNKNOWN).all(1)
        labels, z = labels[known], z[known]
        each = [metrics.each_auroc(labels, z)]
        each += [np.array([f(labels[:, c], z[:, c]) for c in range(len(codes))]) for f in (metrics.average_precision, metrics.best_f)]
        result[name] = {
            "labels": len(codes), "with_positives": int((labels.sum(0) > 0).sum()), "records": len(labels),
            "auroc": metrics.mean(each[0]), "auprc": metrics.mean(each[1]), "f_max": metrics.mean(each[2]),
            "interval": interval(labels, z, settings.bootstraps, progress) if settings.bootstraps else None,
        }  # fmt: skip
    runs.figures(run, f"evaluate fold {settings.fold} {settings.network}", result)
    return result


def printed(result: dict, settings: Evaluate) -> str:
    """A line for each task."""
    lines = [
        f"fold {settings.fold}, {settings.network} network",
        f"{'task':14} {'labels':>10} {'AUROC':>7} {'95 % interval':>16} {'AUPRC':>7} {'F-max':>7}",
    ]
    for name, f in result.items():
        spread = "{:.4f} - {:.4f}".format(*f["interval"]) if f["interval"] else ""
        count = f"{f['with_positives']} of {f['labels']}"
        lines.append(f"{name:14} {count:>10} {f['auroc']:7.4f} {spread:>16} {f['auprc']:7.4f} {f['f_max']:7.4f}")
    return "\n".join(lines)

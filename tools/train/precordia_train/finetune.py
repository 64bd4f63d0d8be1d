# A trained trunk with a new head for other labels, and cross-validation of it against the same network from random weights.
# Separate from pretraining, of which it uses everything but the start.
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from . import calibrate, configuration, metrics, runs, targets, train
from .arithmetic import logistic
from .cache import UNKNOWN, Data, sha256
from .configuration import Finetune


def started(begin: Path | None, data: Data, settings: Finetune) -> Finetune:
    """The settings with the network of the run `begin`."""
    if begin is None:
        return settings
    text = runs.described(begin)
    if text["input"] != vars(data.input):
        raise ValueError(f"{begin} was trained on another input than {data.folder} has: {text['input']}, {vars(data.input)}")
    return replace(settings, network=configuration.rebuilt(configuration.NetworkSettings, text["configuration"]["network"]))


def finetune(data: Data, run: Path, begin: Path | None, settings: Finetune, progress, validation: np.ndarray) -> tuple:
    """Trains into `run`, from the weights of the run `begin` but for its head, or from random ones. The network and its outputs."""
    settings = started(begin, data, settings)
    rows = targets.shared(data.rows(settings.training.folds), settings.training.share, settings.seed)
    table = targets.outputs(data, settings.sets, rows, settings.seed)
    source = train.sourced(data, table, rows, settings)
    runs.began(run, "finetune", settings, data, table.described())
    runs.fixed(run, {"begin_sha256": sha256(begin / "averaged.pt") if begin is not None else None})
    network = train.fresh(data, table, rows, run, settings)
    if begin is not None:
        weights = runs.loaded(begin / "averaged.pt")
        network.load_state_dict({k: v for k, v in weights.items() if not k.startswith("head.")}, strict=False)
        runs.describe(run, {"begin": str(begin)})
    trunk = settings.trunk if begin is not None else 1.0
    return train.loop(network, source, data, table, run, settings, validation, progress, trunk), table


def stratified(labels: np.ndarray, groups: np.ndarray, parts: int, seed: int) -> np.ndarray:
    """A part, 1 to `parts`, for each record; a group stays together. Groups of the rarest label are dealt first, each to the part that has
    least of the label, then the fewest records (after Sechidis et al. 2011)."""
    names, member = np.unique(groups, return_inverse=True)
    held = np.zeros((len(names), labels.shape[1]))
    np.add.at(held, member, labels)
    sizes = np.bincount(member)
    part, load, size = np.zeros(len(names), int), np.zeros((parts, labels.shape[1])), np.zeros(parts)
    order = np.random.default_rng(seed).permutation(len(names))
    for label in [*np.argsort(labels.sum(0), kind="stable"), None]:
        for name in order:
            if part[name] or (label is not None and not held[name, label]):
                continue
            need = size if label is None else load[:, label] + size / (size.sum() + 1)
            to = int(np.argmin(need))
            part[name], load[to], size[to] = to + 1, load[to] + held[name], size[to] + sizes[name]
    return part[member]


def crossed_f1(labels: np.ndarray, probability: np.ndarray, part: np.ndarray) -> float:
    """Macro F1 at thresholds that are best on the other parts' held-out answers."""
    raised = np.zeros(labels.shape, bool)
    for each in np.unique(part):
        here = part == each
        for column in range(labels.shape[1]):
            threshold = calibrate.best_f_threshold(labels[~here, column], probability[~here, column])
            raised[here, column] = probability[here, column] >= threshold
    hits = (raised & (labels > 0)).sum(0)
    return metrics.mean(2 * hits / np.maximum(raised.sum(0) + labels.sum(0), 1))


def judged(labels: np.ndarray, logits: np.ndarray, part: np.ndarray) -> dict:
    """Held-out answers: macro AUROC within each part and over all, macro F1 at 0.5 and at thresholds from the other parts."""
    probability = logistic(logits.astype(np.float64)).astype(np.float32)
    within = [metrics.macro_auroc(labels[part == each], logits[part == each]) for each in np.unique(part)]
    raised = probability >= 0.5
    half = 2 * (raised & (labels > 0)).sum(0) / np.maximum(raised.sum(0) + labels.sum(0), 1)
    return {
        "auroc_mean": float(np.mean(within)), "auroc_deviation": float(np.std(within)), "auroc": metrics.macro_auroc(labels, logits),
        "f1_half": float(half.mean()), "f1": crossed_f1(labels, probability, part),
        "auroc_labels": metrics.each_auroc(labels, logits).tolist(), "positives": labels.sum(0).tolist(),
    }  # fmt: skip


def cross_validated(cache: Path, run: Path, begin: Path | None, settings: Finetune, parts: int, progress, threads: int = 1) -> dict:
    """Every record answered by a network that has not seen it, nor its patient. Folders run/finetuned/N and run/scratch/N; figures in
    run/run.json."""
    torch.set_num_threads(threads)
    data = Data(cache)
    found = data.set(settings.sets[0].name)
    labels = np.where(found.labels == UNKNOWN, 0, found.labels)
    data.fold = stratified(labels, data.groups, parts, settings.seed)
    kinds = {"finetuned": begin} if begin is not None else {}
    if begin is None or settings.against_scratch:
        kinds["scratch"] = None
    runs.began(run, "cross-validation", started(begin, data, settings), data, [])
    result = {}
    for kind, weights in kinds.items():
        logits = np.zeros(labels.shape, np.float32)
        for part in range(1, parts + 1):
            folds = [each for each in range(1, parts + 1) if each != part]
            chosen = replace(started(begin, data, settings), training=replace(settings.training, folds=folds, validation=part))
            network, table = finetune(data, run / kind / str(part), weights, chosen, progress, np.zeros(0, int))
            rows = data.rows([part])
            at = table.columns(found.name)
            columns = [found.codes.index(code) for code in table.codes[at]]
            logits[np.ix_(rows, columns)] = train.predict(network, data, rows)[:, at]
        result[kind] = judged(labels, logits, data.fold)
        np.savez(run / f"{kind}.npz", name=data.names, fold=data.fold, labels=labels, logits=logits, codes=found.codes)
    runs.figures(run, "cross_validation", result)
    return result


def printed(result: dict) -> str:
    """A line for each way to begin."""
    lines = [f"{'':10} {'macro AUROC':>12} {'(mean +- deviation of parts)':>30} {'F1 at 0.5':>10} {'F1':>7}"]
    for kind, f in result.items():
        spread = f"{f['auroc_mean']:.4f} +- {f['auroc_deviation']:.4f}"
        lines.append(f"{kind:10} {f['auroc']:12.4f} {spread:>30} {f['f1_half']:10.4f} {f['f1']:7.4f}")
    return "\n".join(lines)


def once(cache: Path, run: Path, begin: Path | None, settings: Finetune, progress, threads: int = 1) -> dict:
    """Fine-tuning on the folds of the configuration; the figures of the last epoch."""
    torch.set_num_threads(threads)
    data = Data(cache)
    finetune(data, run, begin, settings, progress, data.rows([settings.training.validation]))
    return json.loads((run / "log.jsonl").read_text().splitlines()[-1])

# The head's outputs as one table: which labels of which sets, how much each weighs, and what is known of each record.
# Separate from the loop, which only sees targets and weights.
"""With s the share of a mixed-up window's first record, known k and label y of both, the loss of an output with logit z is w*softplus(z) -
t*z, where w = s*k1 + (1-s)*k2 and t = s*k1*y1 + (1-s)*k2*y2: the cross entropy of both records, each as far as it is known."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from .cache import UNKNOWN, Data
from .configuration import SetSettings


@dataclass
class Outputs:
    """The head's outputs in order. `sets`: name, first, count, auxiliary. Arrays: [records][outputs], target 0 to 1 and known 0 or 1."""

    sets: list
    codes: list
    targets: np.ndarray
    known: np.ndarray
    weights: np.ndarray

    @property
    def count(self) -> int:
        return len(self.codes)

    def columns(self, name: str) -> slice:
        found = next(each for each in self.sets if each["name"] == name)
        return slice(found["first"], found["first"] + found["count"])

    def described(self) -> list:
        """For run.json: the sets with their codes."""
        return [each | {"codes": self.codes[each["first"] : each["first"] + each["count"]]} for each in self.sets]


def shared(rows: np.ndarray, share: float, seed: int) -> np.ndarray:
    """The first `share` of the rows in a seeded order: a smaller share is part of a larger one."""
    if share >= 1:
        return rows
    order = np.random.default_rng([seed, 77]).permutation(rows)
    return np.sort(order[: max(1, round(share * len(rows)))])


def outputs(data: Data, settings: list[SetSettings], rows: np.ndarray, seed: int) -> Outputs:
    """All sets of the configuration beside each other. `rows`: the training records, whose positives `least` counts."""
    sets, codes, targets, known, weights = [], [], [], [], []
    for each in settings:
        found = data.set(each.name)
        usable = found.labels != UNKNOWN
        label = np.where(usable, found.labels, 0)
        keep = np.flatnonzero(label[rows].sum(0) >= each.least)
        if not len(keep):
            raise ValueError(f"sets {each.name}: no label has {each.least} positives in the training folds")
        target = label.astype(np.float32)
        if each.soften and found.likelihood is not None:
            target = target * (1 - each.soften * (1 - found.likelihood.astype(np.float32)))
        there = usable.astype(np.float32)
        hidden = np.setdiff1d(rows, shared(rows, each.share, seed))
        there[hidden] = 0
        sets.append({"name": each.name, "first": len(codes), "count": len(keep), "auxiliary": each.auxiliary})
        codes += [found.codes[index] for index in keep]
        targets.append(target[:, keep])
        known.append(there[:, keep])
        part = known[-1][rows].mean(0)
        positives = np.maximum(label[rows][:, keep].sum(0), 1)
        rarity = np.exp(np.log(positives).mean()) / positives
        weights.append(each.weight / np.maximum(part, 1e-3) * rarity**each.balance)
    scale = sets[0]["count"]
    return Outputs(sets, codes, np.concatenate(targets, 1), np.concatenate(known, 1), np.concatenate(weights).astype(np.float32) / scale)


def loss(logits: torch.Tensor, target: torch.Tensor, known: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """See the top. Mean over the batch, weighted sum over the outputs; `target` is already multiplied by what is known."""
    return ((known * functional.softplus(logits) - target * logits).mean(0) * weights).sum()

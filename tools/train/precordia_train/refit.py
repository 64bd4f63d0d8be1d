# The head alone, once more, on clean windows: what a head trained among mixed-up ones leaves in the features.
# Separate from training because it is a convex fit without chance: the trunk stays as it is.
"""Each output's weights get a correction d (on standardised features x) and a bias c that minimise, over the training records whose label is known,
the mean cross entropy of z + d x + c plus penalty * |d|^2; z is the run's own logit. An output that the run lacks begins with the row of the
statement of its code."""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from . import runs, targets, train
from .cache import Data, sha256
from .configuration import Refit
from .finetune import started


@torch.no_grad()
def features(network: torch.nn.Module, data: Data, rows: np.ndarray) -> torch.Tensor:
    """What the head reads, [rows, features]: of whole windows, in bfloat16 as in training."""
    found = []
    hook = network.head.register_forward_pre_hook(lambda _, given: found.append(given[0].detach().float()))
    try:
        train.predict(network, data, rows, bfloat16=True)
    finally:
        hook.remove()
    return torch.cat(found)


def begun(text: dict, table: targets.Outputs) -> list:
    """The run's output that each output begins with."""
    place = {(each["name"], code): each["first"] + index for each in text["sets"] for index, code in enumerate(each["codes"])}
    wanted = [(each["name"], code) for each in table.described() for code in each["codes"]]
    missing = [f"{name}: {code}" for name, code in wanted if (name, code) not in place and ("statements", code) not in place]
    if missing:
        raise ValueError(f"the run has no output to begin with for {', '.join(missing[:3])}; sets of the run, or of its statements, are right")
    return [place.get(pair, place.get(("statements", pair[1]))) for pair in wanted]


def fitted(x: torch.Tensor, z: torch.Tensor, target: torch.Tensor, known: torch.Tensor, penalty: float) -> tuple[torch.Tensor, torch.Tensor]:
    """d [features, outputs] and c [outputs] of the top."""
    d = torch.zeros(x.shape[1], z.shape[1], requires_grad=True)
    c = torch.zeros(z.shape[1], requires_grad=True)
    share = known / known.sum(0).clamp(min=1)
    optimizer = torch.optim.LBFGS([d, c], max_iter=60, line_search_fn="strong_wolfe")

    def step():
        optimizer.zero_grad()
        each = functional.binary_cross_entropy_with_logits(z + x @ d + c, target, reduction="none")
        value = (each * share).sum() + penalty * (d**2).sum()
        value.backward()
        return value

    optimizer.step(step)
    return d.detach(), c.detach()


def averaged(begin: list[Path]) -> tuple[torch.nn.Module, dict]:
    """The last run's network, with the mean of all runs' weights in its trunk. A mean is a network only of runs that descend from each other."""
    network, text = runs.network(begin[-1])
    state, members = network.state_dict(), [runs.loaded(folder / "averaged.pt") for folder in begin]
    for key in (key for key in state if not key.startswith("head.")):
        if any(key not in each or each[key].shape != state[key].shape for each in members):
            raise ValueError(f"{', '.join(map(str, begin))}: networks of different shape ({key}) have no mean")
        state[key] = (sum(each[key].float() for each in members) / len(members)).to(state[key].dtype)
    network.load_state_dict(state)
    return network, text


def refit(cache: Path, run: Path, begin: list[Path], settings: Refit, threads: int = 1) -> dict:
    """A run folder with the trunk of the run `begin`, or the mean of several, and the last one's head fitted again; the figures on the
    validation fold."""
    torch.set_num_threads(threads)
    data = Data(cache)
    settings = started(begin[-1], data, settings)
    network, text = averaged(begin)
    rows = data.rows(settings.training.folds)
    table = targets.outputs(data, settings.sets, rows, settings.seed)
    runs.began(run, "refit", settings, data, table.described())
    runs.describe(run, {"begin": {str(each): sha256(each / "averaged.pt") for each in begin}})
    at = begun(text, table)
    x = features(network, data, rows)
    mean, deviation = x.mean(0), x.std(0) + 1e-6
    weight, bias = network.head.weight.detach()[at], network.head.bias.detach()[at]
    target, known = torch.from_numpy(table.targets[rows]), torch.from_numpy(table.known[rows])
    d, c = fitted((x - mean) / deviation, x @ weight.T + bias, target, known, settings.penalty)
    correction = (d / deviation[:, None]).T
    state = network.state_dict() | {"head.weight": weight + correction, "head.bias": bias + c - correction @ mean}
    runs.saved(state, run / "averaged.pt")
    again, _ = runs.network(run)
    validation = data.rows([settings.training.validation])
    entry = train.judged(table, validation, train.predict(again, data, validation))
    runs.figures(run, "training", entry)
    return entry


def printed(entry: dict) -> str:
    """Macro AUROC of each set on the validation fold."""
    return "  ".join(f"{name} {value:.4f}" for name, value in entry.items())

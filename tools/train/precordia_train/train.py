# The training loop: a source of windows, a checkpoint each epoch, resumable to the same result.
# Separate from what a window is: recordings, or a distillation pool, feed the same loop.
import json
import time
from pathlib import Path

import numpy as np
import torch

from . import augment, metrics, runs, targets
from .cache import Data
from .configuration import Pretrain
from .model import built, cost
from .prepare import described


class Recordings:
    """Augmented and mixed-up windows of the training records of a cache."""

    def __init__(self, data: Data, table: targets.Outputs, rows: np.ndarray, settings):
        self.data, self.settings = data, settings
        #: For run.json: what the windows rest on beside the cache.
        self.made_of = {}
        self.rows = rows
        self.known = torch.from_numpy(table.known)
        self.targets = torch.from_numpy(table.targets) * self.known
        if len(rows) < settings.training.batch:
            raise ValueError(f"{data.folder} has {len(rows)} records to train on, fewer than one batch of {settings.training.batch}")

    def rows_of(self, epoch: int) -> np.ndarray:
        """Which windows the epoch, from 0, goes over."""
        return self.rows

    def offsets(self, chosen: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Where each window begins in a record longer than it."""
        spare = np.maximum(self.data.length[chosen] - self.data.input.window, 0)
        return random.integers(0, spare + 1) if spare.any() else spare

    def window(self, chosen: np.ndarray, length: int, random: np.random.Generator, generator: torch.Generator):
        """Input, known labels and known for a batch, after all augmentation."""
        about, settings = self.data.input, self.settings
        u = self.data.windows(chosen, about.window, self.offsets(chosen, random))
        x = augment.millivolts(u, about.zero_point, about.step)
        x = augment.crop(augment.disturbed(x, settings.augmentation, about.rate, generator), length, generator)
        mixup = settings.training.mixup
        share = float(random.beta(mixup, mixup)) if mixup else 1.0
        return augment.mixed(share, x, self.targets[chosen], self.known[chosen])


def optimiser(network: torch.nn.Module, settings, steps: int, trunk: float = 1.0):
    """AdamW without decay on biases and norms, and its one-cycle schedule. `trunk`: rate of all but the head, relative to the head's."""
    groups = []
    for head in (False, True):
        chosen = [p for name, p in network.named_parameters() if name.startswith("head.") == head]
        for decay, part in ((settings.decay, [p for p in chosen if p.dim() > 1]), (0.0, [p for p in chosen if p.dim() <= 1])):
            groups.append({"params": part, "weight_decay": decay, "lr": settings.rate * (1.0 if head else trunk)})
    optimizer = torch.optim.AdamW(groups)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [group["lr"] for group in groups], total_steps=steps, pct_start=settings.warm, div_factor=20, final_div_factor=500
    )
    return optimizer, schedule


def answered(answer, data: Data, rows: np.ndarray, progress=lambda items, **_: items, batch: int = 128) -> np.ndarray:
    """Logits [rows, outputs]. `answer`: u8 [n][samples][leads] -> logits [n, outputs]. A record longer than the window gives the mean logit
    of windows half a window apart; of a shorter one, the answer is over what there is, or over a whole window if the network needs that."""
    about = data.input
    if about.whole_window or (data.length[rows] == about.window).all():
        starts = progress(range(0, len(rows), batch), desc="answers", unit="batch")
        return np.concatenate([answer(data.windows(rows[i : i + batch], about.window)) for i in starts])
    out = []
    for row in progress(rows, desc="answers", unit="record"):
        length = min(int(data.length[row]), about.window)
        offsets = np.unique(np.append(np.arange(0, data.length[row] - length + 1, about.window // 2), data.length[row] - length))
        out.append(answer(data.windows(np.full(len(offsets), row), length, offsets)).mean(0))
    return np.stack(out)


@torch.no_grad()
def predict(network: torch.nn.Module, data: Data, rows: np.ndarray, bfloat16: bool = False) -> np.ndarray:
    """Float logits [rows, outputs] of a network in PyTorch."""
    network.eval()

    def answer(u):
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            return network(augment.millivolts(u, data.input.zero_point, data.input.step)).float().numpy()

    return answered(answer, data, rows)


def judged(table: targets.Outputs, rows: np.ndarray, logits: np.ndarray) -> dict:
    """Macro AUROC of each set (of the first also over labels with 20 positives and more) and the first set's log likelihood."""
    found = {}
    for each in table.sets:
        at = table.columns(each["name"])
        y, known = table.targets[rows, at] > 0, table.known[rows, at].all(1)
        found[each["name"]] = metrics.macro_auroc(y[known], logits[known, at])
    at = table.columns(table.sets[0]["name"])
    y = table.targets[rows, at] > 0
    return found | {"many": metrics.macro_auroc(y, logits[:, at], 20), "likelihood": metrics.negative_log_likelihood(y, logits[:, at])}


def prior(network: torch.nn.Module, table: targets.Outputs, rows: np.ndarray) -> None:
    """Starts the head's bias at the logit of how often each label is positive."""
    known = np.maximum(table.known[rows].sum(0), 1)
    share = (table.targets[rows] * table.known[rows]).sum(0) / known
    network.head.bias.data = torch.logit(torch.from_numpy(share.astype(np.float32)).clamp(1e-4, 1 - 1e-4))


def epoch_of(source, network, average, optimizer, schedule, settings, weights, epoch: int, progress) -> float:
    """One pass over the source's rows; the mean loss. Everything random in it follows from the seed and the epoch."""
    training = settings.training
    generator = torch.Generator().manual_seed(1000 * settings.seed + epoch)
    torch.manual_seed(1000 * settings.seed + epoch)
    random = np.random.default_rng([settings.seed, epoch])
    rows = source.rows_of(epoch)
    steps = len(rows) // training.batch
    order = random.permutation(rows)[: steps * training.batch].reshape(steps, training.batch)
    long = not augment.short(settings.augmentation, epoch, training.epochs)
    length = settings.augmentation.long if long else settings.augmentation.short
    network.train()
    total = 0.0
    for chosen in progress(order, desc=f"epoch {epoch + 1}/{training.epochs}", unit="batch"):
        x, target, known = source.window(chosen, length, random, generator)
        first = augment.first_column(settings.augmentation, long, random)
        with torch.autocast("cpu", torch.bfloat16, enabled=training.bfloat16):
            logits = network(x, first)
        value = targets.loss(logits.float(), target, known, weights)
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        optimizer.step()
        schedule.step()
        average.update_parameters(network)
        total += value.item()
    return total / steps


def loop(network, source, data: Data, table: targets.Outputs, run: Path, settings, validation, progress, trunk: float = 1.0):
    """Trains `network` into the folder `run`, going on from its last.pt; `validation`: rows that are judged. Returns the averaged
    network."""
    training = settings.training
    runs.fixed(run, source.made_of)
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(training.average), use_buffers=True
    )
    optimizer, schedule = optimiser(network, training, len(source.rows_of(0)) // training.batch * training.epochs, trunk)
    weights = torch.from_numpy(table.weights)
    first, parts = 0, {"network": network, "average": average, "optimizer": optimizer, "schedule": schedule}
    if (run / "last.pt").exists():
        state = runs.loaded(run / "last.pt")
        for name, part in parts.items():
            part.load_state_dict(state[name])
        first = state["epoch"]
    runs.shorten_log(run, first)
    for epoch in range(first, training.epochs):
        began = time.time()
        entry = {"epoch": epoch + 1}
        entry["loss"] = epoch_of(source, network, average, optimizer, schedule, settings, weights, epoch, progress)
        if len(validation):
            last = epoch + 1 == training.epochs
            entry |= judged(table, validation, predict(average.module, data, validation, training.bfloat16 and not last))
        entry["seconds"] = time.time() - began
        with open(run / "log.jsonl", "a") as file:
            file.write(json.dumps(entry) + "\n")
        print(" ".join(f"{k} {v:.4f}" if isinstance(v, float) else f"{k} {v}" for k, v in entry.items()), flush=True)
        runs.saved(average.module.state_dict(), run / "averaged.pt")
        runs.saved({name: part.state_dict() for name, part in parts.items()} | {"epoch": epoch + 1}, run / "last.pt")
        runs.figures(run, "training", entry)
    return average.module


def sourced(data: Data, table: targets.Outputs, rows: np.ndarray, settings: Pretrain):
    """The pool of the configuration, or the recordings."""
    from .pool import Pool

    return Recordings(data, table, rows, settings) if settings.distillation is None else Pool(data, table, settings)


def fresh(data: Data, table: targets.Outputs, rows: np.ndarray, run: Path, settings: Pretrain) -> torch.nn.Module:
    """A network from the seed; its size goes into run.json."""
    torch.manual_seed(settings.seed)
    network = built(settings.network, table.count, len(data.input.leads), data.input.window)
    prior(network, table, rows)
    macs, parameters = cost(network, len(data.input.leads), data.input.window)
    runs.describe(run, {"macs": macs, "parameters": parameters})
    print(f"{parameters / 1e6:.2f} M parameters, {macs / 1e6:.1f} MMAC a window, {table.count} outputs, {len(rows)} records", flush=True)
    return network


def pretrain(cache: Path, run: Path, settings: Pretrain, progress=lambda items, **_: items, threads: int = 1) -> torch.nn.Module:
    """A new network from nothing but a cache, or from a distillation pool beside it."""
    torch.set_num_threads(threads)
    data = Data(cache)
    if data.input != described(settings.input):
        raise ValueError(f"{cache}: its input is not that of the configuration; `prepare` with the same --config makes it so")
    rows = targets.shared(data.rows(settings.training.folds), settings.training.share, settings.seed)
    table = targets.outputs(data, settings.sets, rows, settings.seed)
    source = sourced(data, table, rows, settings)
    runs.began(run, "pretrain", settings, data, table.described())
    network = fresh(data, table, rows, run, settings)
    return loop(network, source, data, table, run, settings, data.rows([settings.training.validation]), progress)

# The training loop: folds 1-8, fold 9 after each epoch, a checkpoint each epoch, resumable to the same result.
# Separate from the network, so that a longer or different run is another file and not another network.
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from .metrics import macro_auroc
from .model import Network
from .preprocess import ZERO_POINT


@dataclass
class Settings:
    """All that shapes a run; stored with its checkpoints."""

    epochs: int = 16
    batch: int = 64
    rate: float = 4e-3
    decay: float = 0.02
    mixup: float = 0.2
    average: float = 0.998
    dropout: float = 0.25
    scale: float = 0.15
    noise_millivolts: float = 0.02
    lead_dropout: float = 0.04
    crop: int = 40
    seed: int = 1
    bfloat16: bool = True
    threads: int = 1


class Data:
    """The cache of `prepare`, with records as torch float millivolts [batch, 12, 1000]."""

    def __init__(self, cache: Path):
        tables = np.load(cache / "tables.npz", allow_pickle=False)
        self.inputs = np.load(cache / "inputs.npy", mmap_mode="r")
        self.labels = tables["labels"]
        self.fold = tables["fold"]
        self.ecg_id = tables["ecg_id"]
        self.codes = [str(code) for code in tables["codes"]]
        self.statements = [str(text) for text in tables["statements"]]
        self.groups = [str(text) for text in tables["groups"]]
        self.step = float(tables["step"])

    def millivolts(self, rows) -> torch.Tensor:
        x = torch.from_numpy(np.ascontiguousarray(self.inputs[rows].transpose(0, 2, 1)))
        return (x.float() - ZERO_POINT) * (self.step / 1000.0)


def augmented(x: torch.Tensor, settings: Settings, generator: torch.Generator) -> torch.Tensor:
    """Amplitude, noise and lead loss, each small; a window 0.4 s shorter, so that most lack the filters' start."""
    count = x.shape[0]
    gain = 1 + settings.scale * (2 * torch.rand(count, 1, 1, generator=generator) - 1)
    x = x * gain + settings.noise_millivolts * torch.rand(count, 1, 1, generator=generator) * torch.randn(x.shape, generator=generator)
    x = x * (torch.rand(count, 12, 1, generator=generator) >= settings.lead_dropout)
    start = int(torch.randint(0, settings.crop + 1, (1,), generator=generator))
    return x[:, :, start : x.shape[2] - settings.crop + start].contiguous()


@torch.no_grad()
def predict(network: Network, data: Data, rows: np.ndarray, batch: int = 256) -> np.ndarray:
    """Float logits [rows, 71]."""
    network.eval()
    return np.concatenate([network(data.millivolts(rows[i : i + batch])).numpy() for i in range(0, len(rows), batch)])


def check_resumable(run: Path, state: dict, settings: Settings, steps: int) -> None:
    """Refuses to continue `run` with settings or data other than those it was begun with; only `threads` may change."""
    begun, now = ({name: value for name, value in each.items() if name != "threads"} for each in (state["settings"], asdict(settings)))
    changed = [f"{name}={begun.get(name)}, now {now.get(name)}" for name in {**begun, **now} if begun.get(name) != now.get(name)]
    if changed:
        raise ValueError(f"run {run} was begun with {'; '.join(changed)}; use another --run or the same settings")
    total = state["schedule"]["total_steps"]
    if total != steps * settings.epochs:
        begun = total // settings.epochs
        raise ValueError(f"run {run} was begun with {begun} batches an epoch, this cache has {steps}; use another --run or the same cache")


def train(cache: Path, run: Path, settings: Settings, progress=lambda items, **_: items) -> Network:
    """Trains into the folder `run`: last.pt (resumable), averaged.pt (the result), log.jsonl."""
    torch.set_num_threads(settings.threads)
    data = Data(cache)
    run.mkdir(parents=True, exist_ok=True)
    rows = np.flatnonzero(data.fold <= 8)
    validation = np.flatnonzero(data.fold == 9)
    labels = torch.from_numpy(data.labels.astype(np.float32))
    torch.manual_seed(settings.seed)
    network = Network(settings.dropout)
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(settings.average), use_buffers=True
    )
    decayed = [p for p in network.parameters() if p.dim() > 1]
    others = [p for p in network.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": settings.decay}, {"params": others, "weight_decay": 0.0}], lr=settings.rate
    )
    steps = len(rows) // settings.batch
    if steps == 0:
        raise ValueError(f"{cache} has {len(rows)} records in folds 1 to 8, fewer than one batch of {settings.batch}")
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.rate, total_steps=steps * settings.epochs, pct_start=0.2, div_factor=20, final_div_factor=500
    )
    first = 0
    last = run / "last.pt"
    if last.exists():
        state = torch.load(last, weights_only=True)
        check_resumable(run, state, settings, steps)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        first = state["epoch"]
    for epoch in range(first, settings.epochs):
        began = time.time()
        generator = torch.Generator().manual_seed(1000 * settings.seed + epoch)
        torch.manual_seed(1000 * settings.seed + epoch)
        random = np.random.default_rng([settings.seed, epoch])
        order = random.permutation(rows)[: steps * settings.batch].reshape(steps, settings.batch)
        network.train()
        total = 0.0
        for chosen in progress(order, desc=f"epoch {epoch + 1}/{settings.epochs}", unit="batch"):
            chosen = np.sort(chosen)
            x, y = augmented(data.millivolts(chosen), settings, generator), labels[chosen]
            share = float(random.beta(settings.mixup, settings.mixup)) if settings.mixup else 1.0
            other = torch.randperm(len(chosen), generator=generator)
            x, y = share * x + (1 - share) * x[other], share * y + (1 - share) * y[other]
            with torch.autocast("cpu", torch.bfloat16, enabled=settings.bfloat16):
                logits = network(x)
            loss = functional.binary_cross_entropy_with_logits(logits.float(), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            average.update_parameters(network)
            total += loss.item()
        logits = predict(average.module, data, validation)
        entry = {
            "epoch": epoch + 1, "loss": total / steps, "fold9": macro_auroc(data.labels[validation], logits),
            "seconds": time.time() - began,
        }  # fmt: skip
        with open(run / "log.jsonl", "a") as file:
            file.write(json.dumps(entry) + "\n")
        print(json.dumps(entry), flush=True)
        torch.save(average.module.state_dict(), run / "averaged.pt.new")
        (run / "averaged.pt.new").rename(run / "averaged.pt")
        torch.save(
            {
                "network": network.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(), "epoch": epoch + 1, "settings": asdict(settings),
            },
            run / "last.pt.new",
        )  # fmt: skip
        (run / "last.pt.new").rename(last)
    return average.module

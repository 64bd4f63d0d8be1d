# Distillation at the price of one look by the teachers: augmented windows with the teachers' answers, on disk, for many passes of students.
# Separate from training because it is made once and outlives the runs that learn from it.
"""A pool's folder: pool.json; for each pass P inputs.P.npy (u8 [windows][samples][leads], augmented and mixed up), targets.P.npy and
known.P.npy (f2 [windows][outputs], mixed), teacher.P.npy (f2 logits [windows][outputs], not a number where no teacher has the output).
Outside the repository."""

import json
from pathlib import Path

import numpy as np
import torch

from . import augment, configuration, runs, targets
from .cache import Data, created, opened, sha256
from .configuration import Pretrain
from .train import Recordings


def columns(text: dict) -> dict:
    """(set, code) -> output of a run."""
    pairs = [(each["name"], code) for each in text["sets"] for code in each["codes"]]
    return {pair: index for index, pair in enumerate(pairs)}


class Teachers:
    """The networks of runs, asked together. Their outputs may differ in order and number, their windows and leads may not."""

    def __init__(self, folders: list, data: Data, table: targets.Outputs, average: str):
        if average not in ("probability", "logit"):
            raise ValueError(f"distillation.average = {average!r}: probability or logit is right")
        self.average, self.members, self.hashes = average, [], {}
        wanted = [(each["name"], code) for each in table.described() for code in each["codes"]]
        for folder in map(Path, folders):
            network, text = runs.network(folder)
            if text["input"] != vars(data.input):
                raise ValueError(f"teacher {folder}: its input is not that of {data.folder}")
            at = columns(text)
            self.members.append((network, torch.tensor([at.get(pair, -1) for pair in wanted])))
            self.hashes[str(folder)] = sha256(folder / "averaged.pt")

    @torch.no_grad()
    def logits(self, x: torch.Tensor) -> torch.Tensor:
        """[batch, outputs]: the mean over the teachers that have the output; not a number where none has."""
        total, count = 0.0, 0.0
        for network, at in self.members:
            with torch.autocast("cpu", torch.bfloat16):
                answer = network(x).float()
            answer = torch.where(at >= 0, answer[:, at.clamp(min=0)], torch.nan)
            answer = torch.sigmoid(answer) if self.average == "probability" else answer
            total, count = total + answer.nan_to_num(0.0), count + answer.isfinite().float()
        mean = total / count
        return torch.logit(mean.clamp(1e-6, 1 - 1e-6)) if self.average == "probability" else mean


def make(cache: Path, settings: Pretrain, progress=lambda items, **_: items, threads: int = 1) -> None:
    """Fills the folder `distillation.pool`; passes that are whole already stay as they are."""
    torch.set_num_threads(threads)
    distillation = settings.distillation
    if distillation is None or not distillation.pool or not distillation.teachers:
        raise ValueError("the configuration has no [distillation] with pool and teachers")
    data, folder = Data(cache), Path(distillation.pool)
    rows = targets.shared(data.rows(settings.training.folds), settings.training.share, settings.seed)
    table = targets.outputs(data, settings.sets, rows, settings.seed)
    source = Recordings(data, table, rows, settings)
    teachers = Teachers(distillation.teachers, data, table, distillation.average)
    made_of = {
        "data": data.check(), "teachers": teachers.hashes, "sets": table.described(), "seed": settings.seed, "rows": len(rows),
        "average": distillation.average, "augmentation": configuration.plain(settings.augmentation), "mixup": settings.training.mixup,
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    about = folder / "pool.json"
    if about.exists() and json.loads(about.read_text()) != made_of:
        raise ValueError(f"{about}: made of other data, teachers or settings; use another folder")
    about.write_text(json.dumps(made_of, indent=1))
    for index in range(distillation.passes):
        if not (folder / f"teacher.{index}.npy").exists():
            _one_pass(folder, index, source, teachers, settings, progress)


def _one_pass(folder: Path, index: int, source: Recordings, teachers: Teachers, settings: Pretrain, progress, batch: int = 64) -> None:
    about = source.data.input
    seed = 10_000 * settings.seed + 5_000 + index
    generator, random = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    order = random.permutation(source.rows)
    inputs = created(folder / f"inputs.{index}.npy", (len(order), about.window, len(about.leads)))
    parts = []
    for start in progress(range(0, len(order), batch), desc=f"pool, pass {index + 1}/{settings.distillation.passes}", unit="batch"):
        x, target, known = source.window(order[start : start + batch], about.window, random, generator)
        u = torch.clamp(torch.round(x * (1000 / about.step)) + about.zero_point, 0, 255).to(torch.uint8)
        inputs[start : start + len(u)] = u.numpy().transpose(0, 2, 1)
        x = (u.float() - about.zero_point) * (about.step / 1000)
        parts.append([each.numpy().astype(np.float16) for each in (target, known, teachers.logits(x))])
    inputs.flush()
    for name, values in zip(("targets", "known", "teacher"), zip(*parts)):
        new = folder / f"{name}.{index}.new.npy"
        np.save(new, np.concatenate(values))
        new.rename(folder / f"{name}.{index}.npy")


class Pool:
    """A pool's windows as a source for the training loop: epoch n sees pass n modulo their number, again cropped and with another gain."""

    def __init__(self, data: Data, table: targets.Outputs, settings: Pretrain):
        self.about, self.settings = data.input, settings
        folder, distillation = Path(settings.distillation.pool), settings.distillation
        if not (folder / f"teacher.{distillation.passes - 1}.npy").exists():
            raise ValueError(f"{folder}: pass {distillation.passes} of {distillation.passes} is not there; `pool` makes it")
        text = json.loads((folder / "pool.json").read_text())
        if text["sets"] != json.loads(json.dumps(table.described())) or text["data"] != data.hashes:
            raise ValueError(f"{folder}: its label sets or data are not those of this configuration and cache; make another pool")
        self.made_of = {"pool": text["teachers"]}
        self.parts = [
            [opened(folder / f"{name}.{index}.npy", mmap_mode="r") for name in ("inputs", "targets", "known", "teacher")]
            for index in range(distillation.passes)
        ]
        self.part = self.parts[0]

    def rows_of(self, epoch: int) -> np.ndarray:
        self.part = self.parts[epoch % len(self.parts)]
        return np.arange(len(self.part[0]))

    def window(self, chosen: np.ndarray, length: int, random: np.random.Generator, generator: torch.Generator):
        """As `Recordings.window`. With w the teachers' weight, target and known become (1-w) label + w teacher where there is a teacher."""
        u, target, known, teacher = (part[np.sort(chosen)] for part in self.part)
        x = augment.crop(augment.millivolts(u, self.about.zero_point, self.about.step), length, generator)
        x = x * (1 + self.settings.distillation.gain * (2 * torch.rand(len(x), 1, 1, generator=generator) - 1))
        target, known, teacher = (torch.from_numpy(each.astype(np.float32)) for each in (target, known, teacher))
        weight = self.settings.distillation.weight * teacher.isfinite().float()
        return x, (1 - weight) * target + weight * torch.sigmoid(teacher.nan_to_num(0.0)), (1 - weight) * known + weight

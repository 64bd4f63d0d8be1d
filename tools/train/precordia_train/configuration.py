# What a TOML file may say: one dataclass a table, one class a command's file.
# Separate so that every key has one place with its meaning and default, and a mistyped key is refused by name.
import difflib
import tomllib
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import get_args, get_origin, get_type_hints


@dataclass
class NetworkSettings:
    """`causal`: stem (channels, kernel, stride) and blocks of (channels, stride, kernel). `resnet1d`: the network of CODE-II, fixed.
    `statespace`: a teacher of `depth` layers, `width` channels wide."""

    kind: str = "causal"
    stem: list[int] = field(default_factory=lambda: [48, 5, 1])
    blocks: list[list[int]] = field(default_factory=lambda: [[64, 2, 5], [96, 2, 5], [128, 5, 5], [192, 1, 5]])
    dropout: float = 0.25
    width: int = 192
    depth: int = 4

    def __post_init__(self):
        for where, row in (("stem", self.stem), *((f"blocks[{index}]", row) for index, row in enumerate(self.blocks))):
            if len(row) != 3 or min(row) < 1:
                raise ValueError(f"{where} = {row}: three whole numbers above 0 are right")


@dataclass
class SetSettings:
    """A label set of the cache that the head answers. `weight`: of its labels in the loss. `auxiliary`: trained, then left out of the model
    file. `least`: labels with fewer positives in the training folds are left out. `share`: part of the training records whose labels of
    this set are known. `soften`: 0 takes every stated label as 1, 1 takes its likelihood, where the cache has likelihoods.
    `balance`: a label's weight grows with this power of how much rarer it is than the set's geometric mean, in the training folds."""

    name: str
    weight: float = 1.0
    auxiliary: bool = False
    least: int = 0
    share: float = 1.0
    soften: float = 0.0
    balance: float = 0.0


@dataclass
class TrainingSettings:
    """`rate`: peak of the one-cycle schedule, reached after `warm` of the steps. `average`: of the exponential moving average of weights.
    `share`: part of the training records that is used at all."""

    epochs: int = 16
    batch: int = 64
    rate: float = 4e-3
    decay: float = 0.02
    warm: float = 0.2
    average: float = 0.998
    mixup: float = 0.2
    share: float = 1.0
    folds: list[int] = field(default_factory=lambda: [1, 2, 3, 4, 5, 6, 7, 8])
    validation: int = 9
    bfloat16: bool = True

    def __post_init__(self):
        for key in ("epochs", "batch"):
            if getattr(self, key) < 1:
                raise ValueError(f"{key} = {getattr(self, key)}: 1 or more is right")


@dataclass
class AugmentationSettings:
    """Lengths in samples, shares as probabilities of a record. Noise and wander are drawn against the record's own root mean square.

    `short` in the first `short_share` of the epochs, then `long`. `context`: share of long batches whose pooling begins at a random one of
    the first `context_columns` columns, as in a stream, where features have seen earlier signal."""

    short: int = 500
    short_share: float = 0.7
    long: int = 960
    gain: float = 0.2
    lead_gain: float = 0.05
    hum_millivolts: float = 0.02
    noise: float = 0.3
    noise_decibels: list[float] = field(default_factory=lambda: [3.0, 28.0])
    wander: float = 0.3
    wander_share: float = 1.5
    lost: float = 0.3
    lost_leads: float = 0.25
    context: float = 0.5
    context_columns: int = 16


@dataclass
class DistillationSettings:
    """`teachers`: run folders, relative to the working folder. `weight`: of the teachers' mean against the labels. `average`: over
    probability or logit. `pool`: folder outside the repository. `passes`: augmented epochs in it. `gain`: of a pool's window, again drawn
    at each use."""

    teachers: list[str] = field(default_factory=list)
    weight: float = 0.7
    average: str = "probability"
    passes: int = 8
    pool: str = ""
    gain: float = 0.1


@dataclass
class InputSettings:
    """What the network sees of a recording, as `prepare` makes it: samples a second and a window, leads in the usual order, microvolts a
    unit, filter sections (b0, b1, b2, a1, a2). `whole_window`: the network answers whole windows alone, shorter records standing in the
    middle."""

    rate: int
    window: int
    leads: list[str]
    step: float
    sections: list[list[float]]
    zero_point: int = 128
    whole_window: bool = False


@dataclass
class Pretrain:
    """configs/pretrain.toml, and what `pool` reads. `input` left out is the engine's: 10 s of twelve leads at 100 Hz."""

    seed: int = 1
    input: InputSettings | None = None
    network: NetworkSettings = field(default_factory=NetworkSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    augmentation: AugmentationSettings = field(default_factory=AugmentationSettings)
    sets: list[SetSettings] = field(default_factory=lambda: [SetSettings("statements")])
    distillation: DistillationSettings | None = None

    def __post_init__(self):
        names = [each.name for each in self.sets]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"sets {', '.join(names) or 'none'}: one or more, each once, are right")


@dataclass
class Finetune(Pretrain):
    """configs/cpsc2018.toml. The network is that of the run it begins with, and may be left out. `trunk`: learning rate of all but the new
    head, relative to the head's. `against_scratch`: a cross-validation trains the same network from random weights too."""

    trunk: float = 0.3
    against_scratch: bool = True


@dataclass
class Refit(Pretrain):
    """configs/recipe/refit.toml: of `training` the folds alone count. `penalty`: of the squared correction to each output's weights, on
    features of deviation 1."""

    penalty: float = 0.05


@dataclass
class Quantize:
    """configs/quantize.toml. `records` (0: all) of `folds` (none: those of training): what activation ranges are measured on. `range`:
    "max", "mse" or a percentile as text. `search`: weight ranges of least squared error. `aware_epochs`: passes of training with simulated
    rounding, with peak `rate` and the run's own configuration otherwise; 0 for none."""

    folds: list[int] = field(default_factory=list)
    records: int = 512
    range: str = "max"
    search: bool = True
    aware_epochs: int = 0
    rate: float = 2e-4


@dataclass
class TaskSettings:
    """A published task: labels of one set, all of them or `codes`."""

    name: str
    set: str
    codes: list[str] = field(default_factory=list)


@dataclass
class Evaluate:
    """configs/evaluate.toml. `network`: "integer" (what `quantize` left) or "float". `bootstraps`: resamplings of the records for the 95 %
    interval of the macro AUROC, 0 for none. Without `tasks` each label set is one."""

    fold: int = 9
    network: str = "integer"
    bootstraps: int = 0
    tasks: list[TaskSettings] = field(default_factory=list)


@dataclass
class Export:
    """configs/export.toml. `specificity`: of the alarm threshold on the validation fold; `least`: no alert below this calibrated
    probability, whatever the specificity. `alerts`: code, priority; relative to tools/train. `bytes`: the file may not be larger. `code66`:
    whether the 66 classes go into the file."""

    name: str = "ptbxl71"
    version: int = 3
    specificity: float = 0.99
    least: float = 0.1
    alerts: str = "alerts.csv"
    code66: bool = True
    bytes: int = 1_600_000


def _value(kind, value, where: str):
    """`value` as the type `kind`; an integer passes for a float, nothing else is converted."""
    if get_origin(kind) is UnionType:
        kind = next(each for each in get_args(kind) if each is not type(None))
    if is_dataclass(kind):
        return _table(kind, value, where)
    if get_origin(kind) is list:
        if not isinstance(value, list):
            raise ValueError(f"{where} = {value!r}: a list is right")
        return [_value(get_args(kind)[0], each, f"{where}[{index}]") for index, each in enumerate(value)]
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise ValueError(f"{where} = {value!r}: {kind.__name__} is right")
    return value


def _table(kind, table, where: str):
    if not isinstance(table, dict):
        raise ValueError(f"{where} = {table!r}: a table is right")
    known = get_type_hints(kind)
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"; {near[0]} is meant?" if near else f"; known are {', '.join(known)}"
            raise ValueError(f"{where + '.' if where else ''}{key}: no such key{hint}")
    for each in fields(kind):
        if each.name not in table and each.default is MISSING and each.default_factory is MISSING:
            raise ValueError(f"{where}: the key {each.name} is missing")
    values = {key: _value(known[key], value, f"{where}.{key}" if where else key) for key, value in table.items()}
    try:
        return kind(**values)
    except ValueError as error:
        raise ValueError(f"{where}.{error}" if where else str(error)) from None


def read(path: Path, kind=Pretrain):
    """The file at `path` as the dataclass `kind`. Raises `ValueError` that names file and key."""
    try:
        with open(path, "rb") as file:
            return _table(kind, tomllib.load(file), "")
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from None


def plain(configuration) -> dict:
    """For JSON and for `rebuilt`."""
    return asdict(configuration)


def rebuilt(kind, table: dict):
    """What `plain` made a dict of, as `kind` or as a class it extends. Tables that were absent are None in it."""
    known = get_type_hints(kind)
    return _table(kind, {key: value for key, value in table.items() if value is not None and key in known}, "")

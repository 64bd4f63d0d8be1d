# From the float network to integers: s8 weights a channel, u8 activations a tensor, and the ladder that shows what each step costs.
# Separate from the executor, which only ever sees the result.
"""float -> simulated rounding -> integers in numpy, on the validation fold. The integers come from the simulation's own weights and
ranges."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from . import augment, cache, configuration, graph, integer, metrics, modelfile, runs, simulate, targets, train
from .configuration import Quantize
from .model import Network
from .modelfile import DEPTHWISE, EIGHT, NONE, POOL, TWELVE, Label, LabelSet, Layer, Model, Tensor
from .preprocess import LEADS
from .simulate import Simulated, levels, ranges

#: Tensors of the format hold a multiple of so many channels.
CHANNELS = 16


def padded(values: np.ndarray, axis: int = 0) -> np.ndarray:
    """Zeros up to a multiple of `CHANNELS` along an axis."""
    more = [(0, 0)] * values.ndim
    more[axis] = (0, -values.shape[axis] % CHANNELS)
    return np.pad(values, more)


def simulated(network: torch.nn.Module, batches, method: str, search: bool) -> Simulated:
    """The network's simulation with measured ranges. `batches`: as in `ranges`."""
    found = Simulated(graph.steps(network.eval()), network.head, isinstance(network, Network), search)
    found.ranged(ranges(found, batches, method))
    return found


def layer_of(found: Simulated, index: int, tensors: list, zero_point: int) -> tuple[Layer, Tensor]:
    """One layer and the tensor it writes; `tensors` are those before."""
    step = found.steps[index]
    source = tensors[step.input]
    per_column = source.samples_per_column * step.stride
    if step.kind == POOL:
        layer = Layer(POOL, step.input, kernel=step.kernel, stride=step.stride)
        return layer, replace(source, samples_per_column=per_column)
    scale = float(np.float32(np.exp(found.top[index].item()) / levels(step.rectifier)[1]))
    weights, weight_scale = found.weights[index].integers()
    unit = source.scale * weight_scale
    bias = np.rint(found.bias[index].detach().double().numpy() / unit).astype(np.int64)
    bias -= source.zero_point * weights.astype(np.int64).reshape(len(weights), -1).sum(1)
    if np.abs(bias).max() > 2**31 - 1:
        raise OverflowError(f"layer {index}: a bias leaves 32 bits")
    if step.kind != DEPTHWISE:
        weights = weights.transpose(0, 2, 1)
        missing = source.channels - weights.shape[2]
        weights = np.pad(weights, ((0, 0), (0, 0), (0, missing)))
    tensor = Tensor(padded(bias).size, 0 if step.rectifier else zero_point, scale, per_column)
    residual = 0.0 if step.residual == NONE else float(np.float32(tensors[step.residual].scale / scale))
    layer = Layer(
        step.kind, step.input, step.residual, step.kernel, step.stride, step.rectifier, residual,
        np.ascontiguousarray(padded(weights)), padded(bias.astype(np.int32)), padded((unit / scale).astype(np.float32)), step.left,
    )  # fmt: skip
    return layer, tensor


def head_of(found: Simulated, last: Tensor, rows: np.ndarray) -> dict:
    """The head's arrays as `Model` names them, with the outputs `rows`."""
    scales = [each.integers() for each in found.head]
    weights = [w[rows] for w, _ in scales]
    factors = [(s[rows] * last.scale).astype(np.float32) for _, s in scales]
    bias = found.head_bias.detach().numpy()[rows].astype(np.float32)
    if found.pooled:
        weights = [padded(w, 1) for w in weights]
        return {
            "mean_weights": weights[0], "maximum_weights": weights[1], "mean_scale": factors[0], "maximum_scale": factors[1], "bias": bias,
        }  # fmt: skip
    real = found.bias[-1].numel()
    flat = weights[0].reshape(len(rows), real, -1).transpose(0, 2, 1)
    flat = padded(flat, 2).reshape(len(rows), -1)
    empty = dict.fromkeys(("mean_weights", "maximum_weights", "mean_scale", "maximum_scale"))
    return empty | {"flat_weights": np.ascontiguousarray(flat), "flat_scale": factors[0], "bias": bias}


def integers(found: Simulated, about: cache.Input, rows: np.ndarray, labels: list, sets: list) -> Model:
    """The model file's content without calibration, thresholds and classes. `rows`: the outputs that it keeps, one a label."""
    mask = sum(1 << LEADS.index(lead.upper()) for lead in about.leads)
    if mask not in (TWELVE, EIGHT) or about.leads != [lead for lead in LEADS if lead in about.leads]:
        raise ValueError(f"leads {', '.join(about.leads)}: all twelve, or I, II and V1 to V6, in the usual order, are right")
    tensors = [Tensor(len(about.leads), about.zero_point, float(np.float32(about.step / 1000.0)), 1)]
    layers = []
    for index in range(len(found.steps)):
        layer, tensor = layer_of(found, index, tensors, about.zero_point)
        layers.append(layer)
        tensors.append(tensor)
    return Model(
        "uncalibrated", 1, about.rate, about.window, about.rate, about.step, np.array(about.sections), tensors, layers,
        **head_of(found, tensors[-1], rows), labels=labels, classes=[], sets=sets, leads=mask, whole_window=about.whole_window, zero_point=about.zero_point,
    )  # fmt: skip


def kept(data: cache.Data, described: list) -> tuple[np.ndarray, list, list]:
    """Outputs, labels and label sets of a run that go into the model file: all that are not auxiliary."""
    rows, labels, sets = [], [], []
    for each in described:
        if each["auxiliary"]:
            continue
        found = data.set(each["name"])
        sets.append(LabelSet(each["name"], len(labels), each["count"]))
        rows += range(each["first"], each["first"] + each["count"])
        for code in each["codes"]:
            at = found.codes.index(code)
            labels.append(Label(code, found.statements[at], found.groups[at]))
    return np.array(rows), labels, sets


def aware(found: Simulated, run: Path, data: cache.Data, settings: Quantize, progress) -> Simulated:
    """Goes on training the simulation on the run's own windows, in a folder of its own; resumable like every training."""
    original = configuration.rebuilt(configuration.Pretrain, runs.described(run)["configuration"])
    training = replace(original.training, epochs=settings.aware_epochs, rate=settings.rate, decay=0.0, warm=0.1)
    changed = replace(original, training=training, augmentation=replace(original.augmentation, short_share=0.0))
    rows = targets.shared(data.rows(training.folds), training.share, original.seed)
    table = targets.outputs(data, original.sets, rows, original.seed)
    runs.began(run / "aware", "aware", changed, data, table.described())
    runs.fixed(run / "aware", {"quantize": vars(settings)})
    source = train.sourced(data, table, rows, changed)
    return train.loop(found, source, data, table, run / "aware", changed, data.rows([training.validation]), progress)


def ladder(labels: np.ndarray, answers: dict, sets: list) -> dict:
    """Macro AUROC of each set on every rung over the records it knows, what the integers lose, and the worst single label with 20 positives and
    more."""
    found = {}
    for each in sets:
        at = slice(each.first, each.first + each.count)
        known = (labels[:, at] != cache.UNKNOWN).all(1)
        y = labels[known, at]
        single = {name: metrics.each_auroc(y, z[known, at]) for name, z in answers.items()}
        lost = np.where(y.sum(0) >= 20, single["float"] - single["integer"], np.nan)
        found[each.name] = {name: metrics.mean(value) for name, value in single.items()}
        found[each.name] |= {"loss": found[each.name]["float"] - found[each.name]["integer"], "worst": float(np.nanmax(lost, initial=-1))}
    return found


def cost(model: Model) -> int:
    """Multiply-accumulates of one window, head included."""
    total = 0
    for layer, tensor in zip(model.layers, model.tensors[1:]):
        if layer.kind != POOL:
            total += layer.weights.size * (model.window // tensor.samples_per_column)
    flat = model.flat_weights
    return total + (flat.size if flat is not None else model.mean_weights.size + model.maximum_weights.size)


def quantize(cache_folder: Path, run: Path, settings: Quantize, progress=lambda items, **_: items, threads: int = 1) -> dict:
    """Writes quantized.precordia (uncalibrated) and answers.npz (fold's rows and logits of each rung) into `run`; gives the ladder."""
    torch.set_num_threads(threads)
    data = cache.Data(cache_folder)
    network, text = runs.network(run)
    runs.check_cache(run, data)
    about, validation = data.input, text["configuration"]["training"]["validation"]
    rows = data.rows([validation])
    if not len(rows):
        raise ValueError(f"{cache_folder}: no record in fold {validation}, on which the integers are to be judged and calibrated")
    random = np.random.default_rng(0)
    chosen = data.rows(settings.folds or text["configuration"]["training"]["folds"])
    if not len(chosen):
        raise ValueError(f"{cache_folder}: no record in folds {settings.folds}, which activation ranges are to be measured on")
    chosen = chosen if not settings.records else np.sort(random.choice(chosen, min(settings.records, len(chosen)), replace=False))
    simulate.check(settings.range)
    take = lambda rows: augment.millivolts(data.windows(rows, about.window), about.zero_point, about.step)
    found = simulated(network, (take(chosen[i : i + 32]) for i in range(0, len(chosen), 32)), settings.range, settings.search)
    if settings.aware_epochs:
        found = aware(found, run, data, settings, progress)
    outputs, labels, sets = kept(data, text["sets"])
    model = integers(found.eval(), about, outputs, labels, sets)
    largest = integer.check_ranges(model)
    answers = {
        "float": train.predict(network, data, rows)[:, outputs], "simulated": train.predict(found, data, rows)[:, outputs],
        "integer": train.answered(lambda u: integer.logits(model, u), data, rows, progress),
    }  # fmt: skip
    keep(run, model, rows, answers)
    known = np.concatenate([truth(data, each, labels)[rows] for each in sets], 1)
    result = {"sets": ladder(known, answers, sets), "largest_sum": largest, "macs": cost(model), "settings": vars(settings)}
    result["difference"] = {name: float(np.abs(answers[name] - answers["integer"]).max()) for name in ("float", "simulated")}
    runs.figures(run, "quantize", result)
    return result


def keep(run: Path, model: Model, rows: np.ndarray, answers: dict) -> None:
    """Both files or, short of a power cut between two renamings, neither: `export` calibrates the one on the other."""
    with open(run / "answers.npz.new", "wb") as file:
        np.savez(file, rows=rows, **answers)
    (run / "quantized.precordia.new").write_bytes(modelfile.encoded(model))
    for name in ("answers.npz", "quantized.precordia"):
        (run / f"{name}.new").rename(run / name)


def left(run: Path) -> tuple[Model, dict]:
    """What `quantize` left in a run: the uncalibrated model, and the rows and logits of answers.npz."""
    if not (run / "quantized.precordia").exists():
        raise ValueError(f"{run}: no quantized.precordia; `quantize` makes it")
    return modelfile.decoded((run / "quantized.precordia").read_bytes()), dict(cache.opened(run / "answers.npz"))


def truth(data: cache.Data, chosen: LabelSet, labels: list) -> np.ndarray:
    """u8 [records][labels] of one label set of a model's label table, `cache.UNKNOWN` in all labels of a record that the set says nothing about."""
    found = data.set(chosen.name)
    return found.labels[:, [found.codes.index(label.code) for label in labels[chosen.first : chosen.first + chosen.count]]]


def printed(result: dict) -> str:
    """The ladder as text."""
    lines = [f"{'macro AUROC':14} {'float':>8} {'simulated':>10} {'integer':>8} {'loss':>8} {'worst label':>12}"]
    for name, f in result["sets"].items():
        lines.append(f"{name:14} {f['float']:8.5f} {f['simulated']:10.5f} {f['integer']:8.5f} {f['loss']:8.5f} {f['worst']:12.5f}")
    f = result["difference"]
    lines.append(f"largest logit difference of the integers: to float {f['float']:.3f}, to simulated {f['simulated']:.5f}")
    lines.append(f"{result['macs'] / 1e6:.1f} MMAC a window, largest possible 32-bit sum {result['largest_sum']} of {2**31 - 1}")
    return "\n".join(lines)

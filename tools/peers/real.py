# A model file's integers as the real-valued graph that other runtimes quantise again: same weights, same scales, same zero points.
# Separate from their formats, each of which writes this one list.
"""Channels that a model file pads to a multiple of 16 are taken away: a peer need not multiply zeros."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .networks import DEPTHWISE, NONE, POOL, Case, integer


@dataclass
class Value:
    """A tensor: real value = scale * (u8 - zero)."""

    channels: int
    columns: int
    scale: float
    zero: int


@dataclass
class Step:
    """One layer in s8 weights [out][kernel][in] (depthwise [channels][kernel]), their scales by channel, and the s32 bias without a zero
    point in it. `between`: scale of the convolution before the residual is added."""

    kind: int
    input: int
    output: int
    kernel: int
    stride: int
    left: int
    residual: int = None
    rectifier: bool = False
    weights: np.ndarray = None
    weight_scale: np.ndarray = None
    bias: np.ndarray = None
    between: float = 0.0


@dataclass
class Graph:
    name: str
    values: list
    steps: list
    #: Head: pooled (mean and maximum weights s8 [labels][channels]) or flat (s8 [labels][columns][channels]), scales by label; bias in
    #: real numbers.
    mean: np.ndarray = None
    mean_scale: np.ndarray = None
    maximum: np.ndarray = None
    maximum_scale: np.ndarray = None
    flat: np.ndarray = None
    flat_scale: np.ndarray = None
    bias: np.ndarray = None
    #: Scales of the mean, of the products with mean and maximum, and of the logits.
    ranges: dict = field(default_factory=dict)
    hop: int = 0
    logits: np.ndarray = None
    inputs: np.ndarray = None


def reference(case: Case) -> dict:
    """The integers' logits for all inputs, and what the other runtimes must know of the ranges in between; kept beside the network."""
    kept = case.path.with_name(f"{case.name}_{case.model.hash.hex()[:8]}.npz") if case.name != "shipped" else None
    kept = kept or Path(case.records[0]).parent / f"shipped_{case.model.hash.hex()[:8]}.npz"
    if kept.exists():
        return dict(np.load(kept))
    model, logits, between, mean, products = case.model, [], {}, 0.0, np.zeros(2)
    for start in range(len(case.inputs)):
        tensors = integer.all_tensors(model, case.inputs[start : start + 1])
        for index, layer in enumerate(model.layers):
            if layer.residual != NONE:
                sums = integer.convolution_sums(tensors[layer.input], layer, model.tensors[layer.input].zero_point)
                real = np.abs(sums * layer.scale).max() * model.tensors[index + 1].scale
                between[f"between{index}"] = max(between.get(f"between{index}", 0.0), real / 127)
        logits.append(integer.window_logits(model, tensors[-1])[0])
        if model.flat_weights is None:
            a, b = integer.head_sums(model, tensors[-1])
            mean = max(mean, float(tensors[-1].mean(1).max()) * model.tensors[-1].scale / 255)
            products = np.maximum(
                products, [np.abs(a / tensors[-1].shape[1] * model.mean_scale).max(), np.abs(b * model.maximum_scale).max()]
            )
    logits = np.stack(logits)
    found = dict(between, logits=logits, mean=np.float64(mean), products=products / 127, out=np.float64(np.abs(logits).max() / 127))
    np.savez(kept, **found)
    return found


def graph(case: Case) -> Graph:
    model, found = case.model, reference(case)
    keep = [np.arange(model.tensors[0].channels)]
    for layer in model.layers:
        used = keep[layer.input] if layer.kind == POOL else np.flatnonzero(layer.scale)
        keep.append(used)
    values = [Value(len(k), model.window // t.samples_per_column, float(t.scale), t.zero_point) for k, t in zip(keep, model.tensors)]
    steps = []
    for index, layer in enumerate(model.layers):
        step = Step(layer.kind, layer.input, index + 1, layer.kernel, layer.stride, layer.left, rectifier=layer.rectifier)
        if layer.residual != NONE:
            step.residual, step.between = layer.residual, float(found[f"between{index}"])
        if layer.kind != POOL:
            before, out = values[layer.input], keep[index + 1]
            whole = layer.weights.astype(np.int64).reshape(len(layer.weights), -1).sum(1)
            step.bias = (layer.bias + before.zero * whole)[out].astype(np.int32)
            step.weights = layer.weights[out] if layer.kind == DEPTHWISE else layer.weights[out][:, :, keep[layer.input]]
            step.weight_scale = layer.scale[out].astype(np.float64) * values[index + 1].scale / before.scale
        steps.append(step)
    out = Graph(case.name, values, steps, bias=model.bias, logits=found["logits"], inputs=case.inputs, hop=model.column)
    feature, last = values[-1].scale, keep[-1]
    if model.flat_weights is not None:
        out.flat = model.flat_weights.reshape(len(model.bias), values[-1].columns, -1)[:, :, last]
        out.flat_scale = model.flat_scale / feature
    else:
        out.mean, out.maximum = model.mean_weights[:, last], model.maximum_weights[:, last]
        out.mean_scale, out.maximum_scale = model.mean_scale / feature, model.maximum_scale / feature
    out.ranges = {"mean": float(found["mean"]), "products": [float(v) for v in found["products"]], "out": float(found["out"])}
    return out

# From the float network to integers: batch norm folded, s8 weights a channel, u8 activations a tensor.
# Separate from the executor, which only ever sees the result.
"""The order of layers, and what each reads, is fixed here and stored in the model file."""

import copy
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from .model import Causal, Network
from .modelfile import CONVOLUTION, NONE, POOL, Layer, Model, Tensor
from .preprocess import RATE, SECTIONS, WINDOW, ZERO_POINT


@dataclass
class Step:
    """One layer of the float graph: weights [out, in, kernel] and bias with the batch norm folded in; None for a pool."""

    input: int
    stride: int
    kernel: int
    weights: np.ndarray = None
    bias: np.ndarray = None
    rectifier: bool = False
    residual: int = NONE


def folded(layer: Causal) -> tuple[np.ndarray, np.ndarray]:
    """Weights and bias in float64 with the batch norm's running statistics folded in."""
    norm = layer.norm
    gain = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
    weights = layer.convolution.weight.double() * gain[:, None, None]
    bias = norm.bias.double() - norm.running_mean.double() * gain
    return weights.detach().numpy(), bias.detach().numpy()


def graph(network: Network) -> list:
    """The layers in the order of execution; layer n writes tensor n + 1."""
    steps = [Step(0, 1, network.stem.convolution.kernel_size[0], *folded(network.stem), rectifier=True)]
    current = 1
    for block in network.blocks:
        steps.append(Step(current, block.stride, block.first.convolution.kernel_size[0], *folded(block.first), rectifier=True))
        middle, skip = len(steps), current
        if block.stride > 1:
            steps.append(Step(skip, block.stride, block.stride))
            skip = len(steps)
        if block.skip is not None:
            steps.append(Step(skip, 1, 1, *folded(block.skip)))
            skip = len(steps)
        steps.append(Step(middle, 1, block.second.convolution.kernel_size[0], *folded(block.second), rectifier=True, residual=skip))
        current = len(steps)
    return steps


@torch.no_grad()
def float_tensors(steps: list, x: torch.Tensor) -> list:
    """Every tensor of the folded float graph, [batch, channels, columns]."""
    tensors = [x]
    for step in steps:
        source = tensors[step.input]
        if step.weights is None:
            tensors.append(functional.max_pool1d(source, step.stride))
            continue
        source = functional.pad(source, (step.kernel - step.stride, 0))
        y = functional.conv1d(source, torch.from_numpy(step.weights).float(), torch.from_numpy(step.bias).float(), step.stride)
        y = y if step.residual == NONE else y + tensors[step.residual]
        tensors.append(functional.relu(y) if step.rectifier else y)
    return tensors


def best_range(values: np.ndarray, levels: float, signed: bool) -> float:
    """The range with the least squared error after rounding and clipping, searched over 60 shares of the maximum."""
    top = float(np.abs(values).max())
    sample = values if values.size <= 400_000 else values[:: values.size // 400_000]
    errors = []
    shares = np.linspace(0.2, 1.0, 60)
    for share in shares:
        scale = share * top / levels
        rounded = np.clip(np.rint(sample / scale), -128 if signed else 0, levels) * scale
        errors.append(float(((rounded - sample) ** 2).mean()))
    return float(shares[int(np.argmin(errors))]) * top


def ranges(steps: list, x: torch.Tensor, method) -> list:
    """For each tensor but the input the real value that its largest step stands for. `method`: a percentile, "max" or "mse"."""
    found = []
    for step, tensor in zip(steps, float_tensors(steps, x)[1:]):
        values = tensor.numpy().ravel()
        signed = not step.rectifier
        if method == "mse":
            found.append(best_range(values, 127.0 if signed else 255.0, signed))
        elif method == "max":
            found.append(float(np.abs(values).max()))
        else:
            found.append(float(np.percentile(np.abs(values), method)))
    return found


def weights_to_s8(weights: np.ndarray, search: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """[out, ...] float64 -> s8 in -127...127 and a scale for each output; `search` takes the range of least squared error."""
    flat = weights.reshape(len(weights), -1)
    top = np.maximum(np.abs(flat).max(1), 1e-12)
    scale = top / 127.0
    if search:
        best = np.full(len(flat), np.inf)
        for share in np.linspace(0.6, 1.0, 41):
            trial = share * top / 127.0
            rounded = np.clip(np.rint(flat / trial[:, None]), -127, 127) * trial[:, None]
            error = ((rounded - flat) ** 2).sum(1)
            scale = np.where(error < best, trial, scale)
            best = np.minimum(error, best)
    rounded = np.clip(np.rint(flat / scale[:, None]), -127, 127)
    return rounded.astype(np.int8).reshape(weights.shape), scale


def quantized(network: Network, calibration: torch.Tensor, step_microvolts: float, method=99.99, search: bool = False) -> Model:
    """A model without labels and classes. `calibration`: millivolts [records, 12, 1000]."""
    network = copy.deepcopy(network).eval()
    steps = graph(network)
    tops = ranges(steps, calibration, method)
    tensors = [Tensor(12, ZERO_POINT, float(np.float32(step_microvolts / 1000.0)), 1)]
    layers = []
    for step, top in zip(steps, tops):
        source = tensors[step.input]
        per_column = source.samples_per_column * step.stride
        if step.weights is None:
            tensors.append(Tensor(source.channels, source.zero_point, source.scale, per_column))
            layers.append(Layer(POOL, step.input, kernel=step.kernel, stride=step.stride))
            continue
        scale = float(np.float32(top / (255.0 if step.rectifier else 127.0)))
        tensors.append(Tensor(len(step.weights), 0 if step.rectifier else ZERO_POINT, scale, per_column))
        weights, weight_scale = weights_to_s8(step.weights, search)
        unit = source.scale * weight_scale
        sums = weights.astype(np.int64).sum((1, 2))
        bias = np.rint(step.bias / unit).astype(np.int64) - source.zero_point * sums
        if np.abs(bias).max() > 2**31 - 1:
            raise OverflowError("a bias leaves 32 bits")
        residual_scale = 0.0 if step.residual == NONE else float(np.float32(tensors[step.residual].scale / scale))
        layers.append(
            Layer(
                CONVOLUTION, step.input, step.residual, step.kernel, step.stride, step.rectifier, residual_scale,
                np.ascontiguousarray(weights.transpose(0, 2, 1)), bias.astype(np.int32), (unit / scale).astype(np.float32),
            )  # fmt: skip
        )
    head = network.head.weight.detach().double().numpy()
    channels = tensors[-1].channels
    mean_weights, mean_scale = weights_to_s8(head[:, :channels], search)
    maximum_weights, maximum_scale = weights_to_s8(head[:, channels:], search)
    return Model(
        "ptbxl71", 1, RATE, WINDOW, RATE, step_microvolts, SECTIONS, tensors, layers, mean_weights, maximum_weights,
        (mean_scale * tensors[-1].scale).astype(np.float32), (maximum_scale * tensors[-1].scale).astype(np.float32),
        network.head.bias.detach().numpy().astype(np.float32), [], [],
    )  # fmt: skip

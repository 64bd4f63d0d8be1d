# A trained network as the list of layers that the model file stores: batch norm folded, weights without the dimension that is 1 wide.
# Separate from the quantiser, which sees only this list, so that another network needs nothing but its own function here.
"""Step n writes tensor n + 1; tensor 0 is the input."""

from dataclasses import dataclass

import numpy as np
import torch

from .model import Centred, Network, ResNet1d
from .modelfile import CONVOLUTION, DEPTHWISE, NONE, POOL


@dataclass
class Step:
    """One layer in float64: weights [out, in, kernel], of a depthwise layer [channels, kernel], None for a pool. `left`: columns of padding
    on the left, of kernel - stride in all."""

    kind: int
    input: int
    stride: int = 1
    kernel: int = 1
    left: int = 0
    weights: np.ndarray = None
    bias: np.ndarray = None
    rectifier: bool = False
    residual: int = NONE


def scaled(norm: torch.nn.Module) -> tuple[np.ndarray, np.ndarray]:
    """A batch norm in evaluation as factor and offset, float64."""
    gain = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
    offset = norm.bias.double() - norm.running_mean.double() * gain
    return gain.detach().numpy(), offset.detach().numpy()


def convolution(source: int, layer: torch.nn.Module, norm=None, rectifier: bool = False, residual: int = NONE) -> Step:
    """`layer` (Causal or Centred) with `norm` folded in."""
    weights = layer.c.weight.detach().double().numpy()[:, :, 0]
    gain, offset = scaled(norm) if norm is not None else (np.ones(len(weights)), np.zeros(len(weights)))
    left = layer.pad[0] if isinstance(layer, Centred) else layer.pad
    stride, kernel = layer.c.stride[1], weights.shape[2]
    return Step(CONVOLUTION, source, stride, kernel, left, weights * gain[:, None, None], offset, rectifier, residual)


def pool(source: int, stride: int) -> Step:
    return Step(POOL, source, stride, stride)


def skipped(steps: list, source: int, block: torch.nn.Module, folded) -> int:
    """Appends the skip of `block` from the tensor `source`, a pool and a convolution as far as it has them; gives the tensor it ends in."""
    if block.stride > 1:
        steps.append(pool(source, block.stride))
        source = len(steps)
    if block.skip is not None:
        steps.append(folded(source, block.skip))
        source = len(steps)
    return source


def causal(network: Network) -> list:
    """Stem, then each block's first convolution, pool and convolution of the skip, and second convolution with the sum."""
    folded = lambda source, layer, *more: convolution(source, layer, layer.n, *more)
    steps = [folded(0, network.stem, True)]
    for block in network.blocks:
        current = len(steps)
        steps.append(folded(current, block.a, True))
        middle = len(steps)
        skip = skipped(steps, current, block, folded)
        steps.append(folded(middle, block.b, True, skip))
    return steps


def centred(network: ResNet1d) -> list:
    """The paper's blocks: the sum is a tensor of its own, since the next skip needs it without norm and rectifier; these are a depthwise
    layer."""
    steps = [convolution(0, network.stem, network.norm, True)]
    x = y = 1
    for block in network.blocks:
        steps.append(convolution(x, block.a, block.na, True))
        middle = len(steps)
        skip = skipped(steps, y, block, convolution)
        steps.append(convolution(middle, block.b, residual=skip))
        y = len(steps)
        gain, offset = scaled(block.nb)
        steps.append(Step(DEPTHWISE, y, weights=gain[:, None], bias=offset, rectifier=True))
        x = len(steps)
    return steps


def steps(network: torch.nn.Module) -> list:
    """The layers of a network in evaluation mode, in the order of execution."""
    if isinstance(network, Network):
        return causal(network)
    if isinstance(network, ResNet1d):
        return centred(network)
    raise ValueError(f"{type(network).__name__} is a teacher; it has no integer form")

# The quantised network in float, with a gradient: what rounding does before any integer exists, and training that knows of it.
# Separate from the integers, whose writer takes weights and ranges from here.
"""Weights are rounded a channel, activations a tensor. Rounding passes the gradient through; the range of a tensor is learned with it, as
in LSQ (Esser et al. 2020): its gradient is that of clip(x / s) * s."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from .graph import Step
from .modelfile import DEPTHWISE, NONE, POOL


def rounded(x: torch.Tensor) -> torch.Tensor:
    return x + (torch.round(x) - x).detach()


def levels(rectifier: bool) -> tuple[float, float]:
    """Lowest and highest integer above the zero point."""
    return (0.0, 255.0) if rectifier else (-128.0, 127.0)


def weight_share(weights: np.ndarray) -> np.ndarray:
    """For each output the share of its largest magnitude that, as range, gives the least squared error; 1 to 0.6."""
    flat = np.asarray(weights, np.float64).reshape(len(weights), -1)
    top = np.maximum(np.abs(flat).max(1), 1e-12)
    best, chosen = np.full(len(flat), np.inf), np.ones(len(flat))
    for share in np.linspace(0.6, 1.0, 41):
        unit = (share * top / 127.0)[:, None]
        error = ((np.clip(np.rint(flat / unit), -127, 127) * unit - flat) ** 2).sum(1)
        chosen = np.where(error < best, share, chosen)
        best = np.minimum(error, best)
    return chosen


class Weights(nn.Module):
    """A weight tensor that is rounded to s8 with a scale for each output."""

    def __init__(self, values: np.ndarray, search: bool):
        super().__init__()
        self.values = nn.Parameter(torch.from_numpy(np.ascontiguousarray(values)).float())
        share = weight_share(values) if search else np.ones(len(values))
        self.register_buffer("share", torch.from_numpy(share).float())

    def scale(self) -> torch.Tensor:
        """[outputs], of the weights as they are now."""
        return self.values.detach().flatten(1).abs().amax(1).clamp(min=1e-12) * self.share / 127.0

    def forward(self) -> torch.Tensor:
        scale = self.scale().reshape(-1, *[1] * (self.values.dim() - 1))
        return rounded(torch.clamp(self.values / scale, -127, 127)) * scale

    @torch.no_grad()
    def integers(self) -> tuple[np.ndarray, np.ndarray]:
        """s8 and float64 scales."""
        scale = self.scale().double()
        unit = scale.reshape(-1, *[1] * (self.values.dim() - 1))
        return torch.clamp(torch.round(self.values.double() / unit), -127, 127).to(torch.int8).numpy(), scale.numpy()


class Simulated(nn.Module):
    """The steps of a network and its head. `exact`: no rounding at all, for ranges and as a check of the folding."""

    def __init__(self, steps: list[Step], head: nn.Linear, pooled: bool, search: bool = False):
        super().__init__()
        self.steps, self.pooled, self.exact = steps, pooled, False
        self.weights = nn.ModuleList(Weights(s.weights, search) if s.weights is not None else nn.Identity() for s in steps)
        self.bias = nn.ParameterList(torch.from_numpy(s.bias).float() if s.bias is not None else torch.zeros(0) for s in steps)
        self.top = nn.Parameter(torch.zeros(len(steps)))
        matrix = head.weight.detach().double().numpy()
        parts = np.split(matrix, 2, 1) if pooled else [matrix]
        self.head = nn.ModuleList(Weights(part, search) for part in parts)
        self.head_bias = nn.Parameter(head.bias.detach().clone())

    def ranged(self, tops) -> None:
        """`top`: the logarithm of the real value that a tensor's highest integer stands for."""
        self.top.data = torch.log(torch.tensor(np.maximum(tops, 1e-6), dtype=torch.float32))

    def tensors(self, x: torch.Tensor) -> list:
        """Every tensor [batch, channels, 1, columns], the input first."""
        found = [x.unsqueeze(2).contiguous(memory_format=torch.channels_last)]
        for index, step in enumerate(self.steps):
            source = found[step.input]
            if step.kind == POOL:
                found.append(functional.max_pool2d(source, (1, step.stride)))
                continue
            weights = self.weights[index].values if self.exact else self.weights[index]()
            groups = len(weights) if step.kind == DEPTHWISE else 1
            weights = weights.reshape(len(weights), -1, 1, step.kernel)
            source = functional.pad(source, (step.left, step.kernel - step.stride - step.left))
            y = functional.conv2d(source, weights, self.bias[index], (1, step.stride), groups=groups)
            y = y if step.residual == NONE else y + found[step.residual]
            found.append(self.limited(y, index, step.rectifier))
        return found

    def limited(self, y: torch.Tensor, index: int, rectifier: bool) -> torch.Tensor:
        """Rectifier, and rounding to the tensor's 256 values."""
        if self.exact:
            return functional.relu(y) if rectifier else y
        low, high = levels(rectifier)
        scale = torch.exp(self.top[index]) / high
        return rounded(torch.clamp(y.float() / scale, low, high)) * scale

    def forward(self, x: torch.Tensor, first: int = 0) -> torch.Tensor:
        y = self.tensors(x)[-1][:, :, 0, first:]
        parts = [y.mean(2), y.amax(2)] if self.pooled else [y.flatten(1)]
        matrices = [each.values if self.exact else each() for each in self.head]
        return sum(part @ matrix.T for part, matrix in zip(parts, matrices)) + self.head_bias


def best_range(values: np.ndarray, levels_: float, low: float) -> float:
    """The range of least squared error after rounding and clipping, searched over 60 shares of the largest magnitude."""
    top = float(np.abs(values).max())
    shares = np.linspace(0.2, 1.0, 60)
    scales = shares * top / levels_
    errors = [float(((np.clip(np.rint(values / s), low, levels_) * s - values) ** 2).mean()) for s in scales]
    return float(shares[int(np.argmin(errors))]) * top


def check(method: str) -> None:
    """Raises `ValueError` unless `ranges` knows the method."""
    try:
        known = method in ("max", "mse") or 0 < float(method) <= 100
    except ValueError:
        known = False
    if not known:
        raise ValueError(f'range = "{method}": "max", "mse" or a percentile such as "99.99" is right')


@torch.no_grad()
def ranges(simulated: Simulated, batches, method: str, sample: int = 20_000) -> list:
    """For each tensor but the input the real value of its highest integer. `method`: "max", "mse" or a percentile as text; the latter two
    look at `sample` values of each batch. `batches`: millivolts [n, leads, samples] each."""
    exact, simulated.exact = simulated.exact, True
    largest, values = np.zeros(len(simulated.steps)), [[] for _ in simulated.steps]
    for x in batches:
        for index, tensor in enumerate(simulated.tensors(x)[1:]):
            flat = tensor.reshape(-1)
            largest[index] = max(largest[index], float(flat.abs().max()))
            if method != "max":
                values[index].append(flat[:: max(1, len(flat) // sample)].numpy())
    simulated.exact = exact
    if method == "max":
        return largest.tolist()
    joined = [np.concatenate(each) for each in values]
    if method == "mse":
        return [best_range(v, levels(s.rectifier)[1], levels(s.rectifier)[0]) for v, s in zip(joined, simulated.steps)]
    return [float(np.percentile(np.abs(v), float(method))) for v in joined]

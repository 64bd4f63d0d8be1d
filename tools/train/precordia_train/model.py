# The networks in PyTorch: Precordia's own, a small causal residual net, and CODE-II's ResNet1d.
# Separate from their training and their quantiser, which ask for nothing but a configuration's network and its number of outputs.
"""Convolutions are written in two dimensions, of which one is 1 wide, in channels-last order: on a CPU this trains 1.7 times as fast."""

import torch
from torch import nn
from torch.nn import functional

from .configuration import NetworkSettings
from .statespace import StateSpace


class Causal(nn.Module):
    """Convolution `c` whose output column j reads input columns (j+1)*stride - kernel ... (j+1)*stride - 1, then batch norm `n`."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1):
        super().__init__()
        self.pad = kernel - stride
        self.c = nn.Conv2d(inputs, outputs, (1, kernel), (1, stride), bias=False)
        self.n = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.n(self.c(functional.pad(x, (self.pad, 0)) if self.pad else x))


class Block(nn.Module):
    """Two convolutions, `a` with the stride and `b`, and a skip: maximum pool for the stride, 1x1 convolution for the channels."""

    def __init__(self, inputs: int, outputs: int, stride: int, kernel: int):
        super().__init__()
        self.stride = stride
        self.a = Causal(inputs, outputs, max(kernel, stride), stride)
        self.b = Causal(outputs, outputs, kernel)
        self.skip = Causal(inputs, outputs, 1) if inputs != outputs else None

    def forward(self, x):
        skip = functional.max_pool2d(x, (1, self.stride)) if self.stride > 1 else x
        skip = skip if self.skip is None else self.skip(skip)
        return functional.relu(self.b(functional.relu(self.a(x))) + skip)


class Network(nn.Module):
    """Stem, blocks, mean and maximum over the window's columns, one linear layer. Input [batch, leads, samples] millivolts."""

    def __init__(self, stem, blocks, outputs: int, dropout: float = 0.25, leads: int = 12):
        super().__init__()
        width, kernel, stride = stem
        self.stem = Causal(leads, width, kernel, stride)
        self.stride = stride
        self.blocks = nn.ModuleList()
        for channels, step, size in blocks:
            self.blocks.append(Block(width, channels, step, size))
            width, self.stride = channels, self.stride * step
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * width, outputs)

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """[batch, channels, columns], one column each `stride` samples."""
        x = functional.relu(self.stem(x.unsqueeze(2).contiguous(memory_format=torch.channels_last)))
        for block in self.blocks:
            x = block(x)
        return x[:, :, 0]

    def forward(self, x: torch.Tensor, first: int = 0) -> torch.Tensor:
        """Logits; columns before `first` give context and are not pooled."""
        x = self.features(x)[:, :, first:]
        return self.head(self.dropout(torch.cat([x.mean(2), x.amax(2)], 1)))


class Centred(nn.Module):
    """Convolution `c` with as much padding on both sides as keeps length/stride columns; the batch norm belongs to the block."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1):
        super().__init__()
        pad = max(0, kernel - stride)
        self.pad = (pad // 2, pad - pad // 2)
        self.c = nn.Conv2d(inputs, outputs, (1, kernel), (1, stride), bias=False)

    def forward(self, x):
        return self.c(functional.pad(x, self.pad))


class CentredBlock(nn.Module):
    """`a`, norm, rectifier, dropout, `b` with the stride, sum with the skip, norm, rectifier, dropout. Takes and gives the activated tensor
    and the sum before norm and rectifier, which feeds the next skip."""

    def __init__(self, inputs: int, outputs: int, stride: int, kernel: int, dropout: float):
        super().__init__()
        self.stride = stride
        self.a, self.na = Centred(inputs, outputs, kernel), nn.BatchNorm2d(outputs)
        self.b, self.nb = Centred(outputs, outputs, kernel, stride), nn.BatchNorm2d(outputs)
        self.skip = Centred(inputs, outputs, 1) if inputs != outputs else None
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, y):
        y = functional.max_pool2d(y, (1, self.stride)) if self.stride > 1 else y
        y = y if self.skip is None else self.skip(y)
        x = self.dropout(functional.relu(self.na(self.a(x))))
        y = self.b(x) + y
        return self.dropout(functional.relu(self.nb(y))), y


class ResNet1d(nn.Module):
    """CODE-II's network (Abreu et al. 2026, after Ribeiro et al. 2020): 8 leads x 4096 samples at 400 Hz, not causal, head over all
    columns.

    7,253,218 parameters and 2.492 GMAC with 66 outputs. Its answer exists for a whole window of `samples` alone."""

    FILTERS = (64, 128, 196, 256, 320)
    KERNEL = 17

    def __init__(self, outputs: int = 66, dropout: float = 0.5, leads: int = 8, samples: int = 4096):
        super().__init__()
        self.stem, self.norm = Centred(leads, self.FILTERS[0], self.KERNEL), nn.BatchNorm2d(self.FILTERS[0])
        widths = (self.FILTERS[0],) + self.FILTERS
        self.blocks = nn.ModuleList(
            CentredBlock(i, o, 1 if index == 0 else 4, self.KERNEL, dropout) for index, (i, o) in enumerate(zip(widths, widths[1:]))
        )
        self.stride = 4 ** (len(self.FILTERS) - 1)
        self.head = nn.Linear(widths[-1] * samples // self.stride, outputs)

    def forward(self, x: torch.Tensor, first: int = 0) -> torch.Tensor:
        """Logits. `first` is there for likeness with `Network`; only 0 has a meaning."""
        x = x.unsqueeze(2).contiguous(memory_format=torch.channels_last)
        x = functional.relu(self.norm(self.stem(x)))
        y = x
        for block in self.blocks:
            x, y = block(x, y)
        return self.head(x[:, :, 0].flatten(1))


def built(settings: NetworkSettings, outputs: int, leads: int, samples: int) -> nn.Module:
    """The network that a configuration describes, in channels-last order."""
    if settings.kind == "causal":
        network = Network(settings.stem, settings.blocks, outputs, settings.dropout, leads)
    elif settings.kind == "resnet1d":
        network = ResNet1d(outputs, settings.dropout, leads, samples)
    elif settings.kind == "statespace":
        network = StateSpace(settings.width, settings.depth, outputs, leads, dropout=settings.dropout)
    else:
        raise ValueError(f"network.kind = {settings.kind!r}: causal, resnet1d or statespace is right")
    return network.to(memory_format=torch.channels_last)


@torch.no_grad()
def cost(network: nn.Module, leads: int, samples: int) -> tuple[int, int]:
    """Multiply-accumulates of one window, head included, and parameters."""
    total = 0

    def count(layer, _, result):
        nonlocal total
        total += result.numel() // result.shape[0] * (layer.weight.numel() // layer.weight.shape[0])

    hooks = [m.register_forward_hook(count) for m in network.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    training = network.training
    network.eval()(torch.zeros(1, leads, samples))
    network.train(training)
    for hook in hooks:
        hook.remove()
    return total, sum(p.numel() for p in network.parameters())

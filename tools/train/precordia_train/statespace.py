# A teacher that no board runs: a bidirectional state-space network whose convolution kernels span the whole of a short window.
# Separate from model.py because it is neither causal nor quantised; only distillation knows it.
"""After S4 (Gu et al. 2022) with fixed decays: each channel's kernel is a learned mixture of damped cosines and sines, applied as one
matrix."""

import math

import torch
from torch import nn
from torch.nn import functional

DECAYS = (1.5, 3, 6, 12, 25, 50, 100)
TURNS = (0.5, 1.0, 2.0)


def basis(length: int) -> torch.Tensor:
    """[functions][length], each of unit norm: for every decay (columns) an exponential, and a cosine and a sine under it for each of
    `TURNS`."""
    at = torch.arange(length).float()
    rows = []
    for decay in DECAYS:
        envelope = torch.exp(-at / decay)
        rows.append(envelope)
        for turns in TURNS:
            angle = 1.5 * math.pi * turns * at / decay
            rows += [envelope * torch.cos(angle), envelope * torch.sin(angle)]
    stacked = torch.stack(rows)
    return stacked / stacked.norm(dim=1, keepdim=True)


class Layer(nn.Module):
    """Kernel in both directions, gated linear unit, residual, layer norm. [columns, batch, width] in and out."""

    def __init__(self, width: int, length: int, dropout: float):
        super().__init__()
        self.width, self.length, self.share = width, length, dropout
        self.register_buffer("basis", basis(length))
        self.C = nn.Parameter(torch.randn(2 * width, len(self.basis)) / len(self.basis) ** 0.5)
        self.D = nn.Parameter(torch.randn(width))
        self.mix, self.norm = nn.Linear(width, 2 * width), nn.LayerNorm(width)
        index = torch.arange(length)
        self.register_buffer("lag", index[:, None] - index[None, :] + length - 1, persistent=False)

    def dropped(self, x):
        """One mask for all columns."""
        if not self.training:
            return x
        return x * ((torch.rand(1, x.shape[1], x.shape[2]) >= self.share).float() / (1 - self.share))

    def forward(self, x):
        forward, backward = (self.C @ self.basis).split(self.width)
        kernel = torch.cat([backward.flip(1)[:, :-1], forward], 1)
        now = functional.one_hot(torch.tensor(self.length - 1), kernel.shape[1])
        matrix = (kernel + self.D[:, None] * now)[:, self.lag]
        y = torch.einsum("clm,mbc->lbc", matrix.to(torch.bfloat16), x.to(torch.bfloat16))
        y = functional.glu(self.mix(self.dropped(functional.gelu(y))), -1)
        return self.norm((x + self.dropped(y)).float())


class StateSpace(nn.Module):
    """Convolution with stride 2, `depth` layers, mean over the columns, one linear layer. Trains on the first `length` samples of what it
    is given; a longer window's answer is the mean over seven places in it. Run it under bfloat16 autocast."""

    def __init__(self, width: int, depth: int, outputs: int, leads: int = 12, columns: int = 125, stride: int = 2, dropout: float = 0.2):
        super().__init__()
        self.length = columns * stride
        self.enc = nn.Conv1d(leads, width, 2 * stride + 1, stride, padding=stride)
        self.layers = nn.ModuleList(Layer(width, columns, dropout) for _ in range(depth))
        self.head = nn.Linear(width, outputs)

    def forward(self, x: torch.Tensor, first: int = 0) -> torch.Tensor:
        spare = x.shape[2] - self.length
        if spare > 0 and not self.training:
            places = [round(index * spare / 6) for index in range(7)]
            return torch.stack([self.forward(x[:, :, at : at + self.length].contiguous()) for at in places]).mean(0)
        x = self.enc(x[:, :, : self.length]).permute(2, 0, 1).contiguous()
        for layer in self.layers:
            x = layer(x)
        return self.head(x.float().mean(0))

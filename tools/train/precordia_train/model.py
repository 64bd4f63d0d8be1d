# The first network: a small causal residual net over 12 leads at 100 Hz, in PyTorch.
# Separate from its training and its quantiser: they meet in `LAYERS`, the list that the model file stores.
"""Input [batch, 12, 1000] millivolts, output 71 logits. Total stride 20: a column of features every 0.2 s."""

import torch
from torch import nn
from torch.nn import functional

STEM = 48
BLOCKS = ((64, 2), (96, 2), (128, 5), (192, 1))
KERNEL = 5
LABELS = 71


class Causal(nn.Module):
    """Convolution whose output column j reads input columns (j+1)*stride - kernel ... (j+1)*stride - 1, then batch norm."""

    def __init__(self, inputs, outputs, kernel=KERNEL, stride=1):
        super().__init__()
        self.pad = kernel - stride
        self.convolution = nn.Conv1d(inputs, outputs, kernel, stride, bias=False)
        self.norm = nn.BatchNorm1d(outputs)

    def forward(self, x):
        return self.norm(self.convolution(functional.pad(x, (self.pad, 0)) if self.pad else x))


class Block(nn.Module):
    """Two convolutions and a skip: maximum pool for the stride, 1x1 convolution for the channels."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.stride = stride
        self.first = Causal(inputs, outputs, stride=stride)
        self.second = Causal(outputs, outputs)
        self.skip = Causal(inputs, outputs, kernel=1) if inputs != outputs else None

    def forward(self, x):
        skip = functional.max_pool1d(x, self.stride) if self.stride > 1 else x
        skip = skip if self.skip is None else self.skip(skip)
        return functional.relu(self.second(functional.relu(self.first(x))) + skip)


class Network(nn.Module):
    """Stem, four blocks, mean and maximum over the window's columns, one linear layer."""

    def __init__(self, dropout=0.2):
        super().__init__()
        self.stem = Causal(12, STEM)
        widths = (STEM,) + tuple(width for width, _ in BLOCKS)
        self.blocks = nn.ModuleList(Block(i, o, s) for i, (o, s) in zip(widths, BLOCKS))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * widths[-1], LABELS)

    def features(self, x):
        x = functional.relu(self.stem(x))
        for block in self.blocks:
            x = block(x)
        return x

    def forward(self, x):
        x = self.features(x)
        return self.head(self.dropout(torch.cat([x.mean(2), x.amax(2)], 1)))

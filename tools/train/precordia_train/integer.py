# The network in integers, in numpy: the reference that every kernel has to equal bit for bit.
# Separate from the quantiser because it needs no PyTorch and holds nothing but docs/model-format.md, Arithmetic, steps 2 to 5.
"""Integer products are summed in float64 matrix products: every partial sum stays below 2**53, so each is exact in any order."""

import numpy as np

from .arithmetic import logistic
from .modelfile import CONVOLUTION, NONE, Layer, Model


def convolution_sums(columns: np.ndarray, layer: Layer, zero_point: int) -> np.ndarray:
    """columns: u8 [batch][columns][in]. Returns the 32-bit accumulators as exact float64 [batch][out columns][out]."""
    outputs, kernel, inputs = layer.weights.shape
    before = kernel - layer.stride
    padded = np.concatenate([np.full((columns.shape[0], before, inputs), zero_point, np.uint8), columns], 1)
    count = columns.shape[1] // layer.stride
    sums = np.broadcast_to(layer.bias.astype(np.float64), (columns.shape[0], count, outputs)).copy()
    for tap in range(kernel):
        part = padded[:, tap : tap + layer.stride * (count - 1) + 1 : layer.stride].astype(np.float64)
        sums += part @ layer.weights[:, tap].T.astype(np.float64)
    return sums


def requantised(sums: np.ndarray, layer: Layer, zero_point: int, residual=None, residual_zero_point: int = 0) -> np.ndarray:
    """Step 2: one binary32 rounding for each operation, then u8."""
    t = sums.astype(np.float32) * layer.scale.astype(np.float32)
    if residual is not None:
        t = t + (residual.astype(np.int32) - residual_zero_point).astype(np.float32) * np.float32(layer.residual_scale)
    low, high = (0, 255) if layer.rectifier else (-128, 127)
    return (np.rint(np.clip(t, np.float32(low), np.float32(high))).astype(np.int32) + zero_point).astype(np.uint8)


def all_tensors(model: Model, inputs: np.ndarray) -> list:
    """inputs: u8 [batch][samples][12]. Every tensor, u8 [batch][columns][channels], the input first."""
    tensors = [inputs]
    for index, layer in enumerate(model.layers):
        columns = tensors[layer.input]
        if layer.kind == CONVOLUTION:
            sums = convolution_sums(columns, layer, model.tensors[layer.input].zero_point)
            residual = None if layer.residual == NONE else tensors[layer.residual]
            residual_zero = 0 if residual is None else model.tensors[layer.residual].zero_point
            tensors.append(requantised(sums, layer, model.tensors[index + 1].zero_point, residual, residual_zero))
        else:
            count = columns.shape[1] // layer.stride
            kept = columns[:, : count * layer.stride].reshape(columns.shape[0], count, layer.stride, -1)
            tensors.append(kept.max(2))
    return tensors


def features(model: Model, inputs: np.ndarray) -> np.ndarray:
    """u8 [batch][columns][channels] of the last tensor."""
    return all_tensors(model, inputs)[-1]


def head_sums(model: Model, window: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """window: u8 [batch][n][channels]. The 32-bit sums a (of the mean) and b (of the maximum), int32 [batch][labels]."""
    S = window.astype(np.float64).sum(1)
    M = window.max(1).astype(np.float64)
    a = S @ model.mean_weights.T.astype(np.float64)
    b = M @ model.maximum_weights.T.astype(np.float64)
    return a.astype(np.int32), b.astype(np.int32)


def head_logits(model: Model, a: np.ndarray, b: np.ndarray, n: int) -> np.ndarray:
    """binary32, left to right."""
    mean = (a.astype(np.float32) / np.float32(n)) * model.mean_scale.astype(np.float32)
    return (mean + b.astype(np.float32) * model.maximum_scale.astype(np.float32)) + model.bias.astype(np.float32)


def probabilities(model: Model, logits: np.ndarray) -> np.ndarray:
    """Step 5, binary32."""
    slope = np.array([l.slope for l in model.labels], np.float32).astype(np.float64)
    offset = np.array([l.offset for l in model.labels], np.float32).astype(np.float64)
    return logistic(slope * logits.astype(np.float64) + offset).astype(np.float32)


def logits(model: Model, inputs: np.ndarray, batch: int = 64, progress=lambda items, **_: items) -> np.ndarray:
    """u8 [records][window][12] -> f32 [records][labels], one whole window each."""
    parts = []
    for start in progress(range(0, len(inputs), batch), desc="integer network", unit="batch"):
        last = features(model, np.asarray(inputs[start : start + batch]))
        parts.append(head_logits(model, *head_sums(model, last), last.shape[1]))
    return np.concatenate(parts)


def check_ranges(model: Model) -> int:
    """The largest magnitude that any 32-bit sum can reach, over all u8 inputs; raises OverflowError above 2**31 - 1."""
    worst = 0
    for layer in model.layers:
        if layer.kind == CONVOLUTION:
            w = layer.weights.astype(np.int64).reshape(len(layer.weights), -1)
            bias = layer.bias.astype(np.int64)
            high = np.abs(bias) + np.maximum(255 * np.maximum(w, 0).sum(1), 255 * np.maximum(-w, 0).sum(1))
            worst = max(worst, int(high.max()))
    columns = model.window // model.column
    for weights, most in ((model.mean_weights, 255 * columns), (model.maximum_weights, 255)):
        worst = max(worst, int(most * np.abs(weights.astype(np.int64)).sum(1).max()))
    if worst > 2**31 - 1:
        raise OverflowError(f"a sum can reach {worst}, beyond 32 bits")
    return worst

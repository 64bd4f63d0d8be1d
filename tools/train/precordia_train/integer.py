# The network in integers, in numpy: the reference that every kernel has to equal bit for bit.
# Separate from the quantiser because it needs no PyTorch and holds nothing but docs/model-format.md, Arithmetic, steps 2 to 5.
"""Integer products are summed in float64 matrix products: every partial sum stays below 2**53, so each is exact in any order."""

import numpy as np

from .arithmetic import logistic
from .modelfile import DEPTHWISE, NONE, POOL, Layer, Model


def convolution_sums(columns: np.ndarray, layer: Layer, zero_point: int) -> np.ndarray:
    """columns: u8 [batch][columns][in]. Returns the 32-bit accumulators as exact float64 [batch][out columns][out], depthwise or not."""
    outputs, kernel = layer.weights.shape[:2]
    padding = ((0, 0), (layer.left, kernel - layer.stride - layer.left), (0, 0))
    padded = np.pad(columns, padding, constant_values=zero_point)
    count = columns.shape[1] // layer.stride
    sums = np.broadcast_to(layer.bias.astype(np.float64), (columns.shape[0], count, outputs)).copy()
    for tap in range(kernel):
        part = padded[:, tap : tap + layer.stride * (count - 1) + 1 : layer.stride].astype(np.float64)
        weights = layer.weights[:, tap].T.astype(np.float64)
        sums += part * weights if layer.kind == DEPTHWISE else part @ weights
    return sums


def requantised(sums: np.ndarray, layer: Layer, zero_point: int, residual=None, residual_zero_point: int = 0) -> np.ndarray:
    """Step 2: one binary32 rounding for each operation, then u8."""
    t = sums.astype(np.float32) * layer.scale.astype(np.float32)
    if residual is not None:
        t = t + (residual.astype(np.int32) - residual_zero_point).astype(np.float32) * np.float32(layer.residual_scale)
    low, high = (0, 255) if layer.rectifier else (-128, 127)
    return (np.rint(np.clip(t, np.float32(low), np.float32(high))).astype(np.int32) + zero_point).astype(np.uint8)


def all_tensors(model: Model, inputs: np.ndarray) -> list:
    """inputs: u8 [batch][samples][leads]. Every tensor, u8 [batch][columns][channels], the input first."""
    tensors = [inputs]
    for index, layer in enumerate(model.layers):
        columns = tensors[layer.input]
        if layer.kind != POOL:
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


def flat_sums(model: Model, window: np.ndarray) -> np.ndarray:
    """window: u8 [batch][columns][channels]. The flattened head's 32-bit sums, int32 [batch][labels]."""
    return (window.reshape(len(window), -1).astype(np.float64) @ model.flat_weights.T.astype(np.float64)).astype(np.int32)


def flat_logits(model: Model, a: np.ndarray) -> np.ndarray:
    """binary32, left to right."""
    return a.astype(np.float32) * model.flat_scale.astype(np.float32) + model.bias.astype(np.float32)


def window_logits(model: Model, window: np.ndarray) -> np.ndarray:
    """window: u8 [batch][n][channels], features. Step 4, f32 [batch][labels]."""
    if model.flat_weights is not None:
        return flat_logits(model, flat_sums(model, window))
    return head_logits(model, *head_sums(model, window), window.shape[1])


def centred(model: Model, samples: np.ndarray) -> np.ndarray:
    """samples: u8 [n][leads]. What a whole-window model sees: the last `window` of them, or fewer with the zero point on both sides."""
    samples = samples[-model.window :]
    before = (model.window - len(samples)) // 2
    return np.pad(samples, ((before, model.window - len(samples) - before), (0, 0)), constant_values=model.zero_point)


def probabilities(model: Model, logits: np.ndarray) -> np.ndarray:
    """Step 5, binary32."""
    slope = np.array([l.slope for l in model.labels], np.float32).astype(np.float64)
    offset = np.array([l.offset for l in model.labels], np.float32).astype(np.float64)
    return logistic(slope * logits.astype(np.float64) + offset).astype(np.float32)


def logits(model: Model, inputs: np.ndarray, batch: int = 64) -> np.ndarray:
    """u8 [records][samples][leads] -> f32 [records][labels], one window each."""
    parts = []
    for start in range(0, len(inputs), batch):
        parts.append(window_logits(model, features(model, np.asarray(inputs[start : start + batch]))))
    return np.concatenate(parts)


def check_ranges(model: Model) -> int:
    """The largest magnitude that any 32-bit sum can reach, over all u8 inputs; raises OverflowError above 2**31 - 1."""
    worst = 0
    for layer in model.layers:
        if layer.kind != POOL:
            w = layer.weights.astype(np.int64).reshape(len(layer.weights), -1)
            bias = layer.bias.astype(np.int64)
            high = np.abs(bias) + np.maximum(255 * np.maximum(w, 0).sum(1), 255 * np.maximum(-w, 0).sum(1))
            worst = max(worst, int(high.max()))
    heads = ((model.mean_weights, 255 * model.columns), (model.maximum_weights, 255), (model.flat_weights, 255))
    for weights, most in heads:
        if weights is not None:
            worst = max(worst, int(most * np.abs(weights.astype(np.int64)).sum(1).max()))
    if worst > 2**31 - 1:
        raise OverflowError(f"a sum can reach {worst}, beyond 32 bits")
    return worst

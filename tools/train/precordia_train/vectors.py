# Test vectors for the Swift tests, from synthetic signals alone: no recording, and nothing derived from one, is in them.
# Separate because they are regenerated whenever the model file changes, and by nobody else.
"""All files are little-endian and packed, without padding. Every one begins with 8 bytes magic, u32 version (1), u32 cases.

Tests/PrecordiaSignalTests/Vectors/resampler.vectors, magic PRECRSMP. A case:
    u32 source hertz, u32 target hertz, u32 samples N, u32 outputs
    f64 x[N]            input, relative to the first sample (x[0] is 0)
    f64 y[outputs]      output at the target rate: all n with n*M <= (N-1)*L (resample.py)

Tests/PrecordiaSignalTests/Vectors/sections.vectors, magic PRECSECT. A case:
    u32 sections, u32 samples N
    f64 b0, b1, b2, a1, a2 for each section
    f64 x[N]
    f64 y[N]            all sections in order, from rest, states below 1e-20 flushed

Tests/PrecordiaSignalTests/Vectors/input.vectors, magic PRECINPT. A case: the whole way of one lead to the network.
    u32 source hertz, u32 samples N, u32 outputs, u32 reserved
    f64 microvolts a count
    i32 counts[N]
    u8  u[outputs]      100 Hz, the two sections of the model, step 25 microvolts, zero point 128

Tests/PrecordiaSignalTests/Vectors/elementary.vectors, magic PRECELEM. A case:
    u32 function (1 exponential, 2 logistic, 3 sine, 4 cosine), u32 count N
    f64 x[N], f64 y[N]

Tests/PrecordiaNetworkTests/Vectors/NAME.vectors, magic PRECNETW, then the 32 bytes of the model's SHA-256 (header field at 32),
for NAME ptbxl71 (models/ptbxl71.precordia), small (small.precordia beside it: random weights, odd kernels and strides,
a pool, residuals, extreme scales) and depthwise (depthwise.precordia: eight leads, depthwise layers, two label sets). A case:
    u32 samples N, u32 columns, u32 channels, u32 labels, u32 answers
    u8  input[N][leads]
    u8  features[columns][channels]     the last tensor, from the stream's start
    for each answer:
        u32 columns seen so far, u32 n: the last n of them are in the window (at most window / samples a column)
        i32 a[labels], i32 b[labels]    head sums of mean and maximum
        f32 logits[labels]
        f32 probabilities[labels]

Tests/PrecordiaNetworkTests/Vectors/window.vectors, magic PRECWIND, then the 32 bytes of the SHA-256 of window.precordia beside it (eight leads,
a whole window, sums without a rectifier, channels padded with 0, a flattened head). A case: the answer after N samples of a new stream.
    u32 samples N, u32 columns, u32 channels, u32 labels
    u8  input[N][leads]
    u8  features[columns][channels]     the last tensor
    i32 a[labels]                       head sums
    f32 logits[labels]
    f32 probabilities[labels]
"""

import struct
from pathlib import Path

import numpy as np

from . import arithmetic, integer, modelfile, preprocess, resample
from .modelfile import CONVOLUTION, DEPTHWISE, EIGHT, MACHINE, NONE, POOL, Class, Label, LabelSet, Layer, Model, Tensor

VERSION = 1


def noise(count: int, seed: int) -> np.ndarray:
    """Integers -2**15 ..< 2**15 from a 64-bit linear congruential generator (Knuth's MMIX constants): the same for ever."""
    state, out = seed, np.empty(count, np.int64)
    for index in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
        out[index] = (state >> 48) - 32768
    return out


def synthetic(rate: int, seconds: float, seed: int) -> np.ndarray:
    """Counts of one lead: triangular spikes at 75 a minute, a slow wander and noise. No libm in it."""
    count = int(rate * seconds)
    n = np.arange(count)
    beat = (n * 1000 // rate) % 800
    spike = np.where(beat < 80, 1200 - np.abs(beat - 40) * 30, 0) + np.where((beat > 250) & (beat < 450), 300 - np.abs(beat - 350) * 3, 0)
    wander = np.abs((n * 1000 // rate) % 4000 - 2000) // 4
    return spike + wander + noise(count, seed) // 1024


def _file(path: Path, magic: bytes, cases: list, extra: bytes = b"") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(magic + struct.pack("<II", VERSION, len(cases)) + extra + b"".join(cases))


def resampler_case(source: int, target: int, seconds: float, seed: int) -> bytes:
    x = synthetic(source, seconds, seed).astype(np.float64)
    x = x - x[0]
    y = resample.resampled(x[:, None], source, target)[:, 0]
    return struct.pack("<4I", source, target, x.size, y.size) + x.tobytes() + y.tobytes()


def sections_case(sections: np.ndarray, x: np.ndarray) -> bytes:
    y = preprocess.filtered(x[:, None], sections)[:, 0]
    return struct.pack("<2I", len(sections), x.size) + sections.tobytes() + x.tobytes() + y.tobytes()


def input_case(rate: int, seconds: float, seed: int, microvolts: float) -> bytes:
    counts = synthetic(rate, seconds, seed) * 3
    u = preprocess.network_input((counts.astype(np.float64) * microvolts)[:, None].repeat(12, 1), rate)[:, 0]
    head = struct.pack("<4Id", rate, counts.size, u.size, 0, microvolts)
    return head + counts.astype("<i4").tobytes() + u.tobytes()


def elementary_case(number: int, function, x: np.ndarray) -> bytes:
    return struct.pack("<2I", number, x.size) + x.tobytes() + np.asarray(function(x), np.float64).tobytes()


def network_case(model: Model, columns: np.ndarray, answers: list) -> bytes:
    """columns: u8 [samples][leads]; answers: after how many feature columns to ask."""
    last = integer.features(model, columns[None])[0]
    window = model.window // model.column
    out = struct.pack("<5I", len(columns), len(last), last.shape[1], len(model.labels), len(answers)) + columns.tobytes() + last.tobytes()
    for seen in answers:
        n = min(seen, window)
        a, b = integer.head_sums(model, last[None, seen - n : seen])
        logits = integer.head_logits(model, a, b, n)
        out += struct.pack("<2I", seen, n) + a.tobytes() + b.tobytes() + logits.tobytes() + integer.probabilities(model, logits).tobytes()
    return out


def window_case(model: Model, samples: np.ndarray) -> bytes:
    """samples: u8 [N][leads], from the stream's start."""
    last = integer.features(model, integer.centred(model, samples)[None])
    a = integer.flat_sums(model, last)
    logits = integer.flat_logits(model, a)
    out = struct.pack("<4I", len(samples), last.shape[1], last.shape[2], len(model.labels)) + samples.tobytes() + last.tobytes()
    return out + a.tobytes() + logits.tobytes() + integer.probabilities(model, logits).tobytes()


def signals(model: Model) -> dict:
    """Inputs u8 [samples][leads] of 1.5 windows at most: rest, extremes, noise and a smooth stream."""
    N, leads = model.window, [lead for lead in range(12) if model.leads >> lead & 1]
    wide = noise(12 * N, 7).reshape(N, 12)
    smooth = np.stack([synthetic(model.rate, 15 * N / model.rate / 10, 100 + lead) * (lead - 4) // 4 for lead in range(12)], 1)
    all_leads = {
        "rest": np.full((N // 2, 12), 128, np.uint8), "extreme": np.where(wide[: N // 2] > 0, 255, 0).astype(np.uint8),
        "random": ((wide >> 8) + 128).astype(np.uint8), "stream": preprocess.network_input(smooth.astype(np.float64), preprocess.RATE),
    }  # fmt: skip
    return {name: np.ascontiguousarray(values[:, leads]) for name, values in all_leads.items()}


def network_cases(model: Model) -> list:
    """Rest, extremes, noise, a smooth signal from start to a long stream, and windows that are not full."""
    N, per, each = model.window, model.column, signals(model)
    if model.whole_window:
        stream = each["stream"]
        pieces = [stream[:count] for count in (1, 2, N // 3, N - 1, N, N + 1, len(stream))]
        return [window_case(model, samples) for samples in (each["rest"], each["extreme"], each["random"], *pieces)]
    hop = model.hop // per
    every = list(range(hop, len(each["stream"]) // per + 1, hop))
    return [
        network_case(model, each["rest"], [N // 2 // per]), network_case(model, each["extreme"], [1, 3, N // 2 // per]),
        network_case(model, each["random"], [N // per]), network_case(model, each["stream"], every),
    ]  # fmt: skip


class Maker:
    """Grows a network of random weights, a layer a call; each returns the number of its tensor. Layers spread over most of their range."""

    def __init__(self, seed: int, leads: int):
        self.random = np.random.Generator(np.random.PCG64(seed))
        self.layers, self.tensors = [], [Tensor(leads, 128, float(np.float32(0.025)), 1)]

    def _add(self, layer: Layer, channels: int, zero_point: int) -> int:
        per = self.tensors[layer.input].samples_per_column * layer.stride
        self.layers.append(layer)
        self.tensors.append(Tensor(channels, zero_point, float(np.float32(0.02)), per))
        return len(self.layers)

    def pool(self, source: int, stride: int) -> int:
        return self._add(Layer(POOL, source, kernel=stride, stride=stride), self.tensors[source].channels, self.tensors[source].zero_point)

    def convolution(self, source, channels, kernel, stride=1, rectifier=True, residual=NONE, left=None, empty=0, depthwise=False) -> int:
        """`empty`: so many of the last channels are padding."""
        shape = (channels, kernel) if depthwise else (channels, kernel, self.tensors[source].channels)
        weights = self.random.integers(-127, 128, shape).astype(np.int8)
        spread = 48.0 / (74.0 * 60.0 * float(np.prod(shape[1:])) ** 0.5)
        scale = (spread * self.random.uniform(0.5, 1.5, channels)).astype(np.float32)
        bias = self.random.integers(-3000, 3000, channels).astype(np.int32)
        for values in (weights, scale, bias):
            values[channels - empty :] = 0
        bias -= self.tensors[source].zero_point * weights.reshape(channels, -1).astype(np.int32).sum(1)
        beside = 0.0 if residual == NONE else float(np.float32(self.random.uniform(0.5, 1.2)))
        kind = DEPTHWISE if depthwise else CONVOLUTION
        layer = Layer(kind, source, residual, kernel, stride, rectifier, beside, weights, bias, scale, left)
        return self._add(layer, channels, 0 if rectifier else 128)

    def depthwise(self, source, kernel, **how) -> int:
        return self.convolution(source, self.tensors[source].channels, kernel, depthwise=True, **how)

    def labels(self) -> dict:
        """Three statements and two labels of another set, and classes of both."""
        names = ("ONE", "TWO", "THREE", "FOUR", "FIVE")
        labels = [Label(name, f"label {name.lower()}", "g", 0.25, 0, 0.75, -0.25) for name in names]
        labels[1].priority, labels[1].alarm_threshold = 3, 0.75
        classes = [Class("A", "from two sets", "g", "confirmed", [0, 3]), Class("B", "b", "g", "implied", [4], MACHINE), Class("C", "c", "h", "implied")]
        return {"labels": labels, "classes": classes, "sets": [LabelSet("statements", 0, 3), LabelSet("code", 3, 2)]}

    def head(self, count: int) -> np.ndarray:
        return self.random.integers(-127, 128, (5, count)).astype(np.int8)

    def numbers(self, low: float, high: float) -> np.ndarray:
        return self.random.uniform(low, high, 5).astype(np.float32)


def depthwise_model() -> Model:
    """Streaming and separable: depthwise layers with and without stride, history, residual and rectifier."""
    m = Maker(20261123, 8)
    stem = m.convolution(0, 16, 5)
    spread = m.convolution(m.depthwise(stem, 7, stride=2), 32, 1, rectifier=False)
    slow = m.depthwise(spread, 5, stride=5, rectifier=False)
    mixed = m.convolution(slow, 32, 1, residual=slow)
    m.depthwise(mixed, 9, residual=mixed)
    return Model(
        "depthwise", 3, 100, 400, 100, 25.0, preprocess.SECTIONS, m.tensors, m.layers, m.head(32), m.head(32), m.numbers(1e-4, 2e-4),
        m.numbers(1e-5, 5e-5), m.numbers(-1, 1), leads=EIGHT, **m.labels(),
    )  # fmt: skip


def window_model() -> Model:
    """A whole window, as ResNet1d is built: its sums have no rectifier and feed the next skip, a normalisation and a rectifier the next layers."""
    m = Maker(20261124, 8)
    stem = m.convolution(0, 16, 9, left=4)
    skip = m.convolution(m.pool(stem, 2), 32, 1, rectifier=False)
    summed = m.convolution(m.convolution(stem, 32, 7, stride=2, left=2), 32, 5, rectifier=False, residual=skip, left=2)
    active = m.depthwise(summed, 1)
    skip = m.convolution(m.pool(summed, 4), 48, 1, rectifier=False, empty=8)
    summed = m.convolution(m.convolution(active, 48, 6, stride=4, left=1, empty=8), 48, 5, rectifier=False, residual=skip, left=2, empty=8)
    active = m.depthwise(summed, 3, left=1, empty=8)
    m.convolution(active, 16, 4, stride=4, left=0)
    return Model(
        "window", 4, 100, 480, 240, 25.0, preprocess.SECTIONS, m.tensors, m.layers, None, None, None, None, m.numbers(-1, 1), leads=EIGHT,
        whole_window=True, flat_weights=m.head(15 * 16), flat_scale=m.numbers(1e-5, 3e-5), **m.labels(),
    )  # fmt: skip


def small_model() -> Model:
    """A model that no training made: it reaches the corners of the format that ptbxl71 does not use."""
    random = np.random.Generator(np.random.PCG64(20261122))

    def weights(*shape):
        return random.integers(-127, 128, shape).astype(np.int8)

    def convolution(source, inputs, outputs, kernel, stride, rectifier, residual=NONE, residual_scale=0.0, scale=None):
        w = weights(outputs, kernel, inputs)
        spread = scale or 48.0 / (74.0 * 60.0 * float(kernel * inputs) ** 0.5)
        s = (spread * random.uniform(0.5, 1.5, outputs)).astype(np.float32)
        b = random.integers(-3000, 3000, outputs).astype(np.int32) - (0 if source else 128 * w.astype(np.int64).sum((1, 2)).astype(np.int32))
        return Layer(CONVOLUTION, source, residual, kernel, stride, rectifier, residual_scale, w, b, s)

    f = lambda x: float(np.float32(x))
    layers = [
        convolution(0, 12, 16, 7, 1, True),
        Layer(POOL, 1, kernel=4, stride=4),
        convolution(1, 16, 32, 4, 4, False),
        convolution(2, 16, 32, 1, 1, False, 3, f(0.75)),
        convolution(4, 32, 32, 3, 1, True, 4, f(1.3)),
        convolution(5, 32, 16, 9, 5, True),
        convolution(6, 16, 16, 2, 1, True, 6, f(0.1), scale=0.02),
    ]
    # Small weights and an eighth as scale: one output in eight lies exactly between two integers, so that rounding to even shows.
    layers[2].weights = random.integers(-1, 2, layers[2].weights.shape).astype(np.int8)
    layers[2].bias[:] = random.integers(-400, 400, 32)
    layers[2].scale[:] = 0.125
    tensors = [Tensor(12, 128, f(0.025), 1)]
    for layer in layers:
        source = tensors[layer.input]
        if layer.kind == POOL:
            tensors.append(Tensor(source.channels, source.zero_point, source.scale, source.samples_per_column * layer.stride))
        else:
            tensors.append(Tensor(len(layer.weights), 0 if layer.rectifier else 128, f(0.02), source.samples_per_column * layer.stride))
    # A signed input's zero point, folded into the bias as the exporter does.
    for index, layer in enumerate(layers[1:], 1):
        if layer.kind == CONVOLUTION and tensors[layer.input].zero_point:
            layer.bias = layer.bias - 128 * layer.weights.astype(np.int32).sum((1, 2))
    labels = [
        Label("ONE", "first statement", "rhythm", 0.5, 4, 1.0, 0.0), Label("TWO", "second statement", "form", 0.25, 0, f(0.8), f(-0.3)),
        Label("THREE", "third statement, größer", "", f(0.9), 1, f(1.7), f(0.2)),
    ]  # fmt: skip
    classes = [Class("A", "from two", "g", "confirmed", [0, 2]), Class("B", "not covered", "g", "provisional", []), Class("C", "c", "h", "implied", [1])]
    return Model(
        "small", 7, 100, 400, 100, 25.0, preprocess.SECTIONS, tensors, layers, weights(3, 16), weights(3, 16),
        random.uniform(1e-4, 2e-4, 3).astype(np.float32), random.uniform(1e-5, 5e-5, 3).astype(np.float32),
        random.uniform(-1, 1, 3).astype(np.float32), labels, classes, (2, 3), 0.5, 4,
    )  # fmt: skip


def write_all(model: Model, tests: Path) -> None:
    """Writes every file named in this module's description below `tests`."""
    signal, network = tests / "PrecordiaSignalTests" / "Vectors", tests / "PrecordiaNetworkTests" / "Vectors"
    rates = ((360, 2.0), (500, 2.0), (257, 2.0), (1000, 1.0), (128, 3.0), (400, 1.0), (2000, 0.5), (100, 0.3), (101, 2.0))
    _file(signal / "resampler.vectors", b"PRECRSMP", [resampler_case(rate, 100, s, 1 + i) for i, (rate, s) in enumerate(rates)])
    spikes = synthetic(100, 8, 11).astype(np.float64)
    step = np.concatenate([np.zeros(5), np.full(295, 1000.0)])
    decay = np.concatenate([[1e-15], np.zeros(699)])
    _file(signal / "sections.vectors", b"PRECSECT", [sections_case(preprocess.SECTIONS, x) for x in (spikes - spikes[0], step, decay)])
    inputs = [(100, 5.0, 21, 1.0), (500, 3.0, 22, 1.0), (400, 2.0, 23, 2.5), (360, 2.0, 24, 5.0), (250, 2.0, 25, 4.88)]
    _file(signal / "input.vectors", b"PRECINPT", [input_case(*case) for case in inputs])
    spread = noise(300, 31) / 32768.0
    _file(
        signal / "elementary.vectors", b"PRECELEM",
        [
            elementary_case(1, arithmetic.exponential, np.concatenate([spread * 705, [0.0, -0.0, 1.0, -1.0]])),
            elementary_case(2, arithmetic.logistic, np.concatenate([spread * 40, [0.0, 800.0, -800.0]])),
            elementary_case(3, arithmetic.sine, np.concatenate([spread * 1000, spread * 999_999])),
            elementary_case(4, arithmetic.cosine, np.concatenate([spread * 4, spread * 999_999])),
        ],
    )  # fmt: skip
    network.mkdir(parents=True, exist_ok=True)
    _file(network / f"{model.name}.vectors", b"PRECNETW", network_cases(model), model.hash)
    for made in (small_model(), depthwise_model(), window_model()):
        (network / f"{made.name}.precordia").write_bytes(modelfile.encoded(made))
        read = modelfile.decoded(modelfile.encoded(made))
        _file(network / f"{read.name}.vectors", b"PRECWIND" if read.whole_window else b"PRECNETW", network_cases(read), read.hash)

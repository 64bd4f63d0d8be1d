# The three networks that are compared, as Precordia's model files: the shipped one and two of random weights.
# The file's integers are the truth; every peer's form is made from them.
"""Random networks get their scales from simulated exams: each tensor uses its 8 bits, as a calibrated one would."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from precordia_tools.places import TOP
from precordia_train import integer, modelfile, preprocess
from precordia_train.modelfile import CONVOLUTION, DEPTHWISE, EIGHT, NONE, POOL, TWELVE, Label, Layer, Model, Tensor

RHYTHMS = ("normal", "atrial-fibrillation", "lbbb", "premature-ventricular")


@dataclass
class Case:
    """A network, its file, and inputs u8 [exams][samples][leads] made from simulated exams at its own rate."""

    name: str
    words: str
    path: Path
    model: Model
    inputs: np.ndarray
    records: list


def simulated(program: Path, folder: Path, rate: int, samples: int, count: int) -> list:
    """Paths of simulated exams, made if they are not there."""
    paths = []
    for index in range(count):
        path = folder / f"exam_{rate}_{samples}_{index:02d}"
        paths.append(path)
        if not path.with_suffix(".hea").exists():
            command = [
                program,
                "simulate",
                "--rhythm",
                RHYTHMS[index % 4],
                "--rate",
                rate,
                "--seconds",
                samples / rate,
                "--seed",
                index,
                "-o",
                path,
            ]
            subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
    return paths


def network_input(model: Model, path: Path) -> np.ndarray:
    """What the network hears of a simulated exam at its own rate: u8 [samples][leads], docs/model-format.md, Arithmetic 1."""
    counts = np.fromfile(path.with_suffix(".dat"), "<i2").reshape(-1, 12).astype(np.float64)
    x = preprocess.filtered(counts - counts[0], np.asarray(model.sections)) if len(model.sections) else counts - counts[0]
    u = np.clip(np.rint(x * (1 / model.step)), -128, 127) + 128
    return np.ascontiguousarray(u[:, [lead for lead in range(12) if model.leads >> lead & 1]].astype(np.uint8))


class Builder:
    """Adds layers of random weights, each with the scales that its outputs on the given inputs ask for."""

    def __init__(self, leads: int, inputs: np.ndarray, seed: int):
        self.random = np.random.default_rng(seed)
        self.tensors = [Tensor(leads, 128, 0.025, 1)]
        self.values = [inputs]
        self.real = [leads]
        self.layers = []

    def add(self, kind, source, channels, kernel, stride=1, rectifier=True, residual=NONE, left=None) -> int:
        """Channels are padded to a multiple of 16. Gives the number of the tensor written."""
        before, columns = self.tensors[source], self.values[source]
        if kind == POOL:
            self.layers.append(Layer(POOL, source, kernel=stride, stride=stride))
            self.tensors.append(Tensor(before.channels, before.zero_point, before.scale, before.samples_per_column * stride))
            self.values.append(columns.reshape(len(columns), -1, stride, before.channels).max(2))
            self.real.append(self.real[source])
            return len(self.layers)
        inputs, padded = self.real[source], -(-channels // 16) * 16
        shape = (channels, kernel) if kind == DEPTHWISE else (channels, kernel, inputs)
        fan = kernel if kind == DEPTHWISE else kernel * inputs
        weights = self.random.normal(0, np.sqrt(2 / fan), shape)
        if kind == DEPTHWISE and kernel == 1:
            weights = np.abs(weights) + 0.5
        step = np.abs(weights).reshape(channels, -1).max(1) / 127
        whole = np.zeros((padded, kernel) if kind == DEPTHWISE else (padded, kernel, before.channels), np.int8)
        rounded = np.rint(weights / step.reshape((-1,) + (1,) * (weights.ndim - 1))).astype(np.int8)
        if kind == DEPTHWISE:
            whole[:channels] = rounded
        else:
            whole[:channels, :, :inputs] = rounded
        scale = np.zeros(padded)
        scale[:channels] = before.scale * step
        offset = np.zeros(padded)
        offset[:channels] = self.random.normal(0, 0.1, channels) * before.scale * 40 / np.maximum(scale[:channels], 1e-12)
        folded = np.rint(offset) - before.zero_point * whole.reshape(padded, -1).astype(np.int64).sum(1)
        layer = Layer(kind, source, residual, kernel, stride, rectifier, 0.0, whole, folded.astype(np.int32), scale, left)
        sums = integer.convolution_sums(columns, layer, before.zero_point) * scale
        if residual != NONE:
            sums = sums + (self.values[residual].astype(np.float64) - self.tensors[residual].zero_point) * self.tensors[residual].scale
        zero = 0 if rectifier else 128
        most = np.percentile(np.maximum(sums, 0) if rectifier else np.abs(sums), 99.99) / (255 if rectifier else 127)
        layer.scale = (scale / most).astype(np.float32)
        if residual != NONE:
            layer.residual_scale = self.tensors[residual].scale / most
        result = self.values[residual] if residual != NONE else None
        residual_zero = self.tensors[residual].zero_point if residual != NONE else 0
        sums = integer.convolution_sums(columns, layer, before.zero_point)
        self.layers.append(layer)
        self.tensors.append(Tensor(padded, zero, most, before.samples_per_column * stride))
        self.values.append(integer.requantised(sums, layer, zero, result, residual_zero))
        self.real.append(channels)
        return len(self.layers)

    def head(self, labels: int, **fields) -> Model:
        channels, last = self.real[-1], self.values[-1]
        labelled = [Label(f"L{i}", f"label {i}", "random") for i in range(labels)]
        common = dict(
            version=1, step=25.0, sections=np.empty((0, 5)), tensors=self.tensors, layers=self.layers, labels=labelled,
            bias=np.zeros(labels, np.float32), mean_weights=None, maximum_weights=None, mean_scale=None, maximum_scale=None,
        )  # fmt: skip

        def weights(rows, columns):
            values = np.zeros((labels, columns, self.tensors[-1].channels), np.int8)
            values[:, :, :channels] = np.clip(np.rint(self.random.normal(0, 40, (labels, columns, channels))), -127, 127)
            return values.reshape(labels, -1)

        scale = np.full(labels, self.tensors[-1].scale / 127 / np.sqrt(channels), np.float32)
        if fields.get("whole_window"):
            flat = weights(labels, last.shape[1])
            return Model(**common, **fields, flat_weights=flat, flat_scale=(scale / np.sqrt(last.shape[1])).astype(np.float32))
        common.update(mean_weights=weights(labels, 1), maximum_weights=weights(labels, 1), mean_scale=scale, maximum_scale=scale)
        return Model(**common, **fields)


def resnet1d(inputs: np.ndarray) -> Model:
    """CODE-II's network (Abreu et al. 2026, after Ribeiro et al. 2020) as tools/train exports it: 8 leads, 4096 samples at 400 Hz,
    kernel 17, 64 to 320 channels, the sum kept apart from its norm and rectifier."""
    net = Builder(8, inputs, 1)
    x = y = net.add(CONVOLUTION, 0, 64, 17, left=8)
    width = 64
    for index, channels in enumerate((64, 128, 196, 256, 320)):
        stride = 1 if index == 0 else 4
        middle = net.add(CONVOLUTION, x, channels, 17, left=8)
        skip = net.add(POOL, y, 0, stride, stride) if stride > 1 else y
        skip = net.add(CONVOLUTION, skip, channels, 1, rectifier=False) if channels != width else skip
        y = net.add(CONVOLUTION, middle, channels, 17, stride, rectifier=False, residual=skip, left=(17 - stride) // 2)
        x = net.add(DEPTHWISE, y, channels, 1)
        width = channels
    return net.head(66, name="resnet1d", rate=400, window=4096, hop=400, leads=EIGHT, whole_window=True)


def depthwise(inputs: np.ndarray) -> Model:
    """A depthwise-separable network, causal: 12 leads, 10 s at 256 Hz (which its stride of 32 divides), kernel 9, 32 to 256 channels."""
    net = Builder(12, inputs, 2)
    x, width = net.add(CONVOLUTION, 0, 32, 15, 2), 32
    for channels, stride in ((64, 2), (64, 1), (128, 2), (128, 1), (192, 2), (192, 1), (256, 2)):
        middle = net.add(DEPTHWISE, x, width, 9, stride)
        x = net.add(CONVOLUTION, middle, channels, 1, residual=x if channels == width and stride == 1 else NONE)
        width = channels
    return net.head(66, name="depthwise", rate=256, window=2560, hop=256, leads=TWELVE)


def cases(program: Path, folder: Path, names: list, count: int = 8) -> list:
    """The networks by name: shipped, resnet1d, depthwise."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name in names:
        rate, samples, words, build = {
            "shipped": (0, 0, "shipped model", None),
            "resnet1d": (400, 4096, "CODE-II ResNet1d", resnet1d),
            "depthwise": (256, 2560, "depthwise-separable", depthwise),
        }[name]
        if build is None:
            path = TOP / "models/ptbxl71.precordia"
            model = modelfile.decoded(path.read_bytes())
            records = simulated(program, folder, model.rate, model.window, count)
        else:
            path = folder / f"{name}.precordia"
            records = simulated(program, folder, rate, samples, count)
            if not path.exists():
                blank = Model(
                    name,
                    1,
                    rate,
                    samples,
                    rate,
                    25.0,
                    [],
                    [Tensor(0, 0, 1, 1)],
                    [],
                    *[None] * 5,
                    leads=EIGHT if name == "resnet1d" else TWELVE,
                )
                path.write_bytes(modelfile.encoded(build(np.stack([network_input(blank, each) for each in records[:4]]))))
            model = modelfile.decoded(path.read_bytes())
        inputs = np.stack([network_input(model, each) for each in records])
        made.append(Case(name, words, path, model, inputs, records))
    return made

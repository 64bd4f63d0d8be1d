# The network that marks edges, its training, and its weights as C: numpy alone, because it is small.
# Apart from the beats it learns from. delineation.c computes the same forward pass.
import numpy as np

from .beats import COLUMNS

CHANNELS, HIDDEN, TAPS, DILATIONS = 6, 24, 9, (1, 2, 4, 8, 1)


class Network:
    """Each layer mixes channels, convolves each with its own dilated taps, adds a bias, rectifies, and from the second on adds what came in."""

    def __init__(self, seed):
        chance, ins, self.weights = np.random.default_rng(seed), CHANNELS, []
        for _ in DILATIONS:
            self.weights += [
                chance.normal(0, np.sqrt(2 / ins), (HIDDEN, ins)).astype(np.float32),
                chance.normal(0, np.sqrt(1 / TAPS), (HIDDEN, TAPS)).astype(np.float32), np.zeros(HIDDEN, np.float32)]
            ins = HIDDEN
        self.weights += [chance.normal(0, np.sqrt(1 / ins), (5, ins)).astype(np.float32), np.zeros(5, np.float32)]
        self.mean = [np.zeros_like(weight) for weight in self.weights]
        self.square = [np.zeros_like(weight) for weight in self.weights]
        self.count = 0

    def forward(self, x):
        self.kept, h = [], x
        for layer, dilation in enumerate(DILATIONS):
            mixing, taps, bias = self.weights[3 * layer:3 * layer + 3]
            pad = dilation * (TAPS // 2)
            mixed = np.pad(np.matmul(mixing, h), ((0, 0), (0, 0), (pad, pad)))
            y = bias[None, :, None] + sum(taps[None, :, tap, None] * mixed[:, :, tap * dilation:tap * dilation + COLUMNS] for tap in range(TAPS))
            self.kept.append((h, mixed, y))
            h = np.maximum(y, 0) + h if layer else np.maximum(y, 0)
        self.last = h
        return np.matmul(self.weights[-2], h) + self.weights[-1][None, :, None]

    def backward(self, d):
        gradients = [None] * len(self.weights)
        gradients[-2], gradients[-1] = np.einsum("bot,bct->oc", d, self.last), d.sum((0, 2))
        d = np.matmul(self.weights[-2].T, d)
        for layer in reversed(range(len(DILATIONS))):
            h, mixed, y = self.kept[layer]
            mixing, taps, bias = self.weights[3 * layer:3 * layer + 3]
            dilation, pad, g = DILATIONS[layer], DILATIONS[layer] * (TAPS // 2), d * (y > 0)
            d_taps, d_mixed = np.zeros_like(taps), np.zeros_like(mixed)
            for tap in range(TAPS):
                part = slice(tap * dilation, tap * dilation + COLUMNS)
                d_taps[:, tap] = np.einsum("bct,bct->c", g, mixed[:, :, part])
                d_mixed[:, :, part] += taps[None, :, tap, None] * g
            d_mixed = d_mixed[:, :, pad:pad + COLUMNS]
            flat = d_mixed.transpose(1, 0, 2).reshape(HIDDEN, -1)
            gradients[3 * layer] = flat @ h.transpose(1, 0, 2).reshape(h.shape[1], -1).T
            gradients[3 * layer + 1], gradients[3 * layer + 2] = d_taps, g.sum((0, 2))
            before = np.matmul(mixing.T, d_mixed)
            d = before + d if layer else before
        return gradients

    def step(self, gradients, rate):
        """Adam, with a little decay."""
        self.count += 1
        for weight, gradient, mean, square in zip(self.weights, gradients, self.mean, self.square):
            mean += .1 * (gradient - mean)
            square += .001 * (gradient * gradient - square)
            move = mean / (1 - .9**self.count) / (np.sqrt(square / (1 - .999**self.count)) + 1e-8)
            weight -= (rate * (move + 1e-4 * weight)).astype(np.float32)


def varied(x, y, chance):
    """Shifted, stretched, turned over, with offset and noise: the same marks must be found."""
    x, count = x.copy(), len(x)
    shift = chance.integers(-2, 3)
    if shift:
        x, y = np.roll(x, shift, 2), np.roll(y, shift, 2)
    place = 49 + (np.arange(COLUMNS) - 49) / np.exp(chance.normal(0, .06))
    at = np.clip(np.floor(place).astype(int), 0, COLUMNS - 2)
    part, time = np.clip(place - at, 0, 1).astype(np.float32), x[:, 5].copy()
    x, y = x[:, :, at] * (1 - part) + x[:, :, at + 1] * part, y[:, :, at] * (1 - part) + y[:, :, at + 1] * part
    x[:, 5], y = time, y / np.maximum(1e-6, y.sum(2, keepdims=True))
    over = chance.random(count) < .3
    x[over, :2] *= -1
    x[:, 0] += chance.normal(0, .05, (count, 1))
    x[:, :2] += chance.normal(0, 1, (count, 2, COLUMNS)) * chance.choice([0, 0, .05, .1], (count, 1, 1))
    x[:, :4] *= np.exp(chance.normal(0, .08, (count, 4, 1)))
    return x.astype(np.float32), y


def trained(x, y, weights, epochs, seed, rate=6e-3, batch=64):
    network, chance, at = Network(seed), np.random.default_rng(seed), 0
    total = epochs * (len(x) // batch)
    for epoch in range(epochs):
        order, loss = chance.permutation(len(x)), 0.0
        for first in range(0, len(x) // batch * batch, batch):
            chosen = order[first:first + batch]
            given, wanted = varied(x[chosen], y[chosen], chance)
            said = network.forward(given)
            said = np.exp(said - said.max(2, keepdims=True))
            said /= said.sum(2, keepdims=True)
            weight = weights[chosen][:, :, None]
            loss -= (weight * wanted * np.log(said + 1e-9)).sum() / batch
            network.step(network.backward(((said - wanted) * weight / batch).astype(np.float32)), rate * .5 * (1 + np.cos(np.pi * at / total)) + 1e-5)
            at += 1
        print(f"epoch {epoch + 1}: {loss / (len(x) // batch):.4f}", flush=True)
    return network


def header(network):
    """The weights as the text of delineation_weights.h."""
    def numbers(values):
        words = [f"{np.format_float_scientific(np.float32(value), unique=True)}f" for value in np.ravel(values)]
        return "\n".join("    " + " ".join(word + "," for word in words[at:at + 10]) for at in range(0, len(words), 10))

    def table(name, size, parts):
        return f"static const float {name}{size} = {{\n" + "\n".join(parts) + "\n};"

    layers = range(len(DILATIONS))
    nested = lambda rows: [f"    {{\n{numbers(row)}\n    }}," for row in rows]
    return "\n".join([
        "// The weights of the network in delineation.c, as trained on the shared halves of LUDB and QTDB. Written by tools/delineate.",
        "// Apart from the code, because training changes nothing else.",
        "#ifndef PRECORDIA_DELINEATION_WEIGHTS_H", "#define PRECORDIA_DELINEATION_WEIGHTS_H", "",
        f"enum {{ HIDDEN = {HIDDEN}, LAYERS = {len(DILATIONS)} }};",
        f"static const int dilations[LAYERS] = {{{', '.join(map(str, DILATIONS))}}};", "// clang-format off",
        table("mixing_first", f"[HIDDEN * {CHANNELS}]", [numbers(network.weights[0])]),
        table("mixing_later", "[LAYERS - 1][HIDDEN * HIDDEN]", nested(network.weights[3 * layer] for layer in layers if layer)),
        table("taps_of", f"[LAYERS][HIDDEN * {TAPS}]", nested(network.weights[3 * layer + 1] for layer in layers)),
        table("biases", "[LAYERS][HIDDEN]", nested(network.weights[3 * layer + 2] for layer in layers)),
        table("last_mixing", "[5 * HIDDEN]", [numbers(network.weights[-2])]), table("last_bias", "[5]", [numbers(network.weights[-1])]),
        "// clang-format on", "#endif", ""])

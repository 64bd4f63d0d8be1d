# The network that marks edges: what its training is given and gives, and its weights as C. train.c trains; delineate.h computes the same forward pass.
# Apart from the beats it learns from.
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from precordia_tools import builds

from .beats import EDGES

PATCH, HIDDEN, TAPS, DILATIONS, CHANNELS = 2, 24, 5, (1, 2, 4, 1), 6
INS, OUTS, LAYERS = PATCH * CHANNELS, PATCH * len(EDGES), len(DILATIONS)
#: The weights in the order of train.c: what they are, and their shape.
PARTS = [
    ("mixing_first", (HIDDEN * INS,)), ("mixing_later", (LAYERS - 1, HIDDEN * HIDDEN)), ("taps", (LAYERS, HIDDEN * TAPS)), ("biases", (LAYERS, HIDDEN)),
    ("last_mixing", (OUTS * HIDDEN,)), ("last_bias", (OUTS,))]
SIZES = {
    "mixing_first": "[HIDDEN * INS]", "mixing_later": "[LAYERS - 1][HIDDEN * HIDDEN]", "taps": "[LAYERS][HIDDEN * TAPS]", "biases": "[LAYERS][HIDDEN]",
    "last_mixing": "[OUTS * HIDDEN]", "last_bias": "[OUTS]"}


def compiled(folder, *options):
    """The program that trains."""
    program = Path(folder) / "train"
    subprocess.run([builds.toolchain("clang"), *options, Path(__file__).parent / "train.c", "-o", program, "-lm"], check=True)
    return program


def trained(x, y, weights, epochs, seed):
    """{part: weights} of a network that learned samples."""
    count = len(x)
    flat = np.concatenate([x.reshape(count, -1), y.reshape(count, -1), weights], 1).astype("<f4")
    with tempfile.TemporaryDirectory() as folder:
        samples, result = Path(folder) / "samples", Path(folder) / "weights"
        samples.write_bytes(np.int32(count).tobytes() + flat.tobytes())
        program = compiled(folder, "-O3", "-march=native", "-ffast-math")
        subprocess.run([program, samples, result, str(epochs), str(seed)], check=True)
        return parts(np.fromfile(result, "<f4"))


def parts(numbers):
    found, at = {}, 0
    for name, shape in PARTS:
        found[name] = numbers[at:at + int(np.prod(shape))].reshape(shape)
        at += found[name].size
    if at != len(numbers):
        raise ValueError(f"{len(numbers)} weights, where the network has {at}")
    return found


def gradients_hold():
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run([compiled(folder, "-O2", "-DREAL=double")], stdout=subprocess.DEVNULL).returncode == 0


def source(weights):
    """The weights as the text of delineation_weights.c."""
    def numbers(values):
        words = [f"{np.format_float_scientific(np.float32(value), unique=True)}f" for value in np.ravel(values)]
        return "\n".join("    " + " ".join(word + "," for word in words[at:at + 10]) for at in range(0, len(words), 10))

    def table(name, values):
        rows = [numbers(values)] if values.ndim == 1 else [f"    {{\n{numbers(row)}\n    }}," for row in values]
        return f"const float precordia_{name}{SIZES[name]} = {{\n" + "\n".join(rows) + "\n};"

    return "\n".join([
        "// The weights of the network in delineate.h, as trained on the shared halves of LUDB and QTDB. Written by tools/delineate.",
        "// Apart from the code, because training changes nothing else.",
        '#include "delineation_weights.h"', "",
        f"const int precordia_dilations[LAYERS] = {{{', '.join(map(str, DILATIONS))}}};", "// clang-format off",
        *(table(name, weights[name]) for name, _ in PARTS), "// clang-format on", ""])

# A cache of seconds: few records, few labels, made from nothing.
# Separate because several test files train on it.
from pathlib import Path

import numpy as np

from precordia_train import cache
from precordia_train.prepare import INPUT


def tiny_cache(folder: Path, count: int = 24, validation: int = 8, seed: int = 0, lengths=None, description=INPUT, codes=()) -> Path:
    """Records of a window each, or of `lengths` samples: a tone for the first statement, which a network can learn. Sets statements (3),
    subclasses (2), code (two, where named) and 12sl (3, of which one is rare and one unknown in the first record)."""
    random = np.random.default_rng(seed)
    total = count + validation
    lengths = np.full(total, description.window) if lengths is None else np.resize(lengths, total)
    start = np.concatenate([[0], np.cumsum(lengths)])
    statements = random.integers(0, 2, (total, 3)).astype(np.uint8)
    statements[:2] = [[1, 1, 1], [0, 0, 0]]
    statements[count : count + 2] = statements[:2]
    inputs = random.integers(120, 137, (start[-1], len(description.leads))).astype(np.uint8)
    for row in np.flatnonzero(statements[:, 0]):
        tone = 40 * np.sin(np.arange(lengths[row]) * 0.3)
        inputs[start[row] : start[row + 1]] = np.clip(inputs[start[row] : start[row + 1]] + tone[:, None], 0, 255)
    machine = np.concatenate([statements[:, :2], np.zeros((total, 1), np.uint8)], 1)
    machine[3, 2] = 1
    machine[0] = cache.UNKNOWN
    likelihood = (statements * 0.8).astype(np.float16)
    folder.mkdir(parents=True)
    np.save(folder / "inputs.npy", inputs)
    names = lambda prefix, n: [f"{prefix}{index}" for index in range(n)]
    sets = [
        cache.LabelSet("statements", names("S", 3), names("statement ", 3), ["rhythm"] * 3, statements, likelihood),
        cache.LabelSet("subclasses", names("U", 2), names("subclass ", 2), ["MI"] * 2, statements[:, :2]),
        cache.LabelSet("12sl", names("M", 3), names("machine ", 3), ["machine"] * 3, machine),
    ]
    if codes:
        evidence = np.array([2, 1], np.uint8)
        sets.append(cache.LabelSet("code", list(codes), names("class ", 2), ["g"] * 2, statements[:, 1:], evidence=evidence))
    folds = np.array([1 + index % 8 for index in range(count)] + [9] * validation)
    table = cache.Table("tiny", names("r", total), np.arange(total), folds, start, sets, {"made.csv": "0" * 64})
    cache.write(folder, description, table)
    return folder

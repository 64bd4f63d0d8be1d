"""Samples as integers of so many bits, without loss where there can be none. What every writer of integers needs, and numbers as text."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..recording import Signal


@dataclass(frozen=True)
class Counts:
    """`values * gain + offset` is the signal, in its unit; `invalid` where a sample is missing. `loss` is the largest error, in the unit; 0 where nothing is lost."""

    values: NDArray[np.int64]
    gain: float
    offset: float
    loss: float


def counts_of(signal: Signal, bits: int, invalid: int | None) -> Counts:
    """The signal's own counts where they fit, else its values on the finest scale that does.

    The lowest value of the range is kept for missing samples where `invalid` is that value; with `invalid` None a missing sample takes the value 0 of the scale.
    """
    lowest, highest = -(1 << bits - 1) + (1 if invalid is not None else 0), (1 << bits - 1) - 1
    holes = signal.missing
    if signal.counts.dtype.kind != "f":
        own = np.where(holes, 0, signal.counts).astype(np.int64)
        if not own.size or (own.min() >= lowest and own.max() <= highest):
            return Counts(np.where(holes, 0 if invalid is None else invalid, own), signal.gain, signal.offset, 0.0)
    values = signal.values
    held = values[~holes]
    if not held.size:
        return Counts(np.full(len(values), 0 if invalid is None else invalid, np.int64), signal.gain, signal.offset, 0.0)
    gain, offset = _scale(float(held.min()), float(held.max()), lowest, highest, held, signal)
    rounded = np.clip(np.rint((np.where(holes, 0.0, values) - offset) / gain), lowest, highest).astype(np.int64)
    loss = float(np.max(np.abs(rounded[~holes] * gain + offset - held)))
    rounded[holes] = 0 if invalid is None else invalid
    # Below a thousandth of a step it is the rounding of binary numbers, and no loss.
    return Counts(rounded, gain, offset, loss if loss > 1e-6 * gain else 0.0)


def _scale(low: float, high: float, lowest: int, highest: int, held: NDArray[np.float64], signal: Signal) -> tuple[float, float]:
    """A plain step that loses nothing where there is one, such as 1 uV or the file's own; else the finest that spans the values, without an offset."""
    reach = max(abs(low), abs(high))
    for gain in (signal.gain, 1.0, 0.5, 0.1, 0.01, 0.001):
        steps = held / gain
        if lowest <= low / gain and high / gain <= highest and np.all(np.abs(steps - np.rint(steps)) < 1e-6):
            return gain, 0.0
    if reach == 0:
        return 1.0, 0.0
    exponent = int(np.ceil(np.log10(reach / highest)))
    for step in (10.0 ** (exponent - 1) * factor for factor in (1, 2, 5, 10)):
        if lowest <= low / step and high / step <= highest:
            return step, 0.0
    return (high - low) / (highest - lowest), low - lowest * (high - low) / (highest - lowest)


def plain(value: float) -> str:
    """The shortest decimal that gives the same number back, a whole number without a point."""
    return str(round(value)) if value == round(value) and abs(value) < 1e15 else repr(value)

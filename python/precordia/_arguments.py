"""What a caller gives, checked before C sees it: ctypes would cut 2**40 to 0 and 0.7 to 0 without a word. Every error names the argument and its value."""
from __future__ import annotations

import math
import operator
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
_UNITS = {"uv": 1.0, "\u00b5v": 1.0, "\u03bcv": 1.0, "mv": 1e3, "v": 1e6}


class ArgumentError(ValueError):
    """An argument that cannot be: `argument` and `value` say which."""

    def __init__(self, argument: str, value: object, right: str) -> None:
        super().__init__(f"{argument} {value!r}: {right} would be right")
        self.argument, self.value = argument, value


def whole(argument: str, value: object, low: int, high: int, right: str = "") -> int:
    """A whole number from `low` to `high`; 500.0 is one, 0.7, True and NaN are not."""
    right = right or f"a whole number from {low} to {high}"
    if isinstance(value, (bool, np.bool_)):
        raise ArgumentError(argument, value, right)
    try:
        found = int(value) if isinstance(value, (float, np.floating)) and float(value).is_integer() else operator.index(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError(argument, value, right) from None
    if not low <= found <= high:
        raise ArgumentError(argument, value, right)
    return found


def rate_of(value: object) -> int:
    """Samples a second."""
    return whole("rate", value, 100, 2000, "a whole number of hertz from 100 to 2000")


def leads_of(value: Sequence[str]) -> tuple[str, ...]:
    """Names of one to twelve leads, each once, in any case: aVR, AVR and avr are one."""
    right = f"a list of 1 to 12 of {', '.join(LEADS)}, each once,"
    if isinstance(value, (str, bytes)):
        raise ArgumentError("leads", value, right)
    by_name = {lead.lower(): lead for lead in LEADS}
    found: list[str] = []
    for name in value:
        lead = by_name.get(name.strip().lower()) if isinstance(name, str) else None
        if lead is None or lead in found:
            raise ArgumentError("leads", name, right)
        found.append(lead)
    if not 1 <= len(found) <= 12:
        raise ArgumentError("leads", tuple(value), right)
    return tuple(found)


def scale_of(unit: object) -> float:
    """Microvolts in a unit: "uV", "mV" or "V"."""
    found = _UNITS.get(unit.strip().lower()) if isinstance(unit, str) else None
    if found is None:
        raise ArgumentError("unit", unit, "'uV', 'mV' or 'V'")
    return found


def each(argument: str, value: ArrayLike, count: int, low: float, high: float, right: str) -> NDArray[np.float64]:
    """A finite number for each channel, or one for all."""
    try:
        found = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(argument, value, right) from None
    if found.shape not in ((), (count,)):
        raise ArgumentError(argument, value, f"one number, or one for each of the {count} leads,")
    bad = ~(np.isfinite(found) & (np.abs(found) >= low) & (np.abs(found) <= high))
    if bad.any():
        raise ArgumentError(argument, float(np.ravel(found)[np.ravel(bad)][0]), right)
    return np.broadcast_to(found, count).copy()


def scales_of(value: ArrayLike, count: int) -> NDArray[np.float64]:
    return each("microvolts_per_count", value, count, 1e-9, 1e9, "a magnitude from 1e-9 to 1e9")


def baselines_of(value: ArrayLike, count: int) -> NDArray[np.int32]:
    right = "a whole number of counts that 32 bits hold"
    found = each("baseline", value, count, 0, 2**31 - 1, right)
    if (found != np.round(found)).any():
        raise ArgumentError("baseline", float(found[found != np.round(found)][0]), right)
    return found.astype(np.int32)


def samples_of(array: ArrayLike, leads: int, argument: str = "array") -> NDArray[np.float64]:
    """Numbers of shape (frames, leads); NaN is a missing sample, and an infinite one is an error. pandas and xarray come as they are."""
    try:
        values = np.asarray(array, np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(argument, type(array).__name__, f"numbers of shape (frames, {leads})") from None
    if values.ndim != 2 or values.shape[1] != leads:
        right = f"(frames, {leads})" + (", the array turned round," if values.ndim == 2 and values.shape[0] == leads else "")
        raise ArgumentError(f"{argument} of shape", values.shape, right)
    if np.isinf(values).any():
        raise ArgumentError(argument, math.inf, "a finite number, or NaN for a missing sample,")
    return values


def counts_of(array: ArrayLike) -> NDArray[np.int32]:
    """Whole numbers of 32 bits. Anything else would change without a word."""
    values = np.asarray(array)
    if values.dtype.kind not in "iu":
        if values.dtype.kind != "f" or not np.array_equal(values, np.round(values)):
            raise ArgumentError("counts of type", str(values.dtype), "whole numbers; push_microvolts takes others; that")
    if values.size and (values.min() < -(2**31) or values.max() >= 2**31):
        bad = values.min() if values.min() < -(2**31) else values.max()
        raise ArgumentError("counts", bad.item(), "a whole number that 32 bits hold")
    return np.ascontiguousarray(values, np.int32)

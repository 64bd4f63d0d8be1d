# Lead order, unit and length as the samples themselves show them, and zero padding.
# Separate from the readers because a file's own words on these are exactly what cannot be trusted.
"""Einthoven and Goldberger: III = II - I, aVR = -(I + II)/2, aVL = I - II/2, aVF = II - I/2."""

from itertools import permutations

import numpy as np

#: Of each derived lead, its parts of I and II.
RELATIONS = {"III": (-1.0, 1.0), "aVR": (-0.5, -0.5), "aVL": (1.0, -0.5), "aVF": (-0.5, 1.0)}

#: A residual's part of the leads' root mean square up to which a relation holds. Recorders give below 0.05, a swapped pair above 0.5.
LARGEST_RESIDUAL = 0.25

#: Millivolts between which the median tracing's 99.9th percentile lies, whoever records.
AMPLITUDE = (0.2, 20.0)


def stripped(values: np.ndarray) -> np.ndarray:
    """[samples, leads] without the rows before the first and after the last one that is not all zeros."""
    rows = np.flatnonzero(np.any(values != 0, axis=1))
    return values[rows[0] : rows[-1] + 1] if len(rows) else values[:0]


def moments(tracings: list) -> np.ndarray:
    """[tracings, leads, leads]: each one's mean products around the mean, over the samples that no lead misses."""
    out = []
    for x in tracings:
        x = x[np.isfinite(x).all(axis=1)]
        if len(x) > 1:
            x = x - x.mean(axis=0)
            out.append(x.T @ x / len(x))
    return np.stack(out) if out else np.zeros((0, tracings[0].shape[1], tracings[0].shape[1]))


def residual(products: np.ndarray, first: int, second: int, derived: int, parts: tuple) -> float:
    """Median over tracings of rms(derived - parts . (first, second)) / rms(all three); 1 where all are flat."""
    weights = np.zeros(products.shape[1])
    weights[first] -= parts[0]
    weights[second] -= parts[1]
    weights[derived] += 1
    error = np.einsum("i,rij,j->r", weights, products, weights)
    power = products[:, first, first] + products[:, second, second] + products[:, derived, derived]
    known = power > 0
    return float(np.median(np.sqrt(np.maximum(error[known], 0) / power[known]))) if known.any() else 1.0


def residuals(tracings: list, names) -> dict:
    """Each relation's residual when column i is lead names[i]."""
    products, place = moments(tracings), {name: index for index, name in enumerate(names)}
    return {lead: residual(products, place["I"], place["II"], place[lead], parts) for lead, parts in RELATIONS.items()}


def fitting(tracings: list) -> tuple[dict, float]:
    """Which columns are the limb leads, found from the relations alone, and the worst residual of that reading."""
    products = moments(tracings)
    columns, best, worst = range(products.shape[1]), {}, np.inf
    for first, second in permutations(columns, 2):
        found, size = {"I": first, "II": second}, 0.0
        for lead, parts in RELATIONS.items():
            left = [column for column in columns if column not in found.values()]
            sizes = [residual(products, first, second, column, parts) for column in left]
            found[lead], size = left[int(np.argmin(sizes))], max(size, min(sizes))
        if size < worst:
            best, worst = found, size
    return best, float(worst)


def wrong_order(tracings: list, names, stored) -> str | None:
    """What is wrong with the lead order, or None. `stored`: the declared leads in the file's order, for what would be right."""
    found = residuals(tracings, names)
    if max(found.values()) <= LARGEST_RESIDUAL:
        return None
    said = ", ".join(f"{lead} {size:.2f}" for lead, size in found.items())
    text = f"the leads are not in the declared order {' '.join(stored)}: residuals {said}, at most {LARGEST_RESIDUAL} if they were"
    best, size = fitting([x[:, [names.index(lead) for lead in stored]] for x in tracings])
    if size > LARGEST_RESIDUAL:
        return f"{text}; no order of the columns fits (best {size:.2f}): filtered one by one, not taken together, or no ECG?"
    rest = iter(lead for lead in stored if lead not in best)
    right = {column: lead for lead, column in best.items()}
    return f"{text}; what fits is {' '.join(right.get(column) or next(rest) for column in range(len(stored)))} (residual {size:.2f})"


def amplitude(tracings: list) -> float:
    """Median over tracings of the 99.9th percentile of |x - the lead's median|, in millivolts: about an R peak."""
    return float(np.median([np.nanpercentile(np.abs(x - np.nanmedian(x, axis=0)), 99.9) for x in tracings])) / 1000


def wrong_unit(tracings: list, unit: str, units: dict) -> str | None:
    """What is wrong with the unit, or None."""
    found, (low, high) = amplitude(tracings), AMPLITUDE
    if low <= found <= high:
        return None
    scale = units[next(name for name in units if name.lower() == unit.lower().replace("µ", "u").replace("μ", "u"))]
    fits = [name for name, value in units.items() if low <= found / scale * value <= high]
    advice = f"{' or '.join(fits)} would fit" if fits else "no unit would fit: not calibrated, or flat?"
    return f"the 99.9th percentile is {found:.3g} mV when values are taken as {unit}, and from {low} to {high:g} mV in an ECG; {advice}"


def wrong_length(seconds: list, rate: int, bounds: tuple) -> str | None:
    """What is wrong with the length, and so with the rate, or None."""
    found = float(np.median(seconds))
    if bounds[0] <= found <= bounds[1]:
        return None
    return (
        f"the median tracing lasts {found:.1f} s at {rate} Hz, and from {bounds[0]:g} to {bounds[1]:g} s in this set; a rate from "
        f"{np.ceil(rate * found / bounds[1]):g} to {np.floor(rate * found / bounds[0]):g} Hz would fit"
    )

#!/usr/bin/env python3
"""Compares the engine's filters with scipy's: coefficients, frequency response and step response.

    verify.py [--command COMMAND]   run `COMMAND --rate R --json` at each rate; COMMAND is .build/release/precordia filters by default
    verify.py --self-test           feed it right and wrong filters; each wrong one must be found

One JSON object a line, one line a filter: {"filter": "high-pass 0.5", "sos": [[b0, b1, b2, 1, a1, a2], ...], "step": [y0, y1, ...]}, where
`step` is what the engine's own cascade answers to 1, 1, 1, ... from rest. Exit status 1 where an error passes its bound.

scipy factors a cascade's gain differently, so the sections are compared as poles and zeros in monic form, and the gain as a whole.
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from scipy import signal

TOP = Path(__file__).resolve().parent.parent.parent
RATES = [100, 125, 250, 360, 400, 500, 1000, 2000]
FREQUENCIES = {"high-pass": [0.05, 0.5], "notch": [50, 60], "low-pass": [40, 100, 150]}
ORDERS = {"high-pass": 2, "low-pass": 4}
NOTCH_QUALITY = 30
# Absolute, but for the gain, which is relative. Between 0.01 Hz and the Nyquist frequency a response is compared where
# scipy's is above -100 dB: below, both are rounding. The poles of 0.05 Hz at 2000 Hz lie within 1.2e-4 of 1, so that the last bit
# of a coefficient, of either design, already moves the step by 1e-9.
BOUNDS = {"coefficients": 1e-14, "gain": 1e-12, "response dB": 1e-6, "step": 1e-8}


def expected_names(rate):
    """The filters that exist at this rate: their frequency is below 0.45 of it."""
    return {f"{kind} {frequency:g}" for kind, frequencies in FREQUENCIES.items() for frequency in frequencies if frequency < 0.45 * rate}


def reference(name, rate):
    """scipy's design of the filter, as second-order sections."""
    kind, frequency = name.split()
    if kind == "notch":
        b, a = signal.iirnotch(float(frequency), NOTCH_QUALITY, fs=rate)
        return np.array([[*b, *a]]) / a[0]
    return signal.butter(ORDERS[kind], float(frequency), kind.replace("-", ""), fs=rate, output="sos")


def monic(sos):
    """The sections with b0 = 1, in the order of their poles, and the gain of them all."""
    sos = np.asarray(sos, float)
    gain = np.prod(sos[:, 0])
    sections = np.column_stack([sos[:, 1:3] / sos[:, :1], sos[:, 4:6]])
    return sections[np.argsort(sections[:, 3])], gain


def errors(name, rate, sos, step):
    """The largest errors against scipy, by the names of BOUNDS."""
    sos, step, ours = np.asarray(sos, float), np.asarray(step, float), reference(name, rate)
    if sos.shape != ours.shape or not np.all(sos[:, 3] == 1):
        return {bound: np.inf for bound in BOUNDS}
    (sections, gain), (wanted, wanted_gain) = monic(sos), monic(ours)
    grid = np.unique(np.concatenate([np.geomspace(0.01, rate / 2, 4000), np.linspace(0.01, rate / 2, 4000)]))[:-1]
    _, response = signal.sosfreqz(sos, grid, fs=rate)
    _, wanted_response = signal.sosfreqz(ours, grid, fs=rate)
    heard = np.abs(wanted_response) > 1e-5
    return {
        "coefficients": np.max(np.abs(sections - wanted)),
        "gain": abs(gain / wanted_gain - 1),
        "response dB": np.max(np.abs(20 * np.log10(np.abs(response[heard] / wanted_response[heard])))),
        "step": np.max(np.abs(step - signal.sosfilt(ours, np.ones(len(step))))) if len(step) >= rate else np.inf,
    }


def row(rates, name, figures):
    print(f"{rates:12} {name:15}" + "".join(f"{figure:>15}" for figure in figures))


def compare(filters_of):
    """Prints one row a filter, its largest errors over all rates; gives what is beyond a bound."""
    worst, at, beyond = {}, {}, []
    for rate in RATES:
        found = {one["filter"]: one for one in filters_of(rate) if one.get("available", True)}
        if set(found) != expected_names(rate):
            beyond.append(f"{rate} Hz: the filters are {sorted(found)}, expected {sorted(expected_names(rate))}")
        for name in sorted(set(found) & expected_names(rate)):
            figures = errors(name, rate, found[name]["sos"], found[name]["step"])
            beyond += [f"{rate} Hz {name}: {bound} {figure:.1e} is beyond {BOUNDS[bound]:.0e}"
                       for bound, figure in figures.items() if not figure <= BOUNDS[bound]]
            kept = worst.setdefault(name, dict.fromkeys(BOUNDS, 0.0))
            worst[name] = {bound: max(kept[bound], figures[bound]) for bound in BOUNDS}
            at.setdefault(name, []).append(rate)
    row("rates, Hz", "filter", BOUNDS)
    for name, figures in sorted(worst.items()):
        row(f"{at[name][0]}-{at[name][-1]}", name, (f"{figure:.1e}" for figure in figures.values()))
    row("", "bound", (f"{bound:.0e}" for bound in BOUNDS.values()))
    return beyond


def engine_filters(command):
    def filters_of(rate):
        lines = subprocess.run([*command, "--rate", str(rate), "--json"], check=True, capture_output=True, text=True, cwd=TOP).stdout
        return [json.loads(line) for line in lines.splitlines() if line.strip()]

    return filters_of


def self_test():
    """Right filters pass, in scipy's own factors or in others; each small fault is found."""
    rate, name = 500, "low-pass 40"
    sos = reference(name, rate)
    step = signal.sosfilt(sos, np.ones(2 * rate))
    moved = sos.copy()
    moved[0, :3] *= 2
    moved[1, :3] /= 2
    swapped = moved[::-1]
    pole, gain, wrong_step, other = sos.copy(), sos.copy(), step.copy(), reference("low-pass 100", rate)
    pole[0, 5] += 1e-9
    gain[0, :3] *= 1 + 1e-7
    wrong_step[3] += 1e-7

    def beyond(sos, step):
        return [bound for bound, figure in errors(name, rate, sos, step).items() if not figure <= BOUNDS[bound]]

    assert beyond(sos, step) == [] and beyond(swapped, step) == [], "a right filter was refused"
    assert "coefficients" in beyond(pole, step), "a moved pole was not found"
    assert "gain" in beyond(gain, step) and "response dB" not in beyond(moved, step), "a wrong gain was not found"
    assert beyond(sos, wrong_step) == ["step"] and beyond(sos, step[:3]) == ["step"], "a wrong step was not found"
    assert beyond(other, step) and beyond(sos[:1], step), "another filter was taken for this one"
    print("verify.py finds each of 6 wrong filters and passes 2 right ones")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--command", default=".build/release/precordia filters")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    beyond = compare(engine_filters(options.command.split()))
    print("\n".join(beyond) or f"every filter agrees with scipy at {len(RATES)} rates")
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())

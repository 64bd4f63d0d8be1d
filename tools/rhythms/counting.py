# Pairs of reference and found beats, and the sums of EC57.
# Apart from what reads and what prints.
from .records import FUSION, VENTRICULAR

WINDOW = 0.150
LEARNING = 300


def pairs(reference, found, window):
    """Pairs of places in two ascending lists, each used once: the nearer of two candidates is taken (bxb's rule)."""
    matched, at = [], 0
    for index, (sample, _) in enumerate(reference):
        while at < len(found) and found[at][0] < sample - window:
            at += 1
        if at == len(found) or found[at][0] > sample + window:
            continue
        following = reference[index + 1][0] if index + 1 < len(reference) else None
        if following is not None and abs(found[at][0] - following) < abs(found[at][0] - sample):
            if at + 1 == len(found) or found[at + 1][0] > following + window:
                continue
        if at + 1 < len(found) and abs(found[at + 1][0] - sample) < abs(found[at][0] - sample):
            at += 1
        matched.append((index, at))
        at += 1
    return matched


def score(reference, found, rate, start=0.0, without=()):
    """Counts of one record from `start` seconds on, stretches of samples in `without` left out.

    A ventricular beat is a V; a beat found as V where the reference has V, E or F is not false (EC57 keeps fusion beats out).
    """
    inside = lambda sample: sample >= start * rate and not any(a <= sample <= b for a, b in without)
    matched = pairs(reference, found, WINDOW * rate)
    kept = [(r, f) for r, f in matched if inside(reference[r][0]) and inside(found[f][0])]
    # One that is paired across a border of what counts is neither missed nor invented.
    across_r = {r for r, f in matched if not inside(found[f][0])}
    across_f = {f for r, f in matched if not inside(reference[r][0])}
    references = [r for r, (sample, _) in enumerate(reference) if inside(sample) and r not in across_r]
    finds = [f for f, (sample, _) in enumerate(found) if inside(sample) and f not in across_f]
    called = {f for f in finds if found[f][1] in VENTRICULAR}
    right = sum(reference[r][1] == 5 and f in called for r, f in kept)
    excused = sum(reference[r][1] in VENTRICULAR | {FUSION} and reference[r][1] != 5 and f in called for r, f in kept)
    return {
        "reference": len(references), "found": len(finds), "pairs": len(kept),
        "ventricular": sum(reference[r][1] == 5 for r in references), "right": right, "wrong": len(called) - right - excused,
        "called": len(called),
        "distances": sorted((found[f][0] - reference[r][0]) / rate * 1000 for r, f in kept),
    }


def add(scores):
    """The sum of several records' counts: gross figures."""
    scores = list(scores)
    keys = ("reference", "found", "pairs", "ventricular", "right", "wrong", "called")
    return {key: sum(each[key] for each in scores) for key in keys} | {"distances": sorted(d for each in scores for d in each["distances"])}


def percent(part, whole):
    return f"{100 * part / whole:.2f} %" if whole else "none"


def agreed_rate(rates, needed=8, within=0.05):
    """The rate on which at least `needed` of some told rates agree: the mean of the largest group within 5 % of one of them; None without one."""
    told = sorted(rate for rate in rates if rate)
    best = []
    for middle in told:
        group = [rate for rate in told if abs(rate - middle) <= within * middle]
        if len(group) > len(best):
            best = group
    return sum(best) / len(best) if len(best) >= needed else None

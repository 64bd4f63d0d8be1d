# Median beats of the annotated recordings with the marks of cardiologists: what the network learns from.
# Apart from the network, because these lines do again, with numpy, what PrecordiaMeasure does in Swift before its network.
import warnings

import numpy as np

from rhythms import program, records

BEFORE, AFTER = 0.40, 0.93
COLUMNS, STEP, FIRST = 160, 8.0, -392.0
GRID = FIRST + STEP * np.arange(COLUMNS)
LEADS = ["i", "ii", "iii", "avr", "avl", "avf", "v1", "v2", "v3", "v4", "v5", "v6"]
EDGES = ["P onset", "P end", "QRS onset", "QRS end", "T end", "T onset"]
P, T, OPENS, CLOSES = 24, 27, 39, 40


def reference(path):
    """[(R, {edge: sample})] of an annotation file."""
    marks, waves = records.annotations(path), []
    for at, (sample, code) in enumerate(marks):
        kind = code if code in (P, T) else 1 if code in records.BEATS else None
        if kind is not None:
            begin = marks[at - 1][0] if at and marks[at - 1][1] == OPENS else None
            end = marks[at + 1][0] if at + 1 < len(marks) and marks[at + 1][1] == CLOSES else None
            waves.append((kind, begin, sample, end))
    places = [at for at, wave in enumerate(waves) if wave[0] == 1]
    found = []
    for number, at in enumerate(places):
        p = [wave for wave in waves[places[number - 1] + 1 if number else 0:at] if wave[0] == P][-1:]
        t = [wave for wave in waves[at + 1:places[number + 1] if number + 1 < len(places) else None] if wave[0] == T][:1]
        edges = {"QRS onset": waves[at][1], "QRS end": waves[at][3]}
        edges |= {"P onset": p[0][1], "P end": p[0][3]} if p else {}
        edges |= {"T end": t[0][3], "T onset": t[0][1]} if t else {}
        found.append((waves[at][2], {name: place for name, place in edges.items() if place is not None}, bool(p)))
    return found


def steps(values, rate):
    """Samples averaged to steps: (steps by leads, steps a second, samples a step)."""
    factor = int(max(1, rate // 250))
    count = len(values) // factor
    return values[:count * factor].reshape(count, factor, -1).mean(1), rate / factor, factor


def smooth(values, reach):
    if reach < 1:
        return values
    padded = np.concatenate([np.repeat(values[:1], reach, 0), values, np.repeat(values[-1:], reach, 0)])
    sums = np.concatenate([np.zeros_like(values[:1]), np.cumsum(padded, 0)])
    return (sums[2 * reach + 1:] - sums[:-2 * reach - 1]) / (2 * reach + 1)


def slope(values):
    d = np.zeros_like(values)
    d[1:-1] = values[2:] - values[:-2]
    return d


def groups(values, rate, places, kinds):
    """[(numbers of beats, aligned places)] of beats of like shape."""
    before, after, reach = int(.10 * rate), int(.12 * rate), max(1, int(.044 * rate))
    d = slope(values)
    d = d / (np.sqrt((d**2).mean(0)) + 1e-9)
    found = []
    for number, place in enumerate(places):
        if place - before - reach < 0 or place + after + reach >= len(values):
            continue
        best = (0.8, None, 0)
        for group in found:
            if group["kind"] != kinds[number]:
                continue
            size = np.sqrt((group["sum"]**2).sum()) + 1e-9
            for shift in range(-reach, reach + 1):
                cut = d[place - before + shift:place + after + shift]
                likeness = (cut * group["sum"]).sum() / size / (np.sqrt((cut**2).sum()) + 1e-9)
                if likeness > best[0]:
                    best = (likeness, group, shift)
        if best[1] is not None:
            group, place = best[1], place + best[2]
            group["sum"] = group["sum"] + d[place - before:place + after]
        elif len(found) < 6:
            group = {"kind": kinds[number], "sum": d[place - before:place + after].copy(), "numbers": [], "places": []}
            found.append(group)
        else:
            continue
        group["numbers"].append(number)
        group["places"].append(place)
    return found


def laid(values, rate, places, following, level):
    """Beats by steps by leads, each less a line from its own level to the next beat's; NaN where nothing was recorded."""
    before, after, reach, offset = int(BEFORE * rate), int(AFTER * rate), max(1, int(.008 * rate)), int(round(level * rate))

    def mean(place):
        place = min(max(place, reach), len(values) - reach - 1)
        return values[place - reach:place + reach + 1].mean(0)

    beats = []
    for place, other in zip(places, following):
        at = np.arange(place - before, place + after)
        cut = values[np.clip(at, 0, len(values) - 1)]
        own = mean(place + offset)
        if other is not None and .25 * rate < other - place < 3 * rate:
            part = np.clip((at - (place + offset)) / (other - place), -.5, 1.2)[:, None]
            cut = cut - (own + (mean(other + offset) - own) * part)
        else:
            cut = cut - own
        beats.append(np.where(((at >= 0) & (at < len(values)))[:, None], cut, np.nan))
    return np.array(beats)


def median(beats):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.nan_to_num(np.nanmedian(beats, 0))


def onset(beat, rate):
    """Where the complex begins over all leads together, in steps from the place (BeatEdges)."""
    origin, ms = int(BEFORE * rate), lambda value: int(round(value * rate / 1000))
    d = np.abs(slope(smooth(beat, int(round(.004 * rate)) if rate >= 400 else 0)))
    total = (d / (d[origin - ms(100):origin + ms(130)].max(0) + 1e-9)).sum(1)
    broad = smooth(total[:, None], ms(16))[:, 0]
    peak = origin - ms(90) + int(np.argmax(broad[origin - ms(90):origin + ms(110)]))
    top = total[max(0, peak - ms(24)):peak + ms(24)].max()
    level = max(.06 * top, min(1.7 * np.median(total[origin - ms(320):origin - ms(90)]), .25 * top))
    last = place = peak
    while place != max(2, origin - ms(160)) and abs(place - last) <= ms(16):
        place -= 1
        if total[place] >= level:
            last = place
    return last - origin


def compressed(x):
    return 5 * x / (1 + 4 * np.abs(x))


def channels(beat, rate, interval):
    """Leads by 6 by columns: what the network is given (BeatDelineator)."""
    time = (np.arange(len(beat)) - int(BEFORE * rate)) * 1000 / rate
    even = smooth(beat, max(0, int(round(.004 * rate))))
    lines = np.stack([np.interp(GRID, time, even[:, lead]) for lead in range(beat.shape[1])], 1)
    lines = lines / (np.ptp(lines[(GRID > -100) & (GRID < 120)], axis=0) + 1e-6)
    d = slope(lines)
    shared = [
        compressed(np.sqrt((lines**2).mean(1))), compressed(2 * np.sqrt((d**2).mean(1))),
        .5 * np.clip((GRID - np.clip((interval or 1e9) / rate * 1000, 300, 1500)) / 200, -2, 2), np.clip(GRID / 400, -1, 2.2)]
    return np.stack([np.stack([compressed(lines[:, lead]), compressed(2 * d[:, lead]), *shared]) for lead in range(beat.shape[1])]).astype(np.float32)


def target(marks, has_none):
    """Where the marks lie, edges by columns, each row of sum 1, and the rows' weights; without any P wave its rows are even."""
    rows, weights = np.zeros((len(EDGES), COLUMNS), np.float32), np.zeros(len(EDGES), np.float32)
    for row, name in enumerate(EDGES):
        places = [mark[name] for mark in marks if name in mark and FIRST + 10 < mark[name] < FIRST + STEP * (COLUMNS - 2)]
        if places:
            rows[row] = sum(np.exp(-.5 * ((GRID - place) / 12)**2) for place in places)
            rows[row] /= rows[row].sum()
            weights[row] = min(1, .4 + .1 * len(places))
        elif has_none and row < 2:
            rows[row], weights[row] = 1 / COLUMNS, .3
    return rows, weights


def measured(values, rate, found):
    """[(group, beats laid, median, interval, places of following beats)] of a stretch."""
    values, rate, factor = steps(values, rate)
    places = [int(round((sample - (factor - 1) / 2) / factor)) for sample, _ in found]
    between = np.diff(places)
    for group in groups(values, rate, places, [kind for _, kind in found]):
        following = [place + between[number] if number < len(between) else None for number, place in zip(group["numbers"], group["places"])]
        after = [between[number] for number in group["numbers"] if number < len(between)]
        interval = float(np.median(after)) if after else float(np.median(between)) if len(between) else None
        first = onset(median(laid(values, rate, group["places"], following, -.08)), rate)
        beat = median(laid(values, rate, group["places"], following, first / rate - .014))
        beats = laid(values, rate, group["places"], following, onset(beat, rate) / rate - .014)
        yield [place * factor + (factor - 1) / 2 for place in group["places"]], beats, beat, interval, rate


def near(marks, place, rate):
    """The edges, in milliseconds from a place, of the beats of a lead whose R is within 150 ms of it."""
    return [{name: (sample - place) / rate * 1000 for name, sample in edges.items()} for r, edges, _ in marks if abs(r - place) <= .15 * rate]


def ludb(folder, extra=8, seed=5):
    """Samples of the exams: each group's median, and `extra` of one to four of its beats and some of its leads."""
    chance = np.random.default_rng(seed)
    paths = sorted((path.with_suffix("") for path in folder.glob("*.hea")), key=lambda path: int(path.name))
    for number, path in enumerate(paths):
        rate, _, values = records.samples(path)
        marks = [reference(path.with_suffix("." + lead)) for lead in LEADS]
        has_none = max(sum(p for _, _, p in lead) for lead in marks) <= 1
        for places, beats, beat, interval, step_rate in measured(np.nan_to_num(values), rate, program.heard(path)[0]):
            jobs = [(1.0, list(range(len(places))), np.arange(12), beat)]
            for _ in range(extra if len(places) >= 4 else 0):
                chosen = list(chance.choice(len(places), chance.integers(1, 5), replace=False))
                leads = chance.permutation(12)[:chance.choice([2, 2, 4, 8, 12])]
                jobs.append((.7, chosen, leads, median(beats[chosen])))
            for weight, chosen, leads, line in jobs:
                given = channels(line[:, leads], step_rate, interval)
                for row, lead in enumerate(leads):
                    own = [mark for place in chosen for mark in near(marks[lead], places[place], rate)]
                    if own:
                        rows, weights = target(own, has_none)
                        yield given[row], rows, weight * weights, ("ludb", number)


def qtdb(folder, seconds=7):
    """Samples of the annotated stretches, 10 s at a time."""
    for number, path in enumerate(sorted(path.with_suffix("") for path in folder.glob("*.q1c"))):
        rate, _, values = records.samples(path)
        marks = reference(path.with_suffix(".q1c"))
        has_none = sum(p for _, _, p in marks) <= 1
        found = program.heard(path)[0]
        start = marks[0][0]
        while start < marks[-1][0]:
            begin, end = max(0, int(start - 1.5 * rate)), int(start + 8.5 * rate)
            start += seconds * rate
            own = [(sample - begin, kind) for sample, kind in found if begin + .3 * rate < sample < end - .5 * rate]
            if len(own) < 3:
                continue
            for places, _, beat, interval, step_rate in measured(np.nan_to_num(values[begin:end]), rate, own):
                edges = [mark for place in places for mark in near(marks, begin + place, rate)]
                if edges:
                    rows, weights = target(edges, has_none)
                    for given in channels(beat, step_rate, interval):
                        yield given, rows, .6 * weights, ("qtdb", number)

# What spoils recorded rhythms, and how long a deadly one was met with silence.
# Real fibrillation differs from the simulator's; the matrix has the simulator's.
from pathlib import Path

from . import alarms, records

# Seconds of the record before an episode, and of the episode at most.
BEFORE, LONGEST = 25, 180
# Seconds without any alarm of high priority that count as a silence: from the episode's beginning on, of an asystole, and later.
FIRST, FIRST_ASYSTOLE, LATER = 15, 12, 8


def _time(values, rate):
    import numpy as np

    return np.arange(len(values)) / rate


def _each(values, rate, seconds, length, phase=0.0):
    """The samples of the first `length` of each `seconds`."""
    return (_time(values, rate) + phase) % seconds < length


def _set(values, where, channels, level):
    changed = values.copy()
    for channel in channels:
        changed[where, channel] = level
    return changed


def lost(seconds, length):
    return lambda v, rate: _set(v, _each(v, rate, seconds, length), (0, 1), float("nan"))


def held(seconds, length, level=0.0, channels=(0,)):
    """These leads stand at a level for a time, one after the other."""
    def spoil(v, rate):
        for place, channel in enumerate(channels):
            v = _set(v, _each(v, rate, seconds, length, place * seconds / len(channels)), (channel,), level)
        return v

    return spoil


def clipped(limit):
    return lambda v, rate: v.clip(-limit, limit)


def hum(millivolts, hertz=50.02):
    import math

    def spoil(v, rate):
        import numpy as np

        return v + millivolts * np.sin(2 * math.pi * hertz * _time(v, rate))[:, None]

    return spoil


def wander(millivolts):
    def spoil(v, rate):
        import numpy as np

        return v + millivolts * np.sin(2 * np.pi * .3 * _time(v, rate))[:, None]

    return spoil


def muscle(millivolts):
    def spoil(v, rate):
        import numpy as np

        return v + np.random.default_rng(1).normal(0, millivolts, v.shape)

    return spoil


def pops(seconds, length, millivolts):
    """In both leads, the first after 0.3 s."""
    def spoil(v, rate):
        changed = v.copy()
        changed[_each(v, rate, seconds, length, seconds - .3)] += millivolts
        return changed

    return spoil


def steps(hertz, millivolts):
    def spoil(v, rate):
        import numpy as np

        return v + millivolts * np.sign(np.sin(2 * np.pi * hertz * _time(v, rate)))[:, None]

    return spoil


def loose(channel):
    """An electrode that is off: far away, with hum."""
    def spoil(v, rate):
        import numpy as np

        t = _time(v, rate)
        changed = v.copy()
        changed[:, channel] = 5 + .2 * np.sin(.314 * t) + .3 * np.sin(2 * np.pi * 50 * t)
        return changed

    return spoil


def all_of(*parts):
    def spoil(v, rate):
        for part in parts:
            v = part(v, rate)
        return v

    return spoil


KINDS = {
    "clean": all_of(),
    "block of 20 ms lost each 0.3 s": lost(.3, .02),
    "100 ms lost each second": lost(1, .1),
    "200 ms lost each second": lost(1, .2),
    "1.2 s lost each 5 s": lost(5, 1.2),
    "clipped at 0.2 mV": clipped(.2),
    "clipped at 0.3 mV": clipped(.3),
    "clipped at 0.5 mV": clipped(.5),
    "clipped at 1 mV": clipped(1),
    "wander of 1 mV, clipped at 1 mV": all_of(wander(1), clipped(1)),
    "hum of 1 mV, clipped at 0.5 mV": all_of(hum(1), clipped(.5)),
    "pulses of 2 mV and 4 ms, clipped at 0.3 mV": all_of(pops(60 / 70, .004, 2), clipped(.3)),
    "each lead missing in turn for 1 s": held(2, 1, float("nan"), (0, 1)),
    "each lead at 0 in turn for 1 s": held(2, 1, 0, (0, 1)),
    "pops of 1 mV and 100 ms each second": pops(1, .1, 1),
    "pops of 3 mV and 100 ms each second": pops(1, .1, 3),
    "pops of 3 mV and 100 ms each 3 s": pops(3, .1, 3),
    "pops of 3 mV and 20 ms each 3 s": pops(3, .02, 3),
    "pops of 3 mV and 300 ms each 3 s": pops(3, .3, 3),
    "pulses of 3 mV and 20 ms, 100 a minute": pops(.6, .02, 3),
    "pulses of 3 mV and 60 ms, 70 a minute": pops(60 / 70, .06, 3),
    "first lead at 0 for 100 ms each second": held(1, .1),
    "first lead at 0 for 300 ms each second": held(1, .3),
    "second lead at 0 for 300 ms each second": held(1, .3, 0, (1,)),
    "first lead at 10 mV for 300 ms each second": held(1, .3, 10),
    "each lead at 10 mV in turn for 20 ms each second": held(1, .02, 10, (0, 1)),
    "each lead at 10 mV in turn for 300 ms each 2 s": held(2, .3, 10, (0, 1)),
    "hum of 0.3 mV, block lost each 2 s": all_of(hum(.3), lost(2, .02)),
    "hum, block lost each 2 s, an electrode off": all_of(hum(.3), loose(1), lost(2, .02)),
    "hum, block lost each 2 s, an electrode off, clipped": all_of(hum(.3), loose(0), lost(2, .02), clipped(.3)),
    "muscle of 0.15 mV, wander of 1 mV": all_of(muscle(.15), wander(1)),
    "muscle of 0.3 mV": muscle(.3),
    "muscle of 0.5 mV": muscle(.5),
    "muscle of 0.15 mV, hum, 100 ms lost each second": all_of(muscle(.15), hum(.3), lost(1, .1)),
    "a fifth of the size, muscle of 0.05 mV, block lost each second": all_of(lambda v, rate: .2 * v, muscle(.05), lost(1, .02)),
    "steps of 1 mV, 1.2 a second": steps(1.2, 1),
    "first lead flat": held(1, 1),
    "second lead flat, hum": all_of(hum(.3), held(1, 1, 0, (1,))),
}


def episodes(data):
    """[(name, kind, rate, names, samples, begin, end)] of VFDB's shared half; begin and end of the rhythm in seconds of the samples."""
    found = []
    for path in sorted(path.with_suffix("") for path in (data / "vfdb").glob("*.atr")):
        rate, names, values = records.samples(path)
        for start, end, kind in alarms.spans(path):
            if kind not in alarms.SHORTEST or end - start < alarms.SHORTEST[kind]:
                continue
            first, last = max(0, start - BEFORE), min(end, start + LONGEST)
            found.append((f"{path.name}-{start:.0f}-{kind}", kind, rate, names, values[int(first * rate):int(last * rate)], start - first, last - first))
    return found


def silences(kind, begin, end, found):
    """[(from, to)] of an episode in which nothing of high priority was up, seconds after its beginning; `found`: alarms of any kind."""
    up = sorted((max(alarm.start, begin), min(alarm.end, end)) for alarm in found if alarm.priority == "high" and alarm.end > begin and alarm.start < end)
    gaps, at = [], begin
    for start, stop in up + [(end, end)]:
        most = LATER if at > begin else FIRST_ASYSTOLE if kind == "asystole" else FIRST
        if start - at >= most:
            gaps.append((at - begin, start - begin))
        at = max(at, stop)
    return gaps

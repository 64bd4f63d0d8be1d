# What counts as found, as false and as confirmed among alarms, without asking anybody.
# The counting is that of the issue's own scorer of rhythm sets; docs/beats.md says where it differs.
from .records import header, notes

LETHAL = {"(VF": "VF", "(VFIB": "VF", "(VFL": "VF", "(VT": "VT", "(ASYS": "asystole", "(NOISE": "noise"}
CALLS = {"asystole", "vf-suspected", "vt-suspected"}
EXTREME = {"extreme-bradycardia", "extreme-tachycardia"}
TECHNICAL = {"electrode-off", "signal-lost", "artefact", "device-lost", "electrodes-swapped", "sound-failed", "log-failed", "leads-flat", "rate-wrong", "page-failed",
             "companion-failed"}
SHORTEST = {"VF": 10, "VT": 10, "asystole": 6}
KINDS = {
    "Asystole": {"asystole"},
    "Bradycardia": {"heart-rate-low", "extreme-bradycardia", "pause", "asystole"},
    "Tachycardia": {"heart-rate-high", "extreme-tachycardia", "vt-suspected", "vf-suspected"},
    "Ventricular_Flutter_Fib": {"vf-suspected"},
    "Ventricular_Tachycardia": {"vt-suspected"},
}
# Seconds before a bedside alarm in which an alarm of ours must be up to be the same.
BEDSIDE = 14


class Alarm(dict):
    """An alarm: start and end in seconds, condition, priority, value, and what else was known."""

    __getattr__ = dict.__getitem__


def alarms(lines, keep=lambda line: True):
    """The alarms of one record's lines, in the order in which they began; what lasts to the end ends a second after it."""
    up, found, last = {}, [], 0.0
    known = {"bpm": None, "bad": "", "answer": ""}
    for line in lines:
        last = max(last, line.get("time") or 0)
        event = line["event"]
        if event == "heartRate":
            known["bpm"] = line["bpm"]
        elif event == "quality":
            known["bad"] = " ".join(line["reasons"]) + (" in " + " ".join(line["leads"]) if line["leads"] else "")
        elif event in ("window", "unknown"):
            best = next(iter(line.get("probabilities") or {}), "")
            known["answer"] = "no answer: " + " ".join(line["reasons"]) if event == "unknown" else best
        elif event == "alertRaised" and keep(line):
            before = up.get(line["condition"])
            if before is not None and before.priority == line["priority"]:
                continue
            if before is not None:
                # More urgent from now on; what it was until now is told too.
                found.append(Alarm(before, end=line["time"]))
            up[line["condition"]] = Alarm(
                start=line["time"], end=None, condition=line["condition"], priority=line["priority"], value=line.get("value"), **known)
        elif event == "alertCleared" and line["condition"] in up:
            found.append(Alarm(up.pop(line["condition"]), end=line["time"]))
    found += [Alarm(alarm, end=last + 1) for alarm in up.values()]
    return sorted(found, key=lambda alarm: alarm.start)


def high(found, technical=False):
    return [alarm for alarm in found if alarm.priority == "high" and (alarm.condition in TECHNICAL) == technical]


def naive(seconds):
    """The same measures with plain thresholds and nothing else: each second says for itself.

    `seconds`: lines `second` of `precordia beats --seconds`.
    """
    rules = {
        "asystole": lambda s: s["pause"] >= 4,
        "vf-suspected": lambda s: s["fibrillation"] > 0,
        "vt-suspected": lambda s: s["ventricularRun"] >= 5,
        "extreme-bradycardia": lambda s: s["bpm"] is not None and s["bpm"] < 40,
        "extreme-tachycardia": lambda s: s["bpm"] is not None and s["bpm"] > 140,
    }
    lines, up = [], set()
    for second in seconds:
        for condition, holds in rules.items():
            is_up = holds(second)
            if is_up != (condition in up):
                lines.append({"event": "alertRaised" if is_up else "alertCleared", "time": second["time"], "condition": condition, "priority": "high"})
                (up.add if is_up else up.discard)(condition)
    return alarms(lines + [{"event": "end", "time": seconds[-1]["time"] if seconds else 0}])


def spans(record):
    """[(start, end, kind)] in seconds: neighbouring stretches of one kind are one; kinds are VF, VT, asystole, noise and other."""
    rate, length, _ = header(record.with_suffix(".hea"))
    changes = [(sample / rate, note) for sample, code, note in notes(record.with_suffix(".atr")) if note.startswith("(")]
    joined = []
    for index, (start, note) in enumerate(changes):
        end = changes[index + 1][0] if index + 1 < len(changes) else length / rate
        kind = LETHAL.get(note, "other")
        if joined and joined[-1][2] == kind:
            joined[-1] = (joined[-1][0], end, kind)
        else:
            joined.append((start, end, kind))
    return joined


def episodes(spans, found):
    """[(start, end, kind, seconds to the first alarm that is up in it, or None)] of each that is long enough."""
    result = []
    for start, end, kind in spans:
        if kind not in SHORTEST or end - start < SHORTEST[kind]:
            continue
        delays = [max(0.0, alarm.start - start) for alarm in found if alarm.condition in CALLS and alarm.start < end and alarm.end > start]
        result.append((start, end, kind, min(delays, default=None)))
    return result


def false(spans, found):
    """Alarms raised in other rhythms, 3 s after their beginning or later, a second before their end or sooner, and not near an episode of any length."""
    def is_false(alarm):
        inside = any(kind == "other" and start + 3 <= alarm.start < end - 1 for start, end, kind in spans)
        near = any(kind in SHORTEST and start - 10 <= alarm.start <= end + 3 for start, end, kind in spans)
        return inside and not near

    return [alarm for alarm in found if is_false(alarm)]


def hours(spans):
    return sum(end - start for start, end, kind in spans if kind == "other") / 3600


def agrees(kind, found, end):
    """Whether one of these alarms says what a bedside alarm of that kind, at the record's end, said."""
    return any(alarm.condition in KINDS[kind] and alarm.start <= end and alarm.end >= end - BEDSIDE for alarm in found)


def challenge(cases):
    """Score of CinC 2015 over [(kind, true, agrees)]: ((TP + TN) / (TP + TN + FP + 5 FN), true found, false silent, {kind: [TP, FN, FP, TN]})."""
    table = {}
    for kind, is_true, is_called in cases:
        table.setdefault(kind, [0, 0, 0, 0])[(0 if is_called else 1) if is_true else (2 if is_called else 3)] += 1
    tp, fn, fp, tn = (sum(row[place] for row in table.values()) for place in range(4))
    whole = tp + tn + fp + 5 * fn
    return (tp + tn) / whole if whole else 0, tp / (tp + fn) if tp + fn else 0, tn / (tn + fp) if tn + fp else 0, table


def confirmed(alarm, reference):
    """Whether a rate that is alarmed is the one that the reference has: within 10 %, or beyond the limit too."""
    if alarm.condition not in EXTREME or reference is None:
        return False
    is_beyond = reference < 40 if alarm.condition == "extreme-bradycardia" else reference > 140
    return is_beyond or (alarm.value is not None and abs(alarm.value - reference) <= 0.1 * reference)

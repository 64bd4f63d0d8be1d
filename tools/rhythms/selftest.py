# What is known for certain, and what the scorers must say of it.
# In a file of its own, because both scorers run it.
import struct
import tempfile
from pathlib import Path

from . import counting, noise, records


def run(name, checks):
    failed = [words for words, held in checks.items() if not held]
    for words in failed:
        print(f"{name}: {words}: not so")
    print(f"{name}: {len(checks) - len(failed)} of {len(checks)} self-tests passed")
    return 1 if failed else 0


def beats(compare):
    return counted() | {
        "two hearings that differ in a beat": compare([(([1, 2, 3], 60), ([1.01, 3], 60))])[:4] == (1, 3, 2, 0),
        "two hearings that differ in rate": compare([(([1, 2], 60), ([1, 2], 63)), (([1], None), ([1], 60))])[3] == 2,
    } | read() | stressed()


def counted():
    steady = [(1000 * n, 1) for n in range(1, 40)]

    def faults(found, **options):
        s = counting.score(steady, found, 1000, **options)
        return s["reference"] - s["pairs"], s["found"] - s["pairs"]

    def kinds(reference, found):
        s = counting.score([(500, reference)], [(510, found)], 1000)
        return s["ventricular"], s["right"], s["wrong"]

    sum_of_two = counting.add(counting.score(steady, found, 1000) for found in (steady, steady[1:]))
    return {
        "all found": faults(steady) == (0, 0),
        "one missed": faults(steady[:7] + steady[8:]) == (1, 0),
        "one invented": faults(sorted(steady + [(7500, 1)])) == (0, 1),
        "149 ms off is found": faults([(s + 149, c) for s, c in steady]) == (0, 0),
        "151 ms off is missed and invented": faults([(s + 151, c) for s, c in steady]) == (39, 39),
        "two near one are one": faults(sorted(steady + [(7100, 1)])) == (0, 1),
        "the learning time is left out": counting.score(steady, steady[5:], 1000, start=5.5)["pairs"] == 34,
        "what lies in a stretch without is neither missed nor invented": faults([b for b in steady if not 9500 < b[0] < 12500] + [(11500, 1)], without=[(9500, 12500)]) == (0, 0),
        "a pair across a border counts nowhere": faults(steady[:9] + [(10100, 1)] + steady[10:], without=[(10050, 10900)]) == (0, 0),
        "a ventricular beat called so": kinds(5, 5) == (1, 1, 0),
        "a ventricular beat called usual": kinds(5, 1) == (1, 0, 0),
        "a fusion beat called ventricular is not false": kinds(6, 5) == (0, 0, 0),
        "an escape beat called ventricular is not false": kinds(10, 5) == (0, 0, 0),
        "a normal beat called ventricular is": kinds(1, 5) == (0, 0, 1),
        "an invented ventricular beat is": counting.score(steady, sorted(steady + [(7500, 5)]), 1000)["wrong"] == 1,
        "gross figures are sums": (sum_of_two["reference"], sum_of_two["pairs"]) == (78, 77),
        "the rate of 8 leads": counting.agreed_rate([60, 60, 61, 60, 59, 60, 60, 61, 120, 30, None, None]) == 60.125,
        "7 leads are too few": counting.agreed_rate([60] * 7 + [120] * 5) is None,
        "leads that tell no rate are none": counting.agreed_rate([None] * 12) is None,
    }


def read():
    checks = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.atr"
        words = [22 << 10 | 0, 63 << 10 | 3, 0x6261, 0x0063, 59 << 10, 1, 0x0002, 1 << 10 | 5, 61 << 10 | 1, 5 << 10 | 300, 0]
        path.write_bytes(struct.pack(f"<{len(words)}H", *words))
        checks["notes, long intervals and subtypes are read"] = records.notes(path) == [(0, 22, "abc"), (65543, 1, ""), (65843, 5, "")]
        words = [32 << 10 | 10, 33 << 10 | 20, 1 << 10 | 5, 32 << 10 | 5, 33 << 10 | 5, 0]
        path.write_bytes(struct.pack(f"<{len(words)}H", *words))
        checks["flutter is found"] = records.flutter(path) == [(10, 30), (40, 45)]
        path.write_bytes(struct.pack("<2H", 1 << 10 | 5, 1 << 10 | 5))
        try:
            records.annotations(path)
            checks["a cut file is refused"] = False
        except ValueError:
            checks["a cut file is refused"] = True
        import numpy as np

        counts = np.array([[1, -2], [3000, -32767], [0, 7]])
        record = records.write(Path(folder) / "r", 250, ["II", "V1"], counts)
        rate, names, values = records.samples(record)
        checks["a record that was written is read"] = (rate, names, (values * 1000).round().tolist()) == (250, ["II", "V1"], counts.tolist())
        # 212: -1 and 2047 in three bytes, by hand.
        (Path(folder) / "t.dat").write_bytes(bytes([0xFF, 0x7F, 0xFF]))
        (Path(folder) / "t.hea").write_text("t 2 360 1\nt.dat 212 200 11 1024 0 0 0 MLII\nt.dat 212 200 11 1024 0 0 0 V1\n")
        checks["format 212 is read"] = (records.samples(Path(folder) / "t")[2] * 200 + 1024).tolist() == [[-1, 2047]]
    return checks


def stressed():
    """A made record whose QRS are 2 mV, and a sine of 1 mV as noise: S is 0.5, N is 0.5."""
    import numpy as np

    rate, checks = 100, {}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        clean = np.zeros((rate * 600, 1))
        places = np.arange(50, len(clean) - 50, 100)
        clean[places] = 2
        noisy = np.sin(2 * np.pi * 5 * np.arange(len(clean)) / rate)[:, None]
        records.write(folder / "c", rate, ["II"], 1000 * clean)
        records.write(folder / "n", rate, ["noise"], 1000 * noisy)
        words = [1 << 10 | (50 if at == 50 else 100) for at in places] + [0]
        (folder / "c.atr").write_bytes(struct.pack(f"<{len(words)}H", *words))
        _, _, made = records.samples(noise.stressed(folder / "c", folder / "n", 6, folder / "m"))
        added = made - clean
        checks["signal and noise power are nst's"] = (
            abs(noise.signal_power(clean[:, 0], rate, records.beats(folder / "c.atr")) - 0.5) < 1e-9
            and abs(noise.noise_power(noisy[:, 0], rate) - 0.5) < 1e-3
        )
        checks["noise of 6 dB has a quarter of the signal's power"] = abs(added[30000:42000].var() / (0.5 * 10 ** -0.6) - 1) < 0.01
        checks["no noise in the first 5 minutes"] = abs(added[:30000]).max() == 0
        checks["two minutes of noise, two without"] = added[42000:54000].std() < 1e-9 and added[54000:].std() > 0.2
        checks["the extremes do not count"] = noise.middle_mean([1.0] * 18 + [100.0, -100.0]) == 1
    return checks


def planted(program):
    """A matrix of one cell, and the same with its alarm taken away: the program must find the silence."""
    import subprocess

    def played(*options):
        cell = ("--rhythms", "asystole", "--disturbances", "clean", "--ways", "replay", "--begin", "before")
        done = subprocess.run([program, "alarms", "--matrix", *cell, *options], stdout=subprocess.PIPE, text=True)
        return done.returncode, "**silent**" in done.stdout

    return {
        "a cell with its alarm is not silent": played() == (0, False),
        "a silent cell that is planted is found": played("--without", "asystole") == (1, True),
    }


def alarmed():
    """Alarms at known places against known rhythms."""
    from . import alarms, spoilt, twelve

    def raised(time, condition, priority="high", **more):
        return {"event": "alertRaised", "time": time, "condition": condition, "priority": priority, "value": 1, **more}

    def cleared(time, condition):
        return {"event": "alertCleared", "time": time, "condition": condition}

    def up(start, end, condition="vf-suspected", priority="high", value=1):
        return alarms.Alarm(start=start, end=end, condition=condition, priority=priority, value=value)

    listed = alarms.alarms([raised(5, "asystole"), cleared(9, "asystole"), raised(10, "pause", "medium"), raised(12, "pause"), {"event": "end", "time": 20}])
    spans = [(0, 100, "other"), (100, 130, "VF"), (130, 200, "other"), (200, 205, "VT"), (205, 240, "noise"), (240, 250, "asystole")]
    scored = alarms.challenge([("Asystole", True, True)] * 3 + [("Asystole", True, False)] + [("Tachycardia", False, False)] * 4 + [("Tachycardia", False, True)])
    second = {"pause": 0, "ventricularRun": 0, "fibrillation": 0, "bpm": 70}
    plain = alarms.naive([second | {"time": 1}, second | {"time": 2, "pause": 4.0}, second | {"time": 3, "bpm": 39}, second | {"time": 4, "fibrillation": 0.5}])
    return {
        "an alarm has its beginning and end": (listed[0].start, listed[0].end) == (5, 9),
        "what becomes more urgent is two": [(a.start, a.end, a.priority) for a in listed[1:]] == [(10, 12, "medium"), (12, 21, "high")],
        "technical ones are apart": alarms.high([up(1, 2, "signal-lost"), up(1, 2)]) == [up(1, 2)] and len(alarms.high([up(1, 2, "signal-lost")], technical=True)) == 1,
        "short episodes do not count": [e[2] for e in alarms.episodes(spans, [])] == ["VF", "asystole"],
        "found with its delay": alarms.episodes(spans, [up(104, 128)])[0][3] == 4,
        "up before is found at once": alarms.episodes(spans, [up(90, 128)])[0][3] == 0,
        "over before is not found": alarms.episodes(spans, [up(90, 99)])[0][3] is None,
        "a rate alone does not find it": alarms.episodes(spans, [up(104, 128, "extreme-tachycardia")])[0][3] is None,
        "false in another rhythm": len(alarms.false(spans, [up(50, 60)])) == 1,
        "not false in noise, in an episode, 10 s before and 3 s after one": alarms.false(spans, [up(t, t + 1) for t in (91, 110, 132, 210)]) == [],
        "not false within 3 s of a rhythm's beginning": alarms.false([(0, 100, "other")], [up(2, 5)]) == [],
        "a bedside alarm is the same within 14 s": alarms.agrees("Asystole", [up(100, 112, "asystole")], 125) and not alarms.agrees("Asystole", [up(100, 110, "asystole")], 125),
        "another kind is not": not alarms.agrees("Asystole", [up(120, 126)], 125),
        "the challenge's score": abs(scored[0] - 7 / 13) < 1e-9 and (scored[1], scored[2]) == (0.75, 0.8),
        "a rate is confirmed within 10 %": alarms.confirmed(up(1, 2, "extreme-bradycardia", value=39), 42) and not alarms.confirmed(up(1, 2, "extreme-bradycardia", value=30), 60),
        "a rate beyond the limit is confirmed": alarms.confirmed(up(1, 2, "extreme-tachycardia", value=190), 150),
        "no reference confirms nothing": not alarms.confirmed(up(1, 2, "extreme-tachycardia", value=190), None),
        "an episode without any alarm is one silence": spoilt.silences("VF", 25, 60, []) == [(0, 35)],
        "what begins within 15 s and lasts is none": spoilt.silences("VF", 25, 60, [up(39, 61, "signal-lost")]) == [],
        "of an asystole within 12 s": spoilt.silences("asystole", 25, 60, [up(38, 61)]) == [(0, 13)],
        "8 s between two alarms are one, 7 are not": spoilt.silences("VF", 25, 60, [up(20, 40), up(47, 50), up(58, 61)]) == [(25, 33)],
        "what is not urgent is not heard": spoilt.silences("VF", 25, 60, [up(20, 61, "pause", "medium")]) == [(0, 35)],
        "leads keep their names": twelve.naming(["MLII", "V1"]) == (),
        "channels without a lead's name get one": twelve.naming(["ECG", "ECG"]) == ("--leads", "ECG=II,ECG=V5"),
        "no lead twice": twelve.naming(["II", "V", "MCL1"]) == ("--leads", "V=V5,MCL1=V1") and twelve.naming(["II", "ECG"]) == ("--leads", "ECG=V5")
        and twelve.naming(["II", "MCL"]) == ("--leads", "MCL=V1"),
        "the naive rule says each second for itself": [(a.condition, a.start, a.end) for a in plain] == [("asystole", 2, 3), ("extreme-bradycardia", 3, 4), ("vf-suspected", 4, 5)],
    }

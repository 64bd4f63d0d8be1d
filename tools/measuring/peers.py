# Other delineators on the beats that tools/measure scores: NeuroKit2, ECGdeli and openecg, each as its documentation says.
# Apart from tools/measure, because they need packages that nothing else does. Run by `tools/measure --peers`.
"""Lets other programs mark LUDB's and the QT Database's shared halves, and writes the table of docs/measurements.md.

    tools/measure --peers                      prints the table; half an hour on an idle machine
    tools/measuring/run [--every N] [--write]  of every N-th record alone; writes the table
"""
import importlib.machinery
import importlib.util
import statistics
import sys
import time
from collections import defaultdict

import numpy as np

from precordia_tools import marked
from precordia_tools.places import TOP
from rhythms import program, records

LOADER = importlib.machinery.SourceFileLoader("measure_tool", str(TOP / "tools/measure"))
tool = importlib.util.module_from_spec(importlib.util.spec_from_loader("measure_tool", LOADER))
LOADER.exec_module(tool)
EDGES = [name for name in tool.EDGES if name != "T onset"]


def beat(r, edges):
    """A beat as tools/measure has them: None for an edge that is not known."""
    known = {name: None if value is None or np.isnan(value) else float(value) for name, value in edges.items()}
    pair = lambda begin, end: (known.get(begin), known.get(end))
    return {"R": r, 1: pair("QRS onset", "QRS end"), tool.P: pair("P onset", "P end"), tool.T: (None, known.get("T end"))}


def neurokit(values, rate, places):
    """NeuroKit2's wavelet method, each lead by itself, given our R peaks: it takes them from whoever has them."""
    import neurokit2

    names = {"P onset": "ECG_P_Onsets", "P end": "ECG_P_Offsets", "QRS onset": "ECG_R_Onsets", "QRS end": "ECG_R_Offsets", "T end": "ECG_T_Offsets"}
    leads = []
    for lead in range(values.shape[1]):
        try:
            clean = neurokit2.ecg_clean(values[:, lead], sampling_rate=int(rate))
            found = neurokit2.ecg_delineate(clean, np.array(places), sampling_rate=int(rate), method="dwt")[1]
        except Exception:
            leads.append([])
            continue
        # Its lists are not always in step with the beats: each mark goes to the beat that it lies right for, the nearest of several.
        every = {name: [mark for mark in found.get(names[name], []) if mark is not None and not np.isnan(mark)] for name in names}
        leads.append([beat(place, {name: fitting(every[name], place, rate, *BOUNDS[name]) for name in names}) for place in places])
    return leads


#: Seconds from R between which an edge can lie.
BOUNDS = {"P onset": (-0.45, -0.02), "P end": (-0.35, 0.0), "QRS onset": (-0.2, 0.0), "QRS end": (0.0, 0.25), "T end": (0.1, 0.75)}


def fitting(marks, place, rate, low, high):
    return min((mark for mark in marks if low * rate <= mark - place <= high * rate), key=lambda mark: abs(mark - place), default=None)


def ecgdeli(values, rate, places):
    """ECGdeli with its own filters and R peaks, all leads together."""
    import ecgdeli as port

    try:
        annotation = port.annotate(port.filter_ecg(values, rate), rate)
    except Exception:
        return [[] for _ in range(values.shape[1])]
    leads = []
    for table in annotation.leads:
        edges = {"P onset": table.p_on, "P end": table.p_off, "QRS onset": table.qrs_on, "QRS end": table.qrs_off, "T end": table.t_off}
        valid = lambda value: None if value < 0 else value
        leads.append([beat(r, {name: valid(column[number]) for name, column in edges.items()}) for number, r in enumerate(table.r_peak) if r >= 0])
    return leads


def openecg(values, rate, places, kept=[]):
    """openecg's codec, the int8 form in its package, 10 s at a time; of longer stretches the inner 6 s of each, as it says."""
    from openecg.deploy import OnnxCodec
    from scipy.signal import resample_poly

    if not kept:
        kept.append(OnnxCodec())
    leads = []
    for lead in range(values.shape[1]):
        line = resample_poly(values[:, lead], 500, int(rate)) if rate != 500 else values[:, lead]
        waves = []
        first = 0
        while first == 0 or first + 4000 < len(line):
            window = line[first:first + 5000]
            window = np.pad(window, (0, 5000 - len(window)), mode="edge")
            low, high = (0 if first == 0 else 1000), (5000 if first + 5000 >= len(line) else 4000)
            for begin, end, kind in kept[0].encode(window, 500).events("frame", drop_class=0):
                if low <= (begin + end) / 2 < high:
                    waves.append((kind, (first + begin) * rate / 500, (first + end) * rate / 500))
            first += 3000
        waves.sort(key=lambda wave: wave[1])
        complexes = [at for at, wave in enumerate(waves) if wave[0] in (2, 4)]
        listed = []
        for number, at in enumerate(complexes):
            edges = {"QRS onset": waves[at][1], "QRS end": waves[at][2]}
            before = [wave for wave in waves[complexes[number - 1] + 1 if number else 0:at] if wave[0] == 1][-1:]
            behind = [wave for wave in waves[at + 1:complexes[number + 1] if number + 1 < len(complexes) else None] if wave[0] == 3][:1]
            edges |= {"P onset": before[0][1], "P end": before[0][2]} if before else {}
            edges |= {"T end": behind[0][2]} if behind else {}
            listed.append(beat((waves[at][1] + waves[at][2]) / 2, edges))
        leads.append(listed)
    return leads


PEERS = {"NeuroKit2": neurokit, "ECGdeli": ecgdeli, "openecg": openecg}


def errors(reference, own, rate, into):
    """Adds the errors of one lead; gives how many marks of the reference there are by edge."""
    for one in reference:
        other = tool.nearest(own, one["R"], tool.WINDOW * rate)
        for name in EDGES:
            if tool.edge(one, name) is None:
                continue
            value = tool.edge(other, name) if other else None
            into[name].append(None if value is None else 1000 * (value - tool.edge(one, name)) / rate)


def ludb(data, mark, every):
    found, spent, exams = defaultdict(list), 0.0, 0
    for path in sorted((path.with_suffix("") for path in (data / "ludb").glob("*.hea")), key=lambda path: int(path.name))[::every]:
        rate, _, values = records.samples(path)
        places = [sample for sample, _ in program.heard(path)[0]]
        start = time.process_time()
        leads = mark(np.nan_to_num(values), rate, places)
        spent, exams = spent + time.process_time() - start, exams + 1
        for lead, name in enumerate(tool.LEADS):
            errors(tool.beats(records.annotations(path.with_suffix("." + name))), leads[lead], rate, found)
    return found, 1000 * spent / exams, exams


def qtdb(data, mark, every):
    """{edge: {record: [error of the nearer lead]}}"""
    near = defaultdict(dict)
    for path in sorted(path.with_suffix("") for path in (data / "qtdb").glob("*.q1c"))[::every]:
        rate, _, values = records.samples(path)
        reference = tool.beats(records.annotations(path.with_suffix(".q1c")))
        first = max(0, int(reference[0]["R"] - 8 * rate))
        stretch = np.nan_to_num(values[first:int(reference[-1]["R"] + 8 * rate)])
        places = [sample - first for sample, _ in program.heard(path)[0] if first < sample < first + len(stretch)]
        leads = mark(stretch, rate, places)
        for one in reference:
            shifted = dict(one, R=one["R"] - first)
            own = [tool.nearest(lead, shifted["R"], tool.WINDOW * rate) for lead in leads]
            for name in EDGES:
                values_of = [tool.edge(other, name) for other in own if other and tool.edge(other, name) is not None]
                if tool.edge(one, name) is not None and values_of:
                    near[name].setdefault(path.name, []).append(min((1000 * (value + first - tool.edge(one, name)) / rate for value in values_of), key=abs))
    return near


def main():
    data = program.recordings()
    if data is None:
        print("tools/measure --peers: no real recordings: neither PRECORDIA_DATA nor ../shared/data")
        return 77
    every = int(sys.argv[sys.argv.index("--every") + 1]) if "--every" in sys.argv else 1
    rows = ["| | " + " | ".join(EDGES) + " | processor time an exam |", "|---|" + "---|" * (len(EDGES) + 1)]
    for name, mark in PEERS.items():
        try:
            found, cost, exams = ludb(data, mark, every)
            print(f"{name}: LUDB done", flush=True)
            near = qtdb(data, mark, every)
        except ImportError as problem:
            print(f"{name}: not measured: {problem}")
            continue
        cells, others = [], []
        for edge in EDGES:
            given = [error for error in found[edge] if error is not None]
            cells.append(f"{tool.spread(given)}, {100 * len(given) / max(1, len(found[edge])):.0f} %")
            together = [error for listed in near[edge].values() for error in listed]
            others.append(f"{tool.spread(together)}, {statistics.fmean(statistics.pstdev(listed) for listed in near[edge].values()):.1f}")
        rows += [f"| {name}, {exams} exams of LUDB | " + " | ".join(cells) + f" | {cost:.0f} ms |", f"| {name}, {max(map(len, near.values()))} records of QTDB | " + " | ".join(others) + " | |"]
        print("\n".join(rows[-2:]), flush=True)
    if "--write" in sys.argv:
        marked.write(tool.DOCUMENT, {"measure.peers": rows})
    return 0


if __name__ == "__main__":
    sys.exit(main())

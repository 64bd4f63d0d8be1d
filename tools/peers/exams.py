# Stored exams: `precordia classify` on WFDB files beside a pipeline of wfdb, scipy and ONNX Runtime that does the same work.
# The pipeline is what a user would write: two processes, each with a session of its own.
"""Each exam is read, brought to the model's rate, filtered, quantised, classified, calibrated, and written as a row of CSV."""

import csv
import io
import json
import multiprocessing
import statistics
import subprocess
import time
from pathlib import Path

import numpy as np

from . import networks, processes

JOBS = 2


def exams(program: Path, folder: Path, count: int = 40) -> list:
    """Simulated exams of 10 s at 500 Hz."""
    return networks.simulated(program, folder, 500, 5000, count)


def listed(folder: Path, paths: list, count: int) -> Path:
    """A list of so many exams: the same files in turn, in the page cache for both ways."""
    place = folder / f"list_{count}.txt"
    place.write_text("".join(f"{paths[index % len(paths)]}\n" for index in range(count)))
    return place


def classified(program: Path, folder: Path, paths: list, count: int) -> tuple:
    """Seconds, the start included, and peak memory (MiB)."""
    command = [program, "classify", f"@{listed(folder, paths, count)}", "--jobs", JOBS]
    _, end, memory = processes.spawned(folder, command, pinned=False)
    return end / 1e3, memory


def measured(program: Path, folder: Path, model: Path, onnx: Path, counts: list, rounds: int = 5) -> dict:
    """Precordia over so many exams, and in turn with its 1,000 the pipeline over 200; its processes have started and done some before."""
    paths = exams(program, folder)
    some = [str(paths[index % len(paths)]) for index in range(200)]
    runs, rates = {count: [] for count in {*counts, 1000}}, []
    with multiprocessing.get_context("spawn").Pool(JOBS, start, (str(model), str(onnx))) as pool:
        pool.map(work, some[:40], chunksize=5)
        for _ in range(rounds):
            for count in runs:
                if count <= 1000:
                    runs[count].append(classified(program, folder, paths, count))
            began = time.monotonic()
            assert len(pool.map(work, some, chunksize=10)) == len(some)
            rates.append(len(some) / (time.monotonic() - began))
    for count, made in runs.items():
        made += [] if made else [classified(program, folder, paths, count)]
    found = {
        count: {"seconds": statistics.median(run[0] for run in made), "memory": max(run[1] for run in made)} for count, made in runs.items()
    }
    return {"runs": {str(count): found[count] for count in sorted(found)}, "precordia": 1000 / found[1000]["seconds"],
            "pipeline": statistics.median(rates), "difference": difference(program, model, onnx, paths[:8])}  # fmt: skip


def hour(program: Path, folder: Path) -> dict:
    """An hour of simulated stream: seconds, peak memory (MiB), and what was lost."""
    record = folder / "hour"
    if not record.with_suffix(".hea").exists():
        command = [program, "simulate", "--rhythm", "tour", "--rate", 500, "--seconds", 3600, "--seed", 1, "-o", record]
        subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
    runs = [processes.spawned(folder, [program, "replay", record], pinned=False)[1:] for _ in range(5)]
    last = subprocess.run([program, "replay", "--json", record], capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    counters = json.loads(last)["counters"]
    lost = sum(counters[name] for name in ("framesMissing", "framesOutOfOrder", "samplesMissing"))
    return {"seconds": statistics.median(run[0] for run in runs) / 1e3, "memory": max(run[1] for run in runs), "frames": counters["frames"],
            "lost": lost, "dropped": counters["eventsDropped"]}  # fmt: skip


class Pipeline:
    """From a record's path to its row of CSV."""

    #: Of this process, made when it starts.
    here = None

    def __init__(self, model: str, onnx: str):
        import onnxruntime
        import wfdb
        from scipy import signal

        self.read, self.signal = wfdb.rdrecord, signal
        self.model = networks.modelfile.decoded(Path(model).read_bytes())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
        self.sections = np.array([[b0, b1, b2, 1, a1, a2] for b0, b1, b2, a1, a2 in np.asarray(self.model.sections)])
        self.slope, self.offset = (
            np.array([each.slope for each in self.model.labels]),
            np.array([each.offset for each in self.model.labels]),
        )

    def row(self, path: str) -> str:
        record, model = self.read(path), self.model
        microvolts = record.p_signal * 1000
        microvolts = microvolts - microvolts[0]
        if record.fs != model.rate:
            microvolts = self.signal.resample_poly(microvolts, model.rate, record.fs, axis=0)
        filtered = self.signal.sosfilt(self.sections, microvolts, axis=0)
        units = (np.clip(np.rint(filtered / model.step), -128, 127) + 128).astype(np.uint8)
        heard = [lead for lead in range(12) if model.leads >> lead & 1]
        logits = self.session.run(None, {"x": np.ascontiguousarray(units[: model.window, heard].T[None, :, None])})[0][0]
        probabilities = 1 / (1 + np.exp(-(self.slope * logits + self.offset)))
        row = io.StringIO()
        csv.writer(row).writerow([path, 1, "good", *(f"{value:.6f}" for value in probabilities[: model.all_sets()[0].count])])
        return row.getvalue()


def start(model: str, onnx: str) -> None:
    Pipeline.here = Pipeline(model, onnx)


def work(path: str) -> str:
    return Pipeline.here.row(path)


def difference(program: Path, model: Path, onnx: Path, paths: list) -> float:
    """Largest difference of a probability between both ways: they resample differently, and ONNX's integers round otherwise."""
    start(str(model), str(onnx))
    output = subprocess.run([program, "classify", *map(str, paths)], capture_output=True, text=True, check=True).stdout
    rows = list(csv.reader(io.StringIO(output)))[1:]
    theirs = [next(csv.reader([work(str(path))])) for path in paths]
    return max(abs(float(a) - float(b)) for mine, other in zip(rows, theirs) for a, b in zip(mine[3:], other[3:]) if a)

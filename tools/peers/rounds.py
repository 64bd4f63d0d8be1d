# Peers and Precordia in turn: one process each, one thread, one core, in an order drawn anew for each round.
# Separate from what is drawn up from it, so that a round is the same whoever looks.

import hashlib
import json
import os
import random
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np

from . import liteform, onnxform, openvinoform, real
from .networks import TOP, Case

#: Calls of a peer in a round, and seconds of Precordia; a long call needs more time for as steady a median.
CALLS, SECONDS = {"resnet1d": 100}, {"resnet1d": 4}


def core() -> int:
    """The core that everything is timed on: the last one, which has the fewest interrupts."""
    return max(os.sched_getaffinity(0))


def pinned(command: list, **options) -> str:
    """Standard output of a command on one core."""
    done = subprocess.run(["taskset", "-c", str(core()), *map(str, command)], capture_output=True, text=True, **options)
    if done.returncode:
        sys.exit(f"bench: {command[0]} ended with status {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def one(*arguments) -> dict:
    environment = {**os.environ, "PYTHONPATH": f"{TOP / 'tools'}:{TOP / 'tools/train'}", "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    return json.loads(pinned([sys.executable, "-m", "peers.one", *arguments], env=environment).splitlines()[-1])


def correlation(wanted: np.ndarray, found) -> dict:
    """Over all logits, over their deviations from each label's mean over the exams, and the largest difference."""
    found = np.asarray(found)
    wanted = wanted[: len(found)]
    centred = np.corrcoef((wanted - wanted.mean(0)).ravel(), (found - found.mean(0)).ravel())[0, 1]
    return {"correlation": float(np.corrcoef(wanted.ravel(), found.ravel())[0, 1]), "centred": float(centred),
            "largest": float(np.abs(wanted - found).max())}  # fmt: skip


def exporters() -> str:
    """A hash of what makes the peers' files, so that none of an older make is timed."""
    made_by = [TOP / "tools/peers" / name for name in ("requirements.txt", "liteform.py", "onnxform.py", "openvinoform.py", "real.py")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in made_by)).hexdigest()


class Entry:
    """A network with every peer's files; made once, and again when the model file changes."""

    def __init__(self, case: Case, folder: Path):
        self.case = case
        self.graph = real.graph(case)
        stem = folder / f"{case.name}_{case.model.hash.hex()[:8]}_{exporters()[:8]}"
        self.files = {"onnx": f"{stem}_qdq.onnx", "openvino": f"{stem}_nncf.xml", "litert": f"{stem}.tflite"}
        self.inputs = {name: f"{stem}_{name}.npy" for name in self.files}
        self.hops = {} if case.model.whole_window else {n: f"{stem}_hop{n}.tflite" for n in sorted({case.model.column, self.second(case)})}
        floating = f"{stem}_f32.onnx"
        if not Path(self.files["openvino"]).exists():
            onnxform.write(self.graph, Path(self.files["onnx"]), True)
            onnxform.write(self.graph, Path(floating), False)
            liteform.write(self.graph, Path(self.files["litert"]))
            for hop, path in self.hops.items():
                liteform.write(self.graph, Path(path), hop)
            np.save(self.inputs["onnx"], np.ascontiguousarray(case.inputs.transpose(0, 2, 1)[:, None, :, None]))
            np.save(self.inputs["litert"], (case.inputs.astype(np.int16) - 128).astype(np.int8)[:, None, None])
            np.save(self.inputs["openvino"], np.load(self.inputs["onnx"]))
            openvinoform.write(self.graph, floating, self.files["openvino"])

    @staticmethod
    def second(case: Case) -> int:
        """Samples of the hop nearest to one second."""
        column = case.model.column
        return max(1, round(case.model.rate / column)) * column

    def multiplications(self) -> int:
        """Multiply-accumulates of a window, without channels that are padding."""
        graph = self.graph
        layers = sum(step.weights.size * graph.values[step.output].columns for step in graph.steps if step.weights is not None)
        return layers + (graph.flat.size if graph.flat is not None else graph.mean.size + graph.maximum.size)

    def jobs(self) -> list:
        calls = CALLS.get(self.case.name, 400)
        jobs = [(runtime, lambda r=runtime: one(r, self.files[r], self.inputs[r], calls)) for runtime in self.files]
        for hop, path in self.hops.items():
            empty = path.replace(".tflite", ".npy")
            np.save(empty, np.zeros([1, 1, 1, hop, self.graph.values[0].channels], np.int8))
            jobs.append((f"hop{hop}", lambda p=path, e=empty: one("litert", p, e, 1000)))
        return jobs

    def agreement(self) -> dict:
        """How near each peer's answers come to the integers'; of the stateful form after a window fed hop by hop from rest."""
        found = {
            runtime: correlation(self.graph.logits, one(runtime, self.files[runtime], self.inputs[runtime], 0)["logits"])
            for runtime in self.files
        }
        for hop, path in self.hops.items():
            logits = one("litert-stream", path, self.inputs["litert"], hop)["logits"]
            found[f"hop{hop}"] = correlation(self.graph.logits, logits)
        return found


def precordia(program: Path, case: Case, seconds: float, kernel: str = "best") -> dict:
    return json.loads(pinned([program, "bench", "--json", "--model", case.path, "--kernel", kernel, "--seconds", seconds]))


def exact(program: Path, case: Case, wanted: np.ndarray) -> dict:
    """Whether the program's logits of the simulated exams are the integers' own, bit for bit."""
    output = pinned([program, "classify", "--format", "bits", "--model", case.path, *case.records])
    rows = [line.split(",")[-wanted.shape[1] :] for line in output.strip().splitlines()[-len(case.records) :]]
    found = np.array([[int(cell, 16) for cell in row] for row in rows], np.uint32)
    return {"exact": bool((found == wanted.astype(np.float32).view(np.uint32)).all()), "logits": int(found.size)}


def run(program: Path, entries: list, rounds: int, say=print) -> dict:
    """Medians over rounds, by network and runtime."""
    times = {entry.case.name: {} for entry in entries}
    beats = []
    filters = {"scipy": [], "precordia": []}
    frames, peaks = [], []
    for number in range(rounds):
        jobs = [(entry, name, job) for entry in entries for name, job in entry.jobs()]
        jobs += [(entry, "precordia", lambda e=entry: precordia(program, e.case, SECONDS.get(e.case.name, 1.5))) for entry in entries]
        jobs.append((None, "scipy", lambda: one("scipy", "-", "-", 20000)))
        random.Random(number).shuffle(jobs)
        for entry, name, job in jobs:
            found = job()
            if name == "scipy":
                filters["scipy"].append(found["microseconds"])
                continue
            mine = times[entry.case.name]
            if name != "precordia":
                mine.setdefault(name, []).append(found["microseconds"])
                continue
            kernel = found["models"][0]["kernels"][0]
            mine.setdefault("precordia", []).append(kernel["windowMicroseconds"])
            peak = found["peaks"][0]["multiplicationsPerNanosecond"]
            peaks += [peak] if peak else []
            for hop in kernel["hops"]:
                mine.setdefault(f"precordia-hop{hop['samples']}", []).append(hop["microseconds"])
            filters["precordia"].append(found["filterChunkMicroseconds"])
            if entry.case.name == "shipped":
                frames.append(found["frames"][0]["frameNanoseconds"] / 1e3)
                beats.append(found["beatFrameMicroseconds"])
        say(f"round {number + 1} of {rounds} done")
    for entry in entries if peaks else []:
        times[entry.case.name]["limit"] = [entry.multiplications() / max(peaks) / 1e3]
    middle = lambda values: statistics.median(values) if values else None
    return {
        "networks": {name: {key: middle(values) for key, values in mine.items()} for name, mine in times.items()},
        "spread": {name: {key: [min(values), max(values)] for key, values in mine.items()} for name, mine in times.items()},
        "filters": {key: middle(values) for key, values in filters.items()},
        "beats": middle(beats),
        "frame": middle(frames),
    }

# `tools/bench`: the order of the measurements, and where their figures go.
# Each part is a module; a part can be measured alone, and the tables are drawn from all that were.
"""Measures Precordia beside ONNX Runtime, OpenVINO and LiteRT on this machine, and prints tables of ratios.

parts:
  board     precordia bench: every kernel, layer, hop and rate
  peers     whole windows, hops and filters, in interleaved rounds of one process each, one thread on one core
  exams     stored exams against wfdb, scipy and ONNX Runtime
  stream    an hour of stream: seconds, memory, loss
  process   start to the answer over 10 s, peak memory, size
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import sys
from pathlib import Path

from precordia_tools import marked

from .networks import TOP

#: The program for boards: what `make x86_64-edge` and the like give, built for this processor.
EDGE = TOP / ".build-dist" / platform.machine() / "bin/precordia-edge"
PARTS = ("board", "peers", "exams", "stream", "process")


def about(program: Path) -> dict:
    names = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    said = rounds.pinned([program, "--version"]).split("\n")[0].strip()
    versions = {
        name: importlib.metadata.version(name) for name in ("onnxruntime", "openvino", "nncf", "ai-edge-litert", "scipy", "wfdb", "numpy")
    }
    release = dict(line.strip().split("=", 1) for line in open("/etc/os-release") if "=" in line).get("PRETTY_NAME", "").strip('"')
    return {
        "processor": names[0] if names else platform.machine(), "cores": os.cpu_count(), "system": release or platform.system(),
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"), "load": os.getloadavg()[0],
        "program": said.split(",")[0].replace("precordia ", ""), "kernel": said.split("kernel ")[-1], "versions": versions,
    }  # fmt: skip


def settings():
    parser = argparse.ArgumentParser(prog="tools/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="PARTS", help="comma-separated parts; all if not given")
    parser.add_argument("--networks", default="shipped,resnet1d,depthwise", help="of the peers' part")
    parser.add_argument("--rounds", type=int, default=7, help="interleaved rounds (7)")
    parser.add_argument("--exams", default="100,1000,20000", help="how many stored exams (100,1000,20000)")
    parser.add_argument("--program", type=Path, default=Path(os.environ.get("PRECORDIA", TOP / ".build/release/precordia")))
    parser.add_argument("--edge", type=Path, default=Path(os.environ.get("PRECORDIA_EDGE", EDGE)))
    parser.add_argument("--json", type=Path, default=TOP / ".build-bench/results.json", help="figures, kept between runs")
    parser.add_argument("--write", type=Path, nargs="+", default=[], metavar="FILE", help="replace the marked blocks of these files")
    chosen = parser.parse_args()
    chosen.only = chosen.only.split(",") if chosen.only is not None else list(PARTS)
    for part in filter(None, chosen.only):
        if part not in PARTS:
            parser.error(f"--only {part}: {', '.join(PARTS)} are right")
    if not chosen.program.exists():
        parser.error(f"there is no {chosen.program}; `swift build -c release --product precordia` makes it")
    return chosen


def main() -> None:
    chosen = settings()
    work = TOP / ".build-bench/networks"
    results = json.loads(chosen.json.read_text()) if chosen.json.exists() else {}
    wanted = [part for part in chosen.only if part]

    def keep(part, value):
        results[part] = value
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(results, indent=1))

    if wanted:
        keep("about", about(chosen.program))
        names = chosen.networks.split(",") if {"board", "peers"} & set(wanted) else ["shipped"]
        say("Exporting the networks for every runtime (the first time several minutes)")
        cases = networks.cases(chosen.program, work, names)
        entries = [rounds.Entry(case, work) for case in cases]
    if "board" in wanted:
        say("The machine's own peak, kernels, layers, hops")
        command = [chosen.program, "bench", "--json", "--seconds", 20 + 10 * len(cases)]
        keep("board", json.loads(rounds.pinned(command + [part for case in cases for part in ("--model", case.path)])))
    if "peers" in wanted:
        say("Whether the answers agree")
        agreement = {}
        for entry in entries:
            agreement[entry.case.name] = {**entry.agreement(), "precordia": rounds.exact(chosen.program, entry.case, entry.graph.logits)}
        keep("agreement", agreement)
        different = [name for name, each in agreement.items() if not each["precordia"]["exact"]]
        if different:
            sys.exit(f"bench: Precordia's logits of {', '.join(different)} are not the integer reference's; there is nothing to compare")
        keep("peers", rounds.run(chosen.program, entries, chosen.rounds, say))
    shipped = next((entry for entry in entries if entry.case.name == "shipped"), None) if wanted else None
    if "exams" in wanted and shipped:
        say("Stored exams")
        counts = [int(n) for n in chosen.exams.split(",")]
        keep("exams", exams.measured(chosen.program, work, shipped.case.path, Path(shipped.files["onnx"]), counts))
    if "stream" in wanted:
        say("An hour of stream")
        keep("stream", exams.hour(chosen.program, work))
    if "process" in wanted and shipped:
        say("Start and memory of whole processes")
        exam = exams.exams(chosen.program, work)[0]
        keep("process", processes.measured(chosen.program, chosen.edge, shipped, exam, work))
    for name, text in tables.blocks(results).items():
        print(f"\n{name}\n{text}")
    for path in chosen.write:
        say(f"{path}: {tables.write(path, results)} blocks written")
    if chosen.write:
        marked.copy_cells(marked.documents())


def say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    from . import exams, networks, processes, rounds, tables

    main()

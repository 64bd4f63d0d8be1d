# Start to the answer and peak memory of whole processes: Precordia's programs beside ONNX Runtime and LiteRT.
# Separate because here the process is what is measured, not a call.

import importlib.util
import random
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from .networks import TOP
from .rounds import Entry, core


def compiler() -> str:
    found = shutil.which("cc") or shutil.which("clang")
    if not found:
        sys.exit("bench: neither cc nor clang; one of them builds the program that starts the others")
    return found


def spawned(folder: Path, command: list, pinned: bool = True) -> tuple:
    """Milliseconds from spawn to the last output, milliseconds to the end, peak memory in MiB."""
    launcher = folder / "spawn"
    source = TOP / "tools/peers/spawn.c"
    if not launcher.exists() or launcher.stat().st_mtime < source.stat().st_mtime:
        subprocess.run([compiler(), "-O2", "-o", launcher, source], check=True)
    words = [launcher, core() if pinned else -1, Path(shutil.which(str(command[0])) or command[0]), *command[1:]]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True)
    answered, end, memory, status = done.stdout.split()
    if status != "0":
        raise RuntimeError(f"{command[0]} ended with status {status}: {done.stderr.strip()[-200:]}")
    return float(answered), float(end), int(memory) / 1024


def compiled_onnx(folder: Path) -> tuple:
    """The C program, linked with the wheel's own library; None and the reason where that cannot be."""
    package = Path(importlib.util.find_spec("onnxruntime").origin).parent / "capi"
    libraries = sorted(package.glob("libonnxruntime.so.*"))
    if not libraries:
        return None, "the wheel holds no libonnxruntime.so"
    program, link = folder / "start_onnx", folder / "libonnxruntime.so.1"
    link.unlink(missing_ok=True)
    link.symlink_to(libraries[0])
    command = [
        compiler(),
        "-O2",
        "-o",
        program,
        TOP / "tools/peers/start_onnx.c",
        libraries[0],
        f"-Wl,-rpath,{folder}",
        f"-Wl,-rpath,{package}",
    ]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    return (program, libraries[0].stat().st_size) if done.returncode == 0 else (None, done.stderr[-300:])


def compiled_lite(folder: Path) -> tuple:
    """The C program, and the wheel's library by itself, so that it looks for no accelerator; None and the reason where that cannot be."""
    library = Path(importlib.util.find_spec("ai_edge_litert").origin).parent / "libLiteRt.so"
    if not library.exists():
        return None, "the wheel holds no libLiteRt.so"
    alone, program = folder / "litert" / library.name, folder / "start_litert"
    alone.parent.mkdir(exist_ok=True)
    shutil.copyfile(library, alone)
    done = subprocess.run([compiler(), "-O2", "-o", program, TOP / "tools/peers/start_litert.c", "-ldl"], capture_output=True, text=True)
    return (program, alone) if done.returncode == 0 else (None, done.stderr[-300:])


def wire_bytes(program: Path, exam: Path, folder: Path) -> Path:
    """The exam as a device would send it."""
    place = folder / "exam.wire"
    with open(place, "wb") as out:
        command = [program, "simulate", "--transport", "stdout", "--speed", "max", "--record", exam]
        subprocess.run([str(word) for word in command], stdout=out, stderr=subprocess.DEVNULL, check=True)
    return place


def measured(program: Path, edge: Path, entry: Entry, exam: Path, folder: Path, rounds: int = 15) -> dict:
    """Medians over interleaved rounds, by what was started; `edge` is left out where it was not built."""
    first = entry.graph.values[0]
    commands = {
        "precordia classify, WFDB": [program, "classify", exam],
        "LiteRT, Python": [sys.executable, "-c", LITE, entry.files["litert"]],
        "ONNX Runtime, Python": [sys.executable, "-c", ONNX, entry.files["onnx"], first.channels, first.columns],
    }
    native, size = compiled_onnx(folder)
    notes = []
    if native:
        commands["ONNX Runtime, C"] = [native, entry.files["onnx"], first.channels, first.columns]
    else:
        notes.append(f"ONNX Runtime's C program could not be built: {size}")
    lite, library = compiled_lite(folder)
    if lite:
        commands["LiteRT, C"] = [lite, library, entry.files["litert"], first.channels, first.columns, len(entry.graph.bias)]
    else:
        notes.append(f"LiteRT's C program could not be built: {library}")
    if edge.exists():
        commands["precordia-edge"] = [edge, "--model", entry.case.path, wire_bytes(program, exam, folder)]
    else:
        notes.append(f"There was no {edge.name}.")
    runs = {name: [] for name in commands}
    for number in range(rounds):
        names = list(commands)
        random.Random(number).shuffle(names)
        for name in names:
            try:
                runs[name].append(spawned(folder, commands[name]))
            except RuntimeError as error:
                notes.append(str(error))
    found = {}
    for name, values in runs.items():
        if values:
            found[name] = {"answer": statistics.median(v[0] for v in values), "end": statistics.median(v[1] for v in values),
                           "memory": max(v[2] for v in values)}  # fmt: skip
    sizes = {"precordia": program.stat().st_size}
    if edge.exists():
        sizes["precordia-edge"] = Path(edge).stat().st_size
    if native:
        sizes["libonnxruntime.so"] = size
    if lite:
        sizes["libLiteRt.so"] = library.stat().st_size
    return {"programs": found, "sizes": sizes, "notes": sorted(set(notes))}


ONNX = """
import sys, numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
print(session.run(None, {"x": numpy.full((1, int(sys.argv[2]), 1, int(sys.argv[3])), 128, numpy.uint8)})[0][0][0])
"""
LITE = """
import sys
from ai_edge_litert.interpreter import Interpreter
runner = Interpreter(sys.argv[1], num_threads=1)
runner.allocate_tensors()
runner.invoke()
print(runner.get_tensor(runner.get_output_details()[0]["index"])[0][0])
"""

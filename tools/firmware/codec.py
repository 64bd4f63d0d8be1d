"""The reference codec as an integrator meets it: how large it is, what the strictest compiler says, and a whole board on it."""
import shutil
import subprocess
import tempfile
from pathlib import Path

from .common import PROTOCOL, REFERENCE, WARNINGS, Missing, needed, run
from .spec import Spec, blocks
from .streams import messages

PROCESSORS = ["cortex-m4", "cortex-m0plus"]
# What an integrator may build, of which files.
BUILDS = {
    "encoder": ["wire_check", "wire_encoder"],
    "encoder and command reader": ["wire_check", "wire_encoder", "wire_scanner"],
    "encoder, command reader and queue": ["wire_check", "wire_encoder", "wire_scanner", "wire_queue"],
    "encoder and decoder": ["wire_check", "wire_encoder", "wire_scanner", "wire_decoder"],
    "ADS1298 packer": ["ads1298"],
}
LARGEST_CODE = 4096
# What the compiler calls by itself: memcpy, and its own jump tables on ARMv6-M.
OUTSIDE = ("memcpy", "__gnu_thumb1_case_")


def check_size(limit=LARGEST_CODE, folder=REFERENCE):
    gcc = needed("arm-none-eabi-gcc", "gcc-arm-none-eabi")
    lines, faults = [], []
    with tempfile.TemporaryDirectory() as scratch:
        for processor in PROCESSORS:
            sizes, defined, asked = {}, set(), {}
            for source in sorted(folder.glob("*.c")):
                output = Path(scratch) / f"{source.stem}.o"
                done = run([gcc, f"-mcpu={processor}", "-mthumb", "-Os", *WARNINGS, "-c", source, "-o", output])
                if done.returncode != 0:
                    return [], [f"{source.name} for {processor}: {done.stderr.strip()}"]
                text, data, bss = map(int, run(["arm-none-eabi-size", output]).stdout.splitlines()[1].split()[:3])
                sizes[source.stem] = text
                if data + bss:
                    faults.append(f"{source.name} for {processor}: {data + bss} bytes of static variables; all memory is the caller's")
                for line in run(["arm-none-eabi-nm", output]).stdout.splitlines():
                    (asked.setdefault(line.split()[-1], source.name) if " U " in line else defined.add(line.split()[-1]))
            for name in sorted(set(asked) - defined):
                if not name.startswith(OUTSIDE):
                    faults.append(f"{asked[name]} for {processor} needs {name}, which is no part of the codec")
            for build, files in BUILDS.items():
                total = sum(sizes[file] for file in files)
                lines.append(f"{processor:14}{build:36}{total:6} bytes")
                if total >= limit:
                    faults.append(f"{build} for {processor}: {total} bytes of code; less than {limit} were promised")
    return lines, faults


def check_strict(extra=""):
    faults = []
    probe = '#include "precordia_wire.h"\n#include "ads1298.h"\n' + extra + """
int main(void) {
    static unsigned char block[WIRE_HELLO_BLOCK_BYTES(2, 1) + WIRE_DATA_BLOCK_BYTES(10, 2, 8, 3) + WIRE_STATUS_BLOCK_BYTES];
    wire_encoder encoder = wire_encoder();
    wire_status status = wire_status();
    encoder.block = block;
    encoder.room = sizeof block;
    return (int)wire_write_status(&encoder, &status, 0);
}
"""
    compilers = [name for name in ("gcc", "clang") if shutil.which(name)]
    for compiler in compilers:
        for source in sorted(REFERENCE.glob("*.c")):
            done = run([compiler, *WARNINGS, "-O2", "-c", source, "-o", "/dev/null"])
            if done.returncode != 0:
                faults.append(f"{compiler} {source.name}: {done.stderr.strip()}")
    for compiler, standard in (("g++", "c++11"), ("clang++", "c++20")):
        if shutil.which(compiler):
            done = run([compiler, f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-x", "c++", "-I", REFERENCE, "-fsyntax-only", "-"], input=probe)
            if done.returncode != 0:
                faults.append(f"{compiler} -std={standard}: {done.stderr.strip()}")
    if not compilers:
        raise Missing("neither gcc nor clang is installed")
    return [f"strict: {len(list(REFERENCE.glob('*.c')))} files by {' and '.join(compilers)}, headers as C++"], faults


def check_example(change=("", "")):
    """The example board compiles for a microcontroller, streams on this computer without a fault, and PORTING.md quotes it as it is."""
    needed("gcc", "gcc")
    folder, seconds, faults = PROTOCOL / "example", 7, []
    source = (folder / "board.c").read_text().replace(*change)
    guide = (PROTOCOL / "PORTING.md").read_text()
    excerpts = [part.split("```")[0].strip("\n") for part in guide.split("```c\n")[1:]]
    for excerpt in excerpts:
        if excerpt not in source:
            faults.append(f"PORTING.md: this is not in example/board.c: {excerpt[:100]!r}")
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "board.c").write_text(source)
        program = Path(scratch) / "board"
        files = [Path(scratch) / "board.c", folder / "pc.c", *sorted(REFERENCE.glob("*.c"))]
        done = run(["gcc", *WARNINGS, "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-I", REFERENCE, "-I", folder, *files, "-o", program])
        if done.returncode == 0 and shutil.which("arm-none-eabi-gcc"):
            done = run(["arm-none-eabi-gcc", "-mcpu=cortex-m0plus", "-mthumb", "-Os", *WARNINGS, "-I", REFERENCE, "-I", folder, "-c", files[0], "-o", Path(scratch) / "o"])
        if done.returncode != 0:
            return [], faults + [f"example/board.c: {done.stderr.strip()}"]
        ran = subprocess.run([program, str(seconds)], capture_output=True, timeout=60)
        if ran.returncode != 0:
            return [], faults + [f"example/board.c: {ran.stderr.decode().strip()[:2000]}"]
    spec = Spec((PROTOCOL / "SPEC.md").read_text())
    found = list(blocks(ran.stdout, "plain"))
    parsed = [spec.read(block) for block in found]
    said = messages(parsed)
    frames = [message for message in said if message["message"] == "frame"]
    off = sorted({frame["index"] // 500 for frame in frames if frame["off"]})
    expected = {"bytes in blocks": len(ran.stdout), "frames": list(range(500 * seconds)), "first message": "hello", "seconds with an electrode off": [4],
                "answers": [(0x81, 0), (0x82, 0), (0x83, 0), (0x84, 0)], "sequences": True}
    runs = {}
    for parts in parsed:
        runs.setdefault(parts[0][1]["session"], []).append(parts[0][1]["sequence"])
    given = {"bytes in blocks": sum(map(len, found)), "frames": [frame["index"] for frame in frames], "first message": said[0]["message"],
             "seconds with an electrode off": off, "answers": [(m["command"], m["result"]) for m in said if m["message"] == "answer"],
             "sequences": all(numbers == list(range(len(numbers))) for numbers in runs.values())}
    for name, value in expected.items():
        if given[name] != value:
            faults.append(f"example/board.c: {name}: {str(given[name])[:120]} where {str(value)[:120]} must be")
    return [f"example: {len(found)} blocks and {len(frames)} samples; {len(excerpts)} excerpts in PORTING.md"], faults

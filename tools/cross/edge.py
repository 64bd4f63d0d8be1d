"""Builds precordia-edge for a processor: the Embedded archive of PrecordiaC, the program's own C, and a static C library.

musl, from Debian's musl-dev of that processor, makes a program of half a megabyte; glibc alone is two thirds of one. Where the package cannot be had, glibc it is.
Shared by tools/check-edge. Standard library only.

    tools/cross/edge.py x86_64|aarch64|armhf [OUTPUT]
"""
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import bench

TOP = bench.TOP
# By our name: SwiftPM's triple, clang's target, Debian's name, musl's folder, qemu's name, C options.
PROCESSORS = {
    "x86_64": ("x86_64-unknown-linux-gnu", "x86_64-linux-gnu", "amd64", "x86_64-linux-musl", "x86_64", []),
    "aarch64": ("aarch64-none-none-elf", "aarch64-linux-gnu", "arm64", "aarch64-linux-musl", "aarch64", []),
    "armhf": ("armv7-none-none-eabi", "arm-linux-gnueabihf", "armhf", "arm-linux-musleabihf", "arm", ["-march=armv7-a", "-mfpu=neon", "-mfloat-abi=hard"]),
}
FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-O2", "-ffunction-sections", "-fdata-sections", "-Wall", "-Wextra", "-Werror"]


def musl(processor):
    """The root of Debian's musl-dev for a processor, unpacked under .build-musl; None where apt cannot fetch it."""
    debian, folder = PROCESSORS[processor][2:4]
    root = TOP / f".build-musl/{processor}"
    if not (root / f"usr/lib/{folder}/libc.a").exists():
        if shutil.which("apt-get") is None:
            return None
        # apt's state of its own, so that the system's list of architectures stays as it is; the package's signature is checked as always.
        state = root / "apt"
        for part in ("lists/partial", "cache/archives/partial"):
            (state / part).mkdir(parents=True, exist_ok=True)
        options = [f"-oAPT::Architecture={debian}", f"-oAPT::Architectures={debian}", f"-oDir::State::lists={state}/lists",
                   f"-oDir::Cache={state}/cache", "-oDir::State::status=/dev/null", "-oAPT::Sandbox::User=", "-qq"]
        subprocess.run(["apt-get", *options, "update"], cwd=root, capture_output=True)
        done = subprocess.run(["apt-get", *options, "download", f"musl-dev:{debian}"], cwd=root, capture_output=True, text=True)
        packages = list(root.glob("musl-dev_*.deb"))
        if done.returncode != 0 or not packages:
            return None
        bench.run(["dpkg", "-x", packages[0], root])
        shutil.rmtree(state)
    return root


def archive(processor):
    """The Embedded build of PrecordiaC."""
    triple, scratch = PROCESSORS[processor][0], TOP / f".build-embedded-{processor}"
    path = scratch / triple / "release/libPrecordiaC.a"
    path.unlink(missing_ok=True)
    bench.run(["swift", "build", "-c", "release", "--product", "PrecordiaC", "--triple", triple,
               "--toolset", bench.CROSS / f"{processor}.json", "--scratch-path", scratch])
    return path


def program(processor, output=None):
    """Builds precordia-edge and gives its path."""
    target, _, folder, _, options = PROCESSORS[processor][1:]
    output = Path(output or bench.OUTPUT / f"precordia-edge-{processor}")
    output.parent.mkdir(parents=True, exist_ok=True)
    library, root, clang = archive(processor), musl(processor), bench.toolchain("clang")
    sources = [*sorted((TOP / "Sources/precordia-edge").glob("*.c")), *sorted((TOP / "Sources/CPrecordiaFiles").glob("*.c"))]
    command = [clang, f"--target={target}", *options, *FLAGS, "-I", TOP / "Sources/PrecordiaC/include", "-static", "-fuse-ld=lld",
               "-Wl,--gc-sections,--icf=all,-s,-z,noseparate-code"]
    if root is None:
        bench.run([*command, *sources, library, "-o", output])
        return output
    headers = bench.run([clang, "-print-resource-dir"]).strip() + "/include"
    start = root / "usr/lib" / folder
    helpers = sorted(Path("/usr/lib").glob(f"gcc*/{target}/*/libgcc.a"))[-1:]
    bench.run([*command, "-nostdinc", "-isystem", headers, "-isystem", root / "usr/include" / folder, "-nostdlib",
               start / "crt1.o", start / "crti.o", *sources, library, start / "libc.a", *helpers, start / "crtn.o", "-o", output])
    return output


def emulated(processor):
    """The words before a command that run a program of this processor here."""
    name = PROCESSORS[processor][4]
    return [] if platform.machine() == name else [f"qemu-{name}-static"]


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or sys.argv[1] not in PROCESSORS:
        sys.exit(__doc__)
    path = program(*sys.argv[1:])
    print(f"{os.path.relpath(path, TOP)}: {path.stat().st_size} bytes")

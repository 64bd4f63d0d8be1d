"""Builds the engine as ordinary Swift for this machine and as Embedded Swift for three processors, and links C programs with it.

The C programs and the compilers' settings lie in tools/cross. Standard library only.
"""
import json
import platform
from pathlib import Path

from .commands import run
from .places import MODEL, OUTPUT, TOP

__all__ = ["CROSS", "LINUX", "MODEL", "OUTPUT", "TOP", "TRIPLES", "archive", "embedded_archive", "emulated", "link_embedded", "link_native", "native_archive",
           "run", "toolchain"]
CROSS = TOP / "tools/cross"
# aarch64-unknown-linux-gnu has no Embedded standard library in the 6.3 toolchain; bare objects link with glibc all the same.
# In 32 bits the compiler's default for this triple is the hard-float calling convention with NEON, which is Debian's armhf.
TRIPLES = {"x86_64": "x86_64-unknown-linux-gnu", "aarch64": "aarch64-none-none-elf", "armhf": "armv7-none-none-eabi"}
LINUX = {"x86_64": "x86_64-linux-gnu", "aarch64": "aarch64-linux-gnu", "armhf": "arm-linux-gnueabihf"}


def toolchain(name):
    """The program `name` of the Swift toolchain in use, which brings its own clang, lld and llvm-nm."""
    info = json.loads(run(["swiftc", "-print-target-info"]))
    return Path(info["paths"]["runtimeResourcePath"]).parent.parent / "bin" / name


def archive(folder, options, product="PrecordiaGolden"):
    """Builds a product into a static library under `folder`. The old one goes first: SwiftPM would leave objects of deleted files in it."""
    path = folder / f"release/lib{product}.a"
    path.unlink(missing_ok=True)
    run(["swift", "build", "-c", "release", "--product", product, *options])
    return path


def embedded_archive(architecture, product="PrecordiaGolden"):
    """A product as Embedded Swift with -no-allocations; the rooms that products share are compiled once."""
    triple, scratch = TRIPLES[architecture], TOP / f".build-embedded-{architecture}"
    return archive(scratch / triple, ["--triple", triple, "--toolset", CROSS / f"{architecture}.json", "--scratch-path", scratch], product)


def native_archive():
    """The engine as ordinary Swift for this machine, with the flags of tools/test, so that both share one build."""
    return archive(OUTPUT, ["--scratch-path", OUTPUT, "-Xswiftc", "-enable-testing"])


def link_native(source, archive, output):
    """Links one C file of tools/cross with the ordinary build, which needs Swift's run-time library."""
    OUTPUT.mkdir(exist_ok=True)
    run([toolchain("clang"), "-O2", "-Wall", "-Wextra", "-Werror", "-c", CROSS / source, "-o", f"{output}.o"])
    run(["swiftc", f"{output}.o", archive, "-o", output])
    return output


def link_embedded(source, architecture, archive, output, options=()):
    """Links one C file of tools/cross with an Embedded build, which needs the C library alone."""
    OUTPUT.mkdir(exist_ok=True)
    run([toolchain("clang"), f"--target={LINUX[architecture]}", "-O2", "-Wall", "-Wextra", "-Werror", *options, "-fuse-ld=lld", "-static",
         CROSS / source, archive, "-o", output])
    return output


def emulated(architecture):
    """The words before a command that run a program of this architecture here."""
    return [] if platform.machine() == architecture else [f"qemu-{'arm' if architecture == 'armhf' else architecture}-static"]

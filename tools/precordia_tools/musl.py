"""musl, the C library that static programs are linked with: precordia-edge has half the size with it. From Debian's musl-dev of the processor.

Where it cannot be had, glibc takes its place. Standard library only.
"""
from pathlib import Path

from . import builds, debian

# Debian's name of the processor's musl.
NAMES = {"x86_64": "x86_64-linux-musl", "aarch64": "aarch64-linux-musl", "armhf": "arm-linux-musleabihf"}


def linked(architecture, parts):
    """clang's arguments to compile and link `parts`, sources and archives, into a static program with musl, or else with glibc."""
    found = debian.unpacked(architecture, "musl", ["musl-dev"])
    if found is None:
        return ["-static", *parts]
    name = NAMES[architecture]
    library = found / "usr/lib" / name
    own = builds.run([builds.toolchain("clang"), "-print-resource-dir"]).strip() + "/include"
    # What the compiler calls for 64-bit division on processors of 32.
    helpers = sorted(Path("/usr/lib").glob(f"gcc*/{builds.LINUX[architecture]}/*/libgcc.a"))[-1:]
    return ["-static", "-nostdinc", "-isystem", own, "-isystem", found / "usr/include" / name, "-nostdlib", library / "crt1.o", library / "crti.o",
            *parts, library / "libc.a", *helpers, library / "crtn.o"]

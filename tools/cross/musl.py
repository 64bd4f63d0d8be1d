"""musl, the C library that static programs are linked with: precordia-edge has half the size with it. From Debian's musl-dev of the processor.

Fetched by apt into .build-musl, past the system's own list of architectures, and unpacked there. Where it cannot be had, glibc takes its place.
Standard library only.
"""
import shutil
import subprocess
from pathlib import Path

import bench

# Debian's name of the processor, and of its musl.
NAMES = {"x86_64": ("amd64", "x86_64-linux-musl"), "aarch64": ("arm64", "aarch64-linux-musl"), "armhf": ("armhf", "arm-linux-musleabihf")}


def root(architecture):
    """Where the package was unpacked; None where apt cannot fetch it."""
    debian, name = NAMES[architecture]
    root = bench.TOP / ".build-musl" / architecture
    if (root / "usr/lib" / name / "libc.a").exists():
        return root
    if shutil.which("apt-get") is None:
        return None
    state = root / "apt"
    for part in ("lists/partial", "cache/archives/partial"):
        (state / part).mkdir(parents=True, exist_ok=True)
    # A state of apt's own; the sources are the system's, and the package's signature is checked as always.
    apt = ["apt-get", "-qq", f"-oAPT::Architecture={debian}", f"-oAPT::Architectures={debian}", f"-oDir::State::lists={state}/lists",
           f"-oDir::Cache={state}/cache", "-oDir::State::status=/dev/null", "-oAPT::Sandbox::User="]
    subprocess.run([*apt, "update"], cwd=root, capture_output=True)
    done = subprocess.run([*apt, "download", f"musl-dev:{debian}"], cwd=root, capture_output=True)
    packages = list(root.glob("musl-dev_*.deb"))
    if done.returncode != 0 or not packages:
        return None
    bench.run(["dpkg", "-x", packages[0], root])
    shutil.rmtree(state)
    return root


def linked(architecture, parts):
    """clang's arguments to compile and link `parts`, sources and archives, into a static program with musl, or else with glibc."""
    found = root(architecture)
    if found is None:
        return ["-static", *parts]
    name = NAMES[architecture][1]
    library = found / "usr/lib" / name
    own = bench.run([bench.toolchain("clang"), "-print-resource-dir"]).strip() + "/include"
    # What the compiler calls for 64-bit division on processors of 32.
    helpers = sorted(Path("/usr/lib").glob(f"gcc*/{bench.LINUX[architecture]}/*/libgcc.a"))[-1:]
    return ["-static", "-nostdinc", "-isystem", own, "-isystem", found / "usr/include" / name, "-nostdlib", library / "crt1.o", library / "crti.o",
            *parts, library / "libc.a", *helpers, library / "crtn.o"]

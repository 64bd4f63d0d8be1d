"""Debian's packages of another processor, fetched by apt past the system's own list of architectures and unpacked, not installed.

Standard library only.
"""
import shutil
import subprocess

from . import builds

# Debian's names of the processors.
NAMES = {"x86_64": "amd64", "aarch64": "arm64", "armhf": "armhf"}


def unpacked(architecture, name, packages):
    """The folder under .build-NAME that the packages were unpacked into, once; None where apt cannot fetch them."""
    root = builds.TOP / f".build-{name}" / architecture
    mark = root / "unpacked"
    if mark.exists() and mark.read_text().split() == packages:
        return root
    if shutil.which("apt-get") is None:
        return None
    state = root / "apt"
    for part in ("lists/partial", "cache/archives/partial"):
        (state / part).mkdir(parents=True, exist_ok=True)
    # A state of apt's own; the sources are the system's, and the packages' signatures are checked as always.
    debian = NAMES[architecture]
    apt = ["apt-get", "-qq", f"-oAPT::Architecture={debian}", f"-oAPT::Architectures={debian}", f"-oDir::State::lists={state}/lists",
           f"-oDir::Cache={state}/cache", "-oDir::State::status=/dev/null", "-oAPT::Sandbox::User="]
    subprocess.run([*apt, "update"], cwd=root, capture_output=True)
    done = subprocess.run([*apt, "download", *(f"{package}:{debian}" for package in packages)], cwd=root, capture_output=True)
    found = [next(root.glob(f"{package}_*.deb"), None) for package in packages]
    if done.returncode != 0 or None in found:
        return None
    for package in found:
        builds.run(["dpkg", "-x", package, root])
    shutil.rmtree(state)
    mark.write_text(" ".join(packages))
    return root

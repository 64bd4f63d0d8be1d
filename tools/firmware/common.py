"""What the checks of firmware-protocol/ share: where things lie, and how a program is run."""
import shutil
import subprocess

from precordia_tools.places import TOP

PROTOCOL = TOP / "firmware-protocol"
REFERENCE = PROTOCOL / "reference"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Werror", "-std=c99"]


class Missing(Exception):
    """A program that this machine lacks."""


def run(command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=900, **options)


def needed(program, package):
    if not shutil.which(program):
        raise Missing(f"{program} is not installed (Debian package {package})")
    return program

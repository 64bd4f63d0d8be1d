"""Where things lie. Standard library only."""
import os
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
# The one tree that the checks build in.
OUTPUT = TOP / ".build-tests"
MODEL = TOP / "models/ptbxl71.precordia"


def checked_program():
    """The program that the checks run: what PRECORDIA names, or the one that the checks build."""
    return os.environ.get("PRECORDIA", str(OUTPUT / "release/precordia"))


def measured_program():
    """The program that the measuring tools run: what PRECORDIA names, or the one that a user builds. Ends this one where there is none."""
    program = os.environ.get("PRECORDIA", str(TOP / ".build/release/precordia"))
    if not os.access(program, os.X_OK):
        sys.exit(f"no program {program}; PRECORDIA names it")
    return program

# The program, asked from several threads at a time, and answers kept where they are many.
# Apart from what is asked.
import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from precordia_tools.places import TOP, measured_program

from .records import VENTRICULAR

JOBS = int(os.environ.get("PRECORDIA_JOBS", "2"))
KINDS = {"N": 1, "V": min(VENTRICULAR), "/": 12}


def path():
    return measured_program()


def recordings():
    """The folder of unpacked recordings; None where there is none."""
    folder = subprocess.run([TOP / "tools/data"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return Path(folder) if folder else None


def parallel(function, items):
    """The function of each item, in order, some at a time."""
    with ThreadPoolExecutor(JOBS) as pool:
        return list(pool.map(function, items))


def lines(*arguments):
    """The objects that the program writes as lines; None if it refuses."""
    done = subprocess.run([path(), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return None if done.returncode else [json.loads(line) for line in done.stdout.splitlines()]


def heard(record, *options):
    """(beats as (sample, code), the last line, stretches of samples called unknown) of a record; None if the program refuses it."""
    told = lines("beats", record, "--json", *options)
    if told is None:
        return None
    found = [(line["sample"], KINDS[line["kind"]]) for line in told if line["event"] == "beat"]
    unknown = [(line["sample"], line["to"]) for line in told if line["event"] == "unheard"]
    return sorted(found), told[-1], unknown


class Kept:
    """Answers of this very build of the program, kept in a file of .build-tests until another build asks."""

    def __init__(self, name):
        self.file = TOP / ".build-tests" / f"{name}.json"
        self.build = hashlib.sha256(Path(path()).read_bytes()).hexdigest()
        self.answers = {}
        try:
            kept = json.loads(self.file.read_text())
            if kept["build"] == self.build:
                self.answers = kept["answers"]
        except (OSError, ValueError, KeyError):
            pass

    def all(self, questions, ask):
        """{question: answer}, asking what is not kept."""
        missing = [question for question in questions if question not in self.answers]
        self.answers.update(zip(missing, parallel(ask, missing)))
        if missing:
            self.file.parent.mkdir(exist_ok=True)
            self.file.write_text(json.dumps({"build": self.build, "answers": self.answers}))
        return {question: self.answers[question] for question in questions}


def complain(words):
    print(words, file=sys.stderr, flush=True)

"""What the trials share: the program, what is in a log, and the disk that they put it on."""
import json
import os
import sqlite3
import subprocess
from pathlib import Path

from precordia_tools.places import OUTPUT, TOP

from . import feeder

PROGRAM = Path(os.environ.get("PRECORDIA_LOG_PROGRAM", OUTPUT / "release/precordia-log"))


class Fault(Exception):
    """What a person must know where the log did not keep its promise."""


def require(condition, words):
    if not condition:
        raise Fault(words)


class Found:
    """What is in a log, read without any of its code."""

    def __init__(self, folder):
        self.sound, self.session, self.left_out, self.snippets = True, 0, 0, []
        self.sequences, self.numbers, self.opened, self.gaps, self.lines = [], [], [], [], {}
        try:
            self.read(folder)
        except sqlite3.OperationalError as problem:
            # Killed before there was a database, or tables in it.
            if "unable to open" not in str(problem) and "no such table" not in str(problem):
                raise

    def read(self, folder):
        database = sqlite3.connect(f"file:{folder}/events.sqlite?mode=ro", uri=True)
        # A damaged text is a text too.
        database.text_factory = lambda text: text.decode(errors="replace")
        try:
            self.sound = database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            rows = database.execute("SELECT sequence, number, session, event, line FROM entry ORDER BY sequence").fetchall()
            self.snippets = database.execute("SELECT state, path, frames, reason FROM snippet ORDER BY entry").fetchall()
            self.session = database.execute("SELECT max(id) FROM session").fetchone()[0] or 0
        finally:
            database.close()
        self.sequences = [row[0] for row in rows]
        self.numbers = [(row[2], row[1]) for row in rows if row[1] is not None]
        self.opened = [(row[0], parsed(row[4])) for row in rows if row[3] == "logOpened"]
        self.gaps = [parsed(row[4]) for row in rows if row[3] == "logGap"]
        self.left_out = sum(parsed(row[4]).get("leftOut", 0) for row in rows if row[3] == "logLimited")
        self.lines = {row[1]: row[4] for row in rows if row[1] is not None}


def parsed(line):
    try:
        return json.loads(line)
    except ValueError:
        return {}


def mark_of(content):
    """The accepted number of a mark's bytes, the newer place's."""
    best = (0, 0)
    for start in (0, 4096):
        fields = dict(line.split(b" ", 1) for line in content[start:start + 512].rstrip(b"\0").split(b"\n") if b" " in line)
        if b"check" in fields:
            best = max(best, (int(fields[b"turn"]), int(fields[b"accepted"])))
    return best[1]


def reopened(folder, env=None):
    """Starts the recorder on a log, lets it say what it found, and ends it; the line it wrote and its entry."""
    recorder = feeder.Recorder(PROGRAM, folder, env=env)
    recorder.send(feeder.hello(feeder.random_feed()))
    recorder.finish()
    found = Found(folder)
    require(found.sound, f"{folder}: the database does not hold together")
    sequence, opened = found.opened[-1]
    return found, sequence, opened


def disk(folder):
    """The preloaded disk, and the environment that puts a log on it."""
    library = folder / "disk.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, TOP / "tools/log/disk.c", "-ldl"], check=True)
    (folder / "boot").write_text("00000000-0000-0000-0000-000000000001\n")
    return {**os.environ, "LD_PRELOAD": str(library), "DISK_FOLDER": str((folder / "log").resolve()), "DISK_BOOT": str(folder / "boot")}

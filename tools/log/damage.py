"""Damages a log in many small ways, as a worn card does, and lets precordia-log read it and go on with it: it must never trap, hang, or lose what it is given."""
import json
import shutil
import sqlite3
import subprocess
import tempfile
from pathlib import Path

from . import feeder, power
from .found import PROGRAM, Found, require

PAGE = 4096
READERS = [["show"], ["show", "--format", "json"], ["show", "--format", "csv", "--priority", "medium"], ["show", "--last", "20"], ["sessions"], ["status"]]


def damages(database, wal, source, count):
    """`count` ways to change a few bytes, by what they hit: each is a name, the database's bytes and the WAL's."""
    def changed(content, place, new):
        return content[:place] + new + content[place + len(new):]

    def another(content, place):
        return changed(content, place, bytes([content[place] ^ (1 << source.randrange(8))]))

    pages = len(database) // PAGE
    # A row's header has its columns' types: where a text begins, a type is near.
    texts = [place for word in (b"alertRaised", b"device", b"2026-", b"vanished", b"full", b"CREATE", b"kept", b"clocks", b"lostAt")
             for place in range(len(database)) if database.startswith(word, place)]
    kinds = {
        "a byte of the header": lambda: (another(database, source.randrange(100)), wal),
        "a byte of the tables' names": lambda: (another(database, source.randrange(100, PAGE)), wal),
        "a page's head": lambda: (another(database, source.randrange(1, pages) * PAGE + source.randrange(12)), wal),
        "a cell's place": lambda: (another(database, source.randrange(1, pages) * PAGE + 8 + source.randrange(80)), wal),
        "a column's type or a value": lambda: (another(database, max(0, source.choice(texts) - source.randrange(60))), wal),
        "a byte anywhere": lambda: (another(database, source.randrange(len(database))), wal),
        "a page of zeros": lambda: (changed(database, source.randrange(pages) * PAGE, bytes(PAGE)), wal),
        "a page of noise": lambda: (changed(database, source.randrange(pages) * PAGE, source.randbytes(PAGE)), wal),
        "a sector of zeros": lambda: (changed(database, source.randrange(pages * 8) * 512, bytes(512)), wal),
        "a page in another's place": lambda: (changed(database, source.randrange(pages) * PAGE, database[(p := source.randrange(pages) * PAGE):p + PAGE]), wal),
        "a cut": lambda: (database[:source.randrange(len(database))], wal),
        "a cut between pages": lambda: (database[:source.randrange(pages) * PAGE], wal),
        "the list of free pages": lambda: (changed(database, source.choice([28, 32, 36, 52, 60, 64]), source.randbytes(4)), wal),
        "something behind its end": lambda: (database + source.randbytes(source.choice([1, 512, PAGE])), wal),
        "a byte of the WAL": lambda: (database, another(wal, source.randrange(len(wal)))),
        "a cut of the WAL": lambda: (database, wal[:source.randrange(len(wal))]),
        "the WAL without its database": lambda: (b"", wal),
        "another number in a row": lambda: (changed(database, max(0, source.choice(texts) - source.randrange(1, 40)), source.choice([b"\xff" * 9, b"\0", b"\x7f"])), wal),
    }
    for number in range(count):
        name = list(kinds)[number % len(kinds)]
        yield name, *kinds[name]()


def log_of(folder):
    """A log that was used: sessions, alerts, notices, ECG, free pages; and a WAL that was not moved yet."""
    for session in range(3):
        recorder = feeder.Recorder(PROGRAM, folder / "log", "--free", "0")
        recorder.send(feeder.hello(feeder.random_feed()) + feeder.stream_begins(1))
        for number in range(1, 101):
            recorder.send(feeder.line(number, event=["alertRaised", "alertCleared", "device", "session"][number % 4], condition=["AFIB", "asystole"][number % 2]))
        recorder.send(feeder.line(101, stream=1, sample=2000) + feeder.frames(0, 3000, 1))
        if session < 2:
            recorder.finish()
            continue
        recorder.listen_until(lambda: recorder.stored == 101)
        recorder.kill()
    return (folder / "log/events.sqlite").read_bytes(), (folder / "log/events.sqlite-wal").read_bytes()


def run(folder, *words, program=PROGRAM):
    """What the program says of a log, within ten seconds; it must end by itself, with 0 or with 1 and words."""
    try:
        done = subprocess.run([program, *words, "--folder", folder], capture_output=True, timeout=10, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        require(False, f"precordia-log {' '.join(words)} hangs")
    require(done.returncode in (0, 1), f"precordia-log {' '.join(words)} ended with {done.returncode}: {done.stderr[-300:]}")
    require(done.returncode == 0 or done.stderr.startswith(b"precordia log: "), f"precordia-log {' '.join(words)} failed and said {done.stderr!r}")
    if "json" in words:
        for line in done.stdout.splitlines():
            json.loads(line)
    return done


def damage(count, part=0):
    """What became of so many damaged logs: how many were read whole, in part, not at all; gone on with, or set aside."""
    source = power.seeded("damage", count, part)
    tally = {"damages": 0, "whole": 0, "part": 0, "none": 0, "aside": 0}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        database, wal = log_of(folder)
        whole = Found(folder / "log")
        # Every second one has everything in the database, and the damage is read; otherwise pages of the WAL stand in for most of its.
        moved = folder / "moved"
        shutil.copytree(folder / "log", moved)
        connection = sqlite3.connect(moved / "events.sqlite")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        flat = (moved / "events.sqlite").read_bytes()
        tally["damages"] += count
        for number, (name, content, rest) in enumerate(damages(flat, wal, source, count)):
            copy = folder / "copy"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(folder / "log", copy)
            (copy / "events.sqlite-shm").unlink(missing_ok=True)
            isOfWAL = "WAL" in name
            (copy / "events.sqlite").write_bytes(database if isOfWAL and content else content)
            (copy / "events.sqlite-wal").write_bytes(rest if isOfWAL else b"")
            try:
                examine(copy, whole, tally)
            except Exception as problem:
                kept = Path(tempfile.mkdtemp(prefix="precordia-damaged-"))
                (kept / "events.sqlite").write_bytes(content)
                (kept / "events.sqlite-wal").write_bytes(rest if isOfWAL else b"")
                require(False, f"damage {number}, {name}, kept in {kept}: {problem}")
    return tally


def examine(copy, whole, tally):
    """Reads a damaged log in every way, goes on with it, and looks at what is there then."""
    for words in READERS:
        done = run(copy, *words)
        if words == ["show"]:
            lines = len(done.stdout.splitlines())
            tally["whole" if done.returncode == 0 and lines >= len(whole.sequences) else "part" if lines else "none"] += 1
    recorder = feeder.Recorder(PROGRAM, copy, "--free", "0")
    recorder.send(feeder.hello(feeder.random_feed()) + b"".join(feeder.line(number) for number in range(1, 21)))
    require(recorder.listen_until(lambda: recorder.stored == 20, 10), f"a damaged log is not gone on with: {vars(recorder)}")
    recorder.finish()
    found = Found(copy)
    require(found.sound, "the log that was gone on with does not hold together")
    require([number for session, number in found.numbers if session == found.session] == list(range(1, 21)), "lines that were stored are not there")
    sequence, opened = found.opened[-1]
    require(sequence > max(whole.sequences), f"number {sequence} was given twice")
    aside = sorted(copy.glob("damaged-*"))
    require([place.name for place in aside] == [opened.get("setAside")] * len(aside) and len(aside) <= 1, f"set aside {aside}, told {opened}")
    if aside:
        require(opened["found"] == "damaged" and opened["lostAtMost"] is None, f"of a log that was set aside the log said {opened}")
        run(aside[0], "show")
        tally["aside"] += 1
        return
    # What holds together is gone on with, and what it had is still there: all of it, or so much less as was told.
    missing = len(set(whole.sequences) - set(found.sequences))
    require(opened["found"] == "killed" and missing <= opened["lostAtLeast"], f"{missing} entries are gone, the log said {opened}")

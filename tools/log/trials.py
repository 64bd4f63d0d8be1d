"""What is done to precordia-log and what must hold afterwards: kills, cuts of the WAL, losses of power, a full disk; and what it writes to the medium."""
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

import feeder
import power

TOP = Path(__file__).resolve().parent.parent.parent
PROGRAM = Path(os.environ.get("PRECORDIA_LOG_PROGRAM", TOP / ".build-tests/release/precordia-log"))


class Fault(Exception):
    """What a person must know where the log did not keep its promise."""


def require(condition, words):
    if not condition:
        raise Fault(words)


class Found:
    """What is in a log, read without any of its code."""

    def __init__(self, folder):
        self.sound, self.session, self.snippets = True, 0, []
        self.sequences, self.numbers, self.opened, self.gaps, self.lines = [], [], [], [], {}
        try:
            self.read(folder)
        except sqlite3.OperationalError as problem:
            # Killed before there was a database, or tables in it.
            if "unable to open" not in str(problem) and "no such table" not in str(problem):
                raise

    def read(self, folder):
        database = sqlite3.connect(f"file:{folder}/events.sqlite?mode=ro", uri=True)
        try:
            self.sound = database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            rows = database.execute("SELECT sequence, number, session, event, line FROM entry ORDER BY sequence").fetchall()
            self.snippets = database.execute("SELECT state, path, frames, reason FROM snippet ORDER BY entry").fetchall()
            self.session = database.execute("SELECT max(id) FROM session").fetchone()[0] or 0
        finally:
            database.close()
        self.sequences = [row[0] for row in rows]
        self.numbers = [(row[2], row[1]) for row in rows if row[1] is not None]
        self.opened = [(row[0], json.loads(row[4])) for row in rows if row[3] == "logOpened"]
        self.gaps = [json.loads(row[4]) for row in rows if row[3] == "logGap"]
        self.lines = {row[1]: row[4] for row in rows if row[1] is not None}


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


def kill(count, synchronous, resends):
    """Kills at random moments. With `resends` the session lives and sends again what is not stored; otherwise it dies too."""
    source = power.seeded("kill", count, synchronous, resends)
    tally = {"kills": 0, "sent": 0, "lost": 0, "most": 0, "accepted": 0}
    with tempfile.TemporaryDirectory() as folder:
        feed, number, waiting = feeder.random_feed(), 0, []
        for _ in range(count):
            recorder = feeder.Recorder(PROGRAM, folder, "--synchronous", synchronous)
            if not resends:
                feed, number, waiting = feeder.random_feed(), 0, []
            recorder.send(feeder.hello(feed, waiting[0][0], waiting[-1][0]) if waiting else feeder.hello(feed))
            for _, data in waiting:
                recorder.send(data)
            recorder.listen_until(lambda: recorder.stored > 0 or recorder.fault != "none", 5) if source.random() < 0.8 else None
            until = time.monotonic() + source.uniform(0, 0.12)
            while time.monotonic() < until:
                for _ in range(source.choice([1, 1, 1, 2, 5, 30])):
                    number += 1
                    data = feeder.line(number)
                    waiting.append((number, data))
                    recorder.send(data)
                recorder.listen(source.uniform(0, 0.004))
                waiting = [item for item in waiting if item[0] > recorder.stored]
            recorder.process.kill()
            recorder.process.wait()
            recorder.listen(0)
            acknowledged = recorder.stored
            waiting = [item for item in waiting if item[0] > acknowledged]
            recorder.close()
            tally["kills"] += 1
            if resends:
                continue
            tally["sent"] += number
            mark = Path(folder, "mark")
            accepted = mark_of(mark.read_bytes()) if mark.exists() else 0
            before = Found(folder)
            stored = [line for session, line in before.numbers if session == before.session]
            found, _, opened = reopened(folder)
            lost = accepted - max(before.sequences, default=0)
            # Killed before it wrote anything, it leaves the log as the last one closed it.
            untouched = opened["found"] in ("closed", "new") and acknowledged == lost == 0
            require(opened["found"] == "killed" or untouched, f"after a kill the log said {opened['found']}")
            require(opened["lostAtLeast"] == opened["lostAtMost"] == lost, f"{lost} entries lost, but the log said {opened}")
            require(acknowledged <= max(stored, default=0), f"{acknowledged} lines were called stored, {len(stored)} are there")
            require(stored == list(range(1, len(stored) + 1)), f"the lines of session {before.session} have a hole: {stored}")
            tally["lost"] += lost
            tally["most"] = max(tally["most"], lost)
        if resends:
            recorder = feeder.Recorder(PROGRAM, folder, "--synchronous", synchronous)
            recorder.send(feeder.hello(feed, waiting[0][0], waiting[-1][0]) if waiting else feeder.hello(feed))
            for _, data in waiting:
                recorder.send(data)
            recorder.finish()
            found = Found(folder)
            tally["sent"] = number
            require([n for _, n in found.numbers] == list(range(1, number + 1)), f"of {number} lines {len(found.numbers)} are there, or in another order")
            require(not found.gaps, f"gaps were told of that were none: {found.gaps[:3]}")
        require(len(set(found.sequences)) == len(found.sequences), "an entry's number was given twice")
    return tally


def cut(count):
    """Cuts the WAL of a killed recorder at many places, and replaces what follows by nothing, zeros or noise."""
    source = power.seeded("cut", count)
    tally = {"cuts": 0, "most": 0}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        recorder = feeder.Recorder(PROGRAM, folder / "log", "--synchronous", "normal", "--sync-seconds", "3600")
        recorder.send(feeder.hello(feeder.random_feed()))
        for number in range(1, 41):
            recorder.send(feeder.line(number))
            recorder.listen_until(lambda: recorder.stored >= number)
        recorder.process.kill()
        recorder.process.wait()
        recorder.close()
        accepted = mark_of((folder / "log/mark").read_bytes())
        wal = (folder / "log/events.sqlite-wal").read_bytes()
        frame = 24 + 4096
        places = sorted({0, 1, 31, 32, len(wal)} | {32 + frame * index + offset for index in range(len(wal) // frame) for offset in (0, 1, 24, 25, 600, frame - 1)})
        places = sorted(source.sample(places, min(count, len(places)))) if count < len(places) else places + [source.randrange(len(wal)) for _ in range(count - len(places))]
        kept = []
        for place in places:
            copy = folder / "cut"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(folder / "log", copy)
            (copy / "events.sqlite-shm").unlink(missing_ok=True)
            rest = source.choice([b"", bytes(len(wal) - place), source.randbytes(len(wal) - place)])
            (copy / "events.sqlite-wal").write_bytes(wal[:place] + rest)
            there = expected_after_cut(copy, folder / "probe")
            found, sequence, opened = reopened(copy)
            lost = accepted - max(there, default=0)
            if there:
                require(opened["lostAtLeast"] == opened["lostAtMost"] == lost, f"cut at {place}: {lost} lost, but the log said {opened}")
                require(found.sequences[:len(there)] == there == list(range(1, len(there) + 1)), f"cut at {place}: the entries have a hole")
            require(sequence > accepted or not there, f"cut at {place}: number {sequence} was given twice")
            require("setAside" not in opened, f"cut at {place}: the database was set aside")
            kept.append((place, len(there)))
            tally["cuts"] += 1
            tally["most"] = max(tally["most"], lost)
        kept.sort()
        require(all(a[1] <= b[1] for a, b in zip(kept, kept[1:])), "a longer WAL has fewer entries")
        require(kept[-1][0] < len(wal) or kept[-1][1] == accepted, f"a whole WAL has {kept[-1][1]} of {accepted} entries")
    return tally


def expected_after_cut(copy, probe):
    """What SQLite itself finds in a copy of the log."""
    shutil.rmtree(probe, ignore_errors=True)
    shutil.copytree(copy, probe)
    database = sqlite3.connect(probe / "events.sqlite")
    try:
        return [row[0] for row in database.execute("SELECT sequence FROM entry ORDER BY sequence")]
    except sqlite3.OperationalError:
        return []
    finally:
        database.close()


def disk(folder):
    """The preloaded disk, and the environment that puts a log on it."""
    library = folder / "disk.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, TOP / "tools/log/disk.c", "-ldl"], check=True)
    (folder / "boot").write_text("00000000-0000-0000-0000-000000000001\n")
    return {**os.environ, "LD_PRELOAD": str(library), "DISK_FOLDER": str((folder / "log").resolve()), "DISK_BOOT": str(folder / "boot")}


def lose_power(count, synchronous, lies=False):
    """Traces a recorder and takes its power at random operations. With `lies` the medium forgets what was flushed, which must be noticed."""
    source = power.seeded("power", count, synchronous)
    tally = {"losses": 0, "lost": 0, "most": 0, "span": 0}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder).resolve()
        env = disk(folder)
        recorder = feeder.Recorder(PROGRAM, folder / "log", "--synchronous", synchronous, "--sync-seconds", "0.05", "--entries", "1", "--reserve", "0",
                                   env={**env, "DISK_TRACE": str(folder / "trace")})
        recorder.send(feeder.hello(feeder.random_feed()))
        for number in range(1, 1501):
            recorder.send(feeder.line(number))
            if source.random() < 0.2:
                recorder.listen(source.uniform(0, 0.01))
        recorder.listen_until(lambda: recorder.stored == 1500)
        recorder.process.kill()
        recorder.process.wait()
        recorder.close()
        operations = power.read(folder / "trace")
        ends = sorted(source.randrange(len(operations)) for _ in range(count))
        medium, at, promised, announced, accepted = power.Medium(), 0, 0, 0, 0
        (folder / "boot").write_text("00000000-0000-0000-0000-000000000002\n")
        for trial, end in enumerate(ends):
            while at < end:
                operation = operations[at]
                at += 1
                if operation[0] == "a":
                    for start in range(0, len(operation[3]), feeder.ANSWER.size):
                        promised = feeder.ANSWER.unpack(operation[3][start:start + feeder.ANSWER.size])[3]
                    continue
                # A number is given when its mark is on the medium or its entry is written, whichever comes first.
                if operation[0] == "w" and operation[1].endswith("/mark"):
                    announced = max(announced, mark_of(operation[3]))
                elif operation[0] == "f" and operation[1].endswith("/mark") or operation[0] == "w" and operation[1].endswith("-wal"):
                    accepted = announced
                if not (lies and operation[0] == "f"):
                    medium.apply(operation)
            files = medium.after_power_loss(source.choice([0.0, 0.1, 0.5, 0.9, 1.0]), source)
            after = folder / f"after{trial}"
            power.lay_out(files, folder / "log", after)
            examine(after, env, promised, accepted, announced, synchronous, tally)
            shutil.rmtree(after)
    return tally


def examine(after, env, promised, accepted, announced, synchronous, tally):
    """What must hold after a loss of power: `promised` lines were called safe, entries up to `accepted` were given, those up to `announced` perhaps."""
    env = {**env, "DISK_FOLDER": str(after)}
    found, sequence, opened = reopened(after, env)
    lines = [number for _, number in found.numbers]
    before = [number for number in found.sequences if number < sequence]
    lost = max(0, accepted - max(before, default=0))
    require(lines == list(range(lines[0], lines[0] + len(lines))) if lines else True, "the lines have a hole")
    require(max(lines, default=0) >= promised, f"line {promised} was called safe, {max(lines, default=0)} is the last that is there")
    # Before anything was called safe there may be no more than a torn beginning.
    if promised > 0:
        require("setAside" not in opened, f"the database was set aside: {opened}")
        require(sequence > accepted, f"number {sequence} was given twice")
        require(opened["found"] == "powerLost", f"after a loss of power the log said {opened}")
        perhaps = announced - max(before, default=0)
        require(opened["lostAtLeast"] <= perhaps and lost <= opened["lostAtMost"], f"{lost} entries lost, but the log said {opened}")
        tally["span"] = max(tally["span"], opened["lostAtMost"] - opened["lostAtLeast"])
        if synchronous == "full":
            require(opened["lostAtLeast"] == opened["lostAtMost"], f"a log that is always flushed does not know what it lost: {opened}")
    tally["losses"] += 1
    tally["lost"] += lost
    tally["most"] = max(tally["most"], lost)


def fill():
    """A disk that becomes full and empty again while alerts come: ECG stops, alerts go on, then wait, and none is lost."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder).resolve()
        env = {**disk(folder), "DISK_ROOM": str(folder / "room")}
        (folder / "room").write_text(str(3 << 20))
        recorder = feeder.Recorder(PROGRAM, folder / "log", "--free", "1", "--reserve", "512", env=env)
        recorder.send(feeder.hello(feeder.random_feed()) + feeder.stream_begins(1))
        sent, index = 0, 0

        def alerts(count):
            nonlocal sent, index
            for _ in range(count):
                for _ in range(4):
                    recorder.send(feeder.frames(index, 500, 1))
                    index += 500
                sent += 1
                recorder.send(feeder.line(sent, stream=1, sample=index))
                recorder.listen(0.01)
        alerts(40)
        require(recorder.listen_until(lambda: recorder.fault == "snippets" and recorder.stored == sent), f"full for ECG: {vars(recorder)}")
        kept = recorder.snippets
        require(kept > 0 and recorder.refused > 0, f"{kept} snippets kept, {recorder.refused} refused")
        (folder / "room").write_text("0")
        rest = b""
        for _ in range(4000):
            sent += 1
            rest = recorder.send(feeder.line(sent, stream=1, sample=index))
            if rest:
                break
            recorder.listen(0)
            if recorder.fault == "entries":
                break
        require(recorder.listen_until(lambda: recorder.fault == "entries"), f"full for alerts: {recorder.fault}, {recorder.stored} of {sent}")
        require(not (folder / "log/reserve").exists(), "the reserve was not given up before alerts had to wait")
        waiting = sent - recorder.stored
        (folder / "room").write_text(str(64 << 20))
        recorder.send(rest)
        require(recorder.listen_until(lambda: recorder.stored == sent), f"with room again: {recorder.stored} of {sent} lines stored")
        require(recorder.listen_until(lambda: recorder.fault == "none"), f"with room again the fault is still {recorder.fault}")
        recorder.finish()
        found = Found(folder / "log")
        require([n for _, n in found.numbers] == list(range(1, sent + 1)), "lines are missing after the disk was full")
        require((folder / "log/reserve").exists(), "the reserve was not taken again")
        states = [state for state, *_ in found.snippets]
        return {"alerts": sent, "waited": waiting, "kept": states.count("kept"), "refused": states.count("refused")}


def wear():
    """Bytes and flushes that reach the medium for one entry at a time, and for a snippet."""
    found = {}
    for synchronous in ("full", "normal"):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder).resolve()
            env = {**disk(folder), "DISK_TRACE": str(folder / "trace")}
            recorder = feeder.Recorder(PROGRAM, folder / "log", "--synchronous", synchronous, "--free", "0", env=env)
            recorder.send(feeder.hello(feeder.random_feed()) + feeder.stream_begins(1))
            recorder.send(feeder.line(1))
            recorder.listen_until(lambda: recorder.stored == 1)
            before = len(power.read(folder / "trace"))
            for number in range(2, 402):
                recorder.send(feeder.line(number, event="device"))
                recorder.listen_until(lambda: recorder.stored == number)
            operations = power.read(folder / "trace")[before:]
            found[synchronous] = medium_use(operations, 400)
            before += len(operations)
            recorder.send(feeder.line(402, stream=1, sample=10_000))
            for second in range(32):
                recorder.send(feeder.frames(second * 500, 500, 1))
            require(recorder.listen_until(lambda: recorder.snippets == 1), "a snippet was not stored")
            found["snippet"] = medium_use(power.read(folder / "trace")[before:], 1)
            recorder.finish()
    return found


def medium_use(operations, count):
    """Bytes written and flushes of each of `count` things; what is written twice between two flushes is written once."""
    pending, total, flushes = {}, 0, 0
    for kind, path, number, data in operations:
        if kind == "w" and not path.endswith("-shm"):
            pending.setdefault(path, set()).update(range(number // 4096, (number + len(data) - 1) // 4096 + 1))
        elif kind == "f":
            total += 4096 * len(pending.pop(path, ()))
            flushes += 1
    total += 4096 * sum(len(pages) for pages in pending.values())
    return {"bytes": total / count, "flushes": flushes / count}

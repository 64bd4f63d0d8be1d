"""What is done to precordia-log and what must hold afterwards: kills, cuts of the WAL, losses of power. room.py has the full disk."""
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path

from . import feeder, power
from .found import PROGRAM, Found, disk, mark_of, reopened, require


def kill(count, synchronous, resends, part=0):
    """Kills at random moments. With `resends` the session lives and sends again what is not stored; otherwise it dies too."""
    source = power.seeded("kill", count, synchronous, resends, part)
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
            # Most kills come when it has answered the greeting, some before.
            if source.random() < 0.8:
                recorder.listen(5)
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


def cut(count, part=0):
    """Cuts the WAL of a killed recorder at many places, and replaces what follows by nothing, zeros or noise."""
    source = power.seeded("cut", count, part)
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


def lose_power(count, synchronous, part=0, lies=False):
    """Traces a recorder and takes its power at random operations. With `lies` the medium forgets what was flushed, which must be noticed."""
    source = power.seeded("power", count, synchronous, part)
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

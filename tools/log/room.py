"""A disk that is full, at the start and on the way, and what precordia-log writes to one that is not."""
import shutil
import tempfile
from pathlib import Path

from . import feeder, power
from .found import PROGRAM, Found, disk, require


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
        (folder / "room").write_text(str(sum(file.stat().st_size for file in (folder / "log").rglob("*"))))
        while (folder / "log/reserve").exists():
            sent += 1
            recorder.send(feeder.line(sent, stream=1, sample=index))
            require(recorder.listen_until(lambda: recorder.stored == sent), f"as the disk becomes full: {vars(recorder)}")
        notices = list(range(sent + 1, sent + 6))
        for sent in notices:
            recorder.send(feeder.line(sent, event="device"))
        require(recorder.listen_until(lambda: recorder.stored == sent), f"on the spare room: {vars(recorder)}")
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
        there = [number for number in range(1, sent + 1) if "alertRaised" in found.lines.get(number, "")]
        require(there == [number for number in range(1, sent + 1) if number not in notices], "alerts are missing after the disk was full")
        require(found.left_out == len(notices), f"on the spare room {len(notices)} notices of a device were sent, {found.left_out} left out")
        require((folder / "log/reserve").exists(), "the reserve was not taken again")
        states = [state for state, *_ in found.snippets]
        return {"alerts": sent, "waited": waiting, "kept": states.count("kept"), "refused": states.count("refused")}


def start():
    """Starts on a full disk: with the reserve alerts are stored; without one it says so and ends, or waits, and nothing is there twice afterwards."""
    tally = {"starts": 0, "refused": 0, "waited": 0}
    for end in ("closed", "killed"):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder).resolve()
            env = {**disk(folder), "DISK_ROOM": str(folder / "room")}
            keep(folder, env, 20, 64 << 20, end, "--reserve", "512")
            require((folder / "log/reserve").exists(), "no reserve was taken where there is room")
            words = keep(folder, env, 20, 0, "closed", "--reserve", "512")
            require("the disk is full" in words and "spare room" in words, f"started on a full disk it said {words!r}")
            require(not (folder / "log/reserve").exists(), "the reserve is there though the disk is full")
            expect(folder, {1: 20, 2: 20}, f"after a start on a full disk, {end} before")
            tally["starts"] += 1
    with tempfile.TemporaryDirectory() as place:
        base = disk(Path(place).resolve())
        for before in (0, 20):
            for room in range(0, 160 << 10, 8 << 10):
                folder = Path(place).resolve() / f"{before}-{room}"
                folder.mkdir()
                env = {**base, "DISK_FOLDER": str(folder / "log"), "DISK_ROOM": str(folder / "room")}
                if before:
                    keep(folder, env, before, 64 << 20, "killed")
                little(folder, env, room, tally)
                expect(folder, {1: before, 2: 3} if before else {1: 3}, f"{room} bytes of room, {before} lines before")
                tally["starts"] += 1
    require(tally["refused"] > 0 and tally["waited"] > 0, f"starts with little room: {tally}")
    return tally


def worn():
    """A medium of which a page can no longer be read: the log is set aside as a damaged one, and the next begun."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder).resolve()
        env = {**disk(folder), "DISK_ROOM": str(folder / "room")}
        keep(folder, env, 100, 64 << 20, "closed")
        for page in (0, 4, 12):
            inode = (folder / "log/events.sqlite").stat().st_ino
            keep(folder, {**env, "DISK_BAD": f"{inode}:{page * 4096}"}, 20, 64 << 20, "closed")
            found = Found(folder / "log")
            require(found.sound and [number for _, number in found.numbers] == list(range(1, 21)), f"page {page} is lost: {found.numbers}")
            require(found.opened[-1][1].get("found") == "damaged", f"page {page} is lost: the log said {found.opened[-1]}")
            shutil.rmtree(folder / "log")
            keep(folder, env, 100, 64 << 20, "closed")
    return {"worn": 3}


def recorder_of(folder, env, count, room, *options):
    """A recorder on a disk with so much room that has been given so many lines."""
    (folder / "room").write_text(str(room))
    recorder = feeder.Recorder(PROGRAM, folder / "log", "--free", "0", *options, env=env)
    recorder.send(feeder.hello(feeder.random_feed()) + b"".join(feeder.line(number) for number in range(1, count + 1)))
    return recorder


def keep(folder, env, count, room, end, *options):
    """Stores so many lines; what the recorder said where it was let end."""
    recorder = recorder_of(folder, env, count, room, *(options or ("--reserve", "0")))
    recorder.listen_until(lambda: recorder.stored == count or recorder.process.poll() is not None)
    require(recorder.stored == count, f"{recorder.stored} of {count} lines stored with {room} bytes of room")
    if end == "closed":
        return recorder.finish()
    recorder.kill()
    return ""


def little(folder, env, room, tally):
    """Three lines on a disk with little room and no reserve, which then gets more."""
    recorder = recorder_of(folder, env, 3, room, "--reserve", "0")
    recorder.listen_until(lambda: recorder.stored == 3 or recorder.fault == "entries" or recorder.process.poll() is not None)
    if recorder.process.poll() is None:
        tally["waited"] += recorder.fault == "entries"
        (folder / "room").write_text(str(64 << 20))
        require(recorder.listen_until(lambda: recorder.stored == 3), f"{room} bytes of room, then more: {vars(recorder)}")
        recorder.finish()
        return
    words = recorder.process.stderr.read().decode()
    recorder.close()
    require(recorder.process.returncode == 1 and "the disk is full" in words, f"{room} bytes of room: {recorder.process.returncode}, {words!r}")
    tally["refused"] += 1
    keep(folder, env, 3, 64 << 20, "closed")


def expect(folder, lines, when):
    """Each session's lines, each once, and one entry of its opening."""
    found = Found(folder / "log")
    require(found.sound, f"{when}: the database does not hold together")
    there = [(session, number) for session, count in lines.items() for number in range(1, count + 1)]
    require(found.numbers == there, f"{when}: {found.numbers} and not {there}")
    require(len(found.opened) == len(lines) and not found.gaps, f"{when}: {len(found.opened)} openings, {found.gaps}")


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
                recorder.send(feeder.line(number))
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

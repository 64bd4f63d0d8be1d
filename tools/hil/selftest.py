"""Feeds the judgement results with faults, each of which must be found; without a guest. Standard library only."""
import json
import shutil
import struct
import tempfile
from pathlib import Path

from precordia_tools.wire import crc32c

from . import exam
from .judge import Verdict
from .scenarios import Scenario

OPENED = b'{"event":"device","state":"open","words":"opened at /dev/bus/usb/001/002"}\n'
STATUS = 4
MEMORY = b"".join(b"%d 9000\n" % second for second in range(12))
KINDS = ["drop", "flip", "repeat", "version", "type", "babble", "halt", "empty", "cut", "unplug"]


def session(count):
    """The counters of a host that has heard so many bytes without a fault."""
    return b'{"event":"session","counters":{"opened":1,"lost":0,"transfersEmpty":0,"stalls":0,"overflows":0,"chunksDropped":0,"bytesDropped":0,' \
            b'"outputDropped":0,"framesUnheard":0,"bytes":%d},"clock":{"ppm":200.4,"ppmUncertainty":1.0}}\n' % count


def lines(played, wire):
    """What a host says that hears these bytes."""
    said = [line for line in played.offline(wire).splitlines(keepends=True) if b'"event":"session"' not in line]
    return OPENED + b"".join(said) + session(len(wire))


def ledger(played, wire, **counts):
    """The board's account of an undisturbed exam, but for these counts."""
    faults = {kind: {"blocks": 0, "samples": 0, "bytes": 0} for kind in KINDS}
    samples = json.loads(played.replay.splitlines()[-1])["sample"] + 10
    return json.dumps({"samples": samples, "blocks": 0, "samplesDropped": 0, "blocksDropped": 0, "commands": 0, "bytes": len(wire), "transfers": 0,
                       "broken": 0, "wrongChecks": 0, "faults": faults} | counts).encode()


def results(folder, played):
    """What a guest would have brought home from an undisturbed exam."""
    wire = played.stream + played.after
    write(folder, {"report": ledger(played, wire), "wire": wire, "memory1": MEMORY, "lines1": lines(played, wire)})


def restarted(folder, played):
    """The same where the host was killed and started again, and the board dropped three data blocks before that and four after it."""
    sent = list(exam.in_order(played.stream))
    data = [block for block in sent if block.type == exam.DATA]
    again = data[len(data) // 3]
    lost = {block.sequence: block.count for block in data[len(data) // 3 - 3:len(data) // 3] + data[len(data) // 2:len(data) // 2 + 4]}
    wire, start, dropped = b"", 0, 0
    for block in sent:
        if block.sequence in lost:
            dropped += block.count
            continue
        start = len(wire) if block.place == again.place else start
        bytes = played.stream[block.place:block.end]
        if block.type == STATUS:
            bytes = bytes[:exam.HEADER] + struct.pack("<Q", dropped) + bytes[exam.HEADER + 8:-exam.CHECK]
            bytes += struct.pack("<I", crc32c(bytes))
        wire += bytes
    wire += played.after
    write(folder, {"report": ledger(played, wire, samplesDropped=dropped, blocksDropped=len(lost)), "wire": wire, "memory1": MEMORY, "memory2": MEMORY,
                   "lines1": b"".join(lines(played, wire).splitlines(keepends=True)[:20]), "lines2": lines(played, wire[start:])})


def write(folder, files):
    folder.mkdir()
    files = {"began": b"10.00 1\n", "ended": b"20.00 1\n", "status": b"143\n"} | files
    for name, content in files.items():
        (folder / name).write_bytes(content)


def edited(name, old, new, count=1):
    """A fault: in the file `name`, `old` becomes `new`, which must be possible."""
    def plant(folder):
        content = (folder / name).read_bytes()
        if old not in content:
            raise SystemExit(f"the self-test finds no {old!r} in {name}")
        (folder / name).write_bytes(content.replace(old, new, count))
    return plant


def without_lines(word, count):
    def plant(folder):
        lines = (folder / "lines1").read_bytes().splitlines(keepends=True)
        for place in [number for number, line in enumerate(lines) if word in line][:count][::-1]:
            del lines[place]
        (folder / "lines1").write_bytes(b"".join(lines))
    return plant


def twice(word):
    def plant(folder):
        lines = (folder / "lines1").read_bytes().splitlines(keepends=True)
        place = next(number for number, line in enumerate(lines) if word in line)
        lines.insert(place, lines[place])
        (folder / "lines1").write_bytes(b"".join(lines))
    return plant


FAULTS = {
    "a probability that differs in its last digit": (edited("lines1", b'"probabilities":{"SR":0.80', b'"probabilities":{"SR":0.81'), "line"),
    "an answer that is missing": (without_lines(b'"event":"unknown"', 1), "line"),
    "an alert told twice": (twice(b'"event":"quality"'), "line"),
    "a device that counts ten samples too many": (edited("report", b'"samplesDropped": 0', b'"samplesDropped": 10'), "framesMissing"),
    "a frame that the host misses": (edited("lines1", b'"framesMissing":0,"framesRepeated"', b'"framesMissing":1,"framesRepeated"', -1), "framesMissing"),
    "a byte that nobody counted": (edited("report", b'"transfers": 0', b'"transfers": 0, "bytes": 1'), "bytes"),
    "a stall that was not": (edited("lines1", b'"stalls":0', b'"stalls":1'), "stalls"),
    "a host that is stuck": (lambda folder: (folder / "stuck").write_bytes(b"the end of the exam\n"), "hangs"),
    "a host that grows at the end": (edited("memory1", b"11 9000", b"11 9065"), "grew"),
    "a host that loses a KiB with each plug": (lambda folder: (folder / "memory1").write_bytes(b"".join(b"%d %d\n" % (n, 9000 + n) for n in range(100))), "grew"),
    "a host of whose memory nothing is known": (lambda folder: (folder / "memory1").unlink(), "no figures"),
    "a host that trapped": (edited("status", b"143", b"132"), "status 132"),
    "a clock that is off by more than it says": (edited("lines1", b'"ppm":200.4', b'"ppm":205.0'), "clock"),
    "a clock that is sure of nothing": (edited("lines1", b'"ppmUncertainty":1.0', b'"ppmUncertainty":900.0'), "clock"),
    "a device that came back where it was": (lambda folder: (folder / "lines1").write_bytes(OPENED + (folder / "lines1").read_bytes()), "another"),
    "no counters at all": (without_lines(b'"event":"link"', 2), "TypeError"),
    "no report": (lambda folder: (folder / "report").unlink(), "FileNotFoundError"),
}

# Of a host that was killed and started again.
RESTARTED = {
    "a device that dropped ten samples of which it says nothing": (edited("report", b'"samplesDropped": 70', b'"samplesDropped": 80'), "deviceSamplesDropped"),
    "drops before the second host that it counts": (edited("lines2", b'"framesMissing":40', b'"framesMissing":70', -1), "framesMissing 70, should be 40"),
    "a block that was dropped and that nobody missed": (edited("report", b'"blocksDropped": 7', b'"blocksDropped": 8'), "blocksMissing 4, should be 5"),
    "a sample that the second host never had": (edited("report", b'"samples": 15010', b'"samples": 15011'), "frames "),
    "a connection that the second host lost": (edited("lines2", b'"lost":0', b'"lost":1'), "lost 1, should be 0"),
    "a second host that begins within a block": (edited("wire", b"\x9eECG", b"\x9eECGECG"), "no block begins"),
    "an answer that the first host made up": (edited("lines1", b'"event":"unknown"', b'"event":"window"'), "before it was killed"),
    "a second host that grows": (edited("memory2", b"11 9000", b"11 9065"), "grew"),
    "a first host that grows": (edited("memory1", b"11 9000", b"11 9065"), "grew"),
    "a second host of whose memory nothing is known": (lambda folder: (folder / "memory2").unlink(), "no figures"),
}


def run(played):
    """The faults of the judgement itself."""
    wrong = []
    with tempfile.TemporaryDirectory() as place:
        for number, (scenario, make, faults) in enumerate((
                (Scenario("self-test", "", drift=200), results, FAULTS), (Scenario("self-test", "", killed=True, identical=False), restarted, RESTARTED))):
            base = Path(place) / str(number)
            make(base, played)
            found = Verdict(scenario, base, played.replay, played.offline).faults
            if found:
                wrong.append(f"found without cause: {'; '.join(found)}")
            for name, (plant, word) in faults.items():
                folder = Path(place) / "planted"
                shutil.copytree(base, folder)
                plant(folder)
                found = "; ".join(Verdict(scenario, folder, played.replay, played.offline).faults)
                if word not in found:
                    wrong.append(f"not found: {name}{'; but: ' + found if found else ''}")
                shutil.rmtree(folder)
    print("\n".join(wrong) or f"tools/hil finds each of {len(FAULTS) + len(RESTARTED)} planted faults and passes what is right")
    return 1 if wrong else 0

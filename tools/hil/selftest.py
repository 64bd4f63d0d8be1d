"""Feeds the judgement results with faults, each of which must be found; without a guest. Standard library only."""
import json
import shutil
import tempfile
from pathlib import Path

from judge import Verdict
from scenarios import Scenario

OPENED = b'{"event":"device","state":"open","words":"opened at /dev/bus/usb/001/002"}\n'
KINDS = ["drop", "flip", "repeat", "version", "type", "babble", "halt", "empty", "cut", "unplug"]


def results(folder, played):
    """What a guest would have brought home from an undisturbed exam."""
    folder.mkdir()
    ledger = {kind: {"blocks": 0, "samples": 0, "bytes": 0} for kind in KINDS}
    count = json.loads(played.replay.splitlines()[-1])["sample"] + 10
    wire = played.stream + played.after
    report = {"samples": count, "blocks": 0, "samplesDropped": 0, "blocksDropped": 0, "commands": 0, "bytes": len(wire), "transfers": 0,
              "broken": 0, "wrongChecks": 0, "faults": ledger}
    clock = b'{"event":"session","counters":{"opened":1,"lost":0,"transfersEmpty":0,"stalls":0,"overflows":0,"chunksDropped":0,"bytesDropped":0,' \
            b'"outputDropped":0,"framesUnheard":0,"bytes":%d},"clock":{"ppm":200.4,"ppmUncertainty":1.0}}\n' % len(wire)
    lines = [line for line in played.offline(wire).splitlines(keepends=True) if b'"event":"session"' not in line]
    files = {"began": b"10.00 1\n", "ended": b"20.00 1\n", "report": json.dumps(report).encode(), "wire": wire, "status": b"143\n",
             "memory1": b"".join(b"%d 9000\n" % second for second in range(12)), "lines1": OPENED + b"".join(lines) + clock}
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
    "a host that grows": (edited("memory1", b"11 9000", b"11 10025"), "grew"),
    "a host that trapped": (edited("status", b"143", b"132"), "status 132"),
    "a clock that is off by more than it says": (edited("lines1", b'"ppm":200.4', b'"ppm":205.0'), "clock"),
    "a clock that is sure of nothing": (edited("lines1", b'"ppmUncertainty":1.0', b'"ppmUncertainty":900.0'), "clock"),
    "a device that came back where it was": (lambda folder: (folder / "lines1").write_bytes(OPENED + (folder / "lines1").read_bytes()), "another"),
    "no counters at all": (without_lines(b'"event":"link"', 2), "TypeError"),
    "no report": (lambda folder: (folder / "report").unlink(), "FileNotFoundError"),
}


def run(played):
    """The faults of the judgement itself."""
    scenario = Scenario("self-test", "", drift=200)
    wrong = []
    with tempfile.TemporaryDirectory() as place:
        base = Path(place) / "base"
        results(base, played)
        found = Verdict(scenario, base, played.replay, played.offline).faults
        if found:
            wrong.append(f"found without cause: {'; '.join(found)}")
        for name, (plant, word) in FAULTS.items():
            folder = Path(place) / "planted"
            shutil.copytree(base, folder)
            plant(folder)
            found = "; ".join(Verdict(scenario, folder, played.replay, played.offline).faults)
            if word not in found:
                wrong.append(f"not found: {name}{'; but: ' + found if found else ''}")
            shutil.rmtree(folder)
    print("\n".join(wrong) or f"tools/hil finds each of {len(FAULTS)} planted faults and passes what is right")
    return 1 if wrong else 0

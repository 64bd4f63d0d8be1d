"""Whether what a guest brought home is right: the host's lines against the replay, its counters against what was done to it, its memory, its end.

Apart from the running, so that it can be tried on results with faults. Standard library only.
"""
import json
import re

from . import exam

# A host's memory may grow so much in the last four fifths of the time after its first answer, KiB.
LARGEST_GROWTH = 64
# Where the system put the device, in the words of an opened connection.
ADDRESS = re.compile(rb'"state":"open".* at (/dev/bus/usb/\d+/\d+)')
# The time that a live line carries behind everything that the replay has too.
TIME = re.compile(rb',"utc":"[^"]*","uncertainty":[^,}]*\}$')


def comparable(text):
    """The lines that a replay has too, without the time of day.

    Left out: streams without a sample, and a last stream behind another: the block that the device sends after the exam.
    """
    streams = [[]]
    for line in text.splitlines():
        line = TIME.sub(b"}", line)
        found = json.loads(line)
        if found["event"] in ("device", "notice", "session", "link") or found.get("condition") == "device-lost":
            continue
        if found["event"] == "stream":
            streams.append([])
        streams[-1].append(line)
        if found["event"] == "end" and found["sample"] == 0:
            streams.pop()
    whole = [stream for stream in streams if stream]
    return sum(whole[:-1] if len(whole) > 1 else whole, [])


def difference(expected, found):
    """The first line that differs, in words; None where none does."""
    for number, (a, b) in enumerate(zip(expected, found)):
        if a != b:
            return f"line {number + 1} is {b[:120].decode()} and should be {a[:120].decode()}"
    if len(expected) != len(found):
        return f"{len(found)} lines and not {len(expected)}"
    return None


def last(text, event):
    """The counters of the last line of that event."""
    lines = [line for line in text.splitlines() if b'"event":"%s"' % event in line]
    return json.loads(lines[-1]) if lines else None


def expected_link(report, scenario):
    """The link's counters as the gadget's ledger has them."""
    faults = report["faults"]
    def of(kind, *kinds):
        return sum(faults[name][kind] for name in kinds)
    missing = of("samples", "drop", "flip", "version", "type") + report["samplesDropped"]
    unconfigured = scenario.corrections.get("framesUnconfigured", 0)
    return {
        "bytes": report["bytes"] + scenario.corrections.get("bytes", 0),
        "bytesSkipped": of("bytes", "flip", "babble", "unplug"),
        "checksumFailures": report["wrongChecks"],
        "packetsBroken": 0,
        "blocksMissing": of("blocks", "drop", "flip", "version") + report["blocksDropped"] + scenario.corrections.get("blocksMissing", 0),
        "blocksRepeated": of("blocks", "repeat"),
        "blocksOtherVersion": of("blocks", "version"),
        "blocksUnknown": of("blocks", "type"),
        "blocksMalformed": 0,
        "restarts": scenario.restarts,
        "frames": report["samples"] - missing - unconfigured,
        "framesMissing": missing,
        "framesRepeated": 0,
        "framesUnconfigured": unconfigured,
        "deviceSamplesDropped": report["samplesDropped"],
    }


def expected_since(report, scenario, wire, count):
    """The same for a host that began to listen with the last `count` bytes, which must begin with a block.

    Of what the ledger counts, that host can miss only what was dropped behind the first block that it heard, and behind the first samples. What was
    dropped before is what the board numbered until then and never sent. The device itself tells how many samples it has dropped since the session began.
    """
    sent = list(exam.in_order(wire))
    start = len(wire) - count
    before, heard = ([block for block in sent if (block.place >= start) == part] for part in (False, True))
    if not heard or heard[0].place != start:
        raise ValueError(f"the host began to listen at byte {start} of {len(wire)}, where no block begins")
    data = [block for block in heard if block.type == exam.DATA]
    first = next(block.first for block in data if block.session == heard[0].session)
    earlier = {block.sequence: block.count for block in before if block.session == heard[0].session}
    unsent = first - sum(earlier.values())
    configured = next(block.place for block in heard if block.type == exam.CONFIGURATION)
    expected = expected_link(report, scenario)
    expected["bytes"] = count
    expected["blocksMissing"] -= heard[0].sequence - len(earlier)
    expected["framesMissing"] -= unsent
    expected["framesUnconfigured"] = sum(block.count for block in data if block.place < configured)
    expected["frames"] = report["samples"] - first - expected["framesMissing"] - expected["framesUnconfigured"]
    return expected


def expected_session(report, found):
    """The session's counters as the gadget's ledger has them; the rings between threads are the full program's alone."""
    faults = report["faults"]
    unplugged = faults["unplug"]["blocks"]
    return {
        "opened": unplugged + 1, "lost": unplugged, "transfersEmpty": faults["empty"]["blocks"], "stalls": faults["halt"]["blocks"],
        "overflows": 0, **{name: 0 for name in ("chunksDropped", "bytesDropped", "outputDropped", "framesUnheard") if name in found},
    }


def different(expected, found):
    """The counters that are not what they should be, in words."""
    return [f"{name} {found[name]}, should be {value}" for name, value in expected.items() if found[name] != value]


def unequal(expected, found, report):
    """The same of the link's counters.

    A transfer that a disconnection broke off is sent again. What the host already had of it is one number that nobody but the host knows, less
    than a block or just one: the bytes say which, and everything else follows from it.
    """
    if report["broken"] == 0:
        return different(expected, found)
    whole, rest, more = (found[name] - expected[name] for name in ("blocksRepeated", "bytesSkipped", "bytes"))
    known = {name: found[name] for name in ("blocksRepeated", "bytesSkipped", "bytes")}
    if 0 <= whole <= report["broken"] and 0 <= rest <= more:
        return different({**expected, **known}, found)
    return [f"{more} bytes came twice, {whole} blocks of them whole, and {rest} were skipped", *different(expected, found)]


def growth(memory):
    """KiB that the host grew from a fifth of its time on, of a hundred plugs from the twentieth; None where there are too few figures.

    Time counts from the first answer. Until the fifth the host uses for the first time what it then has.
    """
    figures = [(int(words[0]), int(words[1])) for words in map(str.split, memory.splitlines()) if len(words) == 2]
    if len(figures) < 2:
        return None
    first, last = figures[0][0], figures[-1][0]
    late = [memory for second, memory in figures if second >= first + (last - first) / 5]
    return max(late) - late[0]


class Verdict:
    """One row of the table."""

    def __init__(self, scenario, folder, replay, offline):
        """`folder` is what the guest wrote, `replay` the replay's output, `offline` a function from bytes to the output of a run over them."""
        self.scenario, self.folder, self.faults = scenario, folder, []
        self.injected = self.counted = self.alerts = "?"
        self.seconds = self.growth = None
        #: The host that heard the end: the second, where the first was killed.
        self.host = 2 if scenario.killed else 1
        try:
            self.judge(replay, offline)
        except (OSError, KeyError, IndexError, TypeError, ValueError) as error:
            self.faults.append(f"{type(error).__name__}: {error}")

    def read(self, name):
        return (self.folder / name).read_bytes()

    def judge(self, replay, offline):
        if (self.folder / "stuck").exists():
            self.faults.append(f"hangs: waited in vain for {self.read('stuck').decode(errors='replace').splitlines()[0]}")
        began, ended = (float(self.read(name).split()[0]) for name in ("began", "ended"))
        self.seconds = ended - began
        report = json.loads(self.read("report"))
        lines = self.read(f"lines{self.host}")
        wire = self.read("wire")
        link, session = last(lines, b"link"), last(lines, b"session")
        found = link["counters"]
        if self.scenario.killed:
            heard = wire[-found["bytes"]:]
            # A transfer was broken off only while nobody listened: no byte of it came.
            self.faults += different(expected_since(report, self.scenario, wire, found["bytes"]), found)
            self.judge_before(offline(wire))
        else:
            heard = wire
            expected = expected_link(report, self.scenario)
            if self.scenario.answered:
                del expected["bytes"]
            self.faults += unequal(expected, found, report)
        if session:
            self.faults += different(expected_session(report, session["counters"]), session["counters"])
        self.tell(report, found, session)
        expected = replay.splitlines() if self.scenario.identical else comparable(offline(heard))
        fault = difference(expected, comparable(lines))
        self.alerts = "identical to the replay" if self.scenario.identical else "identical to a replay of what came"
        if fault:
            self.alerts = "differ"
            self.faults.append(fault)
        addresses = ADDRESS.findall(lines)
        if len(set(addresses)) != len(addresses) or not addresses:
            self.faults.append(f"opened at {b', '.join(addresses).decode() or 'no address'}: each time at another one")
        self.judge_memory()
        self.judge_clock(session)
        status = int(self.read("status"))
        if status not in (143, 0) and not self.scenario.killed:
            self.faults.append(f"the host ended with status {status}")

    def judge_before(self, replayed):
        """Of the host that was killed: what it said until then, its last line perhaps cut."""
        before = comparable(b"\n".join(self.read("lines1").splitlines()[:-1]))
        fault = difference(comparable(replayed)[:len(before)], before)
        if fault:
            self.faults.append(f"before it was killed: {fault}")

    def judge_memory(self):
        # A host that was killed before its first answer has no figures; the one that heard the end must have some.
        paths = [self.folder / f"memory{host}" for host in range(1, self.host + 1)]
        found = [growth(path.read_text()) if path.exists() else None for path in paths]
        if found[-1] is None:
            self.faults.append("no figures of the host's memory")
        self.growth = max((value for value in found if value is not None), default=None)
        if self.growth is not None and self.growth > LARGEST_GROWTH:
            self.faults.append(f"the host grew by {self.growth} KiB; at most {LARGEST_GROWTH}")

    def judge_clock(self, session):
        if self.scenario.drift is None:
            return
        clock = session["clock"]
        found, uncertainty = clock["ppm"], clock["ppmUncertainty"]
        self.counted = f"{found:+.1f} ± {uncertainty:.1f} ppm"
        if not abs(found - self.scenario.drift) <= 2 * uncertainty <= self.scenario.drift / 2:
            self.faults.append(f"clock {found} ppm, standard uncertainty {uncertainty}; {self.scenario.drift} within twice that, at most half of it, is right")

    def tell(self, report, found, session):
        """What was done and what was counted, in words for the table."""
        done = [(kind, entry) for kind, entry in report["faults"].items() if entry["blocks"]]
        parts = [f"{kind} {entry['bytes'] if kind == 'babble' else entry['blocks']}{' bytes' if kind == 'babble' else ''}" for kind, entry in done]
        if report["broken"]:
            parts.append(f"{report['broken']} transfers broken off")
        if report["samplesDropped"]:
            parts.append(f"{report['samplesDropped']} samples dropped")
        self.injected = ", ".join(parts) or "nothing"
        names = ["bytesSkipped", "checksumFailures", "blocksMissing", "blocksRepeated", "blocksOtherVersion", "blocksUnknown", "framesMissing",
                 "framesUnconfigured", "deviceSamplesDropped"]
        counted = [f"{name} {found[name]}" for name in names if found[name]]
        if session:
            counted += [f"{name} {session['counters'][name]}" for name in ("lost", "stalls", "transfersEmpty") if session["counters"][name]]
        self.counted = ", ".join(counted) or "nothing lost"

    @property
    def passed(self):
        return bool(self.faults) == self.scenario.planted

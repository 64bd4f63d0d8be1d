"""Captures with times of devices that behave and misbehave, for tools/check-edge: precordia and precordia-edge follow each of them on the same clock, and must say the same.

Standard library only.
"""
import json
import struct
import subprocess
from pathlib import Path

SECOND = 1_000_000_000
# The host's clock when a capture began: monotonic nanoseconds, and microseconds since 1970.
BEGAN, UTC = 1000 * SECOND, 1_795_932_000_000_000
HELLO, CONFIGURATION, DATA, STATUS, EVENT, ERROR = range(1, 7)


class Capture:
    """A stream's bytes and when each piece came, built block by block from a device's own blocks."""

    def __init__(self, blocks, sealed):
        self.sealed, self.now, self.bytes, self.entries = sealed, 0.0, b"", []
        self.of = {kind: [block for block in blocks if block[5] == kind] for kind in range(1, 7)}
        self.session, self.sequence, self.sample, self.place = 7, 0, 0, 0
        self.pass_to(0)

    def entry(self, words):
        self.entries.append(f"{BEGAN + round(self.now * SECOND)} {words}")

    def pass_to(self, now):
        """Time passes, and nothing comes: the host's clock is written each tenth of a second."""
        while self.now <= now:
            self.entry(f"clock {UTC + round(self.now * 1e6)}")
            self.now = round(self.now + 0.1, 6)
        self.now = now
        return self

    def opened(self, words="opened, a board that does not exist"):
        self.entry(f"opened 0 {words}")
        return self

    def lost(self, words="the connection has gone"):
        self.entry(f"lost {words}")
        return self

    def absent(self, words="Connection refused"):
        self.entry(f"absent {words}")
        return self

    def raw(self, data):
        self.entry(f"bytes {len(data)}")
        self.bytes += data
        return self

    def block(self, kind, payload, version=1, ticks=2**64 - 1, rate=2**32 - 1):
        """One block of the session, whole at this moment."""
        head = b"\x9eECG" + bytes([version, kind]) + struct.pack("<HIIQI", len(payload), self.session, self.sequence, ticks, rate)
        self.sequence += 1
        return self.raw(self.sealed([head + payload]))

    def begin(self, session, frames=2**64 - 1, rate=None):
        """Another session: who the device is, and its settings."""
        self.session, self.sequence, self.sample = session, 0, 0
        settings = bytearray(self.of[CONFIGURATION][0][28:])
        struct.pack_into("<Q", settings, 8, frames)
        if rate:
            struct.pack_into("<I", settings, 4, rate)
        return self.block(HELLO, bytes(self.of[HELLO][0][28:])).block(CONFIGURATION, bytes(settings))

    def data(self, place, ticks=True):
        """The device's data block number `place`, ten frames, under the session's own count."""
        payload = bytearray(self.of[DATA][place % len(self.of[DATA])][28:])
        struct.pack_into("<Q", payload, 0, self.sample)
        began, self.sample = self.sample, self.sample + payload[10]
        return self.block(DATA, bytes(payload), ticks=began * 2000 if ticks else 2**64 - 1, rate=1_000_000 if ticks else 2**32 - 1)

    def stream(self, seconds, each=0.02, ticks=True):
        """So many seconds of signal, a block each 20 ms of it, which comes when `each` has passed."""
        for _ in range(round(seconds * 50)):
            self.now = round(self.now + each, 6)
            self.data(self.place, ticks)
            self.place += 1
        return self

    def status(self, state=1):
        return self.block(STATUS, struct.pack("<QQHHhBB", 0, 0, 0, 0xFFFF, -32768, state, 1))

    def save(self, path):
        Path(path).write_bytes(self.bytes)
        Path(f"{path}.times").write_text("precordia-times 1\n" + "".join(f"{line}\n" for line in self.entries))


def swing(payload):
    """By how much lead II differs in a data block of two bytes a value."""
    channels, start = payload[12], 16 + 6 * payload[13] + 8 * payload[14] + 2
    values = [struct.unpack_from("<h", payload, start + sample * channels * 2)[0] for sample in range(payload[10])]
    return max(values) - min(values)


def steady(capture):
    """A device that does everything right to the end that it announced, then another exam, then rest."""
    capture.opened().begin(7, 15_000).stream(30).status(0).pass_to(33).begin(8, 2500).stream(5).status(0).pass_to(55)


def resets(capture):
    """A board that resets every second, and after nine of them goes on."""
    capture.opened()
    for session in range(9):
        capture.begin(session).stream(0.9).pass_to(session + 1)
    capture.begin(20).stream(14)


def plugged(capture):
    """A line that goes and comes with each reset, and then with none."""
    for session in range(5):
        capture.opened().begin(session).stream(0.8).lost("Input/output error").absent("No such device").pass_to(1.2 * (session + 1))
    capture.opened().begin(30).stream(13).lost().pass_to(20).opened().stream(2)


def silent(capture):
    """A line that says nothing, a device that sends no samples, presses its button and fails, and speaks another version at last."""
    capture.absent().pass_to(1).opened().pass_to(4).begin(7).stream(6)
    for state in (1, 1, 1, 1, 3, 3, 3):
        capture.pass_to(capture.now + 0.4).status(state)
    capture.block(EVENT, struct.pack("<QHH", 2900, 1, 1) + b"nurse\x1b[31m").block(EVENT, struct.pack("<QHH", 2**64 - 1, 3, 2))
    capture.block(ERROR, struct.pack("<HBBI", 7, 2, 0, 99) + "zu heiß".encode()).stream(4)
    for _ in range(30):
        capture.pass_to(capture.now + 0.1).block(HELLO, bytes(124), version=2)
    capture.stream(2)


def stuck(capture):
    """A device that sends its last block again and again, under new numbers and then under the old ones, and goes on."""
    capture.opened().begin(7).stream(6)
    last = max(range(300, 500), key=lambda place: swing(capture.of[DATA][place][28:]))
    for _ in range(150):
        capture.now = round(capture.now + 0.02, 6)
        capture.data(last)
    capture.place = last + 1
    capture.stream(12)
    number = capture.sample
    for _ in range(150):
        capture.now, capture.sample = round(capture.now + 0.02, 6), number
        capture.data(last)
    capture.stream(3)


def rates(capture):
    """A device that says half its rate until it is set right, loses conversions, and is silent without an index that tells."""
    capture.opened().begin(7, rate=250).stream(12).begin(8).stream(12)
    capture.stream(3, ticks=False).pass_to(capture.now + 4).stream(8, ticks=False)


def changes(capture):
    """A device that takes another rate in the middle, one that no engine has, and its own again."""
    capture.opened().begin(7).stream(3).begin(8, rate=250).stream(2, each=0.04).begin(9, rate=50).stream(1, each=0.2)
    capture.pass_to(capture.now + 2).begin(10).stream(12)
    for session in range(11, 15):
        capture.begin(session, rate=500 if session % 2 else 250).stream(2, each=0.02 if session % 2 else 0.04)


def unfinished(capture):
    """A device that idles before the end that it announced, comes back, and one that never streams again."""
    capture.opened().begin(7, 5000).stream(6).status(0).pass_to(9).status(0).stream(1).pass_to(12).lost().pass_to(14).opened().begin(8, 500).stream(1)
    capture.pass_to(40)


def never(capture):
    """A device that says hello and has settings, and never streams."""
    capture.opened().begin(7)
    for _ in range(15):
        capture.pass_to(capture.now + 1).status(0)


def damaged(capture):
    """A bad line: blocks lost, twice, in part, with a wrong bit, and bytes that are nothing."""
    capture.opened().begin(7)
    for second in range(16):
        capture.stream(0.5)
        capture.sequence += second % 3
        capture.sample += 10 * (second % 3)
        capture.raw(b"\x9eECG\x01garbage" * (second % 4 + 1)).stream(0.5)


SCENES = (steady, resets, plugged, silent, stuck, rates, changes, unfinished, never, damaged)


def lines_of(text):
    """Lines as both programs can say them: without the host's date, which precordia alone attaches, and the session's sums."""
    found = []
    for line in text.splitlines():
        said = json.loads(line)
        if said["event"] != "session":
            # Why a stream cannot be used, or none was there, each program says in words of its own.
            own = ("utc", "uncertainty", *([] if said.get("message", "").startswith("the device is idle") else ["message"]))
            found.append({name: value for name, value in said.items() if name not in own})
    return found


def sums_of(text):
    """The last sums of a session: connections, streams, and the counters that both programs have."""
    said = [json.loads(line) for line in text.splitlines() if json.loads(line)["event"] == "session"][-1]
    own = ("chunksDropped", "bytesDropped", "outputDropped", "framesUnheard", "opened", "lost", "refused", "bytes", "transfers")
    return said["epoch"], said["streams"], {name: value for name, value in said["counters"].items() if name not in own}


def words_of(text, prefix):
    """What a person was told of what the device said and does, without the program's name and the source's; its states stand in the lines."""
    words = (line.removeprefix(prefix).removeprefix("bed: ") for line in text.splitlines())
    return [line for line in words if line.startswith("device: ") or line.startswith("the device ")]


def differences(ours, theirs, source):
    """What two programs said differently of a capture: (status, lines, words) of precordia and of precordia-edge."""
    (status, lines, words), (other_status, other_lines, other_words) = ours, theirs
    if status != other_status:
        yield f"status {other_status}, not {status}"
    wanted, found = lines_of(lines), lines_of(other_lines)
    for number, (a, b) in enumerate(zip(wanted, found)):
        if a != b:
            yield f"line {number + 1} is {b} where precordia has {a}"
            return
    if len(wanted) != len(found):
        yield f"{len(found)} lines where precordia has {len(wanted)}"
    if sums_of(lines) != sums_of(other_lines):
        yield f"sums are {sums_of(other_lines)} where precordia has {sums_of(lines)}"
    wanted, found = words_of(words, "precordia: "), words_of(other_words, f"precordia-edge: {source}: ")
    if wanted != found:
        yield f"a person is told {found} where precordia says {wanted}"


def said(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, timeout=300, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace")


def faults(precordia, edge, place, blocks, sealed):
    """Everything in which the two followers differ, and scenes in which nothing happened that they could differ in."""
    happened = set()
    for scene in SCENES:
        capture, path = Capture(blocks, sealed), place / f"{scene.__name__}.bin"
        scene(capture)
        capture.save(path)
        ours = said([*precordia, "monitor", "--source", f"file:{path}", "--json", "--name", "bed"])
        theirs = said([*edge, "--name", "bed", path])
        yield from (f"{scene.__name__}: {fault}" for fault in differences(ours, theirs, path))
        for line in lines_of(theirs[1]):
            happened.add((line["event"], line.get("state") or line.get("condition") or line.get("kind") or ""))
    wanted = {("device", state) for state in ("open", "lost", "silent", "streaming", "absent", "restarted")}
    wanted |= {(event, condition) for event in ("alertRaised", "alertCleared") for condition in ("device-lost", "rate-wrong")}
    wanted |= {("notice", kind) for kind in ("button", "selfTest", "error")} | {(event, "") for event in ("stream", "end", "link", "gap", "error")}
    if wanted - happened:
        yield f"no capture made these happen: {sorted(wanted - happened)}"


def self_test():
    """A comparison that cannot fail proves nothing."""
    end = '{"event":"end","sample":5}\n'
    sums = '{"event":"session","epoch":1,"streams":1,"counters":{"bytes":9,"cuts":1}}\n'
    line = '{"event":"device","state":"lost","words":"gone","utc":"now","uncertainty":1}\n'
    good = (0, line + end + sums, "precordia: device: button pressed\nprecordia: link: 3 blocks\n")
    edge = (0, line.replace(',"utc":"now","uncertainty":1', "") + end + sums.replace("9", "8"), "precordia-edge: x: device: button pressed\n")
    assert not list(differences(good, edge, "x")), list(differences(good, edge, "x"))
    planted = [
        ("status", (1, *edge[1:])), ("line 1", (0, edge[1].replace("gone", "away"), edge[2])), ("lines where", (0, edge[1].replace(end, ""), edge[2])),
        ("sums", (0, edge[1].replace('"cuts":1', '"cuts":2'), edge[2])), ("a person", (0, edge[1], edge[2].replace("button", "event 1,"))),
    ]
    for word, fault in planted:
        assert any(word in found for found in differences(good, fault, "x")), word
    return len(planted)

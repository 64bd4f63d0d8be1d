"""precordia-edge on devices that come and go, for tools/check-edge: what it says to them, and what it tells when they are lost or silent.

Standard library only.
"""
import json
import os
import select
import signal
import struct
import subprocess
import threading
import time
from pathlib import Path

from .lines import Terminal, listener

TAKES_COMMANDS = 1 << 3
IDENTIFY, CONFIGURE, START, STOP = 0x81, 0x82, 0x83, 0x84
ANSWER = 7
OURS = (b'{"event":"device"', b'{"event":"session"', b'{"event":"link"')


class Edge:
    """A running program and its lines."""

    def __init__(self, command, *arguments):
        self.running = subprocess.Popen([str(part) for part in [*command, *arguments]], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.pending, self.lines = b"", []

    def until(self, wanted, patience=30):
        """Reads lines until one that `wanted` takes; None at the end or when the time is over."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            while b"\n" in self.pending:
                line, self.pending = self.pending.split(b"\n", 1)
                self.lines.append(line + b"\n")
                if wanted(json.loads(line)):
                    return json.loads(line)
            if not select.select([self.running.stdout], [], [], max(0, end - time.monotonic()))[0]:
                return None
            got = os.read(self.running.stdout.fileno(), 65536)
            if not got:
                return None
            self.pending += got
        return None

    def has_read(self):
        """Bytes that the program has read from anywhere, as the kernel counts them."""
        return int(Path(f"/proc/{self.running.pid}/io").read_text().split()[1])

    def take(self, line, data):
        """Writes to the program's serial line and waits until it has read all of it: what is unread goes with the line."""
        expected, end = self.has_read() + len(data), time.monotonic() + 60
        line.write(data)
        while self.has_read() < expected and time.monotonic() < end:
            time.sleep(0.001)

    def state(self, name):
        return self.until(lambda line: line["event"] == "device" and line["state"] == name)

    def end(self, number=signal.SIGTERM):
        """Ends it; its status."""
        if number is not None:
            self.running.send_signal(number)
        try:
            rest, self.errors = self.running.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self.running.kill()
            rest, self.errors = self.running.communicate()
        self.lines += (self.pending + rest).splitlines(keepends=True)
        return self.running.returncode

    def of(self, event):
        return [json.loads(line) for line in self.lines if json.loads(line)["event"] == event]

    def stream(self):
        """The lines that a replay has too: without those of the device, the link, and the alert that only a live source raises."""
        return [line for line in self.lines if not line.startswith(OURS) and b'"condition":"device-lost"' not in line]


def states(edge):
    return [(line["state"], line["epoch"]) for line in edge.of("device")]


def once(command, place, replay, wire):
    """A serial line that delivers a whole stream and is then pulled out, with --once."""
    line = Terminal(place / "once")
    edge = Edge(command, "--once", f"serial:{line.path},115200")
    edge.state("open")
    edge.take(line, wire)
    line.unplug()
    status = edge.end(None)
    gone = [message for message in edge.stream() if b'"event":"error"' in message]
    same = [message for message in edge.stream() if message not in gone] == replay
    if status != 1 or len(gone) != 1 or b"is gone" not in edge.errors or not same or states(edge) != [("open", 1), ("streaming", 1)]:
        yield f"an unplugged serial line, once: status {status}, {edge.errors!r}, {same=}, {states(edge)}"


def again(command, place, replay, wire):
    """A serial line that is pulled out between two blocks and comes back with the same session: one stream, and nothing missing."""
    line = Terminal(place / "again")
    edge = Edge(command, f"serial:{line.path}")
    edge.state("open")
    half = wire.index(b"\0", len(wire) // 2) + 1
    edge.take(line, wire[:half])
    line.unplug()
    lost = edge.state("lost")
    edge.state("absent")
    line.plug()
    edge.state("open")
    edge.take(line, wire[half:])
    status = edge.end()
    found = edge.stream()
    last = json.loads(found[-1])
    expected = [("open", 1), ("streaming", 1), ("lost", 1), ("absent", 1), ("open", 2), ("streaming", 2)]
    alerts = [(said["event"], said["priority"]) for said in edge.of("alertRaised") + edge.of("alertCleared") if said["condition"] == "device-lost"]
    counters = edge.of("session")[0]["counters"]
    wrong = [name for name, value in {"opened": 2, "lost": 1, "bytes": len(wire), "silences": 0}.items() if counters[name] != value]
    if lost is None or status != 143 or found[:-1] != replay[:len(found) - 1] or len(found) < len(replay) - 4 or wrong:
        yield f"a serial line that comes back: status {status}, {len(found)} lines of {len(replay)}, {counters}, {edge.errors[-300:]!r}"
    if states(edge) != expected or alerts != [("alertRaised", "high"), ("alertCleared", "high")] or last["counters"]["framesMissing"] != 0:
        yield f"a serial line that comes back: {states(edge)}, {alerts}, {last}"


class Board:
    """A device behind TCP that takes commands: a hello that says so, and a stream that waits for its start."""

    def __init__(self, blocks, sealed):
        for block in blocks:
            if block[5] == 1:
                struct.pack_into("<I", block, 28 + 8, TAKES_COMMANDS)
        # Made ahead: a check takes Python so long that a board which computed as it sent would be a silent one.
        self.sealed, self.sessions = sealed, [[sealed([block]) for block in blocks[:1400]]]
        for number, count in ((77, 700), (5, 2)):
            for index, block in enumerate(blocks[:count]):
                struct.pack_into("<II", block, 8, number, index)
            self.sessions.append([sealed([block]) for block in blocks[:count]])
        self.server, self.got = listener(), b""

    def accept(self):
        self.connection, _ = self.server.accept()
        self.connection.settimeout(30)
        self.got = b""

    def command(self, payload=b""):
        """Type, session and sequence of the next command; None if it is no block with this payload and a right check."""
        count = 32 + len(payload)
        while len(self.got) < count:
            got = self.connection.recv(100)
            if not got:
                return None
            self.got += got
        block, self.got = self.got[:count], self.got[count:]
        good = block == self.sealed([bytearray(block[:-4])]) and block[:5] == b"\x9eECG\1" and block[6:8] == bytes([len(payload), 0])
        return (block[5], *struct.unpack_from("<II", block, 8)) if good and block[28:-4] == payload else None

    def answer(self, command, result, sequence):
        """Says in the idle session, as block number `sequence`, what became of a command."""
        payload = struct.pack("<BBHI", command[0], result, 0, command[2])
        head = b"\x9eECG" + bytes([1, ANSWER]) + struct.pack("<HIIQI", len(payload), 5, sequence, 2**64 - 1, 2**32 - 1)
        self.connection.sendall(self.sealed([head + payload]))

    def send(self, session, first, end):
        self.connection.sendall(b"".join(self.sessions[session][first:end]))


def talked(command, blocks, sealed):
    """A board that idles in a session of its own, streams only when it is asked to, falls silent, goes on, is lost, and comes back as another session."""
    board = Board(blocks, sealed)
    edge = Edge(command, f"tcp:127.0.0.1:{board.server.getsockname()[1]}")
    board.accept()
    said = [board.command()]
    board.send(2, 0, 2)
    said.append(board.command())
    board.send(0, 0, 700)
    silent = edge.state("silent")
    board.send(0, 700, 1400)
    streaming = edge.until(lambda line: line["event"] == "alertCleared" and line["condition"] == "device-lost")
    board.connection.close()
    edge.state("lost")
    board.accept()
    again = board.command()
    board.send(1, 0, 700)
    edge.state("restarted")
    base = max(json.loads(line).get("sample") or 0 for line in edge.lines)
    edge.until(lambda line: line["event"] == "window" and line["sample"] > base + 5500)
    edge.running.send_signal(signal.SIGTERM)
    goodbye = board.command()
    status = edge.end(None)
    expected = [("open", 1), ("streaming", 1), ("silent", 1), ("streaming", 1), ("lost", 1), ("open", 2), ("restarted", 2), ("streaming", 2)]
    if [entry and entry[0] for entry in [*said, again, goodbye]] != [IDENTIFY, START, IDENTIFY, STOP]:
        yield f"commands: {said}, {again}, {goodbye}"
    elif [entry[2] for entry in [*said, again, goodbye]] != [0, 1, 2, 3] or len({entry[1] for entry in [*said, again, goodbye]}) != 1:
        yield f"commands are not counted in one session: {said}, {again}, {goodbye}"
    if status != 143 or states(edge) != expected or silent is None or streaming is None:
        yield f"a board that is talked to: status {status}, {states(edge)}, {edge.errors[-500:]!r}"
        return
    session = edge.of("session")[0]
    counters = {name: value for name, value in session["counters"].items() if value and name not in ("bytes", "framesSilent")}
    if (session["epoch"], session["streams"]) != (2, 1) or counters != {"opened": 2, "lost": 1, "silences": 1, "sent": 128, "cuts": 1}:
        yield f"a board that is talked to: {session}"
    link = edge.of("link")[-1]["counters"]
    if [line["event"] for line in edge.of("stream")] != ["stream"] or link["restarts"] != 2 or link["framesMissing"] or link["bytesSkipped"]:
        yield f"a board that is talked to: {link}"
    if session["counters"]["bytes"] != link["bytes"]:
        yield f"a board that is talked to: {session['counters']['bytes']} bytes came and {link['bytes']} were decoded"


def asked(command, blocks, sealed):
    """A board that does not take the rate that it is asked for, nor a start at first, and says so; and one that answers nothing."""
    board = Board(blocks, sealed)
    edge = Edge([*command, "--rate", "1000"], f"tcp:127.0.0.1:{board.server.getsockname()[1]}")
    board.accept()
    said = [board.command()]
    board.send(2, 0, 2)
    said.append(board.command(struct.pack("<IHH", 1000, 0xFFFF, 0)))
    if said[-1] is None:
        yield f"a rate that is asked for: {said}"
        edge.end()
        return
    board.answer(said[-1], 3, 2)
    for sequence, result in ((3, 2), (4, 0)):
        said.append(board.command())
        board.answer(said[-1], result, sequence)
    board.send(0, 0, 200)
    edge.state("streaming")
    edge.running.send_signal(signal.SIGTERM)
    said.append(board.command())
    status = edge.end(None)
    board.connection.close()
    wanted = [b"the device does not take 1000 Hz: the value is not possible; it offers", b"the device does not start: not possible in its present state; it is asked again"]
    if [entry and entry[0] for entry in said] != [IDENTIFY, CONFIGURE, START, START, STOP] or status != 143 or not all(words in edge.errors for words in wanted):
        yield f"a board that refuses: status {status}, {said}, {edge.errors[-500:]!r}"
    edge = Edge(command, f"tcp:127.0.0.1:{board.server.getsockname()[1]}")
    board.accept()
    board.send(2, 0, 2)
    said = [board.command() for _ in range(4)]
    edge.end()
    if [entry and entry[0] for entry in said] != [IDENTIFY, START, START, START] or edge.errors.count(b"the device does not answer start") != 1:
        yield f"a board that answers nothing: {said}, {edge.errors[-500:]!r}"
    board.connection.close()


def mute(command, blocks, sealed):
    """A board that goes on with its status and sends no samples, presses its button, streams again, and then speaks another version of the protocol."""
    with listener() as server:
        edge = Edge(command, f"tcp:127.0.0.1:{server.getsockname()[1]}")
        connection, _ = server.accept()
    session = bytes(blocks[0][8:12])

    def block(kind, payload, number, version=1):
        return sealed([b"\x9eECG" + bytes([version, kind]) + struct.pack("<H", len(payload)) + session + struct.pack("<IQI", number, 2**64 - 1, 2**32 - 1) + payload])

    def silent_while(pieces):
        enough = threading.Event()

        def feed():
            for piece in pieces:
                connection.sendall(piece)
                if enough.wait(0.1):
                    return
        thread = threading.Thread(target=feed)
        thread.start()
        found = edge.state("silent")
        enough.set()
        thread.join()
        return found and found["words"]

    status = struct.pack("<QQHHhBB", 0, 0, 0, 0xFFFF, -32768, 1, 1)
    connection.sendall(sealed(blocks[:300]))
    said = [silent_while([block(4, status, 300 + number) for number in range(60)])]
    connection.sendall(block(5, struct.pack("<QHH", 2900, 1, 1) + b"nurse", 360) + sealed(blocks[361:480]))
    edge.state("streaming")
    said.append(silent_while([block(1, bytes(124), number, 2) for number in range(60)]))
    status = edge.end()
    wanted = ["sends no samples for 2 s", "speaks version 2 of the protocol and this program version 1: one of the two needs an update"]
    alerts = [(line["event"], line["value"] >= 2) for line in map(json.loads, edge.lines) if line.get("condition") == "device-lost"]
    if status != 143 or said != wanted or alerts != [("alertRaised", True), ("alertCleared", True), ("alertRaised", True)]:
        yield f"a board without samples: status {status}, {said}, {alerts}, {edge.errors[-500:]!r}"
    notices = [(line["kind"], line["sample"], line["value"], line["words"]) for line in edge.of("notice")]
    if notices != [("button", 2900, 1, "nurse")] or edge.of("session")[0]["counters"]["silences"] != 2:
        yield f"a board without samples: {notices}, {edge.of('session')}"
    connection.close()


def swing(block):
    """By how much lead II differs in a data block of two bytes a value; 0 in another."""
    if block[5] != 3 or block[28 + 11] != 2:
        return 0
    channels, start = block[28 + 12], 28 + 16 + 6 * block[28 + 13] + 8 * block[28 + 14] + 2
    values = [struct.unpack_from("<h", block, start + sample * channels * 2)[0] for sample in range(block[28 + 10])]
    return max(values) - min(values)


def stuck(command, blocks, sealed):
    """A board that sends its last block again and again under new numbers, one that says half its rate, and one that never streams."""
    with listener() as server:
        edge = Edge(command, f"tcp:127.0.0.1:{server.getsockname()[1]}")
        connection, _ = server.accept()
    last = max(range(300, 400), key=lambda place: swing(blocks[place]))
    connection.sendall(sealed(blocks[:last]))
    enough = threading.Event()

    def feed():
        for number in range(300):
            again = bytearray(blocks[last])
            struct.pack_into("<I", again, 12, last + number)
            connection.sendall(sealed([again]))
            if enough.wait(0.1):
                return
    thread = threading.Thread(target=feed)
    thread.start()
    silent = edge.state("silent")
    enough.set()
    thread.join()
    status = edge.end()
    raised = [line["condition"] for line in edge.of("alertRaised") if line["condition"] == "device-lost"]
    counters = edge.of("session")[0]
    if status != 143 or not silent or "the same samples again" not in silent["words"] or raised != ["device-lost"] or counters["streams"] != 1:
        yield f"a board that is stuck: status {status}, {silent}, {raised}, {counters}, {edge.errors[-500:]!r}"
    if counters["counters"]["framesSame"] < 100 or b"frames once more" not in edge.errors:
        yield f"a board that is stuck: {counters}, {edge.errors[-500:]!r}"
    connection.close()

    slow = [bytearray(block) for block in blocks[:1400]]
    for block in slow:
        if block[5] == 2:
            struct.pack_into("<I", block, 32, 250)
    with listener() as server:
        edge = Edge(command, f"tcp:127.0.0.1:{server.getsockname()[1]}")
        connection, _ = server.accept()
    connection.sendall(sealed(slow))
    wrong = edge.until(lambda line: line.get("condition") == "rate-wrong")
    status = edge.end()
    if status != 143 or not wrong or wrong["event"] != "alertRaised" or abs(wrong["value"] - 500) > 5 or b"the device says 250 Hz" not in edge.errors:
        yield f"a board that says half its rate: status {status}, {wrong}, {edge.errors[-500:]!r}"
    connection.close()

    with listener() as server:
        edge = Edge(command, f"tcp:127.0.0.1:{server.getsockname()[1]}")
        connection, _ = server.accept()
    lost = edge.until(lambda line: line["event"] == "alertRaised")
    status = edge.end()
    if status != 143 or not lost or lost["condition"] != "device-lost" or lost["sample"] != 0 or not 10 <= lost["value"] < 12:
        yield f"a board that never streams: status {status}, {lost}, {edge.errors[-500:]!r}"
    connection.close()


def nowhere(command):
    """A device that is not there: waited for, or not."""
    with listener() as server:
        port = server.getsockname()[1]
    edge = Edge(command, f"tcp:127.0.0.1:{port}")
    absent = edge.state("absent")
    status = edge.end()
    if status != 143 or absent is None or "Connection refused" not in absent["words"] or absent["epoch"] != 0:
        yield f"a device that is not there: status {status}, {absent}, {edge.errors!r}"
    edge = Edge(command, "--once", f"tcp:127.0.0.1:{port}")
    status = edge.end(None)
    if status != 1 or not edge.of("error") or b"Connection refused" not in edge.errors:
        yield f"a device that is not there, once: status {status}, {edge.errors!r}"


def faults(command, place, replay, cobs, blocks, sealed):
    """Everything that is wrong with the program `command` (its model included) on devices; `replay` are the lines of the record in `cobs`."""
    yield from once([*command, "--name", "demo"], place, replay, cobs)
    yield from again([*command, "--name", "demo"], place, replay, cobs)
    yield from mute(command, [bytearray(block) for block in blocks[:480]], sealed)
    yield from talked(command, blocks, sealed)
    yield from asked(command, blocks, sealed)
    yield from stuck(command, [bytearray(block) for block in blocks[:1400]], sealed)
    yield from nowhere(command)

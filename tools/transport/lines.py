"""Tests of files, serial lines and TCP for tools/check-transport. A test's name is a sentence; it is given a Bench."""
import os
import pty
import random
import shutil
import socket
import struct
import subprocess
import sys
import time
import tty
from pathlib import Path

from .driven import PATIENCE, Missing


def data_of(count, seed=1):
    return random.Random(seed).randbytes(count)


class Terminal:
    """A serial line whose other end is here, under a path that comes and goes."""

    def __init__(self, path):
        self.path, self.ours = Path(path), None
        self.plug()

    def plug(self):
        self.ours, theirs = pty.openpty()
        tty.setraw(theirs)
        self.name = os.ttyname(theirs)
        self.path.symlink_to(self.name)
        self.theirs = theirs

    def unplug(self):
        self.path.unlink()
        os.close(self.theirs)
        os.close(self.ours)

    def write(self, data):
        while data:
            data = data[os.write(self.ours, data[:1024]):]

    def read(self, count, patience=PATIENCE):
        """What comes, until it is so much or the time is over."""
        os.set_blocking(self.ours, False)
        found, end = b"", time.monotonic() + patience
        while len(found) < count and time.monotonic() < end:
            try:
                found += os.read(self.ours, count - len(found))
            except BlockingIOError:
                time.sleep(0.001)
        return found


def listener(port=0, family=socket.AF_INET, backlog=5):
    found = socket.socket(family)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind(("127.0.0.1" if family == socket.AF_INET else "::1", port))
    found.listen(backlog)
    found.settimeout(PATIENCE)
    return found


def without_packets(data):
    """The blocks of COBS packets, decoded as firmware-protocol/SPEC.md has it."""
    blocks = []
    for packet in filter(None, data.split(b"\0")):
        block, at = b"", 0
        while at < len(packet):
            code = packet[at]
            assert at + code <= len(packet), "a packet ends within a code"
            block += packet[at + 1:at + code]
            at += code
            block += b"\0" if code < 255 and at < len(packet) else b""
        blocks.append(block)
    return blocks


def file(place):
    data = data_of(200_000)
    path = place.folder / "recorded"
    path.write_bytes(data)
    for source in (path, f"file:{path}"):
        drive = place.drive(source)
        drive.news("opened ")
        drive.news("ended ")
        drive.compare(drive.news("counters "), bytes=len(data), opened=1, refused=0)
        drive.end()
        assert drive.bytes() == data
    for source, words in ((place.folder, "null is neither a file nor a pipe"), ("/dev/null", "null is a device: a serial line is given as serial:PATH"),
                          (place.folder / "nowhere", "null cannot be read, No such file or directory")):
        drive = place.drive(source)
        drive.news(words)
        drive.end(status=1)


def standard_input(place):
    drive = place.drive("-")
    drive.process.stdin.write(b"some bytes")
    drive.close_input()
    drive.news("opened standard input")
    drive.news("ended ")
    drive.compare(drive.news("counters "), bytes=10, opened=1, refused=0)
    drive.end()
    assert drive.bytes() == b"some bytes"


def pipe(place):
    path = place.folder / "pipe"
    os.mkfifo(path)
    drive = place.drive(path)
    drive.news("opened ")
    drive.quiet(0.2)
    drive.tell("send 01")
    drive.news("unsent")
    with open(path, "wb") as writer:
        writer.write(b"late")
    drive.news("ended ")
    drive.compare(drive.news("counters "), bytes=4, opened=1, unsent=1, refused=0)
    assert drive.bytes() == b"late"


def serial(place):
    line = Terminal(place.folder / "by-id")
    drive = place.drive(f"serial:{line.path},921600")
    drive.news("opened ")
    data = data_of(50_000)
    line.write(data)
    drive.wait_bytes(data)
    line.unplug()
    assert drive.news("lost ") == "lost is gone: the device was unplugged or its line hung up"
    assert drive.news("refused ") == "refused cannot be opened, No such file or directory"
    drive.quiet(0.5)
    line.plug()
    drive.news("opened ")
    line.write(b"again")
    drive.wait_bytes(data + b"again")
    found = drive.counters(bytes=50_005, opened=2, lost=1)
    assert found["refused"] >= 2, found
    line.unplug()
    drive.news("lost ")


def serial_once(place):
    line = Terminal(place.folder / "line")
    drive = place.drive(f"serial:{line.path}", "once")
    drive.news("opened ")
    line.unplug()
    assert drive.news("failed ") == "failed is gone: the device was unplugged or its line hung up"
    drive.compare(drive.news("counters "), opened=1, lost=1, refused=0)
    drive.end()
    for source, words in ((f"serial:{line.path}", "null cannot be opened, No such file or directory"), ("serial:/dev/null", "null is no serial line"),
                          ("serial:/dev/null,7", "null baud rate 7 not possible; 9600, "), ("serial:/dev/null,", "null baud rate  not possible"),
                          ("serial:,9600", "null names no device; serial:/dev/ttyACM0 would be right")):
        drive = place.drive(source, "once")
        drive.news(words)
        drive.end(status=1)
    drive = place.drive("serial:/dev/null")
    assert drive.news("failed ").startswith("failed is no serial line; ")
    drive.compare(drive.news("counters "), refused=1)


def commands(place):
    line = Terminal(place.folder / "line")
    drive = place.drive(f"serial:{line.path}")
    drive.news("opened ")
    blocks = [b"\0", b"\1", b"\0\0", b"\1\0", bytes(range(1, 255)), bytes(range(1, 255)) + b"\0", bytes(range(1, 256)), data_of(36), data_of(512, 2),
              b"\1" * 253, b"\1" * 253 + b"\0", b"\1" * 508, b"\0" * 300]
    for block in blocks:
        drive.tell(f"send {block.hex()}")
        drive.news("sent")
        wire = line.read(packet_bytes(block))
        assert wire[0] == 0 and wire[-1] == 0 and without_packets(wire) == [block], (block.hex(), wire.hex())
    drive.counters(opened=1, refused=0, sent=sum(map(packet_bytes, blocks)))


def packet_bytes(block):
    """A zero before and behind, and for each stretch without a zero a code byte, and one more for each 254 bytes that others follow."""
    stretches = block.split(b"\0")
    codes = sum(len(stretch) // 254 + 1 for stretch in stretches)
    # Behind a full code at the very end nothing follows.
    codes -= len(stretches[-1]) > 0 and len(stretches[-1]) % 254 == 0
    return len(block) - len(stretches) + 1 + codes + 2


def full_line(place):
    line = Terminal(place.folder / "line")
    drive = place.drive(f"serial:{line.path}", "plain")
    drive.news("opened ")
    blocks, answers = [data_of(4000, seed) for seed in range(12)], []
    for block in blocks:
        drive.tell(f"send {block.hex()}")
        answers.append(drive.news("sent", "unsent"))
    taken = [block for block, answer in zip(blocks, answers) if answer == "sent"]
    assert 0 < len(taken) < len(blocks), answers
    expected = b"".join(taken)
    found = line.read(len(expected))
    assert found == expected, f"{len(found)} bytes of commands where {len(expected)} were taken"
    drive.tell(f"send {'00' * 4129}")
    drive.news("unsent")
    drive.counters(opened=1, refused=0, sent=len(expected), unsent=len(blocks) - len(taken) + 1)


def refused(place):
    with listener() as server:
        port = server.getsockname()[1]
    drive = place.drive(f"tcp:127.0.0.1:{port}", "once")
    assert drive.news("failed ") == "failed cannot be connected to, Connection refused"
    drive.compare(drive.news("counters "), refused=1)
    drive.end()
    for source in ("tcp:localhost", "tcp::80", "tcp:1.2.3.4:0", "tcp:1.2.3.4:65536", "tcp:1.2.3.4:x", "tcp:::1:80", "tcp:[::1]80", "tcp:[]:80"):
        drive = place.drive(source)
        assert drive.news("null ").startswith("null names no connection; tcp:192.168.0.7:4000 or"), source
        drive.end(status=1)
    drive = place.drive("tcp:no-such-host.invalid:80", "once")
    drive.news("failed host no-such-host.invalid is not known")


def reset(place):
    with listener() as server:
        drive = place.drive(f"tcp:127.0.0.1:{server.getsockname()[1]}")
        connection, _ = server.accept()
        drive.news("opened connected to 127.0.0.1")
        data = data_of(300_000)
        connection.sendall(data)
        drive.wait_bytes(data)
        drive.tell("send 01020300")
        drive.news("sent")
        assert connection.recv(100) == b"\1\2\3\0"
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        assert drive.news("lost ") == "lost the connection is gone, Connection reset by peer"
        connection, _ = server.accept()
        drive.news("opened ")
        connection.sendall(b"again")
        connection.shutdown(socket.SHUT_WR)
        assert drive.news("lost ") == "lost is gone: the other side ended the connection"
        again, _ = server.accept()
        drive.news("opened ")
        drive.wait_bytes(data + b"again")
        drive.counters(bytes=300_005, opened=3, lost=2, sent=4, refused=0)
        again.close()
        connection.close()


def taken_and_dropped(place):
    with listener() as server:
        drive = place.drive(f"tcp:127.0.0.1:{server.getsockname()[1]}")
        begin = time.monotonic()
        for _ in range(4):
            server.accept()[0].close()
            drive.news("opened ")
            drive.news("lost ")
        # 100, 200 and 400 ms: a connection that brings nothing is no success.
        assert time.monotonic() - begin >= 0.7
        drive.end()


def silent(place):
    with listener() as server:
        port = server.getsockname()[1]
        drive = place.drive(f"tcp:127.0.0.1:{port}")
        connection, _ = server.accept()
        drive.news("opened ")
        drive.quiet(0.5)
        rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        timers = [row[5] for row in rows if row[2].endswith(f":{port:04X}") and row[3] == "01"]
        assert timers and timers[0].startswith("02:"), f"no keepalive timer: {timers}"
        until = int(timers[0].split(":")[1], 16) / os.sysconf("SC_CLK_TCK")
        assert until <= 2, f"the next question comes only after {until} s"
        connection.close()


class Cable:
    """A network of its own, and the cable to it."""

    def __enter__(self):
        self.name = f"precordia{os.getpid() % 10000}"
        self.far = f"{self.name}b"
        if not (self.ip("netns", "add", self.name) and self.ip("link", "add", self.name, "type", "veth", "peer", "name", self.far, "netns", self.name)
                and self.ip("addr", "add", "10.213.77.1/30", "dev", self.name) and self.ip("link", "set", self.name, "up")
                and self.inside("addr", "add", "10.213.77.2/30", "dev", self.far) and self.inside("link", "set", self.far, "up")):
            self.__exit__()
            raise Missing("the right to make networks")
        return self

    def __exit__(self, *_):
        self.ip("link", "del", self.name)
        self.ip("netns", "del", self.name)

    @staticmethod
    def ip(*words):
        if shutil.which("ip") is None:
            raise Missing("ip")
        return subprocess.run(["ip", *words], capture_output=True).returncode == 0

    def inside(self, *words):
        return self.ip("-n", self.name, *words)


def cable(place):
    with Cable() as network:
        code = ("import socket; s = socket.create_server(('10.213.77.2', 4000)); print('ready', flush=True); "
                "c = [s.accept()[0], print('taken', flush=True), s.accept()[0], print('again', flush=True), input()]")
        server = subprocess.Popen(["ip", "netns", "exec", network.name, sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout.readline() == "ready\n"
            drive = place.drive("tcp:10.213.77.2:4000")
            assert server.stdout.readline() == "taken\n"
            drive.news("opened ")
            begin = time.monotonic()
            network.inside("link", "set", network.far, "down")
            assert drive.news("lost ") == "lost the connection is gone, Connection timed out"
            assert 2 < time.monotonic() - begin < 7
            network.inside("link", "set", network.far, "up")
            drive.until("opened ")
            assert server.stdout.readline() == "again\n"
            drive.counters(opened=2, lost=1)
        finally:
            server.kill()
            server.communicate()


def sixth_version(place):
    if not Path("/proc/net/if_inet6").exists() or not Path("/proc/net/if_inet6").read_text():
        raise Missing("IPv6")
    with listener(family=socket.AF_INET6) as server:
        drive = place.drive(f"tcp:[::1]:{server.getsockname()[1]}")
        connection, _ = server.accept()
        drive.news("opened connected to ::1")
        connection.sendall(b"six")
        drive.wait_bytes(b"six")
        connection.close()


def no_answer(place):
    # Whoever finds the queue full is not answered at all.
    with listener(backlog=0) as server, socket.socket() as first, socket.socket() as second:
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        time.sleep(0.1)
        drive = place.drive(f"tcp:127.0.0.1:{server.getsockname()[1]}", "once")
        assert drive.news("failed ") == "failed cannot be connected to, Connection timed out"
        drive.compare(drive.news("counters "), refused=1)


TESTS = {
    "a file is read to its end, and what is none is refused": file,
    "standard input is read to its end": standard_input,
    "a pipe waits for its writer": pipe,
    "a serial line that hangs up is lost, and opened again when its path is back": serial,
    "a serial line that is opened once ends with its loss, and wrong words and settings are refused": serial_once,
    "commands over a serial line are COBS packets": commands,
    "a serial line that takes nothing keeps a command whole and refuses others": full_line,
    "a port where nobody listens, a host that nobody knows and wrong words are refused": refused,
    "a TCP connection that is reset, or ended from the other side, is lost and made again": reset,
    "a TCP connection that is taken and dropped is tried less and less often": taken_and_dropped,
    "a silent TCP connection is asked whether it is there": silent,
    "a pulled network cable is noticed": cable,
    "an IPv6 address stands in brackets": sixth_version,
    "a host that does not answer is given up after 5 s": no_answer,
}

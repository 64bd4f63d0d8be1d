"""A session as precordia-log sees one: messages to it, answers from it. The layouts are those of Sources/PrecordiaCompanion/CompanionMessage.swift."""
import os
import random
import select
import struct
import subprocess
import time

HELLO, LINE, STREAM, FRAMES, GOODBYE, CONTEXT = range(1, 7)
ANSWER = struct.Struct("<II5Q")
FAULTS = ["none", "snippets", "entries", "recorder"]


def message(kind, payload=b"", stream=0, number=0):
    return struct.pack("<IHHIIQQ", 0x474F4C50, kind, 1, len(payload), stream, number, 0) + payload


def hello(feed, first=1, last=0):
    return message(HELLO, struct.pack("<QQQ", feed, first, last))


def line(number, event="alertRaised", stream=0, sample=None, condition="AFIB"):
    """A line of about the length that an alert has."""
    text = (f'{{"event":"{event}","record":"bed 4","sample":{number * 500 if sample is None else sample},"time":{number}.000,"condition":"{condition}",'
            f'"statement":"atrial fibrillation","priority":"medium","value":0.877901,"reasons":[],"leads":[],"test":{number},'
            f'"utc":"2026-11-27T04:{number // 60 % 60:02d}:{number % 60:02d}.000000Z","uncertainty":0.000120}}\n')
    return message(LINE, text.encode(), stream, number)


def stream_begins(stream, rate=500):
    return message(STREAM, struct.pack("<II12d12i", rate, 0x3C, *[1.0] * 12, *[0] * 12), stream)


def frames(first, count, stream):
    return message(FRAMES, b"".join(struct.pack("<Q12iHHHH", index, *[(index * (lead + 3)) % 2000 - 1000 for lead in range(12)], 0, 0, 0, 0)
                                    for index in range(first, first + count)), stream)


class Recorder:
    """A running recorder and what it has answered."""

    def __init__(self, program, folder, *options, env=None):
        self.stored = self.synced = self.snippets = self.refused = 0
        self.fault = "none"
        self.faults = set()
        self.rest = b""
        self.process = subprocess.Popen([str(program), "record", "--framed", "--folder", str(folder), *options], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
        os.set_blocking(self.process.stdin.fileno(), False)
        os.set_blocking(self.process.stdout.fileno(), False)

    def send(self, data):
        """Hands over as much as the pipe takes within a while; what it did not take."""
        while data:
            _, ready, _ = select.select([], [self.process.stdin], [], 2)
            if not ready:
                break
            try:
                data = data[os.write(self.process.stdin.fileno(), data):]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                break
            self.listen(0)
        return data

    def listen(self, seconds):
        """Takes answers for so long at most; whether one came."""
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        if not ready:
            return False
        data = os.read(self.process.stdout.fileno(), 65536)
        self.rest += data
        while len(self.rest) >= ANSWER.size:
            _, fault, self.stored, self.synced, self.snippets, self.refused, _ = ANSWER.unpack(self.rest[:ANSWER.size])
            self.rest = self.rest[ANSWER.size:]
            self.fault = FAULTS[fault]
            self.faults.add(self.fault)
        return bool(data)

    def listen_until(self, condition, seconds=30):
        """Takes answers until the condition holds; whether it does."""
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            self.listen(0.05)
        return condition()

    def kill(self):
        self.process.kill()
        self.process.wait()
        while self.listen(0):
            pass
        self.close()

    def close(self):
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()

    def finish(self, goodbye=True):
        """Ends as a session does; what it said on standard error."""
        if goodbye:
            self.send(message(GOODBYE))
        self.process.stdin.close()
        while self.listen(30):
            pass
        words = self.process.stderr.read().decode()
        status = self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
        if status != 0:
            raise AssertionError(f"precordia-log ended with {status}: {words}")
        return words


def random_feed():
    return random.getrandbits(62) | 1

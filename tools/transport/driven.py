"""A driven transport and boards that do not exist, as tools/check-transport's tests see them: orders in, lines out, every wait with an end.

Standard library only.
"""
import json
import os
import select
import signal
import subprocess
import time

PATIENCE = 20


class Lines:
    """A process that is given orders as lines and answers with lines."""

    def __init__(self, command, **options):
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.pending = b""

    def tell(self, *orders):
        self.process.stdin.write("".join(f"{order}\n" for order in orders).encode())
        self.process.stdin.flush()

    def close_input(self):
        self.process.stdin.close()
        self.process.stdin = None

    def line(self, patience=PATIENCE):
        """The next line; None where nothing came in time, '' at the end."""
        end = time.monotonic() + patience
        while b"\n" not in self.pending:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))
            if not ready:
                return None
            got = os.read(self.process.stdout.fileno(), 65536)
            if not got:
                return ""
            self.pending += got
        line, self.pending = self.pending.split(b"\n", 1)
        return line.decode()

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


class Drive(Lines):
    """The transport. `seen` holds its lines, those of bytes left out."""

    def __init__(self, program, source, path, *options, **settings):
        super().__init__([program, source, path, *options], **settings)
        self.path, self.seen = path, []

    def news(self, *starts, patience=PATIENCE):
        """The next line that is not about bytes; it must begin with one of `starts`."""
        while (line := self.line(patience)) is not None and line.startswith("bytes "):
            pass
        self.seen.append(line)
        if line == "":
            raise AssertionError(f"ended where {' or '.join(starts)!r} was expected: {self.process.stderr.read().decode(errors='replace')[-2000:]}")
        assert line is not None and line.startswith(starts), f"{line!r} where {' or '.join(starts)!r} was expected; before it {self.seen[:-1]}"
        return line

    def until(self, start):
        """Passes over refusals, whose number depends on the time, until a line that begins with `start`."""
        while (line := self.news(start, "refused ")).startswith("refused ") and not start.startswith("refused"):
            pass
        return line

    def quiet(self, seconds):
        """Nothing must come for so long."""
        line = self.line(seconds)
        assert line is None, f"{line!r} where nothing was expected"

    def counters(self, **expected):
        """Asks for the counters; those named must be exactly so, the others 0, but for `refused`, which is compared only where named."""
        self.tell("counters")
        return self.compare(self.news("counters "), **expected)

    @staticmethod
    def compare(line, **expected):
        found = json.loads(line.split(" ", 1)[1])
        wrong = {name: value for name, value in found.items() if value != expected.get(name, value if name == "refused" else 0)}
        assert not wrong, f"counters {wrong}, expected {expected}"
        return found

    def bytes(self):
        return self.path.read_bytes() if self.path.exists() else b""

    def wait_bytes(self, expected):
        """All of `expected` must come, and nothing else."""
        end = time.monotonic() + PATIENCE
        while len(self.bytes()) < len(expected) and time.monotonic() < end:
            line = self.line(1)
            assert line is None or line.startswith("bytes "), f"{line!r} where bytes were expected"
        found = self.bytes()
        same = next((index for index, (a, b) in enumerate(zip(found, expected)) if a != b), min(len(found), len(expected)))
        assert found == expected, f"{len(found)} bytes where {len(expected)} were expected, the first difference at {same}"

    def end(self, status=0):
        """Ends it as a program would; a leak or a fault of memory shows in the status."""
        if self.process.poll() is None and self.process.stdin is not None:
            try:
                self.tell("end")
            except BrokenPipeError:
                pass
        try:
            _, errors = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            _, errors = self.process.communicate()
            raise AssertionError("closing did not end")
        assert self.process.returncode == status, f"ended with status {self.process.returncode}: {errors.decode(errors='replace')[-2000:]}"


class Boards(Lines):
    """USB boards that do not exist."""

    def __init__(self, program):
        super().__init__([program], env=dict(os.environ, LD_PRELOAD="libumockdev-preload.so.0"))
        self.folder = self.line()
        self.commands = []

    def order(self, *orders):
        """Gives orders one after the other, each when the last is done; returns what was printed."""
        told = []
        for order in orders:
            self.tell(order)
            while (line := self.line()) != "done":
                assert line, f"the boards did not do {order[:60]!r}: {self.process.stderr.read1() if line == '' else 'no answer'}"
                (self.commands if line.startswith("command ") else told).append(line)
        return told

    def log(self, number):
        return json.loads(self.order(f"log {number}")[0].split(" ", 1)[1])


class Bench:
    """Everything that one test starts, ended with it."""

    def __init__(self, folder, drive, plain, boards):
        self.folder, self.program, self.plain, self.boards_program = folder, drive, plain, boards
        self.started, self.driven, self.boards = [], [], None

    def __enter__(self):
        return self

    def drive(self, source, *options, plain=False, **settings):
        environment = dict(settings.pop("env", os.environ))
        if self.boards is not None:
            environment.update(UMOCKDEV_DIR=self.boards.folder, LD_PRELOAD="libumockdev-preload.so.0")
        path = self.folder / f"bytes{len(self.driven)}"
        path.touch()
        path.chmod(0o666)
        driven = Drive(self.plain if plain else self.program, source, path, *options, env=environment, **settings)
        self.started.append(driven)
        self.driven.append(driven)
        return driven

    def plug(self, *orders):
        """Boards, and what is done with them first."""
        self.boards = Boards(self.boards_program)
        self.started.append(self.boards)
        self.boards.order(*orders)
        return self.boards

    def end(self):
        """Every transport that still runs must end well."""
        for driven in self.driven:
            if driven.process.returncode is None:
                driven.end()

    def __exit__(self, *_):
        for started in reversed(self.started):
            if started is self.boards and started.process.poll() is None:
                # Its folder goes only when it ends by itself.
                started.close_input()
                try:
                    started.process.wait(5)
                except subprocess.TimeoutExpired:
                    started.process.send_signal(signal.SIGKILL)
            started.stop()

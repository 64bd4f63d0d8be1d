"""A session with a page: started, read, killed. Standard library only."""
import json
import os
import socket
import subprocess
import threading
import time
from pathlib import Path

from precordia_tools.places import checked_program

PROGRAM = Path(checked_program())


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def children(parent, name):
    """Processes of that name that this one has started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text()
                if int(fields.rpartition(")")[2].split()[1]) == parent and name.startswith(fields[fields.index("(") + 1:fields.rindex(")")]):
                    found.append(int(entry.name))
            except (OSError, ValueError):
                pass
    return found


class Session:
    """precordia monitor with a page; its lines as they come."""

    def __init__(self, source, *options, policy="bedside"):
        self.port = free_port()
        words = [str(PROGRAM), "monitor", "--source", source, "--json", "--no-sound", "--page", f"127.0.0.1:{self.port}", *options]
        self.process = subprocess.Popen(words + (["--policy", policy] if policy else []), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines, self.notes = [], []
        self.threads = [threading.Thread(target=self._read, args=arguments, daemon=True) for arguments in ((self.process.stdout, self.lines), (self.process.stderr, self.notes))]
        for thread in self.threads:
            thread.start()

    @staticmethod
    def _read(stream, into):
        for line in stream:
            into.append(line.rstrip("\n"))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def events(self, kind, **fields):
        found = [json.loads(line) for line in list(self.lines) if line.startswith(f'{{"event":"{kind}"')]
        return [line for line in found if all(line.get(name) == value for name, value in fields.items())]

    def until(self, look, seconds, what):
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            if found := look():
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"{what}: not within {seconds} s; the session said {self.notes[-5:]}")

    def listens(self):
        self.until(lambda: any(f"127.0.0.1:{self.port}/" in note for note in self.notes), 60, "the page says where it listens")

    def page(self):
        """The number of the page's process."""
        return children(self.process.pid, "precordia-page")[0]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode


def is_alive(process):
    try:
        os.kill(process, 0)
    except OSError:
        return False
    try:
        return "Z" != Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False

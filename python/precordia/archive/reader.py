"""A process of its own that reads files of every format, because a damaged file may kill, hang or bloat the library that reads it. A worker has one, and starts
another where it died: such a file is an error row, and the worker goes on. The same on every engine."""
from __future__ import annotations

import os
import pickle
import resource
import select
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import IO, Any

from ..formats.errors import FormatError
from .signals import ExamSignals

Found = ExamSignals | FormatError


class Reader:
    """Asks the process for the exams of a file, one after the other."""

    def __init__(self, seconds: float, gibibytes: float) -> None:
        self.seconds, self.gibibytes = seconds, gibibytes
        self._process: subprocess.Popen[bytes] | None = None

    def exams(self, path: str, layout: dict[str, Any], rows: tuple[int, int] | None) -> Iterator[Found]:
        """The exams of a file, with the error in its place for what cannot be read; `rows` are a first one and how many, of HDF5."""
        yield from self._ask(("exams", path, layout, rows), path)

    def count(self, path: str, layout: dict[str, Any]) -> int:
        """How many exams an HDF5 file has; 1 where that cannot be told, so that its error is a row."""
        found = list(self._ask(("count", path, layout, None), path))
        return found[0] if found and isinstance(found[0], int) else 1

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()

    def _ask(self, request: object, path: str) -> Iterator[Any]:
        process = self._process
        if process is None or process.poll() is not None:
            self.close()
            environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(word for word in sys.path if word)}
            process = self._process = subprocess.Popen([sys.executable, "-W", "ignore", "-m", "precordia.archive.reader", str(self.gibibytes)],
                                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, bufsize=0)
        assert process.stdin is not None and process.stdout is not None
        try:
            _send(process.stdin, request)
            while True:
                found = self._receive(process.stdout)
                if found is None:
                    return
                yield found
        except TimeoutError:
            self.close()
            yield FormatError(path, "", "", f"not read within {self.seconds:g} s", remedy="--timeout gives it more")
        except (EOFError, OSError):
            process.kill()
            code = process.wait()
            self.close()
            yield FormatError(path, "", "", f"the library that reads it died ({'signal ' + str(-code) if code < 0 else 'status ' + str(code)}): the file is damaged, or "
                                            "needs more memory than there is")

    def _receive(self, stream: IO[bytes]) -> Any:
        """The next object, of which the time runs from here. EOFError where the process has died."""
        deadline = time.monotonic() + self.seconds
        size = struct.unpack("<Q", self._bytes(stream, 8, deadline))[0]
        return pickle.loads(self._bytes(stream, size, deadline))

    def _bytes(self, stream: IO[bytes], count: int, deadline: float) -> bytes:
        found = bytearray()
        while len(found) < count:
            if not select.select([stream], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError
            part = os.read(stream.fileno(), min(count - len(found), 1 << 20))
            if not part:
                raise EOFError
            found += part
        return bytes(found)


def _send(stream: IO[bytes], what: object) -> None:
    """An object behind its length: what a reader must wait for is never hidden in a buffer."""
    payload = pickle.dumps(what, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(struct.pack("<Q", len(payload)) + payload)
    stream.flush()


def _answer(kind: str, path: str, layout: dict[str, Any], rows: tuple[int, int] | None) -> Iterator[Any]:
    from ..formats import reading
    from ..formats.adapters import hdf5
    from ..formats.layout import layout_of
    from .signals import of_recording

    said = layout_of(path, layout.get("layout"), layout.get("rate"), layout.get("unit"), layout.get("leads"))
    if kind == "count":
        yield hdf5.count(path, "HDF5", said)
        return
    if rows is not None:
        places = range(rows[0], rows[0] + rows[1])
        found: Iterator[Any] = (one.at(f"{path}!{name}") if isinstance(one, FormatError) else replace(one, path=f"{path}!{name}")
                                for name, one in hdf5.read_each(path, "HDF5", said, rows=places))
    else:
        found = reading.read_all(path, **layout)
    any_found = False
    for one in found:
        any_found = True
        if isinstance(one, FormatError):
            yield one
            continue
        try:
            yield of_recording(one)
        except FormatError as error:
            yield error
    if not any_found:
        yield FormatError(path, "", "", "no recording is in it")


def main() -> None:
    """The process: requests on standard input, exams on standard output, None behind the last of each."""
    limit = int(float(sys.argv[1]) * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    requests: IO[bytes] = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not come between the answers.
    os.dup2(2, 1)
    while size := requests.read(8):
        kind, path, layout, rows = pickle.loads(requests.read(struct.unpack("<Q", size)[0]))
        try:
            for found in _answer(kind, path, layout, rows):
                _send(answers, found)
        except BrokenPipeError:
            # Nobody reads any more: the worker has died.
            os._exit(0)
        except FormatError as error:
            _send(answers, error)
        except MemoryError:
            _send(answers, FormatError(path, "", "", "needs more memory than --memory gives"))
        except Exception as error:  # noqa: BLE001  a hostile file may break any library in any way
            _send(answers, FormatError(path, "", "", str(error) or type(error).__name__))
        _send(answers, None)


if __name__ == "__main__":
    main()

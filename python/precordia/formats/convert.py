"""precordia-convert: recordings of any format into one. Apart from reading and writing, because only a program has names of files, limits and an exit status."""
from __future__ import annotations

import os

# One thread: a converter of many files is run many times, and each thread of BLAS reserves memory against the limit below.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import re
import resource
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

from .errors import FormatError
from .layout import add_layout_options, layout_of
from .reading import files_in, is_no_recording, read_all
from .recording import Recording, grouped
from .writing import WRITERS, write

DESCRIPTION = "Reads recorded ECGs of any format (docs/formats.md) and writes them as one. An IN may be a file, a folder, a zip or tar, or @LIST with one of them a line."


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(64, f"Error: {message}\n")


def _arguments() -> argparse.ArgumentParser:
    parser = _Parser(prog="precordia-convert", description=DESCRIPTION)
    parser.add_argument("inputs", nargs="+", metavar="IN")
    parser.add_argument("--to", required=True, choices=list(WRITERS), help="format to write")
    parser.add_argument("-o", "--output", default=".", metavar="FOLDER", help="where the files go, made if it is not there (default: here)")
    parser.add_argument("--force", action="store_true", help="replace files that are there")
    parser.add_argument("--exam", metavar="ID", help="only this one of a file of many")
    add_layout_options(parser)
    parser.add_argument("--start", metavar="TIME", help="ISO 8601, for recordings that do not say when they began")
    parser.add_argument("--timeout", type=float, default=300, metavar="SECONDS", help="time for one input (default 300)")
    parser.add_argument("--memory", type=float, default=8, metavar="GIB", help="memory that the program may take (default 8)")
    parser.add_argument("--numbered", action="store_true", help="name files 0, 1, 2 ... and print a line for each recording: its number or '-', its source, notes or the error")
    parser.add_argument("-q", "--quiet", action="store_true", help="do not print what was written")
    return parser


def main(words: list[str] | None = None) -> int:
    """The program. 0: all was written; 1: something could not be; 64: wrong command line."""
    parser = _arguments()
    options = parser.parse_args(words)
    start = None
    if options.start is not None:
        try:
            start = datetime.fromisoformat(options.start)
        except ValueError:
            parser.error(f"--start {options.start}: a time such as 2026-11-30T12:00:00 would be right")
    leads = options.leads.split(",") if options.leads else None
    try:
        layout_of("", options.layout, options.rate, options.unit, leads)
    except FormatError as error:
        parser.error(str(error))
    inputs, failed = _inputs(options.inputs)
    try:
        Path(options.output).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"precordia-convert: {options.output}: {error.strerror}", file=sys.stderr)
        return 1
    job = _Job(options, start, leads)
    place = 0
    while place < len(inputs):
        place, died = _supervised(job, inputs, place, options.memory)
        if died:
            path = inputs[place - 1][1]
            job.report(path, FormatError(path, "", "", f"the library that reads it died (signal {died}): the file is damaged, or it needs more memory than there is"))
    if job.others and not options.numbered:
        print(f"precordia-convert: {job.others} files of no format that is read are left out", file=sys.stderr)
    return 1 if failed or job.failed or not inputs else 0


def _supervised(job: _Job, inputs: list[tuple[str, str]], place: int, memory: float) -> tuple[int, int]:
    """Converts from `place` on in a child, because a damaged file may kill the C library that reads it. Returns where to go on, and the signal that killed it, or 0."""
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _child(job, inputs, place, memory, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        for line in pipe:
            kind, _, value = line.rstrip(b"\n").partition(b" ")
            if kind == b"begin":
                place = int(value) + 1
            elif kind == b"name":
                job.names.add(os.fsdecode(value))
            else:
                job.count, job.failed, job.others = (int(number) for number in value.split())
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return place, os.WTERMSIG(status)
    code = os.waitstatus_to_exitcode(status)
    if code:
        sys.exit(code)
    return len(inputs), 0


def _child(job: _Job, inputs: list[tuple[str, str]], place: int, memory: float, pipe: int) -> NoReturn:
    code = 0
    try:
        _limit(memory)
        for index in range(place, len(inputs)):
            os.write(pipe, b"begin %d\n" % index)
            job.tell = pipe
            job.convert(*inputs[index])
            os.write(pipe, b"counts %d %d %d\n" % (job.count, job.failed, job.others))
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        code = 130
    finally:
        sys.stdout.flush()
        os._exit(code)


class _Job:
    """One run: what is written where."""

    def __init__(self, options: argparse.Namespace, start: datetime | None, leads: list[str] | None) -> None:
        self.options, self.folder, self.start, self.leads = options, Path(options.output), start, leads
        self.names: set[str] = set()
        #: Recordings written, those that could not be, and files that are none.
        self.count = self.failed = self.others = 0
        self.tell: int | None = None

    def convert(self, root: str, path: str) -> None:
        """All recordings of one file, which `root` led to."""
        found = False
        try:
            for one in _timed(read_all(path, exam=self.options.exam, layout=self.options.layout, rate=self.options.rate, unit=self.options.unit, leads=self.leads),
                              self.options.timeout):
                found = True
                if isinstance(one, FormatError) and root != path and is_no_recording(one):
                    self.others += 1
                elif isinstance(one, FormatError):
                    self.report(one.path or path, one)
                else:
                    self._write(root, one)
        except TimeoutError:
            found = True
            self.report(path, FormatError(path, "", "", f"not read within {self.options.timeout:g} s", remedy="--timeout gives it more"))
        if not found:
            self.report(path, FormatError(path, "", "", "no recording is in it"))

    def _write(self, root: str, one: Recording) -> None:
        if one.start is None and self.start is not None:
            one = replace(one, start=self.start, notes=(*one.notes, "the start is the one that --start gives"))
        target = self._target(root, one)
        try:
            if target.exists() and not self.options.force:
                raise FormatError(str(target), "", "", "is there already", remedy="--force replaces it")
            target.parent.mkdir(parents=True, exist_ok=True)
            notes = [*one.notes, *write(one, target, self.options.to)]
        except FormatError as error:
            return self.report(one.path, error)
        except OSError as error:
            return self.report(one.path, FormatError(str(target), "", "", error.strerror or str(error)))
        except MemoryError:
            return self.report(one.path, FormatError(one.path, one.format, "", "needs more memory than --memory gives"))
        self._said(str(self.count), one.path, "; ".join(grouped(notes)))
        self.count += 1
        if self.tell is not None:
            os.write(self.tell, b"counts %d %d %d\n" % (self.count, self.failed, self.others))
        if not self.options.numbered:
            for note in grouped(notes):
                print(f"precordia-convert: {one.path}: note: {note}", file=sys.stderr)
            if not self.options.quiet:
                print(target)

    def report(self, source: str, error: FormatError) -> None:
        """Says what could not be converted."""
        self.failed += 1
        if self.options.numbered:
            self._said("-", source, str(error))
        else:
            print(f"precordia-convert: {error}", file=sys.stderr, flush=True)

    def _said(self, number: str, source: str, text: str) -> None:
        if self.options.numbered:
            print("\t".join(" ".join(part.split()) if index == 2 else re.sub(r"[\t\n]", "?", part) for index, part in enumerate((number, source, text))), flush=True)

    def _target(self, path: str, one: Recording) -> Path:
        """A name after the source's, below the folder as it lies below IN; never the same twice in a run."""
        ending = WRITERS[self.options.to][1]
        if self.options.numbered:
            return self.folder / f"{self.count}{ending}"
        source, _, member = one.path.partition("!")
        below = os.path.relpath(source, path) if os.path.isdir(path) else os.path.basename(source)
        parts = [*Path(below).parts[:-1], *([Path(below).stem, *Path(member).parts[:-1]] if member else []), Path(member or below).stem]
        safe = [re.sub(r"[^\w.-]", "_", part).strip(".") or "_" for part in parts]
        if self.options.to == "wfdb":
            safe[-1] = safe[-1].replace(".", "_")
        name, number = "/".join(safe), 2
        while name in self.names:
            name, number = "/".join([*safe[:-1], f"{safe[-1]}-{number}"]), number + 1
        self.names.add(name)
        if self.tell is not None:
            os.write(self.tell, b"name " + os.fsencode(name) + b"\n")
        return self.folder / (name + ending)


def _timed(recordings: Iterator[Recording | FormatError], seconds: float) -> Iterator[Recording | FormatError]:
    """The recordings, each within so many seconds: TimeoutError otherwise."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    try:
        while True:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            one = next(recordings, None)
            signal.setitimer(signal.ITIMER_REAL, 0)
            if one is None:
                return
            yield one
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _limit(gib: float) -> None:
    """A hostile file ends with a message, not with the machine's memory."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = int(gib * (1 << 30))
    if wanted > 0:
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _inputs(words: list[str]) -> tuple[list[tuple[str, str]], bool]:
    """Files with the input that led to each, lists and folders opened; and whether a list could not be."""
    found: list[tuple[str, str]] = []
    failed = False
    for word in words:
        names = [word]
        if word.startswith("@"):
            try:
                names = _listed(word)
            except (OSError, UnicodeDecodeError) as error:
                print(f"precordia-convert: {word[1:]}: {getattr(error, 'strerror', None) or error}", file=sys.stderr)
                failed, names = True, []
        for name in names:
            files = [(name, str(place)) for place in files_in(Path(name))] if os.path.isdir(name) else [(name, name)]
            if not files:
                print(f"precordia-convert: {name}: no recording is in the folder", file=sys.stderr)
                failed = True
            found += files
    return found, failed


def _listed(word: str) -> list[str]:
    """The names of a list, one a line, relative to the list's folder or else to the current one."""
    text = sys.stdin.read() if word == "@-" else Path(word[1:]).read_text(encoding="utf-8-sig")
    folder = "" if word == "@-" else os.path.dirname(word[1:])
    names = [line.split(" #")[0].strip() for line in text.splitlines()]
    beside = [(name, os.path.join(folder, name)) for name in names if name and not name.startswith("#")]
    return [joined if os.path.exists(joined) or not os.path.exists(name) else name for name, joined in beside]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        sys.exit(130)

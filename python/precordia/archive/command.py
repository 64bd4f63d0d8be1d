"""precordia-archive: from an archive to Parquet. Apart from the engines, because only a program has options, progress and an exit status."""
from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from .. import _library as lib
from ..engine import Model, model_path
from ..formats.errors import FormatError
from ..formats.layout import add_layout_options, layout_of
from . import engines, listing
from .job import WHAT, Block, Job, RunError, SourceList
from .work import Done, is_done

DESCRIPTION = """Classifies an archive of exams into Parquet files, a row for each exam. SOURCE is a folder tree, @LIST or - with a path on each line, HDF5 of many exams, Parquet
with a column of paths, or an object store (s3://...). Kill it anywhere and run it again: only what is missing is done, and the files are the same."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(64, f"Error: {message}\n")


def _arguments() -> argparse.ArgumentParser:
    parser = _Parser(prog="precordia-archive")
    run = parser.add_subparsers(dest="command", required=True, metavar="run").add_parser("run", description=DESCRIPTION)
    run.add_argument("source", metavar="SOURCE")
    run.add_argument("--to", required=True, metavar="FOLDER", help="where the Parquet files go, and what a next run needs")
    run.add_argument("--engine", choices=("local", "dask", "spark"), default="local", help="processes of this machine (default), a Dask or a Spark cluster")
    run.add_argument("--address", metavar="ADDRESS", help="of Dask's scheduler, or Spark's master; without, workers are started on this machine")
    run.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes on this machine (default: one a core)")
    run.add_argument("--what", default="probabilities,quality", metavar="LIST", help=f"of {','.join(WHAT)} (default: probabilities,quality)")
    run.add_argument("--labels", default="statements", metavar="SET", help="a label set of the model, or all (default: statements)")
    run.add_argument("--windows", action="store_true", help="a row for each 10 s of a record instead of one a record")
    run.add_argument("--since", metavar="TIME", help="only files that changed at this time or later, ISO 8601")
    run.add_argument("--shard", default="1/1", metavar="I/N", help="only every Nth block, from the Ith on: several machines without an engine")
    run.add_argument("--block", type=int, default=1000, metavar="N", help="exams in a file (default 1000)")
    add_layout_options(run)
    run.add_argument("--model", metavar="FILE", help="a model file instead of the one that the package has")
    run.add_argument("--timeout", type=float, default=300, metavar="SECONDS", help="time for one file (default 300)")
    run.add_argument("--memory", type=float, default=8, metavar="GIB", help="memory that reading a file may take (default 8)")
    return parser


def main(words: list[str] | None = None) -> int:
    """The program. 0: every exam has a row; 1: some rows are errors, or blocks are left undone; 64: wrong command line; 130: interrupted."""
    parser = _arguments()
    options = parser.parse_args(words)
    try:
        return _run(parser, options)
    except RunError as error:
        print(f"precordia-archive: {error}", file=sys.stderr)
    except (lib.PrecordiaError, OSError) as error:
        print(f"precordia-archive: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("precordia-archive: interrupted; the same command goes on where this one was", file=sys.stderr)
        return 130
    return 1


def _run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    since, shard = _since(parser, options.since), _shard(parser, options.shard)
    job = _job(parser, options)
    folder = Path(options.to).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    job = job.save(folder)
    source = options.source if options.source[:1] in "-@" or "://" in options.source else os.path.abspath(options.source)
    blocks = SourceList(folder)
    new = blocks.bring(listing.sources(source, job, since), job.block)
    own = [block for block in blocks.blocks(job.block) if block.number % shard[1] == shard[0] - 1]
    if not own and not new and not blocks.path.stat().st_size:
        raise RunError(f"{options.source}: no recording is in it")
    missing = [block for block in own if not is_done(folder, block, job)]
    root = source if os.path.isdir(source) else ""
    progress = _Progress(sum(block.exams for block in missing), sum(block.exams for block in own), sys.stderr.isatty())
    undone = 0
    by_number = {block.number: block for block in missing}
    for result in _results(options, missing, str(folder), root, job):
        if isinstance(result, Done):
            progress.add(by_number[result.block].exams, result)
        else:
            undone += 1
            progress.say(f"precordia-archive: block {result[0].number}: {result[1]}")
    for block in own:
        for rest in folder.glob(f".{block.name}.*"):
            rest.unlink(missing_ok=True)
    progress.end(folder, undone)
    return 1 if undone or progress.errors else 0


def _results(options: argparse.Namespace, missing: list[Block], folder: str, root: str, job: Job) -> Iterator[engines.Result]:
    if not missing:
        return iter(())
    model = str(Path(model_path(options.model)).absolute())
    if options.engine == "dask":
        return engines.dask(missing, folder, root, model, options.address, options.jobs)
    if options.engine == "spark":
        return engines.spark(missing, folder, root, model, options.address, options.jobs)
    return engines.local(missing, folder, root, model, min(options.jobs, len(missing)))


def _job(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Job:
    what = tuple(dict.fromkeys(word.strip() for word in options.what.split(",")))
    for word in what:
        if word not in WHAT:
            parser.error(f"--what {word}: one of {', '.join(WHAT)} would be right")
    if not 1 <= options.jobs <= 1024 or not 1 <= options.block <= 1_000_000:
        parser.error("--jobs takes 1 to 1024, --block 1 to 1000000")
    layout = {"layout": options.layout, "rate": options.rate, "unit": options.unit, "leads": options.leads.split(",") if options.leads else None}
    try:
        layout_of("", layout["layout"], layout["rate"], layout["unit"], layout["leads"])
    except FormatError as error:
        parser.error(str(error))
    path = model_path(options.model)
    model = Model(path)
    if options.labels != "all" and options.labels not in model.label_sets:
        parser.error(f"--labels {options.labels}: {', '.join(model.label_sets)} or all would be right")
    return Job(str(Path(path).absolute()), model.sha256, lib.version(), what, options.windows, options.labels, options.block,
               {name: value for name, value in layout.items() if value is not None}, options.timeout, options.memory)


def _since(parser: argparse.ArgumentParser, text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text is not None else None
    except ValueError:
        parser.error(f"--since {text}: a time such as 2026-11-30T12:00:00 would be right")


def _shard(parser: argparse.ArgumentParser, text: str) -> tuple[int, int]:
    first, _, count = text.partition("/")
    if not (first.isdecimal() and count.isdecimal() and 1 <= int(first) <= int(count)):
        parser.error(f"--shard {text}: 1/4 to 4/4 would be right for four machines")
    return int(first), int(count)


class _Progress:
    """How far it is, with exams a second and the time left: a line that changes on a terminal, a line a minute elsewhere."""

    def __init__(self, todo: int, all: int, is_terminal: bool) -> None:
        self.todo, self.all, self.is_terminal = todo, all, is_terminal
        self.done = self.rows = self.errors = 0
        self.began = self.told = time.monotonic()
        if todo < all:
            self.say(f"precordia-archive: {all - todo} of {all} exams are done already")

    def add(self, exams: int, result: Done) -> None:
        self.done, self.rows, self.errors = self.done + exams, self.rows + result.rows, self.errors + result.errors
        now = time.monotonic()
        if now - self.told < (0.2 if self.is_terminal else 60):
            return
        self.told = now
        rate = self.done / max(now - self.began, 1e-3)
        line = f"{self.done:,} of {self.todo:,} exams, {rate:,.0f} a second, {_duration((self.todo - self.done) / max(rate, 1e-9))} left, {self.errors:,} errors"
        print(f"\r\033[K{line}" if self.is_terminal else f"precordia-archive: {line}", end="" if self.is_terminal else "\n", file=sys.stderr, flush=True)

    def say(self, text: str) -> None:
        print(("\r\033[K" if self.is_terminal else "") + text, file=sys.stderr, flush=True)

    def end(self, folder: Path, undone: int) -> None:
        seconds = time.monotonic() - self.began
        rate = f", {self.done / max(seconds, 1e-3):,.0f} exams a second" if self.done else ""
        self.say(f"precordia-archive: {self.rows:,} rows in {folder}, {self.errors:,} of them errors, {_duration(seconds)}{rate}")
        if undone:
            self.say(f"precordia-archive: {undone} blocks are left undone; the same command does them")


def _duration(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h {whole % 3600 // 60} min"


if __name__ == "__main__":
    sys.exit(main())

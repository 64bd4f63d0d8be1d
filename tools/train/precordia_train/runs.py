# A run's folder: what it was begun with, its figures, and checkpoints that survive a power cut.
# Separate from training because every later command begins with one.
"""run.json: configuration, sets with codes, input, data and source hashes, versions, figures. log.jsonl: one line an epoch. last.pt: to go
on from. averaged.pt: the result, the state of the averaged weights. Nothing in it belongs into the repository."""

import io
import json
import pickle
import platform
import subprocess
from pathlib import Path

import numpy as np
import torch

from . import configuration
from .cache import Data, Input
from .model import built


def versions() -> dict:
    """Python, torch, numpy, and the repository's commit with a + where files differ from it."""
    git = lambda *words: subprocess.run(["git", "-C", str(Path(__file__).parent), *words], capture_output=True, text=True, check=False)
    commit = git("rev-parse", "HEAD").stdout.strip() or "unknown"
    changed = "+" if git("status", "--porcelain", "--untracked-files=no", "--", ".").stdout.strip() else ""
    return {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__, "commit": commit + changed}


def saved(state, path: Path) -> None:
    """Whole or not at all. By way of memory, because torch's own writer says of a full disk nothing that a person could read."""
    new, buffer = path.with_name(path.name + ".new"), io.BytesIO()
    torch.save(state, buffer)
    new.write_bytes(buffer.getbuffer())
    new.rename(path)


def loaded(path: Path) -> dict:
    """What `saved` wrote."""
    try:
        return torch.load(path, weights_only=True)
    except FileNotFoundError:
        raise
    except (RuntimeError, EOFError, OSError, pickle.UnpicklingError) as error:
        raise ValueError(f"{path}: truncated or damaged ({str(error).splitlines()[0]})") from None


def describe(run: Path, entries: dict) -> dict:
    """Adds `entries` to run.json and gives its content."""
    path = run / "run.json"
    text = (json.loads(path.read_text()) if path.exists() else {}) | entries
    new = path.with_name("run.json.new")
    new.write_text(json.dumps(text, indent=1, default=float))
    new.rename(path)
    return text


def figures(run: Path, command: str, found: dict) -> None:
    """Adds a command's figures to run.json."""
    text = described(run)
    describe(run, {"figures": text.get("figures", {}) | {command: found}})


def shorten_log(run: Path, epochs: int) -> None:
    """Leaves the lines of the first `epochs` in log.jsonl: an interrupted epoch is trained, and noted, again."""
    path = run / "log.jsonl"
    if path.exists():
        path.write_text("".join(line for line in path.read_text().splitlines(True) if json.loads(line)["epoch"] <= epochs))


def described(run: Path) -> dict:
    path = run / "run.json"
    if not path.exists():
        raise ValueError(f"{run}: no run.json; a run folder of `pretrain` or `finetune` is right")
    return json.loads(path.read_text())


def check_same(run: Path, now: dict) -> None:
    """Refuses to continue `run` with a configuration or data other than those it was begun with."""
    begun = described(run)
    flat = lambda table, where="": (
        [pair for key, value in table.items() for pair in flat(value, f"{where}.{key}" if where else key)]
        if isinstance(table, dict) else [(where, table)]
    )  # fmt: skip
    for part, what in (("configuration", "settings"), ("data", "cache")):
        old, new = dict(flat(begun[part])), dict(flat(json.loads(json.dumps(now[part]))))
        changed = [f"{key}={old.get(key)}, now {new.get(key)}" for key in {**old, **new} if old.get(key) != new.get(key)]
        if changed:
            raise ValueError(f"run {run} was begun with {'; '.join(changed)}; use another --run or the same {what}")


def fixed(run: Path, entries: dict) -> None:
    """Adds to run.json what the run may not change when it goes on; refuses another value than the one there."""
    begun = described(run)
    for key, value in json.loads(json.dumps(entries)).items():
        if begun.get(key, value) != value:
            raise ValueError(f"run {run} was begun with {key}={begun[key]}, now {value}; use another --run or the same {key}")
    describe(run, entries)


def check_cache(run: Path, data: Data) -> None:
    """Refuses another cache than the one that the run was trained on."""
    if described(run)["data"]["arrays"] != data.check():
        raise ValueError(f"{run} was trained on another cache than {data.folder}")


def began(run: Path, kind: str, settings, data: Data, sets: list) -> None:
    """Writes run.json of a new run, or holds an old one against these. A folder in which nothing was trained yet is a new run's."""
    run.mkdir(parents=True, exist_ok=True)
    if not any(run.rglob("*.pt")):
        (run / "run.json").unlink(missing_ok=True)
    now = {
        "kind": kind, "configuration": configuration.plain(settings), "data": {"dataset": data.dataset, "arrays": data.check()},
        "sources": data.sources, "input": vars(data.input), "sets": sets, "versions": versions(),
    }  # fmt: skip
    if (run / "run.json").exists():
        check_same(run, now)
        return
    describe(run, now)


def network(run: Path) -> tuple[torch.nn.Module, dict]:
    """The averaged network of a run in evaluation mode, and its run.json."""
    text = described(run)
    settings = configuration.rebuilt(configuration.NetworkSettings, text["configuration"]["network"])
    about = Input(**text["input"])
    count = sum(each["count"] for each in text["sets"])
    found = built(settings, count, len(about.leads), about.window)
    found.load_state_dict(loaded(run / "averaged.pt"))
    return found.eval(), text

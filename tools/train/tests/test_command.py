# The command line itself: its verbs, and what a person sees of a mistake.
# Separate because each test starts Python anew.
import importlib.util
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from .tiny import tiny_cache

TRAIN = Path(__file__).resolve().parents[1]
VERBS = (
    "prepare",
    "pretrain",
    "finetune",
    "pool",
    "quantize",
    "evaluate",
    "export",
    "datasets",
    "submission",
    "figures",
    "vectors",
    "reference",
    "paths",
    "compare",
    "card",
    "figures",
)


def run(*words):
    return subprocess.run(
        [sys.executable, "-m", "precordia_train", *map(str, words)], cwd=TRAIN, capture_output=True, text=True, check=False
    )


class CommandTests(unittest.TestCase):
    def test_every_verb_has_its_help(self):
        text = run("--help").stdout
        for verb in VERBS:
            self.assertIn(f"    {verb} ", text)

    def test_a_mistake_is_a_line_and_exit_status_1(self):
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "c.toml"
            path.write_text("[input]\nrate = 400\nwidow = 4096\n")
            done = run("prepare", "--config", path, "--data", name, "--cache", Path(name) / "cache")
            self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1))
            self.assertIn("input.widow: no such key; window is meant?", done.stderr)
            done = run("prepare", "--data", name, "--cache", Path(name) / "cache")
            self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1))
            self.assertIn("scp_statements.csv", done.stderr)

    @unittest.skipUnless(importlib.util.find_spec("torch"), "PyTorch is not installed")
    def test_a_damaged_cache_is_a_line_that_names_the_file(self):
        with tempfile.TemporaryDirectory() as name:
            folder = tiny_cache(Path(name) / "cache")
            for file in ("sets.npz", "tables.npz", "inputs.npy"):
                (folder / file).write_bytes((folder / file).read_bytes()[:-200])
                done = run("evaluate", "--cache", folder, "--run", Path(name) / "run")
                self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1), done.stderr)
                self.assertIn(f"{folder / file}: truncated or damaged", done.stderr)


if __name__ == "__main__":
    unittest.main()

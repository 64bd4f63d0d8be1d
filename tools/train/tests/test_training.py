# Configuration, label sets, runs, resumption and the distillation pool, on a cache of seconds.
# Separate from test_model.py, whose tests need no PyTorch; without it these are skipped and say so.
import contextlib
import importlib.util
import io
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np

from precordia_train import configuration

from .tiny import tiny_cache

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
SMALL = """
seed = 3
[network]
stem = [16, 5, 1]
blocks = [[16, 4, 5], [32, 5, 3]]
[training]
epochs = 2
batch = 4
[augmentation]
short = 400
short_share = 0.5
[[sets]]
name = "statements"
[[sets]]
name = "subclasses"
weight = 0.5
[[sets]]
name = "12sl"
weight = 0.25
auxiliary = true
least = 2
"""


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        self.quiet = contextlib.redirect_stdout(io.StringIO())
        self.quiet.__enter__()

    def tearDown(self):
        self.quiet.__exit__(None, None, None)
        self.folder.cleanup()

    def settings(self, text=SMALL, kind=configuration.Pretrain):
        (self.root / "c.toml").write_text(text)
        return configuration.read(self.root / "c.toml", kind)


class ConfigurationTests(Folder):
    def refused(self, text, message):
        with self.assertRaisesRegex(ValueError, message):
            self.settings(text)

    def test_a_mistyped_key_is_refused_by_name(self):
        self.refused("[training]\nepoch = 3", "c.toml: training.epoch: no such key; epochs is meant?")
        self.refused("sead = 1", "c.toml: sead: no such key; seed is meant?")
        self.refused("[[sets]]\nname = 'a'\nwieght = 1", r"c.toml: sets\[0\].wieght: no such key; weight is meant?")

    def test_a_value_of_another_kind_is_refused_by_name(self):
        self.refused("[training]\nepochs = '3'", "training.epochs = '3': int is right")
        self.refused("[training]\nepochs = true", "training.epochs = True: int is right")
        self.refused("[network]\nblocks = [[64, 2, 5], [96, 2.5, 5]]", r"network.blocks\[1\]\[1\] = 2.5: int is right")
        self.refused("[[sets]]\nweight = 1", r"sets\[0\]: the key name is missing")
        self.refused("network = 3", "network = 3: a table is right")
        self.refused("seed = = 1", "c.toml: ")

    def test_a_value_that_nothing_could_be_made_of_is_refused_by_name(self):
        self.refused("[training]\nbatch = 0", "c.toml: training.batch = 0: 1 or more is right")
        self.refused("[network]\nstem = [48, 5]", r"network.stem = \[48, 5\]: three whole numbers above 0 are right")
        self.refused("[network]\nblocks = [[64, 2, 5], [96, 0, 5]]", r"network.blocks\[1\] = \[96, 0, 5\]: three whole")
        self.refused("sets = []", "sets none: one or more, each once, are right")
        self.refused("[[sets]]\nname = 'a'\n[[sets]]\nname = 'a'", "sets a, a: one or more, each once")

    def test_every_file_of_the_shipped_recipe_reads_and_names_teachers_of_its_own_folder(self):
        files = sorted((CONFIGS / "recipe").glob("*.toml"))
        read = {path.stem: configuration.read(path, configuration.Finetune) for path in files if path.stem != "refit"}
        self.assertIn("a", read)
        for settings in read.values():
            for teacher in settings.distillation.teachers if settings.distillation else []:
                self.assertIn(teacher.removeprefix("runs/"), read)

    def test_what_is_stored_gives_the_same_configuration(self):
        settings = self.settings(SMALL + "\n[distillation]\nteachers = ['a']\npool = 'p'")
        stored = json.loads(json.dumps(configuration.plain(settings)))
        self.assertEqual(configuration.rebuilt(configuration.Pretrain, stored), settings)


@unittest.skipUnless(importlib.util.find_spec("torch"), "PyTorch is not installed")
class RunTests(Folder):
    def run_of(self, name, cache, text=SMALL):
        from precordia_train import train

        return train.pretrain(cache, self.root / name, self.settings(text))

    def state(self, name):
        import torch

        return torch.load(self.root / name / "averaged.pt", weights_only=True)

    def test_a_run_that_was_cut_off_ends_with_the_same_weights(self):
        from precordia_train import runs

        cache = tiny_cache(self.root / "cache")
        self.run_of("whole", cache)
        for part in ("saved", "figures"):
            with mock.patch.object(runs, part, side_effect=KeyboardInterrupt), self.assertRaises(KeyboardInterrupt):
                self.run_of("cut", cache)
        self.run_of("cut", cache)
        whole, cut = self.state("whole"), self.state("cut")
        self.assertTrue(all(np.array_equal(whole[name].numpy(), cut[name].numpy()) for name in whole))
        self.assertEqual(len((self.root / "cut" / "log.jsonl").read_text().splitlines()), 2)

    def test_a_run_continues_only_with_what_it_was_begun_with(self):
        from precordia_train import train

        cache, other = tiny_cache(self.root / "cache"), tiny_cache(self.root / "other", seed=1)
        with mock.patch.object(train, "loop", side_effect=KeyboardInterrupt), self.assertRaises(KeyboardInterrupt):
            self.run_of("run", cache, SMALL.replace("epochs = 2", "epochs = 5"))
        self.run_of("run", cache)
        with self.assertRaisesRegex(ValueError, "run was begun with training.epochs=2, now 3; use another --run or the same settings"):
            self.run_of("run", cache, SMALL.replace("epochs = 2", "epochs = 3"))
        with self.assertRaisesRegex(ValueError, "arrays.inputs.npy=.*use another --run or the same cache"):
            self.run_of("run", other)
        with open(cache / "tables.npz", "ab") as file:
            file.write(b"x")
        with self.assertRaisesRegex(ValueError, "tables.npz: changed since `prepare`"):
            self.run_of("run", cache)

    def test_a_run_says_what_it_was_made_of(self):
        cache = tiny_cache(self.root / "cache")
        self.run_of("run", cache)
        text = json.loads((self.root / "run" / "run.json").read_text())
        self.assertEqual([(s["name"], s["first"], s["codes"]) for s in text["sets"]],
                         [("statements", 0, ["S0", "S1", "S2"]), ("subclasses", 3, ["U0", "U1"]), ("12sl", 5, ["M0", "M1"])])  # fmt: skip
        self.assertEqual(text["sources"], {"made.csv": "0" * 64})
        self.assertEqual(set(text["versions"]), {"python", "torch", "numpy", "commit"})
        self.assertEqual(text["figures"]["training"]["epoch"], 2)
        self.assertEqual(text["configuration"]["seed"], 3)

    def test_unknown_labels_and_those_beyond_the_share_count_for_nothing(self):
        from precordia_train import targets
        from precordia_train.cache import Data
        from precordia_train.configuration import SetSettings

        data = Data(tiny_cache(self.root / "cache"))
        rows = data.rows(range(1, 9))
        table = targets.outputs(data, [SetSettings("statements", share=0.25, soften=0.5), SetSettings("12sl")], rows, 1)
        self.assertEqual(int(table.known[rows, 0].sum()), 6)
        self.assertEqual(int(table.known[24:, 0].sum()), 8)
        self.assertEqual(table.known[0, 3:].tolist(), [0, 0, 0])
        self.assertAlmostEqual(float(table.targets[0, 0]), 0.9, places=3)
        self.assertTrue(set(targets.shared(rows, 0.1, 1)) <= set(targets.shared(rows, 0.25, 1)))

    def test_a_rarer_label_weighs_more_by_the_power_of_balance(self):
        from precordia_train import targets
        from precordia_train.cache import Data
        from precordia_train.configuration import SetSettings

        data = Data(tiny_cache(self.root / "cache"))
        rows = data.rows(range(1, 9))
        positives = data.set("statements").labels[rows].sum(0)
        even, tilted = (targets.outputs(data, [SetSettings("statements", balance=power)], rows, 1).weights for power in (0.0, 0.5))
        self.assertEqual(len(set(even.tolist())), 1)
        for left, right in ((0, 1), (1, 2)):
            self.assertAlmostEqual(tilted[left] / tilted[right], (positives[right] / positives[left]) ** 0.5, places=5)
        self.assertAlmostEqual(float((tilted / even).prod()), 1.0, places=5)

    def test_the_loss_is_the_cross_entropy_of_both_mixed_records(self):
        import torch
        from torch.nn.functional import binary_cross_entropy_with_logits as bce

        from precordia_train import augment, targets

        z, y = torch.tensor([[0.3, -2.0], [0.3, -2.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0]])
        target, known = augment.mixed(0.7, y, torch.ones(2, 2))
        expected = (0.7 * bce(z, y, reduction="none") + 0.3 * bce(z, y.flip(0), reduction="none")).mean(0).sum()
        self.assertAlmostEqual(float(targets.loss(z, target, known, torch.ones(2))), float(expected), places=6)

    def test_a_student_learns_from_a_pool(self):
        from precordia_train import pool

        cache = tiny_cache(self.root / "cache")
        self.run_of("teacher", cache)
        other = SMALL.replace('[[sets]]\nname = "subclasses"\nweight = 0.5\n', "").replace("[16, 4, 5]", "[16, 2, 3]")
        self.run_of("second", cache, other)
        student = (
            SMALL + f"[distillation]\npool = '{self.root}/pool'\nteachers = ['{self.root}/teacher', '{self.root}/second']\npasses = 2\n"
        )
        with self.assertRaisesRegex(ValueError, "pass 2 of 2 is not there"):
            self.run_of("student", cache, student)
        pool.make(cache, self.settings(student))
        teacher, known = (np.load(self.root / "pool" / f"{name}.1.npy") for name in ("teacher", "known"))
        self.assertEqual((teacher.shape, np.isfinite(teacher).all()), ((24, 7), True))
        self.assertLess(known[:, 5].min(), 1)
        self.run_of("student", cache, student)
        text = json.loads((self.root / "student" / "run.json").read_text())
        self.assertEqual(sorted(map(len, text["pool"].values())), [64, 64])
        alone = student.replace(f", '{self.root}/second'", "")
        with self.assertRaisesRegex(ValueError, "made of other data, teachers or settings"):
            pool.make(cache, self.settings(alone))
        with self.assertRaisesRegex(ValueError, "its label sets or data are not those"):
            self.run_of("fewer", cache, student.replace("least = 2", "least = 1"))


@unittest.skipUnless(importlib.util.find_spec("torch"), "PyTorch is not installed")
class NetworkTests(unittest.TestCase):
    def test_the_papers_network_has_the_papers_size(self):
        from precordia_train import model

        macs, parameters = model.cost(model.ResNet1d(66), 8, 4096)
        self.assertEqual((parameters, round(macs / 1e9, 3)), (7_253_218, 2.492))

    def test_a_causal_column_reads_no_later_sample(self):
        import torch

        from precordia_train.model import Network

        torch.manual_seed(0)
        network = Network((16, 7, 2), ((16, 2, 5), (32, 5, 3)), 3).eval()
        x = torch.randn(1, 12, 200)
        with torch.no_grad():
            before = network.features(x)
            x[:, :, 120:] = 0
            self.assertTrue(torch.equal(before[:, :, :6], network.features(x)[:, :, :6]))


if __name__ == "__main__":
    unittest.main()

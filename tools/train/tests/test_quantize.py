# From a float network to a model file, on a cache of seconds: both networks, the ladder, calibration, thresholds and classes.
# Separate from test_training.py because nothing here depends on what was learned. Skipped without PyTorch.
import importlib.util
import json
import unittest
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np

from precordia_train import code66, configuration, integer, modelfile

from .test_training import SMALL, Folder
from .tiny import tiny_cache

CODES = """
[[sets]]
name = "code"
"""


@unittest.skipUnless(importlib.util.find_spec("torch"), "PyTorch is not installed")
class SimulationTests(unittest.TestCase):
    def trained(self, network, samples, leads=12):
        """A network whose norms have seen something, and u8 input [16][samples][leads]."""
        import torch

        x = torch.randn(16, leads, samples).cumsum(2) * 0.05
        network.train()
        with torch.no_grad():
            for _ in range(3):
                network(x)
        return network.eval(), np.clip(np.rint(x.numpy() * 40) + 128, 0, 255).astype(np.uint8).transpose(0, 2, 1)

    def check(self, network, u, about, most):
        import torch

        from precordia_train import augment, quantize

        x = augment.millivolts(u, 128, 25.0)
        found = quantize.simulated(network, [x[:8], x[8:]], "max", True)
        rows = np.arange(network.head.out_features)
        model = quantize.integers(found, about, rows, [modelfile.Label(f"L{row}", "", "") for row in rows], None)
        model = modelfile.decoded(modelfile.encoded(model))
        answer = integer.logits(model, u)
        with torch.no_grad():
            self.assertLess(np.abs(answer - found(x).numpy()).max(), most / 4)
            self.assertLess(np.abs(answer - network(x).numpy()).max(), most)
            found.exact = True
            self.assertLess(float((found(x) - network(x)).abs().max()), 1e-3)
        return model

    def test_integers_follow_the_causal_network(self):
        import torch

        from precordia_train.model import Network
        from precordia_train.prepare import INPUT

        torch.manual_seed(0)
        network, u = self.trained(Network((24, 7, 2), ((32, 2, 5), (48, 5, 3), (48, 1, 5)), 9), 200)
        model = self.check(network, u, replace(INPUT, window=200), 0.1)
        self.assertEqual([t.channels for t in model.tensors][:3], [12, 32, 32])
        self.assertEqual(model.column, 20)

    def test_integers_follow_the_papers_network(self):
        import torch

        from precordia_train.cache import Input
        from precordia_train.model import ResNet1d

        torch.manual_seed(0)
        network = ResNet1d(5, samples=512)
        leads = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]
        network, u = self.trained(network, 512, 8)
        model = self.check(network, u, Input(400, 512, leads, 25.0, 128, [[1.0, 0.0, 0.0, 0.0, 0.0]], True), 0.2)
        self.assertEqual((model.leads, model.whole_window, model.tensors[-1].channels, model.columns), (modelfile.EIGHT, True, 320, 2))
        self.assertIn(208, [t.channels for t in model.tensors])

    def test_ranges_of_every_method_are_ordered(self):
        import torch

        from precordia_train import augment, graph, simulate
        from precordia_train.model import Network

        torch.manual_seed(0)
        network, u = self.trained(Network((16, 5, 1), ((16, 4, 5),), 2), 200)
        x = augment.millivolts(u, 128, 25.0)
        found = simulate.Simulated(graph.steps(network), network.head, True)
        most, best, part = (np.array(simulate.ranges(found, [x], method)) for method in ("max", "mse", "99"))
        self.assertTrue((most >= best - 1e-6).all() and (most > part).all())


@unittest.skipUnless(importlib.util.find_spec("torch"), "PyTorch is not installed")
class LadderTests(Folder):
    def test_a_run_becomes_a_model_file(self):
        from precordia_train import export, quantize, runs, train

        names = [row.name for row in code66.classes()[:2]]
        cache = tiny_cache(self.root / "cache", codes=names)
        run = self.root / "run"
        train.pretrain(cache, run, self.settings(SMALL + CODES))
        with self.assertRaisesRegex(ValueError, "no quantized.precordia; `quantize` makes it"):
            export.export(cache, run, configuration.Export(alerts=""), self.root / "m", self.root)
        with self.assertRaisesRegex(ValueError, r"no record in folds \[10\], which activation ranges are to be measured on"):
            quantize.quantize(cache, run, configuration.Quantize(folds=[10]))
        with self.assertRaisesRegex(ValueError, 'range = "mx": "max", "mse" or a percentile such as "99.99" is right'):
            quantize.quantize(cache, run, configuration.Quantize(range="mx"))
        ladder = quantize.quantize(cache, run, configuration.Quantize(records=8))
        self.assertEqual(list(ladder["sets"]), ["statements", "subclasses", "code"])
        (self.root / "alerts.csv").write_text("code,priority,reason\nS1,high,because\n")
        settings = configuration.Export("tiny", 3, 0.8, 0.1, "alerts.csv")
        export.export(cache, run, settings, self.root / "tiny.precordia", self.root)
        model = modelfile.decoded((self.root / "tiny.precordia").read_bytes())
        self.assertEqual([(s.name, s.first, s.count) for s in model.sets], [("statements", 0, 3), ("subclasses", 3, 2), ("code", 5, 2)])
        self.assertEqual([label.priority for label in model.labels], [0, 4, 0, 0, 0, 0, 0])
        self.assertGreaterEqual(model.labels[1].alarm_threshold, 0.1)
        self.assertEqual([(c.code, c.sources, c.evidence) for c in model.classes if c.sources], [(names[0], [5], 2), (names[1], [6], 1)])
        self.assertEqual((model.name, model.version, len(model.classes)), ("tiny", 3, 66))
        with self.assertRaisesRegex(ValueError, "run was trained on another cache than .*other"):
            export.export(tiny_cache(self.root / "other", seed=1, codes=names), run, settings, self.root / "m", self.root)
        text = json.loads((run / "run.json").read_text())
        self.assertEqual(set(text["figures"]), {"training", "quantize", "export"})
        with self.assertRaisesRegex(ValueError, "bytes, at most 1000 are right"):
            export.export(cache, run, replace(settings, bytes=1000), self.root / "large", self.root)
        Path(self.root / "alerts.csv").write_text("code,priority,reason\nS9,high,because\n")
        with self.assertRaisesRegex(ValueError, "S9, high: expected a label of the model"):
            export.export(cache, run, settings, self.root / "m", self.root)
        for text, problem in (
            ("code,priority\nS1,high\n", "columns are code, priority; code, priority, reason are right"),
            ("code,priority,reason\nS1,high,\n", "line 2: S1: expected once, with a reason"),
            ("code,priority,reason\nS1,high,x\nS1,low,x\n", "line 3: S1: expected once"),
        ):
            Path(self.root / "alerts.csv").write_text(text)
            with self.assertRaisesRegex(ValueError, problem):
                export.priorities(self.root / "alerts.csv", ["S1"])
        self.assertIn("worst label", quantize.printed(runs.described(run)["figures"]["quantize"]))

    def test_training_with_simulated_rounding_goes_on_from_the_run(self):
        from precordia_train import quantize, train

        cache, run = tiny_cache(self.root / "cache"), self.root / "run"
        train.pretrain(cache, run, self.settings())
        settings = configuration.Quantize(records=8, aware_epochs=2)
        first = quantize.quantize(cache, run, settings)
        self.assertEqual(len((run / "aware" / "log.jsonl").read_text().splitlines()), 2)
        self.assertEqual(quantize.quantize(cache, run, settings)["sets"], first["sets"])
        with self.assertRaisesRegex(ValueError, "training.rate"):
            quantize.quantize(cache, run, replace(settings, rate=1e-3))
        with self.assertRaisesRegex(ValueError, "aware was begun with quantize=.*'max'.*, now .*'mse'"):
            quantize.quantize(cache, run, replace(settings, range="mse"))

    def test_every_rung_answers_the_same_windows_of_records_of_any_length(self):
        from precordia_train import quantize, train

        cache, run = tiny_cache(self.root / "cache", lengths=[600, 1000, 1700, 2345]), self.root / "run"
        train.pretrain(cache, run, self.settings())
        found = quantize.quantize(cache, run, configuration.Quantize(records=8))
        self.assertLess(found["difference"]["simulated"], 0.1)
        self.assertLess(found["difference"]["float"], 0.5)

    def test_an_interrupted_quantize_leaves_what_was_there(self):
        from precordia_train import quantize, train

        cache, run = tiny_cache(self.root / "cache"), self.root / "run"
        train.pretrain(cache, run, self.settings())
        quantize.quantize(cache, run, configuration.Quantize(records=8))
        before = [(run / name).read_bytes() for name in ("quantized.precordia", "answers.npz")]
        with mock.patch.object(integer, "logits", side_effect=KeyboardInterrupt), self.assertRaises(KeyboardInterrupt):
            quantize.quantize(cache, run, configuration.Quantize(records=8, range="99.9"))
        self.assertEqual([(run / name).read_bytes() for name in ("quantized.precordia", "answers.npz")], before)


class ClassTests(unittest.TestCase):
    def model(self, codes):
        from types import SimpleNamespace

        labels = [modelfile.Label(code, "", "") for code in codes]
        return SimpleNamespace(labels=labels, all_sets=lambda: [modelfile.LabelSet("statements", 0, len(labels))])

    def test_a_statement_that_bears_a_classs_name_is_no_class(self):
        from precordia_train import export

        covered = lambda codes: [row.code for row in export.classes(self.model(codes), {}) if row.sources]
        self.assertEqual(covered(["LVH", "NORM"]), [])
        self.assertEqual(covered(["LVH", "NORMAL"]), ["NORMAL", "LVH"])


if __name__ == "__main__":
    unittest.main()

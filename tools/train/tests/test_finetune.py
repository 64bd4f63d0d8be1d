# Fine-tuning, cross-validation, evaluation and preparing other sets, on caches of seconds.
# Separate from test_training.py, which is about a run of its own. What needs PyTorch is skipped without it.
import importlib.util
import json
import unittest
from unittest import mock

import numpy as np

from precordia_train import cache, configuration, prepare, preprocess

from .test_training import CONFIGS, Folder
from .tiny import tiny_cache

TORCH = importlib.util.find_spec("torch")
OTHER = """
seed = 5
[training]
epochs = 2
batch = 4
[augmentation]
short = 400
[[sets]]
name = "statements"
"""


class PrepareTests(Folder):
    def test_columns_of_the_engines_input_are_the_engines(self):
        x = np.random.default_rng(0).normal(0, 300, (2, 1000, 12)).cumsum(1) / 10
        expected = preprocess.network_input(x, 250)
        self.assertTrue(np.array_equal(prepare.columns(x, 250, prepare.INPUT), expected))

    def test_a_missing_sample_holds_the_last_value(self):
        nan = float("nan")
        x = np.array([[nan, 1.0], [2.0, nan], [nan, nan], [3.0, 4.0]])
        self.assertEqual(prepare.held(x).tolist(), [[0, 1], [2, 1], [2, 1], [3, 4]])

    def test_a_set_of_records_of_any_length_becomes_a_cache(self):
        from precordia_train import datasets

        def exam(i, seconds):
            x = np.random.default_rng(i).normal(0, 200, (250 * seconds, 12))
            return datasets.Exam(f"e{i}", f"x{i}", f"p{i // 2}", np.array([i % 2, 1], np.uint8), split="train", rate=250, microvolts=x)

        exams = [exam(i, seconds) for i, seconds in enumerate((6, 12, 0, 9))]

        class Made(list):
            name, codes = "made", ["A", "B"]

        with mock.patch.object(datasets, "open_dataset", return_value=Made(exams)):
            prepare.prepare_dataset("made", self.root, self.root / "cache", prepare.INPUT)
        data = cache.Data(self.root / "cache")
        self.assertEqual(
            (data.length.tolist(), data.fold.tolist(), data.groups.tolist()), ([600, 1200, 900], [1, 1, 1], ["p0", "p0", "p1"])
        )
        self.assertEqual(data.set("statements").labels.tolist(), [[0, 1], [1, 1], [1, 1]])
        window = data.windows(np.array([0, 1]), 1000, np.array([0, 200]))
        self.assertTrue((window[0, :400] == 128).all() and np.array_equal(window[1], data.inputs[800:1800]))
        self.assertTrue(np.array_equal(window[0, 400:], prepare.columns(exams[0].microvolts, 250, prepare.INPUT)))

    def test_a_cache_that_is_being_made_again_is_none(self):
        folder = tiny_cache(self.root / "cache")
        with mock.patch.object(prepare.preprocess, "tables", side_effect=ValueError("no such table")), self.assertRaises(ValueError):
            prepare.prepare_ptbxl(self.root, folder, prepare.INPUT)
        cache.Data(folder)
        cache.created(cache.begun(folder) / "inputs.npy", (10, 12))[:] = 1
        with self.assertRaisesRegex(ValueError, "no cache.json; `prepare` fills this folder"):
            cache.Data(folder)

    def test_every_shipped_configuration_can_be_read(self):
        kinds = {"cpsc2018": "Finetune", "quantize": "Quantize", "export": "Export", "export-code2": "Export", "evaluate": "Evaluate"}
        for path in CONFIGS.glob("*.toml"):
            kind = kinds.get(path.stem, "Finetune" if path.stem.endswith("-finetune") else "Pretrain")
            if path.stem != "code2-open":
                configuration.read(path, getattr(configuration, kind))
        configuration.read(CONFIGS / "recipe" / "refit.toml", configuration.Refit)
        about = prepare.described(configuration.read(CONFIGS / "resnet1d-code2.toml").input)
        self.assertEqual((about.rate, about.window, len(about.leads), about.whole_window), (400, 4096, 8, True))
        with self.assertRaisesRegex(ValueError, "input.leads = .*in this order, are right"):
            prepare.described(configuration.InputSettings(400, 4096, ["II", "I"], 25.0, []))
        with self.assertRaisesRegex(ValueError, "input.zero_point = 100: 128 is right"):
            prepare.described(configuration.InputSettings(400, 4096, ["I", "II"], 25.0, [], zero_point=100))


@unittest.skipUnless(TORCH, "PyTorch is not installed")
class FinetuneTests(Folder):
    def begun(self):
        from precordia_train import train

        train.pretrain(tiny_cache(self.root / "cache"), self.root / "run", self.settings())
        return self.root / "run"

    def test_groups_stay_together_and_rare_labels_are_dealt_out(self):
        from precordia_train.finetune import stratified

        random = np.random.default_rng(0)
        groups = np.array([f"p{i // 2}" for i in range(60)])
        labels = (random.random((60, 3)) < (0.5, 0.2, 0.0)).astype(np.uint8)
        labels[[0, 10, 20, 30], 2] = 1
        part = stratified(labels, groups, 4, 1)
        self.assertTrue(all(len(set(part[groups == name])) == 1 for name in groups))
        self.assertEqual([labels[part == each, 2].sum() for each in (1, 2, 3, 4)], [1, 1, 1, 1])
        self.assertLessEqual(np.ptp(np.bincount(part)[1:]), 8)

    def test_the_trunk_begins_with_the_runs_weights(self):
        import torch

        from precordia_train import finetune

        run, other = self.begun(), tiny_cache(self.root / "other", seed=2, lengths=[600, 1000, 1700])
        settings = self.settings(OTHER.replace("epochs = 2", "epochs = 1\nrate = 1e-9"), configuration.Finetune)
        finetune.once(other, self.root / "tuned", run, settings, lambda items, **_: items)
        before, after = (torch.load(each / "averaged.pt", weights_only=True) for each in (run, self.root / "tuned"))
        self.assertEqual(float((before["blocks.1.a.c.weight"] - after["blocks.1.a.c.weight"]).abs().max().round(decimals=6)), 0)
        self.assertEqual(after["head.weight"].shape[0], 3)
        text = json.loads((self.root / "tuned" / "run.json").read_text())
        self.assertEqual((text["kind"], text["configuration"]["network"]["stem"]), ("finetune", [16, 5, 1]))
        before["head.bias"] += 1
        torch.save(before, run / "averaged.pt")
        with self.assertRaisesRegex(ValueError, "tuned was begun with begin_sha256=.*; use another --run or the same begin_sha256"):
            finetune.once(other, self.root / "tuned", run, settings, lambda items, **_: items)
        (run / "averaged.pt").write_bytes((run / "averaged.pt").read_bytes()[:-500])
        with self.assertRaisesRegex(ValueError, "averaged.pt: truncated or damaged"):
            finetune.once(other, self.root / "again", run, settings, lambda items, **_: items)

    def test_a_head_is_fitted_again_on_a_trunk_that_stays(self):
        import torch

        from precordia_train import refit, runs, train

        run = self.begun()
        settings = self.settings('[[sets]]\nname = "subclasses"\n[[sets]]\nname = "statements"\n', configuration.Refit)
        entry = refit.refit(self.root / "cache", self.root / "refit", [run], settings)
        self.assertEqual(list(entry)[:2], ["subclasses", "statements"])
        before, after = (runs.loaded(folder / "averaged.pt") for folder in (run, self.root / "refit"))
        self.assertTrue(all(torch.equal(before[key], after[key]) for key in before if not key.startswith("head.")))
        data = cache.Data(self.root / "cache")
        rows, (network, _), (again, text) = data.rows(settings.training.folds), runs.network(run), runs.network(self.root / "refit")
        labels = torch.from_numpy(data.set("statements").labels[rows].astype(np.float32))
        loss = [
            torch.nn.functional.binary_cross_entropy_with_logits(torch.from_numpy(train.predict(each, data, rows)[:, at]), labels)
            for each, at in ((network, slice(0, 3)), (again, slice(2, 5)))
        ]
        self.assertLess(loss[1], loss[0])
        self.assertEqual([(each["name"], each["first"]) for each in text["sets"]], [("subclasses", 0), ("statements", 2)])
        twice, _ = refit.averaged([run, self.root / "refit"])
        self.assertTrue(all(torch.equal(value, after[key]) for key, value in twice.state_dict().items()))
        with self.assertRaisesRegex(ValueError, "the run has no output to begin with for code: C0, code: C1; sets of the run"):
            other = tiny_cache(self.root / "other", codes=["C0", "C1"])
            refit.refit(other, self.root / "code", [run], self.settings('[[sets]]\nname = "code"\n', configuration.Refit))

    def test_cross_validation_answers_every_record_once(self):
        from precordia_train import finetune

        run, other = self.begun(), tiny_cache(self.root / "other", count=16, validation=4, lengths=[600, 1000, 1700])
        settings = self.settings(OTHER, configuration.Finetune)
        result = finetune.cross_validated(other, self.root / "cv", run, settings, 2, lambda items, **_: items)
        self.assertEqual(list(result), ["finetuned", "scratch"])
        stored = np.load(self.root / "cv" / "finetuned.npz")
        self.assertTrue((stored["logits"] != 0).all() and sorted(set(stored["fold"])) == [1, 2])
        self.assertEqual(len(finetune.printed(result).splitlines()), 3)

    def test_evaluation_notes_each_look(self):
        from precordia_train import evaluate, quantize

        run = self.begun()
        with self.assertRaisesRegex(ValueError, "no quantized.precordia"):
            evaluate.evaluate(self.root / "cache", run, configuration.Evaluate())
        quantize.quantize(self.root / "cache", run, configuration.Quantize(records=8))
        result = evaluate.evaluate(self.root / "cache", run, configuration.Evaluate(bootstraps=5))
        self.assertEqual(list(result), ["statements", "subclasses"])
        task = configuration.TaskSettings("first", "statements", ["S0"])
        evaluate.evaluate(self.root / "cache", run, configuration.Evaluate(network="float", tasks=[task]))
        elsewhere = tiny_cache(self.root / "elsewhere", seed=1)
        again = evaluate.evaluate(elsewhere, run, configuration.Evaluate())
        self.assertNotEqual(again["statements"]["auroc"], result["statements"]["auroc"])
        looks = json.loads((run / "run.json").read_text())["looks"]
        self.assertEqual([(look["fold"], look["network"]) for look in looks], [(9, "integer"), (9, "float"), (9, "integer")])
        with self.assertRaisesRegex(ValueError, "tasks first: S9: no such label in set statements"):
            wrong = configuration.Evaluate(tasks=[configuration.TaskSettings("first", "statements", ["S9"])])
            evaluate.evaluate(self.root / "cache", run, wrong)


if __name__ == "__main__":
    unittest.main()

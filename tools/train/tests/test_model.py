# Model file, integer executor, calibration, comparison and evaluation, on a model that no training made.
# Separate from training and quantising, whose tests need PyTorch.
import contextlib
import hashlib
import importlib.util
import io
import json
import struct
import tempfile
import unittest
from pathlib import Path

import numpy as np

from precordia_train import calibrate, export, integer, metrics, modelfile, reference, vectors
from precordia_train.modelfile import CONVOLUTION, NONE, Layer

TOP = Path(__file__).resolve().parents[3]


def resealed(data: bytearray) -> bytes:
    """With a hash that fits, so that the reader's other checks are reached."""
    data[32:64] = hashlib.sha256(data[64:]).digest()
    return bytes(data)


def agreement():
    """tools/agreement.py as a module."""
    spec = importlib.util.spec_from_file_location("agreement", TOP / "tools" / "agreement.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class FileTests(unittest.TestCase):
    def setUp(self):
        self.data = modelfile.encoded(vectors.small_model())

    def test_reading_and_writing_again_gives_the_same_bytes(self):
        model = modelfile.decoded(self.data)
        self.assertEqual(modelfile.encoded(model), self.data)
        self.assertEqual(model.labels[2].statement, "third statement, größer")
        self.assertEqual([c.sources for c in model.classes], [[0, 2], [], [1]])

    def test_models_of_every_kind_come_back_as_they_were_written(self):
        for made in (vectors.depthwise_model(), vectors.window_model()):
            data = modelfile.encoded(made)
            read = modelfile.decoded(data)
            self.assertEqual(modelfile.encoded(read), data)
            self.assertEqual((read.leads, read.whole_window, read.sets), (made.leads, made.whole_window, made.sets))
            self.assertEqual([layer.left for layer in read.layers], [layer.left for layer in made.layers])
            self.assertEqual([(label.threshold, label.alarm_threshold) for label in read.labels][:2], [(0.25, 0.25), (0.25, 0.75)])
            self.assertEqual([each.evidence for each in read.classes], [1, 2, 0])

    def test_every_flipped_byte_is_refused(self):
        for at in range(0, len(self.data), 97):
            changed = bytearray(self.data)
            changed[at] ^= 0x10
            with self.assertRaises(modelfile.ModelError, msg=f"byte {at}"):
                modelfile.decoded(bytes(changed))

    def test_the_version_cannot_be_changed_unnoticed(self):
        self.assertEqual(modelfile.decoded(self.data).version, vectors.small_model().version)
        for at in (*range(8, 16), *range(208, 212)):
            for bit in range(8):
                changed = bytearray(self.data)
                changed[at] ^= 1 << bit
                with self.assertRaises(modelfile.ModelError, msg=f"byte {at}, bit {bit}"):
                    modelfile.decoded(bytes(changed))

    def test_every_truncation_is_refused(self):
        for size in list(range(0, 300, 7)) + list(range(300, len(self.data), 511)):
            with self.assertRaises(modelfile.ModelError, msg=f"{size} bytes"):
                modelfile.decoded(self.data[:size])

    def test_reserved_fields_and_offsets_are_checked_behind_a_fitting_hash(self):
        for at, value in ((12, 1), (232, 1), (212, 3), (212, 0), (216, 2), (220, 0), (220, 2), (64, 12), (128, 65), (144, 2**40), (196, 0), (80, 7)):
            changed = bytearray(self.data)
            struct.pack_into("<Q" if value > 2**31 else "<I", changed, at, value)
            with self.assertRaises(modelfile.ModelError, msg=f"field {at}"):
                modelfile.decoded(resealed(changed))

    def test_what_would_fail_later_is_neither_written_nor_read(self):
        def sections(a1, a2, b0=1.0):
            return lambda m: setattr(m, "sections", np.array([[b0, 0, 0, a1, a2]]))

        nan = float("nan")
        changes = [lambda m, v=v: setattr(m, "window", v) for v in (50, 140, 0, 2**21)]
        changes += [sections(*v) for v in ((-1.91, 0.9), (0, 1.0), (0, -1.0), (nan, 0), (0, nan), (0, 0, 1001.0), (0, 0, nan))]
        changes += [lambda m, v=v: setattr(m, "hysteresis", v) for v in (0.0, -0.5, 1.01, nan)]
        changes += [lambda m, v=v: setattr(m, "persistence", v) for v in ((0, 3), (4, 3), (3, 33))]
        changes += [lambda m, v=v: setattr(m.labels[0], "alarm_threshold", v) for v in (0.0, -1.0, nan, float("inf"))]
        changes += [lambda m, v=v: setattr(m.labels[0], "threshold", v) for v in (nan, float("inf"))]
        sets = [(("statements", 0, 2),), (("statements", 1, 2),), (("others", 0, 3),), (("statements", 0, 3), ("more", 3, 0))]
        changes += [lambda m, v=v: setattr(m, "sets", [modelfile.LabelSet(*each) for each in v]) for v in sets]
        changes += [lambda m: setattr(m, "sets", [modelfile.LabelSet("statements", 0, 2), modelfile.LabelSet("others", 2, 1)])]
        changes += [lambda m, k=k, v=v: setattr(m.classes[k], "evidence", v) for k, v in ((0, 0), (0, 3), (1, 1))]
        changes += [lambda m, v=v: setattr(m.layers[0], "left", v) for v in (0, 5, 7)]
        changes += [lambda m: setattr(m, "leads", modelfile.EIGHT), lambda m: setattr(m, "flat_weights", np.zeros((3, 16 * 20), np.int8))]
        changes += [lambda m: setattr(m, "hop", 101)]
        changes += [lambda m, k=k, v=v: setattr(m.labels[1], k, v) for k in ("slope", "offset") for v in (2e9, -3e38, nan)]
        changes += [
            lambda m, k=k, v=v: setattr(m, k, np.full(3, v, np.float32)) for k in ("mean_scale", "maximum_scale", "bias") for v in (2e9, nan)
        ]
        for index, change in enumerate(changes):
            model = vectors.small_model()
            change(model)
            with self.assertRaises(modelfile.ModelError, msg=f"change {index}"):
                modelfile.encoded(model)
        for at, value in ((200, 0.0), (200, nan)):
            changed = bytearray(self.data)
            struct.pack_into("<f", changed, at, value)
            with self.assertRaises(modelfile.ModelError, msg=f"field {at}"):
                modelfile.decoded(resealed(changed))

    def test_the_shipped_model_is_sound(self):
        path = TOP / "models" / "ptbxl71.precordia"
        model = modelfile.decoded(path.read_bytes())
        self.assertLess(path.stat().st_size, 2_000_000)
        self.assertEqual((len(model.labels), len(model.classes), model.column, model.tensors[-1].channels), (156, 66, 20, 240))
        self.assertLess(integer.check_ranges(model), 2**31)
        for name in ("ptbxl71", "small"):
            path = TOP / "Tests/PrecordiaNetworkTests/Vectors" / f"{name}.vectors"
            source = TOP / "models" if name == "ptbxl71" else path.parent
            digest = (source / f"{name}.precordia").read_bytes()[32:64]
            self.assertEqual(path.read_bytes()[16:48], digest, f"{path} belongs to another model: run the vectors command")


class IntegerTests(unittest.TestCase):
    def test_convolution_equals_the_sum_written_out(self):
        random = np.random.default_rng(1)
        layer = Layer(CONVOLUTION, 0, NONE, 5, 2, False, 0.0, random.integers(-127, 128, (16, 5, 12)).astype(np.int8),
                      random.integers(-99, 99, 16).astype(np.int32), np.ones(16, np.float32))  # fmt: skip
        u = random.integers(0, 256, (1, 8, 12)).astype(np.uint8)
        sums = integer.convolution_sums(u, layer, 128)
        for j in range(4):
            for out in range(16):
                expected = int(layer.bias[out])
                for tap in range(5):
                    at = (j + 1) * 2 - 5 + tap
                    column = u[0, at].astype(int) if at >= 0 else np.full(12, 128)
                    expected += int((column * layer.weights[out, tap].astype(int)).sum())
                self.assertEqual(sums[0, j, out], expected)

    def test_requantisation_rounds_ties_to_even_and_clips_before_the_zero_point(self):
        layer = Layer(CONVOLUTION, 0, scale=np.array([0.5], np.float32))
        sums = np.array([1.0, 3.0, -1.0, 600.0, -600.0])[:, None]
        self.assertEqual(integer.requantised(sums, layer, 128)[:, 0].tolist(), [128, 130, 128, 255, 0])
        layer.rectifier = True
        self.assertEqual(integer.requantised(sums, layer, 0)[:, 0].tolist(), [0, 2, 0, 255, 0])

    def test_a_stream_in_pieces_has_the_features_of_the_whole(self):
        model = vectors.small_model()
        u = ((vectors.noise(12 * 400, 3).reshape(1, 400, 12) >> 8) + 128).astype(np.uint8)
        whole = integer.features(model, u)
        self.assertTrue(np.array_equal(integer.features(model, u[:, :200]), whole[:, :10]))

    def test_padding_on_both_sides_and_depthwise_sums_equal_the_sums_written_out(self):
        random = np.random.default_rng(2)
        u = random.integers(0, 256, (1, 12, 16)).astype(np.uint8)
        for kind, shape in ((CONVOLUTION, (16, 7, 16)), (modelfile.DEPTHWISE, (16, 7))):
            layer = Layer(kind, 0, NONE, 7, 2, weights=random.integers(-127, 128, shape).astype(np.int8), bias=np.arange(16), left=2)
            sums = integer.convolution_sums(u, layer, 128)
            for j, out in ((0, 3), (1, 0), (5, 15)):
                columns = [u[0, at].astype(int) if 0 <= at < 12 else np.full(16, 128) for at in range(2 * j - 2, 2 * j + 5)]
                weights = layer.weights[out].astype(int)
                read = np.array(columns) if kind == CONVOLUTION else np.array(columns)[:, out]
                self.assertEqual(sums[0, j, out], out + int((weights * read).sum()))

    def test_a_short_exam_stands_in_the_middle_of_a_whole_window(self):
        model = vectors.window_model()
        samples = ((vectors.noise(8 * 700, 4).reshape(700, 8) >> 8) + 128).astype(np.uint8)
        short = integer.centred(model, samples[:101])
        self.assertEqual(short.shape, (480, 8))
        self.assertTrue((short[189:290] == samples[:101]).all() and (short[:189] == 128).all() and (short[290:] == 128).all())
        self.assertTrue(np.array_equal(integer.centred(model, samples), samples[-480:]))
        self.assertEqual(integer.logits(model, short[None].repeat(3, 0), batch=2).shape, (3, 5))

    def test_a_sum_beyond_32_bits_is_found(self):
        model = vectors.small_model()
        model.layers[0].bias = np.full(16, 2**31 - 5, np.int32)
        with self.assertRaises(OverflowError):
            integer.check_ranges(model)


class CalibrationTests(unittest.TestCase):
    def test_platt_finds_the_slope_that_made_the_labels(self):
        random = np.random.default_rng(0)
        z = random.normal(0, 2, (4000, 1))
        y = (random.uniform(size=z.shape) < 1 / (1 + np.exp(-(1.6 * z - 0.7)))).astype(np.uint8)
        slope, offset = calibrate.fit(y, z)
        self.assertAlmostEqual(slope, 1.6, delta=0.12)
        self.assertAlmostEqual(offset, -0.7, delta=0.12)

    def test_thresholds_do_what_they_say(self):
        y = np.array([0] * 200 + [1] * 10)
        p = np.concatenate([np.linspace(0.0, 0.6, 200), np.linspace(0.5, 0.9, 10)]).astype(np.float32)
        point = calibrate.operating_point(y, p, calibrate.specific_threshold(y, p, 0.99))
        self.assertGreaterEqual(point["specificity"], 0.99)
        self.assertEqual(calibrate.best_f_threshold(np.zeros(5), p[:5]), 0.5)


class AgreementTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def written(self, name, text):
        (self.root / name).write_text(text)
        return self.root / name

    def test_compare_finds_one_differing_bit(self):
        a = self.written("a", "record,X,Y\nr/00001_lr,3f800000,bf000000\n")
        b = self.written("b", "record,windows,quality,X,Y\n/data/00001_lr.hea,1,good,3f800000,bf000000\n")
        c = self.written("c", "record,X,Y\n00001_lr,3f800000,bf000001\n")
        self.assertEqual(reference.compare(a, b)[0], True)
        same, text = reference.compare(a, c)
        self.assertFalse(same)
        self.assertIn("1 differ in 1 records", text)

    def test_a_record_twice_or_no_header_is_refused(self):
        twice = self.written("a", "record,X\nr/00001_lr,3f800000\ns/00001_lr.hea,3f800000\n")
        with self.assertRaisesRegex(ValueError, "record 1 stands there twice, the second time as s/00001_lr.hea"):
            reference.read_bits(twice)
        with self.assertRaisesRegex(ValueError, "expected record"):
            reference.read_bits(self.written("b", ""))

    def test_a_rate_without_records_is_null_in_the_report(self):
        report = export.plain({"points": {"A": calibrate.operating_point(np.zeros(4), np.zeros(4), 0.5)}, "pair": (1.0, float("nan"))})
        text = json.dumps(report, allow_nan=False)
        self.assertIn('"sensitivity": null', text)
        self.assertIn('"pair": [1.0, null]', text)

    def test_the_agreement_script_keeps_line_breaks_in_names(self):
        path = self.written("names.csv", '\nrecord,windows,quality,A\n\n"un\n\nread",0,error,\n  \nx/00007_lr,1,good,0.5\n')
        codes, rows, without = agreement().probabilities(path)
        self.assertEqual((codes, list(rows), without), (["A"], [7], ["un\n\nread"]))

    def test_auroc_counts_ties_as_half(self):
        self.assertEqual(metrics.auroc(np.array([0, 1, 0, 1]), np.array([1.0, 1.0, 0.0, 2.0])), 0.875)
        self.assertTrue(np.isnan(metrics.auroc(np.zeros(3), np.arange(3.0))))

    def test_a_file_agrees_with_itself(self):
        out = self.written("out.csv", "record,windows,quality,A,B\n" + "".join(f"x/{i:05}_lr,1,good,{i % 2},0.5\n" for i in range(1, 9)))
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            self.assertEqual(agreement().agreement(out, out, 3), 0)
        self.assertIn("mean absolute difference of probabilities 0.00000", text.getvalue())


if __name__ == "__main__":
    unittest.main()

"""Arrays in, answers out, and what is refused. Environment: PRECORDIA, the program; PRECORDIA_LIBRARY; PRECORDIA_MODEL."""
import math
import os
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import numpy as np

import precordia

PROGRAM, MODEL = os.environ["PRECORDIA"], os.environ["PRECORDIA_MODEL"]


class Arrays(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.record = str(Path(cls.folder.name) / "exam")
        subprocess.run([PROGRAM, "simulate", "--rhythm", "atrial-fibrillation", "--seconds", "24", "-o", cls.record], check=True, capture_output=True)
        cls.array = precordia.read_record(cls.record).microvolts
        cls.model = precordia.Model(MODEL)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_a_verdict_is_that_of_the_program(self):
        said = subprocess.run([PROGRAM, "classify", "--model", MODEL, self.record], capture_output=True, text=True, check=True).stdout.splitlines()
        line = dict(zip(said[0].split(","), said[1].split(",")))
        found = precordia.classify(self.array, 500, model=self.model)
        self.assertEqual((str(found.windows), found.quality, found.is_known, found.is_short), (line["windows"], line["quality"], True, False))
        # An array's microvolts are heard at 0.1 uV, the record's own counts at 1 uV: the network sees the same integers.
        for code, value in found.statements.items():
            self.assertAlmostEqual(value, float(line[code]), delta=0.01)
        self.assertGreater(found.statements["AFIB"], 0.5)

    def test_units_leads_and_missing_samples(self):
        whole = precordia.classify(self.array, 500, model=self.model)
        milli = precordia.classify(self.array / 1000, 500, unit="mV", model=self.model)
        np.testing.assert_array_equal(whole.probabilities, milli.probabilities)
        order = [7, 1, 0, 3, 2, 5, 4, 6, 8, 9, 11, 10]
        turned = precordia.classify(self.array[:, order], 500, [precordia.LEADS[place].lower() for place in order], model=self.model)
        np.testing.assert_array_equal(whole.probabilities, turned.probabilities)
        holed = self.array.copy()
        holed[:2500, 6] = np.nan
        self.assertIn("gap:V1", precordia.classify(holed, 500, model=self.model).quality)
        eight = precordia.classify(self.array[:, [0, 1, 6, 7, 8, 9, 10, 11]], 500, ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6"), model=self.model)
        self.assertEqual((eight.quality, eight.is_known), ("good", True))
        few = precordia.classify(self.array[:, [1]], 500, ["II"], model=self.model)
        self.assertEqual((few.is_known, few.quality.split(";")[0]), (False, "unknown"))
        self.assertIn("tooFewLeads", few.reasons)

    def test_beats_quality_and_measurements(self):
        beats = precordia.beats(self.array, 500, model=self.model)
        self.assertTrue(20 < beats.count < 60 and 60 < beats.heart_rate < 180 and len(beats.rates) > 3)
        windows = precordia.quality(self.array, 500, model=self.model)
        self.assertEqual([(window.start, window.verdict) for window in windows], [(0.0, "good"), (10.0, "good"), (14.0, "good")])
        self.assertEqual(list(windows[0].index), list(precordia.LEADS))
        found = precordia.measure(self.array, 500, age=70, sex="female", model=self.model)
        self.assertTrue(60 < found.qrs < 140 and found.p_present is not True)
        self.assertIsNone(precordia.measure(self.array[:4999], 500, model=self.model))

    def test_a_stream_in_blocks_is_an_engine(self):
        engine = precordia.Engine(self.model, 500, microvolts_per_count=0.1)
        expected = [*engine.push_microvolts(self.array), *engine.drain()]
        found = [*precordia.stream(np.array_split(self.array, 99), 500, model=self.model)]
        self.assertEqual([repr(event) for event in found], [repr(event) for event in expected])

    def test_arguments_that_cannot_be_are_named_with_their_value(self):
        array, classify = self.array, precordia.classify
        cases = [
            (lambda: classify(array, 2**32 + 500), "rate 4294967796"), (lambda: classify(array, 0.7), "rate 0.7"), (lambda: classify(array, math.nan), "rate nan"),
            (lambda: classify(array, 2**40), "rate 1099511627776"), (lambda: classify(array, True), "rate True"), (lambda: classify(array, "500"), "rate '500'"),
            (lambda: classify(array, 500.5), "rate 500.5"), (lambda: classify(array, 500, unit="mm"), "unit 'mm'"),
            (lambda: classify(array, 500, ["X1"] * 12), "leads 'X1'"), (lambda: classify(array, 500, "I"), "leads 'I'"), (lambda: classify(array, 500, ["I", "I"]), "leads 'I'"),
            (lambda: classify(array, 500, []), r"leads \(\)"), (lambda: classify(array.T, 500), r"array of shape \(12, 12000\).*turned round"),
            (lambda: classify(array[0], 500), r"array of shape \(12,\)"), (lambda: classify([["a"] * 12], 500), "array 'list'"),
            (lambda: classify(np.full((10, 12), np.inf), 500), "array inf"),
            (lambda: precordia.measure(array, 500, age=2**40), "age 1099511627776"), (lambda: precordia.measure(array, 500, age=0.7), "age 0.7"),
            (lambda: precordia.measure(array, 500, sex="f"), "sex 'f'.*female, male"),
            (lambda: precordia.Engine(self.model, 500, hop=2**40), "hop 1099511627776"), (lambda: precordia.Engine(self.model, 500, hop=0.7), "hop 0.7"),
            (lambda: precordia.Engine(self.model, 500, measure=61), "measure 61"), (lambda: precordia.Engine(self.model, 500, baseline=0.7), "baseline 0.7"),
            (lambda: precordia.Engine(self.model, 500, baseline=2**40), "baseline 1099511627776"),
            (lambda: precordia.Engine(self.model, 500, microvolts_per_count=math.nan), "microvolts_per_count nan"),
            (lambda: precordia.Engine(self.model, 500, microvolts_per_count=0), "microvolts_per_count 0"),
            (lambda: precordia.Engine(self.model, 500, microvolts_per_count=[1, 2]), "microvolts_per_count.*12 leads"),
            (lambda: precordia.Engine(self.model, 500).push_counts(np.full((2, 12), 2**40)), "counts 1099511627776"),
            (lambda: precordia.Engine(self.model, 500).push_counts(np.full((2, 12), 0.7)), "counts of type 'float64'"),
            (lambda: precordia.Engine(self.model, 500).push_counts(np.zeros((2, 12), int), index=-1), "index -1"),
            (lambda: precordia.Exams(self.model).classify_microvolts(array, 500, marks=np.zeros(3, precordia.exams.MARKS)), "marks"),
            (lambda: precordia.Exams(self.model).classify_counts(array, 500), "counts .'float64'"),
            (lambda: precordia.Link("usb"), "framing 'usb'"), (lambda: [*precordia.stream([array.T], 500)], "block of shape")]
        for call, said in cases:
            with self.subTest(said), self.assertRaisesRegex(precordia.ArgumentError, said + ".* would be right"):
                call()

    def test_threads_have_exams_of_their_own(self):
        expected, found = precordia.classify(self.array, 500, model=self.model).probabilities, []

        def work():
            for _ in range(20):
                found.append(np.array_equal(precordia.classify(self.array, 500, model=self.model).probabilities, expected))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, [True] * 80)

    def test_the_interpreter_goes_on_while_an_exam_is_classified(self):
        exams, counts = precordia.Exams(self.model), np.tile(precordia.read_record(self.record).counts.astype(np.int32), (20, 1))
        seen = []

        def count():
            while not done.is_set():
                seen.append(None)

        # The lock would stay with the classifying thread for the whole call, and nobody could count.
        done, began = threading.Event(), len(seen)
        counter = threading.Thread(target=count)
        counter.start()
        before = len(seen)
        verdict = exams.classify_counts(counts, 500)
        during = len(seen) - before
        done.set()
        counter.join()
        self.assertEqual((verdict.windows, began), (48, 0))
        self.assertGreater(during, 1000)

    def test_a_link_gives_the_frames_that_a_device_sent(self):
        data = subprocess.run([PROGRAM, "simulate", "--record", self.record, "--transport", "stdout"], check=True, capture_output=True).stdout
        link = precordia.Link()
        found = [one for first in range(0, len(data), 1000) for one in link.feed(data[first:first + 1000])] + [*link.finish()]
        about = next(one for one in found if isinstance(one, precordia.LinkStream))
        frames = [one for one in found if isinstance(one, precordia.LinkFrames)]
        self.assertEqual((about.rate, link.counters["frames"], link.counters["frames_missing"], frames[0].index), (500, 12000, 0, frames[0].index))
        self.assertEqual(sum(len(one.counts) for one in frames), 12000)
        sent = np.concatenate([one.as_microvolts(about) for one in frames])
        np.testing.assert_allclose(sent, self.array[:, [precordia.LEADS.index(lead) for lead in about.leads]], atol=1.0)

    def test_versions_agree_and_a_library_is_only_loaded_when_it_is_used(self):
        self.assertEqual(precordia.__version__, precordia.version())
        code = "import precordia, sys; precordia.__version__; sys.exit('precordia._library' in sys.modules)"
        self.assertEqual(subprocess.run([sys.executable, "-c", code]).returncode, 0)


if __name__ == "__main__":
    unittest.main()

"""The package against the program: the same exam gives the same lines. Environment: PRECORDIA, the program; PRECORDIA_LIBRARY; PRECORDIA_MODEL."""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

import precordia

PROGRAM, MODEL = os.environ["PRECORDIA"], os.environ["PRECORDIA_MODEL"]


class Replay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.record = str(Path(cls.folder.name) / "exam")
        subprocess.run([PROGRAM, "simulate", "--rhythm", "demo", "--seconds", "40", "-o", cls.record], check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_lines_are_those_of_the_program(self):
        expected = subprocess.run([PROGRAM, "replay", "--json", "--model", MODEL, self.record], check=True, capture_output=True).stdout
        got = subprocess.run([sys.executable, "-m", "precordia", MODEL, self.record, "--json"], check=True, capture_output=True).stdout
        self.assertEqual(got, expected)
        self.assertGreater(expected.count(b'"event":"window"'), 10)

    def test_counts_microvolts_and_blocks_of_any_size_give_the_same_events(self):
        model, record = precordia.Model(MODEL), precordia.read_record(self.record)
        form = {"microvolts_per_count": record.microvolts_per_count, "baseline": record.baseline}
        one, two = (precordia.Engine(model, record.rate, record.leads, **form) for _ in range(2))
        one.push_microvolts(record.microvolts[:2000])
        self.assertEqual(one.counters["frames"], 2000)
        one.reset()
        first = [*one.push_microvolts(record.microvolts), *one.drain()]
        second = [event for block in np.array_split(record.counts, 777) for event in two.push_counts(block)] + [*two.drain()]
        self.assertEqual([repr(event) for event in first], [repr(event) for event in second])
        self.assertEqual(one.counters, two.counters)
        self.assertEqual(one.counters["events_dropped"], 0)

    def test_measurements_come_where_they_are_asked_for(self):
        model, record = precordia.Model(MODEL), precordia.read_record(self.record)
        form = {"microvolts_per_count": record.microvolts_per_count, "baseline": record.baseline}
        engine = precordia.Engine(model, record.rate, record.leads, measure=5, age=60, sex="female", **form)
        told = [event for event in engine.push_microvolts(record.microvolts[: 14 * record.rate]) if event.kind == "measurement"]
        self.assertEqual([event.sample // record.rate for event in told], [10])
        found = engine.measurement
        self.assertTrue(140 < found.pr < 180 and 90 < found.qrs < 120 and found.p_present and abs(found.st_j[1]) < 0.05)
        self.assertAlmostEqual(found.heart_rate, told[0].value)
        self.assertIsNone(precordia.Engine(model, 500).measurement)
        with self.assertRaisesRegex(ValueError, "female, male"):
            precordia.Engine(model, 500, sex="f")

    def test_errors_say_what_would_be_right(self):
        model = precordia.Model(MODEL)
        with self.assertRaisesRegex(precordia.ArgumentError, "rate 99: a whole number of hertz from 100 to 2000"):
            precordia.Engine(model, 99)
        with self.assertRaisesRegex(precordia.PrecordiaError, "No such file"):
            precordia.Model("/nowhere/at/all")
        with self.assertRaisesRegex(ValueError, "would be right"):
            precordia.Engine(model, 500).push_counts(np.zeros((3, 5)))


if __name__ == "__main__":
    unittest.main()

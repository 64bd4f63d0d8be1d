# What the page of figures computes before it draws: bins, intervals, and the files that it reads.
# The drawing itself needs matplotlib and a pair of eyes.
import tempfile
import unittest
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from precordia_train import figures


class Reliability(unittest.TestCase):
    def test_bins_count_average_and_leave_the_empty_ones_open(self):
        mean, part, count = figures.reliability(np.array([0.02, 0.04, 0.95, 1.0]), np.array([0, 1, 1, 1]))
        self.assertEqual(count.tolist(), [2] + [0] * 8 + [2])
        np.testing.assert_allclose([mean[0], part[0], mean[9], part[9]], [0.03, 0.5, 0.975, 1])
        self.assertTrue(np.isnan(mean[1:9]).all())

    def test_wilsons_interval(self):
        low, high = figures.wilson(np.array([0.1]), np.array([50.0]))
        expected = binomtest(5, 50).proportion_ci(method="wilson")
        np.testing.assert_allclose([low[0], high[0]], [expected.low, expected.high], atol=1e-7)


class Files(unittest.TestCase):
    def test_a_run_before_quantize_is_named(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(ValueError, "answers.npz is missing; a run after `quantize`"):
            figures.draw_quantisation(None, Path(folder))

    def test_curves_keep_their_order(self):
        measured = (("muscle", "20 dB"), ("gain", "+10 %"), ("muscle", "6 dB"))
        rows = [{"perturbation": name, "level": level, "loss": "0.5"} for name, level in measured]
        self.assertEqual(figures.curve(rows, "muscle"), (["20 dB", "6 dB"], [0.5, 0.5]))

    def test_a_task_that_is_not_there_is_named(self):
        with self.assertRaisesRegex(ValueError, "no task 'form'"):
            figures.task({"tasks": [{"task": "all"}]}, "form")

    def test_a_name_that_is_no_record_of_ptbxl_is_named(self):
        with self.assertRaisesRegex(ValueError, "A0001"):
            figures.record_number("cpsc/A0001")


if __name__ == "__main__":
    unittest.main()

# The signal path in numpy against other people's implementations and against its own description.
# Separate from the model's tests: this half has to equal Swift, and nothing here knows of a network.
import math
import os
import tempfile
import unittest
from pathlib import Path

import numpy as np
import scipy.signal

from precordia_train import arithmetic, preprocess, resample


class ArithmeticTests(unittest.TestCase):
    def test_exponential_and_logistic_agree_with_numpy(self):
        x = np.linspace(-690, 690, 20001)
        self.assertLess(np.abs(arithmetic.exponential(x) / np.exp(x) - 1).max(), 1e-14)
        x = np.linspace(-40, 40, 20001)
        self.assertLess(np.abs(arithmetic.logistic(x) * (1 + np.exp(-x)) - 1).max(), 1e-14)

    def test_what_is_no_number_counts_as_700_and_as_the_lowest_byte(self):
        x = np.array([np.nan, np.inf, -np.inf])
        self.assertEqual(list(arithmetic.exponential(x)), list(arithmetic.exponential(np.array([700.0, 700.0, -700.0]))))
        self.assertEqual(np.float32(arithmetic.logistic(np.nan)), 0)
        self.assertEqual(list(preprocess.units(x)), [0, 255, 0])

    def test_sine_and_cosine_agree_with_numpy(self):
        x = np.concatenate([np.linspace(-10, 10, 20001), np.linspace(-999_999, 999_999, 20001)])
        self.assertLess(np.abs(arithmetic.sine(x) - np.sin(x)).max(), 1e-14)
        self.assertLess(np.abs(arithmetic.cosine(x) - np.cos(x)).max(), 2e-10)

    def test_halves_go_to_the_even_integer(self):
        x = np.array([0.5, 1.5, 2.5, -0.5, -1.5, 1e9 + 0.5])
        self.assertEqual(list(arithmetic.rounded_to_even(x)), list(np.rint(x)))


class ResamplerTests(unittest.TestCase):
    def test_every_phase_passes_a_constant(self):
        for rate in (128, 250, 257, 360, 400, 500, 1000, 2000):
            c = resample.coefficients(rate, 100)
            self.assertEqual(c.shape, (100 // math.gcd(rate, 100), 2 * resample.taps_each_side(rate, 100)))
            self.assertLess(np.abs(c.sum(1) - 1).max(), 1e-14)

    def test_a_slow_sine_keeps_its_amplitude_and_place(self):
        for rate in (257, 500, 1000):
            x = np.sin(2 * np.pi * 5 * np.arange(4 * rate) / rate)[:, None]
            y = resample.resampled(x, rate, 100)[:, 0]
            expected = np.sin(2 * np.pi * 5 * np.arange(len(y)) / 100)
            self.assertLess(np.abs(y - expected)[20:-20].max(), 2e-3)

    def test_what_would_alias_is_gone(self):
        x = np.sin(2 * np.pi * 70 * np.arange(2000) / 500)[:, None]
        self.assertLess(np.abs(resample.resampled(x, 500, 100))[20:-20].max(), 2e-3)

    def test_counts_outputs_up_to_the_last_sample(self):
        self.assertEqual(resample.output_count(5000, 500, 100), 1000)
        self.assertEqual(resample.output_count(5001, 500, 100), 1001)
        self.assertEqual(resample.output_count(1, 360, 100), 1)
        self.assertEqual(resample.resampled(np.zeros((257, 3)), 257, 100).shape, (100, 3))

    def test_equal_rates_change_nothing(self):
        x = np.arange(24.0).reshape(2, 12)
        self.assertTrue(np.array_equal(resample.resampled(x, 100, 100), x))


class FilterTests(unittest.TestCase):
    def test_sections_are_scipys(self):
        for row, (cutoff, kind) in zip(preprocess.SECTIONS, ((0.5, "highpass"), (40, "lowpass"))):
            sos = scipy.signal.butter(2, cutoff, kind, fs=100, output="sos")[0]
            self.assertLess(np.abs(row - sos[[0, 1, 2, 4, 5]]).max(), 1e-12)

    def test_agrees_with_scipys_filter(self):
        x = np.random.default_rng(0).normal(0, 500, (2, 1000, 12))
        sos = np.insert(preprocess.SECTIONS, 3, 1.0, axis=1)
        self.assertLess(np.abs(preprocess.filtered(x) - scipy.signal.sosfilt(sos, x, axis=1)).max(), 1e-8)

    def test_a_decaying_state_becomes_exactly_zero(self):
        x = np.zeros((3000, 1))
        x[0] = 1e-15
        self.assertEqual(preprocess.filtered(x)[-1, 0], 0.0)

    def test_units_clip_and_round_to_even(self):
        u = preprocess.units(np.array([0.0, 12.5, 37.5, -12.5, 1e6, -1e6, 25.0]))
        self.assertEqual(list(u), [128, 128, 130, 128, 255, 0, 129])


class TableTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        (self.root / "scp_statements.csv").write_text(
            ",description,diagnostic,form,rhythm,diagnostic_class\nNORM,normal,1.0,,,NORM\nPVC,beats,,1.0,,\nSR,sinus,,,1.0,\n"
        )
        (self.root / "ptbxl_database.csv").write_text(
            "ecg_id,patient_id,scp_codes,strat_fold,filename_lr,filename_hr\n"
            "1,7.0,\"{'NORM': 100.0, 'SR': 0.0}\",3,r/00001_lr,r/00001_hr\n2,7.0,\"{'PVC': 50.0}\",10,r/00002_lr,r/00002_hr\n"
        )

    def tearDown(self):
        self.folder.cleanup()

    def test_likelihood_zero_is_positive(self):
        table = preprocess.tables(self.root)
        self.assertEqual(table.labels.tolist(), [[1, 0, 1], [0, 1, 0]])
        self.assertEqual((table.codes, table.groups), (["NORM", "PVC", "SR"], ["NORM", "form", "rhythm"]))
        self.assertEqual((table.fold.tolist(), table.patient.tolist()), ([3, 10], [7, 7]))

    def test_a_missing_column_and_an_unknown_code_are_named(self):
        path = self.root / "ptbxl_database.csv"
        path.write_text(path.read_text().replace("'PVC'", "'XYZ'"))
        with self.assertRaisesRegex(ValueError, "ptbxl_database.csv: scp_codes has XYZ, which scp_statements.csv does not list"):
            preprocess.tables(self.root)
        path.write_text(path.read_text().replace("strat_fold", "fold"))
        with self.assertRaisesRegex(ValueError, "ptbxl_database.csv: no column strat_fold; there are ecg_id"):
            preprocess.tables(self.root)

    def test_reads_counts_gain_baseline_and_lead_order(self):
        names = list(reversed(preprocess.LEADS))
        counts = np.arange(36, dtype="<i2").reshape(3, 12)
        counts.tofile(self.root / "a.dat")
        lines = ["a 12 500 3"] + [f"a.dat 16 200.0(4)/mV 16 0 0 0 0 {name}" for name in names]
        (self.root / "a.hea").write_text("\n".join(lines) + "\n")
        x, rate = preprocess.read_record(self.root / "a")
        self.assertEqual(rate, 500)
        with self.assertRaisesRegex(ValueError, "a.hea: 500 Hz; 100 Hz was expected"):
            preprocess.read_record(self.root / "a", 100)
        self.assertTrue(np.array_equal(x, (counts[:, ::-1] - 4.0) * 5.0))

    def test_a_short_signal_file_is_refused(self):
        np.zeros(35, "<i2").tofile(self.root / "a.dat")
        (self.root / "a.hea").write_text("a 12 500 3\n" + "a.dat 16 200.0(4)/mV 16 0 0 0 0 I\n" * 12)
        with self.assertRaisesRegex(ValueError, "a.dat: 70 bytes; 12 leads of 3 samples after 0 bytes are 72"):
            preprocess.read_record(self.root / "a")


@unittest.skipUnless(os.environ.get("PRECORDIA_DATA"), "PRECORDIA_DATA is not set")
class RealRecordTests(unittest.TestCase):
    def test_reads_the_samples_that_the_header_vouches_for(self):
        root = Path(os.environ["PRECORDIA_DATA"]) / "ptbxl"
        for name, rate in (("records100/00000/00001_lr", 100), ("records100/12000/12345_lr", 100), ("records500/00000/00001_hr", 500)):
            x, found = preprocess.read_record(root / name)
            self.assertEqual((found, x.shape), (rate, (10 * rate, 12)))
            lines = [line.split() for line in (root / name).with_suffix(".hea").read_text().split("\n")[1:13]]
            for fields in lines:
                # PTB-XL's published headers: 1000 counts a millivolt, first sample, sum of all samples in 16 bits.
                lead = x[:, preprocess.LEADS.index(fields[8].upper())]
                self.assertEqual((fields[2], lead[0]), ("1000.0(0)/mV", float(fields[5])))
                self.assertEqual(int(lead.sum()) & 0xFFFF, int(fields[6]) & 0xFFFF)


if __name__ == "__main__":
    unittest.main()

# What the robustness curves are made of: levels, laws of the leads, and that chance depends on nothing but the record's number.
# Separate from the tests of the network, which know nothing of perturbed exams.
import unittest

import numpy as np

from precordia_train import perturb
from precordia_train.preprocess import LEADS, RATE, band

RECORDS = [3, 17, 4711]


def exams():
    """[3, 1000, 12] microvolts of nothing in particular that obey Einthoven and Goldberger."""
    electrodes = np.cumsum(np.random.default_rng(1).normal(0, 30, (3, 1000, 9)), axis=1)
    return electrodes @ perturb.LEAD_MATRIX.T


def spectrum(signal, rate):
    power = np.abs(np.fft.rfft(signal - signal.mean(axis=1, keepdims=True), axis=1)) ** 2
    return np.fft.rfftfreq(signal.shape[1], 1 / rate), power.sum(axis=(0, 2))


class Noise(unittest.TestCase):
    def test_noise_is_as_loud_as_asked_for(self):
        for name, (_, rate) in perturb.NOISES.items():
            for decibels in (20, 0):
                exam = exams()
                noise = perturb.with_noise(exam, RECORDS, name, decibels) - perturb.at_rate(exam, rate)
                power = [part.var(axis=1).mean(axis=1) for part in (band(exam, RATE), noise)]
                np.testing.assert_allclose(10 * np.log10(power[0] / power[1]), decibels, atol=1e-9, err_msg=name)

    def test_noise_lies_in_its_band(self):
        for name, low, high in (("wander", 0, 1.2), ("muscle", 19.5, 45.5), ("mains", 49, 51)):
            make, rate = perturb.NOISES[name]
            frequency, power = spectrum(make(RECORDS, 10 * rate, rate), rate)
            inside = power[(frequency >= low) & (frequency <= high)].sum()
            self.assertGreater(inside / power.sum(), 0.97, name)

    def test_noise_depends_on_the_record_alone(self):
        for name, (make, rate) in perturb.NOISES.items():
            together = make(RECORDS, 500, rate)
            np.testing.assert_array_equal(together[1:2], make(RECORDS[1:2], 500, rate), name)
            self.assertFalse(np.array_equal(together[0], together[1]), name)

    def test_leads_of_the_noise_obey_einthoven_and_goldberger(self):
        one, two, three, right, left, foot = (perturb.LEAD_MATRIX[row] for row in range(6))
        np.testing.assert_allclose(three, two - one)
        np.testing.assert_allclose([right, left, foot], [-(one + two) / 2, one - two / 2, two - one / 2])
        np.testing.assert_allclose(perturb.LEAD_MATRIX.sum(axis=1), 0, atol=1e-12)


class Leads(unittest.TestCase):
    def test_missing_leads_are_as_many_as_asked_for_and_nested(self):
        gone = [np.isnan(perturb.without_leads(exams(), RECORDS, count)).all(axis=1) for count in (1, 2, 3)]
        for count, leads in enumerate(gone, 1):
            self.assertEqual(leads.sum(axis=1).tolist(), [count] * 3)
        self.assertTrue((gone[0] <= gone[1]).all() and (gone[1] <= gone[2]).all())

    def test_a_missing_lead_is_that_lead(self):
        gone = np.isnan(perturb.without_lead(exams(), "V2"))
        self.assertEqual([lead for index, lead in enumerate(LEADS) if gone[..., index].any()], ["V2"])

    def test_reversals_are_those_of_swapped_electrodes(self):
        for swap in perturb.REVERSALS:
            order = list(range(9))
            first, second = (perturb.ELECTRODES.index(electrode) for electrode in swap.split("/"))
            order[first], order[second] = order[second], order[first]
            electrodes = np.random.default_rng(2).normal(size=(1, 50, 9))
            expected = electrodes[..., order] @ perturb.LEAD_MATRIX.T
            np.testing.assert_allclose(perturb.reversed_limbs(electrodes @ perturb.LEAD_MATRIX.T, swap), expected, atol=1e-12, err_msg=swap)


class Time(unittest.TestCase):
    def test_another_rate_has_the_same_content(self):
        time = np.arange(1000) / RATE
        exam = np.repeat(np.sin(2 * np.pi * 7 * time)[None, :, None] * 500 + 90, 12, axis=2)
        for rate in (250, 360, 500, 1000):
            found = perturb.at_rate(exam, rate)[0, :, 0]
            self.assertEqual(len(found), 10 * rate)
            middle = slice(rate, -rate)
            np.testing.assert_allclose(found[middle], np.sin(2 * np.pi * 7 * np.arange(10 * rate)[middle] / rate) * 500 + 90, atol=2)

    def test_a_crop_begins_and_ends_where_it_should(self):
        exam = np.arange(1000.0)[None, :, None].repeat(12, axis=2)
        found = perturb.cropped(exam, 1.5, 7)
        self.assertEqual((found[0, 0, 0], found.shape[1]), (150, 700))


if __name__ == "__main__":
    unittest.main()

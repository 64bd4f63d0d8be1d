# A clean record with noise added as the MIT-BIH Noise Stress Test Database was made (WFDB's nst): how much, when, and the sums behind it.
# Apart from scoring, because the same records serve beats and alarms.
from pathlib import Path

from . import records

LEARNING, NOISY = 300, 120
# What WFDB's maps take for normal: N, L, R, a, J, A, S, j, e, n.
NORMAL = {1, 2, 3, 4, 7, 8, 9, 11, 34, 35}
MOST = 300


def middle_mean(values):
    """The mean without the largest and the smallest 5 %."""
    values = sorted(values)
    cut = int(0.05 * len(values))
    kept = values[cut:len(values) - cut]
    return sum(kept) / len(kept)


def signal_power(values, rate, beats):
    """nst's S of one channel: the mean peak-to-peak of the first 300 normal QRS from 50 ms before to 50 ms after their place, squared, over 8."""
    half = int(0.05 * rate + 0.5)
    places = [sample for sample, code in beats if code in NORMAL and half <= sample < len(values) - half][:MOST]
    heights = [float(values[at - half:at + half + 1].max() - values[at - half:at + half + 1].min()) for at in places]
    return middle_mean(heights) ** 2 / 8


def noise_power(values, rate):
    """nst's N of one channel: the mean root-mean-square about their mean of the first 300 seconds, squared."""
    second = int(rate + 0.5)
    sizes = [float(values[at:at + second].std()) for at in range(0, len(values) - second + 1, second)][:MOST]
    return middle_mean(sizes) ** 2


def gain(signal, noise, decibels):
    """The factor on the noise that gives a ratio of signal to noise."""
    return (signal / (noise * 10 ** (decibels / 10))) ** 0.5


def noisy_stretches(seconds):
    """From minute 5 on two minutes of noise, two without."""
    return [(start, min(start + NOISY, seconds)) for start in range(LEARNING, int(seconds), 2 * NOISY)]


def stressed(clean, noise, decibels, path):
    """Writes the clean record with noise; returns its path. Noise channel n goes to signal n, both from their beginning, without steps where noise begins or ends."""
    import numpy as np

    rate, names, values = records.samples(clean)
    _, _, added = records.samples(noise)
    added = np.nan_to_num(added)
    values = np.nan_to_num(values)
    added = np.concatenate([added] * (len(values) // len(added) + 1))[:len(values)]
    beats = records.beats(Path(clean).with_suffix(".atr"))
    for channel in range(values.shape[1]):
        own = added[:, channel % added.shape[1]]
        factor = gain(signal_power(values[:, channel], rate, beats), noise_power(own, rate), decibels)
        offset = 0.0
        for start, end in noisy_stretches(len(values) / rate):
            a, b = int(start * rate), int(end * rate)
            values[a:b, channel] += factor * (own[a:b] - own[a]) + offset
            # nst keeps the level where noise ends, as it does where it begins.
            offset += factor * (own[b - 1] - own[a])
            values[b:b + int(NOISY * rate), channel] += offset
    return records.write(path, rate, names, 1000 * values)

# What goes wrong with an exam before a classifier sees it: noise, leads, electrodes, gain, rate and length.
# Separate from the command that measures (tools/robustness), so that every formula here has a test.
"""Every function takes microvolts, float64 [records, samples, 12] in `LEADS` order.

Noise is synthetic and arises at the nine electrodes, as a body's does; the leads follow by Einthoven, Goldberger and Wilson. It is drawn
from a generator of the record's own number: neither the batch nor other records matter, and a louder noise is the same noise louder.
"""

import zlib

import numpy as np
from scipy import signal

from .preprocess import LEADS, RATE, band

#: Part of every generator's seed.
SEED = 20_261_122

ELECTRODES = ("RA", "LA", "LL", "V1", "V2", "V3", "V4", "V5", "V6")


def _lead_matrix() -> np.ndarray:
    """[12, 9]: leads from electrodes."""
    right, left, foot = np.eye(3, 9)
    limb = [left - right, foot - right, foot - left]
    goldberger = [right - (left + foot) / 2, left - (right + foot) / 2, foot - (right + left) / 2]
    return np.array(limb + goldberger + list(np.eye(9)[3:] - (right + left + foot) / 3))


LEAD_MATRIX = _lead_matrix()

# Which lead's signal stands where, and its sign, when two limb electrodes are swapped: (sign, lead) for I ... aVF. From the matrix above.
REVERSALS = {
    "LA/RA": ((-1, "I"), (1, "III"), (1, "II"), (1, "AVL"), (1, "AVR"), (1, "AVF")),
    "LA/LL": ((1, "II"), (1, "I"), (-1, "III"), (1, "AVR"), (1, "AVF"), (1, "AVL")),
    "RA/LL": ((-1, "III"), (-1, "II"), (-1, "I"), (1, "AVF"), (1, "AVL"), (1, "AVR")),
}


def generator(name: str, record: int) -> np.random.Generator:
    """A record's own source of chance for one kind of perturbation."""
    return np.random.default_rng([SEED, zlib.crc32(name.encode()), record])


def _shaped(name: str, records, samples: int, rate: int, low: float, high: float, slope: float) -> np.ndarray:
    """Gaussian noise [records, samples, 9] with an amplitude spectrum of f**slope from `low` to `high` hertz and nothing elsewhere.

    Made four times as long as needed and cut, so that it neither begins as it ends nor has only whole periods in it.
    """
    long = 4 * samples
    frequency = np.fft.rfftfreq(long, 1 / rate)
    inside = np.flatnonzero((frequency >= low) & (frequency <= high))
    spectrum = np.zeros((len(records), 9, len(frequency)), complex)
    for row, record in enumerate(records):
        real, imaginary = generator(name, record).standard_normal((2, 9, len(inside)))
        spectrum[row][:, inside] = (real + 1j * imaginary) * frequency[inside] ** slope
    return np.moveaxis(np.fft.irfft(spectrum, long, axis=-1)[..., :samples], 1, 2)


def wander(records, samples: int, rate: int) -> np.ndarray:
    """Baseline wander at the electrodes: amplitude spectrum 1/f from 0.05 to 1 Hz (the skin's potential, breath, slow movement)."""
    return _shaped("wander", records, samples, rate, 0.05, 1.0, -1.0)


def muscle(records, samples: int, rate: int) -> np.ndarray:
    """Muscle noise at the electrodes: white from 20 to 45 Hz, the part of a surface electromyogram that a record at 100 Hz can hold."""
    return _shaped("muscle", records, samples, rate, 20.0, 45.0, 0.0)


def mains(records, samples: int, rate: int) -> np.ndarray:
    """Mains at the electrodes: one sine a record, 49.8 to 50.2 Hz, any phase, of which each electrode takes up its own part, -1 to 1."""
    time = np.arange(samples)[:, None] / rate
    noise = np.empty((len(records), samples, 9))
    for row, record in enumerate(records):
        draw = generator("mains", record)
        frequency, phase = draw.uniform(49.8, 50.2), draw.uniform(0, 2 * np.pi)
        noise[row] = np.sin(2 * np.pi * frequency * time + phase) * draw.uniform(-1, 1, 9)
    return noise


#: What makes a noise, and the hertz at which it is added: mains needs more than a record at 100 Hz can hold.
NOISES = {"wander": (wander, RATE), "muscle": (muscle, RATE), "mains": (mains, 500)}


def with_noise(microvolts: np.ndarray, records, name: str, decibels: float) -> np.ndarray:
    """Records at `RATE` with one of `NOISES` added, at that noise's rate.

    The ratio is of powers of a whole record: the signal's, in the classifier's band (`preprocess.band`), to the noise's as it is added,
    before any filter. Each is the mean over the twelve leads of the variance in time. One factor scales the noise of all leads.
    """
    make, rate = NOISES[name]
    signal_power = band(microvolts, RATE).var(axis=1).mean(axis=1)
    exam = at_rate(microvolts, rate)
    noise = make(records, exam.shape[1], rate) @ LEAD_MATRIX.T
    noise_power = noise.var(axis=1).mean(axis=1)
    factor = np.sqrt(signal_power / noise_power / 10 ** (decibels / 10))
    return exam + factor[:, None, None] * noise


def at_rate(microvolts: np.ndarray, rate: int) -> np.ndarray:
    """Records at `RATE` brought to `rate` hertz by scipy's polyphase filter. The content stays what 100 Hz can hold."""
    if rate == RATE:
        return microvolts
    divisor = np.gcd(rate, RATE)
    return signal.resample_poly(microvolts, rate // divisor, RATE // divisor, axis=1, padtype="line")


def without_leads(microvolts: np.ndarray, records, count: int) -> np.ndarray:
    """`count` leads drawn for each record become not a number; those of a smaller count are among those of a larger."""
    changed = microvolts.copy()
    for row, record in enumerate(records):
        changed[row][:, generator("missing", record).permutation(12)[:count]] = np.nan
    return changed


def without_lead(microvolts: np.ndarray, lead: str) -> np.ndarray:
    changed = microvolts.copy()
    changed[..., LEADS.index(lead)] = np.nan
    return changed


#: The leads that cables measure, from seven down to one; of six and of five those that lose least and those that lose most of all choices
#: with I and II.
CABLES = (
    ("I", "II", "V1", "V2", "V3", "V4", "V5"),
    ("I", "II", "V1", "V2", "V4", "V5"),
    ("I", "II", "V3", "V4", "V5", "V6"),
    ("I", "II", "V1", "V2", "V3", "V4"),
    ("I", "II", "V1", "V3", "V5"),
    ("I", "II", "V1", "V2", "V3"),
    ("I", "II", "V4", "V5", "V6"),
    ("I", "II", "V2", "V5"),
    ("I", "II", "V1", "V5"),
    ("I", "II", "V5"),
    ("I", "II", "V1"),
    ("I", "II"),
    ("II", "V5"),
    ("II", "V1"),
    ("I",),
    ("II",),
    ("V1",),
)


def reversed_limbs(microvolts: np.ndarray, swap: str) -> np.ndarray:
    """The exam as recorded with two limb electrodes swapped: exact, by the definitions of the leads. V1 to V6 do not change."""
    changed = microvolts.copy()
    for lead, (sign, source) in enumerate(REVERSALS[swap]):
        changed[..., lead] = sign * microvolts[..., LEADS.index(source)]
    return changed


def cropped(microvolts: np.ndarray, start: float, seconds: float, rate: int = RATE) -> np.ndarray:
    """`seconds` of each record from second `start` on."""
    first = round(start * rate)
    return microvolts[:, first : first + round(seconds * rate)]

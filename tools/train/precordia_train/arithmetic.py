# Elementary functions in numpy, operation by operation as Sources/PrecordiaSignal/Arithmetic.swift has them.
# Separate because three rooms share them (resampler, head, vectors) and their bits must not depend on numpy's own.
"""Every function takes and gives float64 arrays or scalars; one rounding for each operator written here."""

import numpy as np

ROUNDING_BIAS = 6755399441055744.0


def rounded_to_even(x):
    """Nearest integer, ties to even, for |x| < 2**51."""
    return (x + ROUNDING_BIAS) - ROUNDING_BIAS


_EXPONENTIAL = (
    1.6059043836821613e-10, 2.08767569878681e-09, 2.505210838544172e-08, 2.755731922398589e-07, 2.7557319223985893e-06,
    2.48015873015873e-05, 0.0001984126984126984, 0.001388888888888889, 0.008333333333333333, 0.041666666666666664,
    0.16666666666666666, 0.5, 1.0, 1.0,
)  # fmt: skip


def exponential(x):
    """e**x, x clamped to -700...700; not a number counts as 700."""
    x = np.asarray(x, np.float64)
    bounded = np.where(x < 700, np.where(x > -700, x, -700.0), 700.0)
    k = rounded_to_even(bounded * 1.4426950408889634)
    r = (bounded - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10
    p = np.full_like(r, _EXPONENTIAL[0])
    for c in _EXPONENTIAL[1:]:
        p = p * r + c
    return p * ((k.astype(np.int64) + 1023) << 52).view(np.float64)


def logistic(x):
    """1 / (1 + e**-x)."""
    return 1.0 / (1.0 + exponential(-np.asarray(x, np.float64)))


_SINE = (
    -7.647163731819816e-13, 1.6059043836821613e-10, -2.505210838544172e-08, 2.7557319223985893e-06,
    -0.0001984126984126984, 0.008333333333333333, -0.16666666666666666,
)  # fmt: skip
_COSINE = (
    -1.1470745597729725e-11, 2.08767569878681e-09, -2.755731922398589e-07, 2.48015873015873e-05, -0.001388888888888889,
    0.041666666666666664, -0.5,
)  # fmt: skip


def sine(x):
    """The sine of x radians, |x| < 1e6."""
    x = np.asarray(x, np.float64)
    quarter = rounded_to_even(x * 0.6366197723675814)
    r = (x - quarter * 1.5707963267341256) - quarter * 6.077100506506192e-11
    square = r * r
    p = np.full_like(r, 2.8114572543455206e-15)
    for c in _SINE:
        p = p * square + c
    s = r + r * square * p
    p = np.full_like(r, 4.779477332387385e-14)
    for c in _COSINE:
        p = p * square + c
    c = 1 + square * p
    turn = quarter.astype(np.int64) & 3
    return np.where(turn == 0, s, np.where(turn == 1, c, np.where(turn == 2, -s, -c)))


def cosine(x):
    """The cosine of x radians, |x| < 1e6."""
    return sine(np.asarray(x, np.float64) + 1.5707963267948966)

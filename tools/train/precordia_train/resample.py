# The rational resampler between a recording's rate and the model's, in numpy float64.
# Separate because the Swift one has to give the same bits, so the formulas stand here once and alone.
"""Kaiser-windowed sinc, polyphase. Let F be the source rate and R the target rate, hertz, both integers.

    g = gcd(F, R); L = R/g phases; M = F/g
    K = ceil(12*F/R)            taps on each side, integer arithmetic: (12*F + R - 1) // R
    T = 12.0 / Double(R)        half support, seconds
    fc = 0.47 * Double(R)       cut-off, hertz
    omega = 6.283185307179586 * fc

Coefficient of phase f (0 ..< L) and tap k (1-K ... K), each operation rounded once to binary64:

    t = (Double(k) - Double(f) / Double(L)) / Double(F)     seconds
    u = t / T;  w = 1 - u*u
    if w <= 0: h = 0
    else:
        q = ((beta*beta) * 0.25) * w        beta = 5.65
        term = 1; sum = 1
        for j in 1...29 { term = (term * q) / Double(j*j); sum = sum + term }   (I0 as its power series)
        s = t == 0 ? 2*fc : sine(omega * t) / (3.141592653589793 * t)
        h = s * sum
    total = h[1-K] + h[2-K] + ... + h[K]    sequentially from 0
    c[f][k] = h / total

Output n stands at input position n*M/L: i = (n*M) / L, f = (n*M) % L (integer division).

    y[n] = 0;  for k in 1-K ... K { y[n] = y[n] + c[f][k] * x[i+k] }

x before the start is 0 (the signal is relative to its first sample), x after the end is the last sample.
n runs over all n >= 0 with n*M <= (N-1)*L, N samples in. F == R is the identity. Delay of a live resampler: K source samples.
"""

from math import gcd

import numpy as np

from .arithmetic import sine

BETA = 5.65


def taps_each_side(source: int, target: int) -> int:
    """K: taps before and after the output's place."""
    return (12 * source + target - 1) // target


def coefficients(source: int, target: int) -> np.ndarray:
    """[L][2K] float64, tap k at column k + K - 1."""
    phases = target // gcd(source, target)
    K = taps_each_side(source, target)
    T = 12.0 / float(target)
    fc = 0.47 * float(target)
    omega = 6.283185307179586 * fc
    k = np.arange(1 - K, K + 1, dtype=np.float64)[None, :]
    f = np.arange(phases, dtype=np.float64)[:, None]
    t = (k - f / float(phases)) / float(source)
    u = t / T
    w = 1.0 - u * u
    q = ((BETA * BETA) * 0.25) * w
    term = np.ones_like(q)
    total = np.ones_like(q)
    for j in range(1, 30):
        term = (term * q) / float(j * j)
        total = total + term
    safe = np.where(t == 0, 1.0, t)
    s = np.where(t == 0, 2.0 * fc, sine(omega * t) / (3.141592653589793 * safe))
    h = np.where(w <= 0, 0.0, s * total)
    sums = np.zeros(phases)
    for column in range(h.shape[1]):
        sums = sums + h[:, column]
    return h / sums[:, None]


def output_count(samples: int, source: int, target: int) -> int:
    """Outputs that `samples` inputs give."""
    g = gcd(source, target)
    L, M = target // g, source // g
    return (samples - 1) * L // M + 1


def resampled(x: np.ndarray, source: int, target: int) -> np.ndarray:
    """x: [..., N, leads] float64 relative to its first sample. Returns [..., outputs, leads]."""
    if source == target:
        return x
    g = gcd(source, target)
    L, M = target // g, source // g
    c = coefficients(source, target)
    K = c.shape[1] // 2
    N = x.shape[-2]
    n = np.arange(output_count(N, source, target))
    at, phase = (n * M) // L, (n * M) % L
    y = np.zeros(x.shape[:-2] + (n.size, x.shape[-1]))
    for k in range(1 - K, K + 1):
        place = at + k
        value = np.take(x, np.clip(place, 0, N - 1), axis=-2)
        value = np.where((place < 0)[:, None], 0.0, value)
        y = y + c[phase, k + K - 1][:, None] * value
    return y

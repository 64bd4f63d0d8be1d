# Thresholds and probabilities: what a logit means, learnt on fold 9 from the integer network's own output.
# Separate because the next model, or a hospital's own recordings, change this and nothing else.
import numpy as np

from .arithmetic import logistic
from .metrics import negative_log_likelihood, steps

#: Positives that a label needs for a slope and offset of its own.
LEAST_POSITIVES = 20


def fit(labels: np.ndarray, logits: np.ndarray, prior=(1.0, 0.0), strength: float = 0.0) -> tuple[float, float]:
    """Slope and offset by Newton's method, drawn towards `prior` with `strength` pseudo-observations; the slope stays positive."""
    z, y = logits.astype(np.float64).ravel(), labels.astype(np.float64).ravel()
    theta = np.array(prior, np.float64)
    ridge = np.array([strength, strength])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(theta[0] * z + theta[1], -60, 60)))
        gradient = np.array([((p - y) * z).sum(), (p - y).sum()]) + ridge * (theta - prior)
        w = p * (1 - p)
        hessian = np.array([[(w * z * z).sum(), (w * z).sum()], [(w * z).sum(), w.sum()]]) + np.diag(ridge + 1e-9)
        move = np.linalg.solve(hessian, gradient)
        theta = theta - np.clip(move, -0.5, 0.5)
        theta[0] = max(theta[0], 0.2)
        if np.abs(move).max() < 1e-9:
            break
    return float(theta[0]), float(theta[1])


def platt(labels: np.ndarray, logits: np.ndarray) -> list:
    """(slope, offset) for each column: one pooled fit, then each column with enough positives drawn towards it."""
    pooled = fit(labels, logits)
    pairs = []
    for column in range(labels.shape[1]):
        enough = labels[:, column].sum() >= LEAST_POSITIVES
        pairs.append(fit(labels[:, column], logits[:, column], pooled, 5.0) if enough else pooled)
    return pairs


def chosen(labels: np.ndarray, logits: np.ndarray) -> tuple[list, float, float]:
    """Pairs for one set of labels, or (1, 0) where the fit does not help; cross-validated likelihood before and after."""
    before, after = cross_validated(labels, logits)
    return (platt(labels, logits) if after < before else [(1.0, 0.0)] * labels.shape[1]), before, after


def apply(pairs: list, logits: np.ndarray) -> np.ndarray:
    """Calibrated logits."""
    slope, offset = np.array(pairs).T
    return slope * logits.astype(np.float64) + offset


def cross_validated(labels: np.ndarray, logits: np.ndarray, parts: int = 5) -> tuple[float, float]:
    """Negative log likelihood before and after, the fit never seeing the records that it is judged on."""
    part = np.random.default_rng(0).integers(0, parts, len(labels))
    after = np.empty(logits.shape, np.float64)
    for index in range(parts):
        after[part == index] = apply(platt(labels[part != index], logits[part != index]), logits[part == index])
    return negative_log_likelihood(labels, logits), negative_log_likelihood(labels, after)


def specific_threshold(labels: np.ndarray, probabilities: np.ndarray, specificity: float) -> float:
    """The lowest threshold that at most 1 - specificity of the negatives reach (p >= threshold counts)."""
    negatives = np.sort(probabilities[labels == 0])[::-1]
    allowed = int(np.floor((1 - specificity) * len(negatives)))
    return float(np.nextafter(negatives[allowed], np.float32(1), dtype=np.float32))


def alarm_threshold(labels: np.ndarray, probabilities: np.ndarray, specificity: float, least: float) -> float:
    """Specific enough and, for a label that alerts, probable enough."""
    return max(specific_threshold(labels, probabilities, specificity), float(np.float32(least)))


def best_f_threshold(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The threshold of the greatest F1, halfway to the next lower probability; 0.5 without positives."""
    if labels.sum() == 0:
        return 0.5
    levels, hits, raised = steps(labels, probabilities)
    best = int(np.argmax(2 * hits / (raised + hits[-1])))
    here = float(levels[best])
    below = float(levels[best + 1]) if best + 1 < len(levels) else 0.0
    return float(np.float32((here + below) / 2))


def operating_point(labels: np.ndarray, probabilities: np.ndarray, threshold: float) -> dict:
    """Counts and rates at p >= threshold."""
    raised, positive = probabilities >= np.float32(threshold), labels.astype(bool)
    hits = int((raised & positive).sum())
    return {
        "positives": int(positive.sum()), "raised": int(raised.sum()), "hits": hits,
        "sensitivity": hits / positive.sum() if positive.any() else float("nan"),
        "specificity": float((~raised & ~positive).sum() / (~positive).sum()),
        "precision": hits / raised.sum() if raised.any() else float("nan"),
    }  # fmt: skip


def probabilities(pairs: list, logits: np.ndarray) -> np.ndarray:
    """binary32, as the engine computes them from slope and offset stored as binary32."""
    slope, offset = np.array(pairs, np.float32).astype(np.float64).T
    return logistic(slope * logits.astype(np.float64) + offset).astype(np.float32)

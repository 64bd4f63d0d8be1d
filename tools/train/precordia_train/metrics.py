# Area under the ROC curve in plain numpy.
# Separate so that training and quantiser count ties the same way.
import numpy as np


def auroc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Mann-Whitney with mid-ranks; nan without both classes."""
    positives = int(labels.sum())
    negatives = labels.size - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2.0)[place]
    return float((ranks[labels.astype(bool)].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def each_auroc(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """One figure a column; nan for a column without positives."""
    return np.array([auroc(labels[:, c], scores[:, c]) for c in range(labels.shape[1])])


def mean(values: np.ndarray) -> float:
    """Over those that are numbers; nan where none is."""
    values = np.asarray(values, np.float64)
    return float(values[np.isfinite(values)].mean()) if np.isfinite(values).any() else float("nan")


def macro_auroc(labels: np.ndarray, scores: np.ndarray, least: int = 1) -> float:
    """Mean over the columns that have at least `least` positives, and a negative."""
    return mean(np.where(labels.sum(0) >= least, each_auroc(labels, scores), np.nan))


def steps(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Down the scores, once after each tie: the score, how many positives have it or a higher one, and how many records."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(labels[order].astype(np.int64))
    last = np.append(np.diff(scores[order]) != 0, True)
    return scores[order][last], hits[last], np.flatnonzero(last) + 1


def average_precision(labels: np.ndarray, scores: np.ndarray) -> float:
    """Area under precision over recall as a sum of steps, ties taken together; nan without positives."""
    if labels.sum() == 0:
        return float("nan")
    _, hits, raised = steps(labels, scores)
    return float((np.diff(hits, prepend=0) * hits / raised).sum() / hits[-1])


def best_f(labels: np.ndarray, scores: np.ndarray) -> float:
    """The greatest F1 over all thresholds; nan without positives."""
    if labels.sum() == 0:
        return float("nan")
    _, hits, raised = steps(labels, scores)
    return float((2 * hits / (raised + hits[-1])).max())


def negative_log_likelihood(labels: np.ndarray, logits: np.ndarray) -> float:
    """Mean over all entries."""
    z = logits.astype(np.float64)
    return float((np.logaddexp(0.0, z) - labels * z).mean())

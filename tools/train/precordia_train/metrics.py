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


def macro_auroc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Mean over the columns that have positives."""
    return float(np.nanmean(each_auroc(labels, scores)))

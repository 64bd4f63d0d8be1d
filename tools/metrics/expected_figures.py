"""Prints what scikit-learn makes of small sets of answers, as the file that the Swift tests of `evaluate` compare with.

Usage: python tools/metrics/expected_figures.py > Tests/PrecordiaEvaluationTests/Vectors/figures.txt
Needs numpy and scikit-learn from PyPI. Each case: exams with probability, label, what the model named, and how often the exam counts,
which is done here by repeating it; then every figure, `nan` where it is undefined.
"""

import sys
import warnings

import numpy as np
import sklearn
from sklearn import metrics

BINS = 15


def figures(p, y, named):
    """Every figure by scikit-learn's own functions; the calibration error is not in it and is written out bin by bin."""
    positive, negative = y.any(), not y.all()
    nan = float("nan")
    precision, recall, thresholds = metrics.precision_recall_curve(y, p)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    best = int(np.flatnonzero(f1[:-1] >= f1[:-1].max() - 1e-12)[-1])
    edges = np.minimum((p * BINS).astype(int), BINS - 1)
    error = sum(abs(p[edges == b].mean() - y[edges == b].mean()) * (edges == b).mean() for b in range(BINS) if (edges == b).any())
    return {
        "auroc": metrics.roc_auc_score(y, p) if positive and negative else nan,
        "auprc": metrics.average_precision_score(y, p) if positive else nan,
        "f_max": f1[best] if positive else nan,
        "f1": metrics.f1_score(y, named, zero_division=0) if positive else nan,
        "sensitivity": metrics.recall_score(y, named) if positive else nan,
        "specificity": metrics.recall_score(1 - y, 1 - named) if negative else nan,
        "ppv": metrics.precision_score(y, named, zero_division=0) if positive else nan,
        "brier": np.mean((p - y) ** 2),
        "ece": error,
        "f_max_threshold": thresholds[best] if positive else nan,
    }


def cases():
    random = np.random.default_rng(2026)

    def case(name, p, y, threshold=0.5, weights=None):
        p, y = np.asarray(p, float), np.asarray(y, int)
        return name, p, y, (p >= threshold).astype(int), np.ones(len(p), int) if weights is None else np.asarray(weights)

    def random_case(name, count, prevalence, decimals, threshold, weights=None):
        y = (random.random(count) < prevalence).astype(int)
        p = np.clip(random.beta(1 + 3 * y, 3), 0, 1)
        return case(name, np.round(p, decimals) if decimals else p, y, threshold, weights)

    yield case("one-pair", [0.9, 0.1], [1, 0])
    yield case("one-pair-the-wrong-way-round", [0.1, 0.9], [1, 0])
    yield case("all-tied", [0.3] * 6, [1, 0, 0, 1, 0, 0])
    yield case("ends-of-the-range", [0, 0, 1, 1, 1 / 15, 14 / 15, 0.5], [0, 1, 1, 0, 0, 1, 1])
    yield case("nobody-has-it", [0.2, 0.8, 0.4], [0, 0, 0])
    yield case("everybody-has-it", [0.2, 0.8, 0.4], [1, 1, 1])
    yield case("never-named", [0.2, 0.3, 0.4], [0, 1, 0], threshold=2)
    yield random_case("distinct", 60, 0.3, None, 0.4)
    yield random_case("ties", 60, 0.3, 1, 0.4)
    yield random_case("rare", 80, 0.04, 2, 0.2)
    yield random_case("common", 50, 0.9, 2, 0.6)
    yield random_case("weighted", 60, 0.3, None, 0.4, random.poisson(1, 60))
    yield random_case("weighted-ties", 60, 0.3, 1, 0.4, random.poisson(1, 60))


def main():
    print(f"# python tools/metrics/expected_figures.py, scikit-learn {sklearn.__version__}")
    print("# case NAME; an exam a line: probability label named weight; then the figures by name; threshold only where no exam is weighted")
    for name, p, y, named, weights in cases():
        print(f"case {name}")
        for row in zip(p, y, named, weights):
            print("exam", *(repr(value.item()) for value in row))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = figures(*(np.repeat(values, weights) for values in (p, y, named)))
        for key, value in found.items():
            if key != "f_max_threshold" or (weights == 1).all():
                print(key, repr(float(value)))


if __name__ == "__main__":
    sys.exit(main())

"""What balanced accuracy is by chance: for predictions that have nothing to do with the labels."""

from __future__ import annotations

import numpy as np


def chance_balanced_accuracy(confusion_matrix: np.ndarray) -> tuple[float, float]:
    """Return mean and standard deviation over all permutations of the predictions.

    Labels, and how often each class is predicted, stay as they are. Unlike the interval of an
    observed recall, the deviation is right for recalls of 0 and 1 and for few images.

    Args:
        confusion_matrix: `(K, K)` counts, at least 2; rows are true classes, columns predicted
            ones.

    Source: W. Hoeffding, A combinatorial central limit theorem, Annals of Mathematical Statistics
        22 (1951), theorem 2.
    """
    actual, predicted = confusion_matrix.sum(axis=1), confusion_matrix.sum(axis=0)
    count, occurring = actual.sum(), np.count_nonzero(actual)
    # What one image of the row's class adds to balanced accuracy as one of the column's class.
    added = np.diag(1 / (np.maximum(actual, 1) * occurring))
    rows = added @ predicted / count
    columns = actual @ added / count
    mean = actual @ rows
    centered = added - rows[:, None] - columns + mean / count
    variance = actual @ centered**2 @ predicted / (count - 1)
    return float(mean), float(np.sqrt(variance))

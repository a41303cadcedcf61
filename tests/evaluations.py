"""Evaluations with a given confusion matrix."""

from collections.abc import Sequence

import numpy as np

from app.metrics import Evaluation, evaluate_probabilities


def evaluation(confusion: Sequence[Sequence[int]], names: Sequence[str] = ()) -> Evaluation:
    """Return the evaluation of hard predictions with this confusion matrix."""
    pairs = [
        (true, predicted)
        for true, row in enumerate(confusion)
        for predicted, count in enumerate(row)
        for _ in range(count)
    ]
    labels, predicted = np.array(pairs).T
    names = names or [f"c{k}" for k in range(len(confusion))]
    return evaluate_probabilities(np.eye(len(confusion))[predicted], labels, names)

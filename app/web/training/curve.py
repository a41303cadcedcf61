"""Curves of the loss and the accuracy: values of single batches, and means of several of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

MOST_POINTS = 2_000  # of a curve


class BatchValues:
    """Turns running means of an epoch into the values of its batches.

    Keras reports after each batch the mean over all images of the epoch so far.
    """

    def __init__(self) -> None:
        self._images = 0
        self._sums: dict[str, float] = {}

    def begin_epoch(self) -> None:
        """Forget the batches of the epoch before."""
        self._images, self._sums = 0, {}

    def values(self, means: dict[str, float], images: int) -> dict[str, float]:
        """Return the values of the newest batch.

        Args:
            means: Running means after it, by name.
            images: Number of its images.
        """
        self._images += images
        sums = {name: float(mean) * self._images for name, mean in means.items()}
        found = {name: (total - self._sums.get(name, 0.0)) / images for name, total in sums.items()}
        self._sums = sums
        return found


def averaged(curve: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Return a curve with `MOST_POINTS` points or fewer, each the mean of what it replaces.

    A point stands for all batches after the point before it. As long as there are too many, two
    neighbors become one at the later step, from the first ones on, so that the first point stands
    for as many batches as the second one.

    Args:
        curve: `step`, the last batch of each point, ascending, and values by name.
    """
    steps = np.asarray(curve["step"], np.int64)  # (N,)
    values = {name: np.asarray(each, float) for name, each in curve.items() if name != "step"}
    while len(steps) > MOST_POINTS:
        batches = np.diff(steps, prepend=2 * steps[0] - steps[1])
        starts = np.arange(0, len(steps), 2)
        sums = np.add.reduceat(batches, starts)
        values = {
            name: np.add.reduceat(each * batches, starts) / sums for name, each in values.items()
        }
        steps = steps[np.minimum(starts + 1, len(steps) - 1)]
    return {"step": steps.tolist(), **{name: each.tolist() for name, each in values.items()}}

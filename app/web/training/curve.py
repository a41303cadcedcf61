"""The loss and the accuracy of single batches, from the running means that Keras reports."""

from __future__ import annotations


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

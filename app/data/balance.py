"""Training on classes of very different sizes: `--balance none|weights|sampling|auto`.

`sampling` gives every class the same number of places in an epoch, which stays as long as before.
`weights` multiplies the loss of an image by N / (K · images of its class), whose mean is 1.
Sources: King & Zeng, Logistic regression in rare events data, 2001 (weights); Buda et al., A
systematic study of the class imbalance problem in convolutional neural networks, 2018 (sampling).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.data.dataset import UNBALANCED_RATIO, class_counts

# Sampling shows the images of a class so often in an epoch that the network may memorize them.
MANY_REPETITIONS = 20


def is_unbalanced(counts: np.ndarray) -> bool:
    """Return whether the largest class has over 1.5 times the images of the smallest.

    Args:
        counts: `(K,)` images of each class; classes without images do not count.
    """
    present = counts[counts > 0]
    return bool(present.max() > UNBALANCED_RATIO * present.min())


@dataclass(frozen=True)
class Balance:
    """How training makes up for classes of different sizes.

    Attributes:
        method: `none`, `weights` or `sampling`.
        labels: `(N,)` int64 labels of the training images.
        num_classes: Number of classes `K`.
    """

    method: str
    labels: np.ndarray
    num_classes: int

    @classmethod
    def chosen(
        cls, setting: str, labels: np.ndarray, num_classes: int, automatic: str = "sampling"
    ) -> Balance:
        """Return the balance of a setting.

        Args:
            setting: A method, or `auto`, which means none for balanced classes and for a
                multi-label dataset.
            labels: Labels of the training images.
            num_classes: Number of classes.
            automatic: Method that `auto` means for unbalanced classes.
        """
        if setting == "auto" and labels.ndim == 2:
            setting = "none"
        if setting == "auto":
            unbalanced = is_unbalanced(class_counts(labels, num_classes))
            setting = automatic if unbalanced else "none"
        return cls(setting, labels, num_classes)

    @property
    def counts(self) -> np.ndarray:
        """Images of each class, `(K,)`."""
        return class_counts(self.labels, self.num_classes)

    @property
    def quotas(self) -> np.ndarray:
        """Places of each class in an epoch with sampling, `(K,)`; together N."""
        present = np.flatnonzero(self.counts)
        quotas = np.zeros(self.num_classes, np.int64)
        quotas[present] = len(self.labels) // len(present)
        # The places that are left over go to the smallest classes.
        rest = len(self.labels) - quotas.sum()
        quotas[present[np.argsort(self.counts[present], kind="stable")[:rest]]] += 1
        return quotas

    def order(self, seed: int, epoch: int) -> np.ndarray:
        """Return the places `(N,)` of an epoch with sampling, in which all classes are equal.

        A class that is smaller than its quota comes several times, each image as often as any other
        or once more; of a larger class, other images are left out in each epoch.

        Args:
            seed: Seed of the run.
            epoch: Epoch, counted from 0; the order depends on these two alone.

        Returns:
            Numbers p + k·N: the k-th repetition, from 0, of the image at position p. It is
            augmented in its own way.
        """
        rng = np.random.default_rng((seed, epoch))
        places = []
        for label, quota in enumerate(self.quotas):
            members = np.flatnonzero(self.labels == label)
            if quota:
                repetitions = np.arange(-(-quota // len(members)))
                numbers = [rng.permutation(members) + k * len(self.labels) for k in repetitions]
                places.append(np.concatenate(numbers)[:quota])
        return rng.permutation(np.concatenate(places))

    def weighted(self, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return targets and weights of the loss that count each class alike.

        A mixed target stands for shares of two images, each of which has the weight of its class:
        Σ w·t·loss(class) is the loss of the target w·t / Σ w·t with the weight Σ w·t, label
        smoothing included. The weight's mean over the training images is 1, mixed or not.

        Args:
            targets: `(B,)` integer labels; or soft ones, `(B,)` of the second of two classes or
                `(B, K)`.

        Returns:
            Targets as they were given, and `(B,)` float32 weights.
        """
        counts = self.counts
        weights = np.zeros(self.num_classes, np.float32)
        present = counts > 0
        weights[present] = len(self.labels) / (present.sum() * counts[present])
        if np.issubdtype(targets.dtype, np.integer):
            return targets, weights[targets]
        shares = targets if targets.ndim == 2 else np.stack([1 - targets, targets], axis=1)
        weighed = shares * weights  # (B, K)
        total = weighed.sum(axis=1)
        weighed /= total[:, np.newaxis]
        return (weighed if targets.ndim == 2 else weighed[:, 1]), total

    @property
    def text(self) -> str:
        """Return what is done, in a line."""
        if self.method == "none":
            return "Training images are used as they are (--balance none)."
        if self.method == "weights":
            return "The loss counts all classes alike (--balance weights)."
        return "Each epoch samples all classes alike (--balance sampling)."

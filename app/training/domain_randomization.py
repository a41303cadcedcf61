"""Automatic domain randomisation while a network trains."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from app.augmentation.domain_randomization import LIMITS, DomainRandomization
from app.data.batches import Batches
from app.data.pixels import Images
from app.metrics import class_probabilities

_PROBE_IMAGES = 128


class Randomize(keras.callbacks.Callback):
    """After each epoch, probe every boundary on validation images and move it.

    The images of an epoch's probes depend on (seed, epoch) alone.

    Args:
        batches: Training batches; their augmentation is replaced.
        images: Validation images.
        labels: `(N,)` int64.
        randomization: Ranges to begin with.
        seed: Seed of the run.
        num_classes: Number of classes.
    """

    def __init__(
        self,
        batches: Batches,
        images: Images,
        labels: np.ndarray,
        *,
        randomization: DomainRandomization,
        seed: int,
        num_classes: int,
    ):
        super().__init__()
        self.batches = batches
        self.images = images
        self.labels = labels
        self.randomization = randomization
        self.seed = seed
        self.num_classes = num_classes
        batches.augment = randomization.augmentation()

    def row(self) -> dict[str, float]:
        """Return the ranges that the next epoch draws from, as columns of history."""
        return {**self.randomization.ranges(), "range_extent": self.randomization.extent}

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Probe, and give the next epoch its ranges."""
        count = min(_PROBE_IMAGES, len(self.labels))
        chosen = np.random.default_rng((self.seed, epoch)).choice(
            len(self.labels), count, replace=False
        )
        images, labels = self.images[chosen], self.labels[chosen]
        augmentation = self.randomization.augmentation()

        def accuracy(shown: np.ndarray) -> float:
            outputs = keras.ops.convert_to_numpy(self.model.predict_on_batch(shown))
            return float((class_probabilities(outputs).argmax(axis=1) == labels).mean())

        at_boundary = {}
        for name in LIMITS:
            transforms = self.randomization.pinned(
                name, chosen, self.seed, epoch, (images.shape[1], images.shape[2])
            )
            at_boundary[name] = accuracy(augmentation.apply(images, transforms))
        self.randomization = self.randomization.updated(
            accuracy(images), at_boundary, chance=1 / self.num_classes
        )
        self.batches.augment = self.randomization.augmentation()

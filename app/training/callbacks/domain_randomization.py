"""Automatic domain randomization while a network trains."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from app.augmentation.domain_randomization import LIMITS, DomainRandomization
from app.data.batches import Batches
from app.data.pixels import DecodedSplit
from app.metrics import class_probabilities
from app.training import agreement, distribution

_PROBE_IMAGES = 128


class DomainRandomizationCallback(keras.callbacks.Callback):
    """After each epoch, probes every boundary on validation images and moves it.

    The images of an epoch's probes depend on (seed, epoch) alone.

    Args:
        batches: Training batches; their augmentation is replaced.
        validation: Decoded validation images.
        randomization: Ranges to begin with.
        num_classes: Number of classes.
    """

    def __init__(
        self,
        batches: Batches,
        validation: DecodedSplit,
        randomization: DomainRandomization,
        num_classes: int,
    ):
        super().__init__()
        self.batches = batches
        self.images = validation.images
        self.labels = validation.examples.labels
        self.randomization = randomization
        self.num_classes = num_classes
        batches.augment = randomization.augmentation()

    def row(self) -> dict[str, float]:
        """Return the ranges that the next epoch draws from, as columns of history."""
        return {**self.randomization.ranges(), "range_extent": self.randomization.extent}

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Probe, and give the next epoch its ranges."""
        accuracies = agreement.decided(lambda: self._accuracies(epoch))
        plain = accuracies.pop("")
        self.randomization = self.randomization.updated(
            plain, accuracies, chance=1 / self.num_classes
        )
        self.batches.augment = self.randomization.augmentation()

    def _accuracies(self, epoch: int) -> dict[str, float]:
        """Return the accuracy at each boundary, and under "" that on the images as they are."""
        count = min(_PROBE_IMAGES, len(self.labels))
        positions = np.random.default_rng((self.batches.seed, epoch)).choice(
            len(self.labels), count, replace=False
        )
        images, labels = self.images[positions], self.labels[positions]
        augmentation = self.randomization.augmentation()
        with distribution.alone():
            network = distribution.local_copy(self.model)

            def accuracy(images_shown: np.ndarray) -> float:
                outputs = keras.ops.convert_to_numpy(network.predict_on_batch(images_shown))
                return float((class_probabilities(outputs).argmax(axis=1) == labels).mean())

            accuracies = {"": accuracy(images)}
            for name in LIMITS:
                transforms = self.randomization.pinned(
                    name, positions, self.batches.seed, epoch, (images.shape[1], images.shape[2])
                )
                accuracies[name] = accuracy(augmentation.apply(images, transforms))
        return accuracies

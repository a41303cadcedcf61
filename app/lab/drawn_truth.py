"""Drawings with parts left out: where each part is, and what a network does without it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import keras
import numpy as np
from scipy.ndimage import binary_dilation

from app.data.dataset import Split
from app.data.drawn.dataset import PARTS, TELLING_PARTS, Change
from app.lab.drawings import drawings, held_out_numbers
from app.training.small_run import probabilities_of

TOLERANCE = 1  # pixels


@dataclass(frozen=True)
class DrawnTruth:
    """Validation drawings, and the same ones with parts left out.

    Attributes:
        count: Number of drawings of each kind.
    """

    count: int

    @cached_property
    def labels(self) -> np.ndarray:
        """Labels `(N,)`."""
        return self._drawn().labels

    @cached_property
    def images(self) -> np.ndarray:
        """Complete drawings `(N, 64, 64, 3)`."""
        return self._drawn().pixels

    @cached_property
    def without(self) -> dict[str, np.ndarray]:
        """Drawings without one of the parts that tell a cat from a dog, by its name."""
        return {part: self._drawn(part).pixels for part in TELLING_PARTS}

    @cached_property
    def without_all(self) -> np.ndarray:
        """Drawings without all of these parts."""
        return self._drawn(*TELLING_PARTS).pixels

    @cached_property
    def masks(self) -> dict[str, np.ndarray]:
        """Pixels `(N, 64, 64)` of each part: those that change without it, and their neighbors."""
        return {part: _near(self.images, other) for part, other in self.without.items()}

    @cached_property
    def animal(self) -> np.ndarray:
        """Pixels `(N, 64, 64)` of the animals."""
        return (self.images != self._drawn(*PARTS).pixels).any(axis=-1)

    def _drawn(self, *hidden: str) -> Split:
        return drawings(held_out_numbers(self.count), Change(hidden=hidden))


def _near(image: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the pixels in which images `(N, H, W, C)` differ, and those near them."""
    reach = np.ones((1, 2 * TOLERANCE + 1, 2 * TOLERANCE + 1), bool)
    return binary_dilation((image != other).any(axis=-1), reach)


def most_important_parts(network: keras.Model, truth: DrawnTruth) -> list[str]:
    """Return, for each image, the part without which the score of the true class falls most."""
    rows = np.arange(len(truth.labels))

    def logits(images: np.ndarray) -> np.ndarray:
        probability = np.clip(probabilities_of(network, images)[rows, truth.labels], 1e-6, 1 - 1e-6)
        return np.log(probability / (1 - probability))

    complete = logits(truth.images)
    falls = np.stack([complete - logits(truth.without[part]) for part in TELLING_PARTS])
    hidden_anyway = [~truth.masks[part].any(axis=(1, 2)) for part in TELLING_PARTS]
    falls[np.stack(hidden_anyway)] = -np.inf
    return [TELLING_PARTS[index] for index in falls.argmax(axis=0)]

"""Automatic domain randomization: ranges that widen while the network keeps up.

Every range starts at zero. From time to time one boundary is probed: images are transformed with
that parameter just beyond its boundary and all others drawn as in training. If the network still
classifies them, the boundary moves out by a step; otherwise it moves in. Source: OpenAI, Solving
Rubik's Cube with a robot hand, 2019, section 5.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from app.augmentation.augmentation import Augmentation
from app.augmentation.random_numbers import uniforms
from app.augmentation.transforms import Transforms

# Limit of each boundary, and its unit.
LIMITS: dict[str, tuple[float, str]] = {
    "rotation": (90.0, "degrees"),
    "width_shift": (0.4, "share of the width"),
    "height_shift": (0.4, "share of the height"),
    "shear": (45.0, "degrees"),
    "zoom_in": (0.6, "1 − scale"),
    "zoom_out": (0.8, "scale − 1"),
    "darker": (0.7, "1 − factor"),
    "brighter": (0.7, "factor − 1"),
    "channel_shift": (60.0, "levels"),
}
_PREFIX = "range_"

_STEPS = 10
# Accuracy above chance at a boundary, as a share of that on untouched images.
_COPES, _FAILS = 0.9, 0.7
# Below this accuracy above chance, a probe says nothing.
_NOTHING_LEARNED = 0.1
_STREAM = 2_000_003  # a separate stream, for the sides


def history_columns() -> dict[str, tuple[str, float, str]]:
    """Return the title, the limit and the unit of each column of `ranges`."""
    return {
        _PREFIX + name: (name.replace("_", " "), limit, unit)
        for name, (limit, unit) in LIMITS.items()
    }


@dataclass(frozen=True)
class DomainRandomization:
    """The boundaries of all ranges.

    Attributes:
        widths: Distance of each boundary from "no change", from 0 to its limit.
        horizontal_flip: Whether half of the images are flipped, from the start.
    """

    widths: Mapping[str, float]
    horizontal_flip: bool = True

    @classmethod
    def beginning(cls, *, horizontal_flip: bool = True) -> DomainRandomization:
        """Return ranges of zero width."""
        return cls(dict.fromkeys(LIMITS, 0.0), horizontal_flip)

    @classmethod
    def from_ranges(
        cls, row: Mapping[str, float], *, horizontal_flip: bool = True
    ) -> DomainRandomization:
        """Return the boundaries in a row of the history, as `ranges` writes them."""
        return cls({name: row[_PREFIX + name] for name in LIMITS}, horizontal_flip)

    def ranges(self) -> dict[str, float]:
        """Return the boundaries as columns of the history."""
        return {_PREFIX + name: width for name, width in self.widths.items()}

    def augmentation(self) -> Augmentation:
        """Return the augmentation that training draws from."""
        width = self.widths
        brightness = (1 - width["darker"], 1 + width["brighter"])
        return Augmentation(
            rotation_range=width["rotation"],
            width_shift_range=width["width_shift"],
            height_shift_range=width["height_shift"],
            shear_range=width["shear"],
            zoom_range=(1 - width["zoom_in"], 1 + width["zoom_out"]),
            brightness_range=None if brightness == (1, 1) else brightness,
            channel_shift_range=width["channel_shift"],
            horizontal_flip=self.horizontal_flip,
        )

    def pinned(
        self, name: str, positions: np.ndarray, seed: int, epoch: int, size: tuple[int, int]
    ) -> Transforms:
        """Draw transforms whose parameter `name` is one step beyond its boundary.

        Args:
            name: One of `LIMITS`.
            positions: `(B,)` positions of the images in their dataset.
            seed: Seed of the run.
            epoch: Epoch, counted from 0.
            size: `(height, width)` in pixels.
        """
        transforms = self.augmentation().draw(positions, seed, epoch, *size)
        edge = self._beyond(name)
        either = np.where(uniforms(seed + _STREAM, epoch, positions, 1)[:, 0] < 0.5, -edge, edge)
        same = np.full(len(positions), edge)
        changes: dict[str, dict[str, np.ndarray]] = {
            "rotation": {"rotation": either},
            "width_shift": {"shift_x": either * size[1]},
            "height_shift": {"shift_y": either * size[0]},
            "shear": {"shear": either},
            "zoom_in": {"zoom_x": 1 - same, "zoom_y": 1 - same},
            "zoom_out": {"zoom_x": 1 + same, "zoom_y": 1 + same},
            "darker": {"brightness": 1 - same},
            "brighter": {"brightness": 1 + same},
            "channel_shift": {"channel_shift": either},
        }
        return replace(transforms, **changes[name])

    def updated(
        self, clean: float, at_boundary: Mapping[str, float], chance: float
    ) -> DomainRandomization:
        """Return the boundaries after a round of probes.

        Args:
            clean: Accuracy on untouched images.
            at_boundary: Accuracy at each probed boundary.
            chance: Accuracy of guessing.
        """
        learned = clean - chance
        if learned < _NOTHING_LEARNED:
            return self
        widths = dict(self.widths)
        for name, accuracy in at_boundary.items():
            kept = (accuracy - chance) / learned
            if kept >= _COPES:
                widths[name] = self._beyond(name)
            elif kept <= _FAILS:
                widths[name] = max(0.0, round(widths[name] - LIMITS[name][0] / _STEPS, 6))
        return replace(self, widths=widths)

    @property
    def extent(self) -> float:
        """Mean width of the ranges, as a fraction of their limits."""
        return float(np.mean([self.widths[name] / limit for name, (limit, _) in LIMITS.items()]))

    def _beyond(self, name: str) -> float:
        limit, _ = LIMITS[name]
        return min(limit, round(self.widths[name] + limit / _STEPS, 6))

"""`ImageDataGenerator` of Keras 2, faults included, for `legacy_quirks=True`.

It reproduces old experiments to the bit: the order of the draws, the matrix, the rounding. A height
shift moves images sideways and a width shift up and down. Images that are not square rotate about a
point off their center. A list of negative shifts counts as fractions, and brightness passes
through 8 bits.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from app.keras2.image_data_generator.affine_transformations import (
    apply_affine_transform,
    apply_brightness_shift,
    apply_channel_shift,
    flip_axis,
)
from app.keras2.image_data_generator.engine import PARAMETERS, Engine
from app.keras2.image_data_generator.standardization import Standardization

_MATRIX = ("theta", "tx", "ty", "shear", "zx", "zy")
_FORMATS = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")


@dataclass(frozen=True)
class LegacyEngine(Engine):
    """Every number comes from NumPy's global generator, in the order of Keras 2."""

    transforms_batches: bool = False
    standardizes_in_threads: bool = False
    augments_validation: bool = True
    lenient: bool = True

    def draw(self, height: int, width: int, seed: int | None) -> dict[str, Any]:
        """Draw in the old order, with height and width confused in the shifts."""
        if seed is not None:
            np.random.seed(seed)
        ranges = self.ranges
        theta = _symmetric(ranges["rotation_range"])
        tx = _shift(ranges["height_shift_range"], height)
        ty = _shift(ranges["width_shift_range"], width)
        shear = _symmetric(ranges["shear_range"])
        lowest, highest = ranges["zoom_range"]
        zx, zy = (1, 1) if lowest == highest == 1 else np.random.uniform(lowest, highest, 2)
        # Both are always drawn, used or not.
        flip_horizontal = (np.random.random() < 0.5) * ranges["horizontal_flip"]
        flip_vertical = (np.random.random() < 0.5) * ranges["vertical_flip"]
        intensity = brightness = None
        if ranges["channel_shift_range"] != 0:
            intensity = _symmetric(ranges["channel_shift_range"])
        if ranges["brightness_range"] is not None:
            brightness = np.random.uniform(*ranges["brightness_range"])
        drawn = (
            theta, tx, ty, shear, zx, zy, flip_horizontal, flip_vertical, intensity, brightness,
        )  # fmt: skip
        return dict(zip(PARAMETERS, drawn, strict=True))

    def apply(self, image: np.ndarray, parameters: Mapping[str, Any]) -> np.ndarray:
        """Transform one image to the bit as Keras 2 did."""
        first = self.data_format == "channels_first"
        row_axis, col_axis, channel_axis = (1, 2, 0) if first else (0, 1, 2)
        changed = apply_affine_transform(
            image,
            **{name: parameters[name] for name in _MATRIX if name in parameters},
            row_axis=row_axis,
            col_axis=col_axis,
            channel_axis=channel_axis,
            fill_mode=self.ranges["fill_mode"],
            cval=self.ranges["cval"],
            order=self.ranges["interpolation_order"],
            legacy_quirks=True,
        )
        if parameters.get("channel_shift_intensity") is not None:
            changed = apply_channel_shift(
                changed, parameters["channel_shift_intensity"], channel_axis
            )
        if parameters.get("flip_horizontal", False):
            changed = flip_axis(changed, col_axis)
        if parameters.get("flip_vertical", False):
            changed = flip_axis(changed, row_axis)
        if parameters.get("brightness") is not None:
            changed = apply_brightness_shift(changed, parameters["brightness"], scale=False)
        return changed

    def seed_of(self, seed: int | None) -> int:
        """Draw no seed, which would advance the random stream."""
        return seed or 0

    def seed_order(self, seed: int | None, batches: int) -> None:
        """Seed each batch by the number of batches before it."""
        if seed is not None:
            np.random.seed(seed + batches)

    def seed_batch(self, seed: int | None, epoch: int, sample: int) -> None:
        """Do nothing: the batch continues the stream that its order began."""

    def order(self, count: int, seed: int, epoch: int) -> np.ndarray:
        """Shuffle by the global generator."""
        return np.random.permutation(count)

    def name(self, span: int) -> int:
        """Draw the number from the global generator."""
        return np.random.randint(span)

    def subset_weights(self, weights: np.ndarray, subset: slice) -> np.ndarray:
        """Keep the weights of all samples, so that a subset gets those of others."""
        return weights

    def class_names(self, root: Path) -> list[str]:
        """Take hidden folders for classes, too."""
        return sorted(path.name for path in root.iterdir() if path.is_dir())

    def image_paths(
        self, folder: Path, follow_links: bool
    ) -> tuple[Sequence[Path], Sequence[tuple[Path, str]]]:
        """List the formats of Keras 2, in hidden folders, too."""
        walk = os.walk(folder, followlinks=follow_links)
        return [
            Path(where, name)
            for where, _, names in walk
            for name in names
            if name.lower().endswith(_FORMATS)
        ], ()

    def read(
        self, path: str, size: tuple[int, int], color_mode: str, interpolation: str, crop: bool
    ) -> np.ndarray:
        """Read with Keras, which raises whatever Pillow raises for a damaged file."""
        picture = keras.utils.load_img(
            path,
            color_mode=color_mode,
            target_size=size,
            interpolation=interpolation,
            keep_aspect_ratio=crop,
        )
        return keras.utils.img_to_array(picture, data_format="channels_last")


class LegacyStandardization(Standardization):
    """`fit` sees other pixels than those that are normalized later."""

    def prepare(self, x: Any) -> np.ndarray:
        """Rescale before the data is transformed."""
        x = np.array(x, self.dtype)
        if self.rescale:
            x *= self.rescale
        return x

    def normalize_samples(self, x: np.ndarray) -> np.ndarray:
        """Skip preprocessing and samplewise normalization."""
        return x

    def sample_axes(self, x: np.ndarray) -> None:
        """Center a batch as if it were one image."""

    def moments(self, x: np.ndarray, axes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Sum in the type of the data."""
        return np.mean(x, axis=axes), np.std(x, axis=axes)


def _symmetric(width: float) -> float:
    return np.random.uniform(-width, width) if width else 0


def _shift(shift: Any, size: int) -> float:
    # A list of zeros draws, too; only an empty one does not.
    if not (np.size(shift) if np.ndim(shift) else shift):
        return 0
    try:  # a list, or a whole number
        drawn = np.random.choice(shift)
        drawn *= np.random.choice([-1, 1])
    except ValueError:
        drawn = np.random.uniform(-shift, shift)
    if np.max(shift) < 1:
        drawn *= size
    return drawn

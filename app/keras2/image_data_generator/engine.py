"""What `legacy_quirks` decides: how samples are ordered, read, transformed and named.

An iterator knows the engine of its generator. `Engine` does what the documentation of Keras 2
promised; `LegacyEngine`, in `legacy_engine.py`, does what Keras 2 did.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from app.augmentation.augmentation import Augmentation
from app.augmentation.transforms import Transforms
from app.data.decoding import load_image
from app.data.image_files import class_folders, find_images

CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}

_IDENTITY = Augmentation(zoom_range=(1, 1))
# Keras 2's name of each parameter, and the engine's.
PARAMETERS = {
    "theta": "rotation",
    "tx": "shift_x",
    "ty": "shift_y",
    "shear": "shear",
    "zx": "zoom_x",
    "zy": "zoom_y",
    "flip_horizontal": "flip_horizontal",
    "flip_vertical": "flip_vertical",
    "channel_shift_intensity": "channel_shift",
    "brightness": "brightness",
}
# File names do not take numbers from any stream that a seed sets.
_NAMES = random.SystemRandom()


@dataclass(frozen=True)
class Engine:
    """Results depend on (seed, epoch, sample number) alone.

    Attributes:
        ranges: Arguments of `Augmentation`.
        data_format: `channels_last` or `channels_first`.
        standardize: Normalizes one image after `transform`; `None` leaves it as it is.
        transforms_batches: Whether `transform` does what the generator's public methods do.
            Otherwise iterators call those methods, image by image.
        standardizes_in_threads: Whether `standardize` runs no user code, which may not be
            thread-safe.
        augments_validation: Whether the validation subset is augmented.
        lenient: Whether iterators without samples, and `binary` without two classes, are allowed.
    """

    ranges: Mapping[str, Any] = field(default_factory=dict)
    data_format: str = "channels_last"
    standardize: Callable[[np.ndarray], np.ndarray] | None = None
    transforms_batches: bool = True
    standardizes_in_threads: bool = True
    augments_validation: bool = False
    lenient: bool = False

    @cached_property
    def augmentation(self) -> Augmentation:
        """The transformations; a ValueError if a range is out of order."""
        return Augmentation(**self.ranges)

    def draw(self, height: int, width: int, seed: int | None) -> dict[str, Any]:
        """Draw the parameters of one image, by their names in Keras 2.

        Args:
            height: Height of the image in pixels.
            width: Width of the image in pixels.
            seed: Seed, or `None` for one from NumPy's global generator.
        """
        if seed is None:
            seed = int(np.random.randint(2**31))
        drawn = vars(self.augmentation.draw(np.zeros(1, np.int64), seed, 0, height, width))
        return {
            name: None if drawn[ours] is None else drawn[ours][0]
            for name, ours in PARAMETERS.items()
        }

    def apply(self, image: np.ndarray, parameters: Mapping[str, Any]) -> np.ndarray:
        """Transform one image `(H, W, C)` or `(C, H, W)`; missing parameters change nothing."""
        given = {
            ours: np.array([parameters[name]])
            for name, ours in PARAMETERS.items()
            if parameters.get(name) is not None
        }
        images = self._channels_last(image[np.newaxis])
        changed = self.augmentation.apply(images, replace(Transforms.identity(1), **given))
        return self._own_format(changed)[0]

    def transform(
        self, images: np.ndarray, positions: np.ndarray, seed: int, epoch: int
    ) -> np.ndarray:
        """Transform a batch in `data_format`; the arguments are those of `Augmentation`."""
        if not self.ranges:
            return images
        unfilled = replace(self.augmentation, fill_mode="nearest", cval=0, interpolation_order=1)
        if unfilled == _IDENTITY:
            return images
        changed = self.augmentation(self._channels_last(images), positions, seed, epoch)
        return self._own_format(changed)

    def seed_of(self, seed: int | None) -> int:
        """Return the seed of an iterator, drawn where none is given."""
        return int(np.random.randint(2**31)) if seed is None else seed

    def seed_order(self, seed: int | None, batches: int) -> None:
        """Seed NumPy's global generator before the order of a pass is drawn; `batches` so far."""

    def seed_batch(self, seed: int | None, epoch: int, sample: int) -> None:
        """Seed NumPy's global generator for user code that draws from it; `sample` is the first."""
        if seed is not None:
            np.random.seed((seed % 2**32, epoch, sample))

    def order(self, count: int, seed: int, epoch: int) -> np.ndarray:
        """Return the `(count,)` sample numbers of a shuffled pass."""
        return np.random.default_rng((seed, epoch)).permutation(count)

    def name(self, span: int) -> int:
        """Return a number below `span` for the name of a saved picture."""
        return _NAMES.randrange(span)

    def subset_weights(self, weights: np.ndarray, subset: slice) -> np.ndarray:
        """Return the sample weights of a subset."""
        return weights[subset]

    def class_names(self, root: Path) -> list[str]:
        """Return the names of the subfolders that are classes."""
        return [folder.name for folder in class_folders(root)]

    def image_paths(
        self, folder: Path, follow_links: bool
    ) -> tuple[Sequence[Path], Sequence[tuple[Path, str]]]:
        """Return the images below a folder, and the unusable files with the reasons."""
        listed = find_images(folder, follow_links=follow_links)
        return listed.paths, listed.unusable

    def read(
        self, path: str, size: tuple[int, int], color_mode: str, interpolation: str, crop: bool
    ) -> np.ndarray:
        """Return the pixels of a file, `(*size, C)`; `crop` keeps the center's aspect ratio.

        Raises:
            UndecodableImage: If the file is damaged.
        """
        channels = CHANNELS[color_mode]
        fit = "crop" if crop else "squash"
        return load_image(Path(path), size, channels, interpolation=interpolation, fit=fit)

    def _channels_last(self, images: np.ndarray) -> np.ndarray:
        if self.data_format == "channels_first":
            images = images.transpose(0, 2, 3, 1)
        dtype = images.dtype if images.dtype == np.uint8 else np.float32
        return np.ascontiguousarray(images, dtype)

    def _own_format(self, images: np.ndarray) -> np.ndarray:
        return images.transpose(0, 3, 1, 2) if self.data_format == "channels_first" else images


def engine_of(generator: Any) -> Engine:
    """Return the engine of a generator.

    Args:
        generator: `ImageDataGenerator` of this package, any other object with its public methods
            `get_random_transform`, `apply_transform` and `standardize`, or `None`.
    """
    if generator is None:
        return Engine()
    if hasattr(generator, "engine"):
        return generator.engine
    # Keras's own class augments the validation subset, too.
    return Engine(transforms_batches=False, standardizes_in_threads=False, augments_validation=True)

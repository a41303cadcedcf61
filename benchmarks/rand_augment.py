"""RandAugment on Pillow, a peer of the augmentations of `train.py`.

Each image is flipped horizontally with probability 0.5. Then `num_operations` of fourteen
operations are applied at a common magnitude. Source: Cubuk et al., RandAugment: Practical automated
data augmentation with a reduced search space, 2019.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

Operation = Callable[[Image.Image, float], Image.Image]

_GRAY = (128, 128, 128)


def _affine(image: Image.Image, *coefficients: float) -> Image.Image:
    transform = Image.Transform.AFFINE
    return image.transform(
        image.size, transform, coefficients, Image.Resampling.BILINEAR, fillcolor=_GRAY
    )


# Magnitudes are in [−1, 1]; operations without a direction use the absolute value.
_OPERATIONS: tuple[Operation, ...] = (
    lambda image, magnitude: image,
    lambda image, magnitude: ImageOps.autocontrast(image),
    lambda image, magnitude: ImageOps.equalize(image),
    lambda image, magnitude: image.rotate(
        30 * magnitude, Image.Resampling.BILINEAR, fillcolor=_GRAY
    ),
    lambda image, magnitude: ImageOps.solarize(image, round(256 * (1 - abs(magnitude)))),
    lambda image, magnitude: ImageOps.posterize(image, 8 - round(4 * abs(magnitude))),
    lambda image, magnitude: ImageEnhance.Color(image).enhance(1 + 0.9 * magnitude),
    lambda image, magnitude: ImageEnhance.Contrast(image).enhance(1 + 0.9 * magnitude),
    lambda image, magnitude: ImageEnhance.Brightness(image).enhance(1 + 0.9 * magnitude),
    lambda image, magnitude: ImageEnhance.Sharpness(image).enhance(1 + 0.9 * magnitude),
    lambda image, magnitude: _affine(image, 1, 0.3 * magnitude, 0, 0, 1, 0),
    lambda image, magnitude: _affine(image, 1, 0, 0, 0.3 * magnitude, 1, 0),
    lambda image, magnitude: _affine(image, 1, 0, 0.45 * image.width * magnitude, 0, 1, 0),
    lambda image, magnitude: _affine(image, 1, 0, 0, 0, 1, 0.45 * image.height * magnitude),
)


@dataclass(frozen=True)
class RandAugment:
    """`num_operations` random operations on each image.

    Attributes:
        num_operations: N of the paper.
        magnitude: M of the paper, divided by its 30 levels.
        mixes: Whether images of a batch are mixed, as `train.py` asks each augmentation.
    """

    num_operations: int = 2
    magnitude: float = 9 / 30
    mixes: bool = False

    def __call__(
        self, images: np.ndarray, positions: np.ndarray, seed: int, epoch: int
    ) -> np.ndarray:
        """Transform `(B, H, W, 3)` uint8 images."""
        augmented = np.empty_like(images)
        for result, pixels, position in zip(augmented, images, positions, strict=True):
            random = np.random.default_rng((seed, epoch, int(position)))
            image = Image.fromarray(pixels)
            if random.random() < 0.5:
                image = ImageOps.mirror(image)
            for index in random.integers(len(_OPERATIONS), size=self.num_operations):
                image = _OPERATIONS[index](image, self.magnitude * random.choice([-1, 1]))
            result[...] = np.asarray(image)
        return augmented


RAND_AUGMENT = RandAugment()

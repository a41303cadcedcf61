"""scikit-learn's 1,797 real handwritten digits, 8×8, brought to MNIST's format.

They come with the library, so they need no download: the stand-in for MNIST. Each is enlarged to
20×20 in the middle of 28×28, the layout that MNIST gives its digits.

Source: UCI, Optical Recognition of Handwritten Digits (the test part, 13 writers in turn).
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from app.data.dataset import Dataset, Split

_SIDE, _INK_SIDE = 28, 20
_VALIDATION_IMAGES, _TEST_IMAGES = 250, 360


def load_digits() -> Dataset:
    """Return 1,187 training, 250 validation and 360 test images.

    The writers follow each other in the file; a fixed shuffle gives each split a share of all.
    """
    from sklearn.datasets import load_digits as load_from_scikit_learn

    bunch = load_from_scikit_learn()
    order = np.random.default_rng(0).permutation(len(bunch.target))
    images = np.stack([_enlarge(small) for small in bunch.images])  # (N, 28, 28, 1)
    examples = Split(
        images, bunch.target.astype(np.int64), [f"digits/{i}" for i in range(len(images))]
    )
    test, validation, train = np.split(order, [_TEST_IMAGES, _TEST_IMAGES + _VALIDATION_IMAGES])
    return Dataset(
        name="digits",
        train=examples.take(train),
        validation=examples.take(validation),
        test=examples.take(test),
        class_names=tuple(str(digit) for digit in range(10)),
        channels=1,
        source="scikit-learn's 1,797 digits, enlarged from 8×8",
    )


def _enlarge(small: np.ndarray) -> np.ndarray:
    # Sixteen gray levels, 0–16.
    ink = Image.fromarray(np.clip(small * (255 / 16), 0, 255).astype(np.uint8))
    canvas = Image.new("L", (_SIDE, _SIDE))
    corner = (_SIDE - _INK_SIDE) // 2
    canvas.paste(ink.resize((_INK_SIDE, _INK_SIDE), Image.Resampling.BICUBIC), (corner, corner))
    return np.asarray(canvas)[..., np.newaxis]

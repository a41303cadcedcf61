"""MNIST: 70,000 handwritten digits, 28×28 gray, in four IDX files.

The last 5,000 training images validate; the 10,000 test images are used once, at the end.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.data.dataset import Dataset, Split
from app.data.idx import read_idx
from app.errors import AppError

VALIDATION_IMAGES = 5_000
SIDE = 28
CLASS_NAMES = tuple(str(digit) for digit in range(10))
_STEMS = {"train": ("train-images-idx3", "train-labels-idx1"),
          "t10k": ("t10k-images-idx3", "t10k-labels-idx1")}  # fmt: skip


def has_mnist(data_dir: Path) -> bool:
    """Return whether the four files are there."""
    return all(_find(data_dir, stem) is not None for pair in _STEMS.values() for stem in pair)


def load_mnist(data_dir: Path) -> Dataset:
    """Read MNIST from `data_dir/mnist/`.

    Raises:
        AppError: If a file is missing or damaged, or holds something else than digits.
    """
    # At least one image is left to train on, and one to test.
    train_images, train_labels = _read_pair(data_dir, *_STEMS["train"], VALIDATION_IMAGES + 1)
    test_images, test_labels = _read_pair(data_dir, *_STEMS["t10k"], 1)
    last = len(train_labels) - VALIDATION_IMAGES
    names = [f"train/{i}" for i in range(len(train_labels))]
    return Dataset(
        name="mnist",
        train=Split(train_images[:last], train_labels[:last], names[:last]),
        validation=Split(train_images[last:], train_labels[last:], names[last:]),
        test=Split(test_images, test_labels, [f"test/{i}" for i in range(len(test_labels))]),
        class_names=CLASS_NAMES,
        channels=1,
        source="the official MNIST files",
    )


def _read_pair(
    data_dir: Path, images: str, labels: str, fewest: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return images `(N, 28, 28, 1)` uint8 and labels `(N,)` int64; `N` is at least `fewest`."""
    pixels = _read(data_dir, images)
    classes = _read(data_dir, labels)
    fault = ""
    if pixels.shape[1:] != (SIDE, SIDE) or classes.shape != pixels.shape[:1]:
        fault = f"{images} has shape {pixels.shape} and {labels} has {classes.shape}"
    elif len(pixels) < fewest:
        fault = f"{images} holds {len(pixels):,} images"
    elif classes.max() >= len(CLASS_NAMES):
        fault = f"{labels} holds the label {classes.max()}"
    if fault:
        raise AppError(
            f"MNIST in '{data_dir / 'mnist'}' is damaged: {fault}.",
            f"Expected images (N, {SIDE}, {SIDE}) and as many labels (N,) from 0 to "
            f"{len(CLASS_NAMES) - 1}, with N of at least {fewest:,}.",
            _fix(data_dir),
        )
    return pixels[..., np.newaxis], classes.astype(np.int64)


def _read(data_dir: Path, stem: str) -> np.ndarray:
    path = _find(data_dir, stem)
    if path is None:
        raise AppError(
            f"There is no {stem}-ubyte.gz in {data_dir / 'mnist'}.",
            "Expected MNIST's four IDX files.",
            "Run: python -m app data fetch mnist",
        )
    return read_idx(path, _fix(data_dir))


def _fix(data_dir: Path) -> str:
    return f"Delete {data_dir / 'mnist'} and run: python -m app data fetch mnist"


def _find(data_dir: Path, stem: str) -> Path | None:
    candidates = (data_dir / "mnist" / f"{stem}-ubyte{suffix}" for suffix in (".gz", ""))
    return next((path for path in candidates if path.exists()), None)

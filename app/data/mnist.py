"""MNIST: 70,000 handwritten digits, 28×28 grey, in four IDX files.

The last 5,000 training images validate; the 10,000 test images are looked at once, at the end.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np

from app.data.splits import Examples, Splits
from app.errors import AppError

VALIDATION_IMAGES = 5_000
CLASS_NAMES = tuple(str(digit) for digit in range(10))
_STEMS = {"train": ("train-images-idx3", "train-labels-idx1"),
          "t10k": ("t10k-images-idx3", "t10k-labels-idx1")}  # fmt: skip


def has_mnist(data_dir: Path) -> bool:
    """Return whether the four files are there."""
    return all(_find(data_dir, stem) is not None for pair in _STEMS.values() for stem in pair)


def load_mnist(data_dir: Path) -> Splits:
    """Read MNIST from `data_dir/mnist/`.

    Raises:
        AppError: If a file is missing, damaged, or of another shape.
    """
    train_images, train_labels = _read_pair(data_dir, *_STEMS["train"])
    test_images, test_labels = _read_pair(data_dir, *_STEMS["t10k"])
    last = len(train_labels) - VALIDATION_IMAGES
    names = [f"train/{i}" for i in range(len(train_labels))]
    return Splits(
        name="mnist",
        train=Examples(train_images[:last], train_labels[:last], names[:last]),
        validation=Examples(train_images[last:], train_labels[last:], names[last:]),
        test=Examples(test_images, test_labels, [f"test/{i}" for i in range(len(test_labels))]),
        class_names=CLASS_NAMES,
        channels=1,
        source="the official MNIST files",
    )


def _read_pair(data_dir: Path, images: str, labels: str) -> tuple[np.ndarray, np.ndarray]:
    pixels = _read_idx(data_dir, images)
    classes = _read_idx(data_dir, labels)
    if pixels.ndim != 3 or classes.ndim != 1 or len(pixels) != len(classes):
        raise AppError(
            f"MNIST's {images} has shape {pixels.shape} and {labels} has {classes.shape}.",
            "Expected (N, 28, 28) and (N,) with the same N.",
            f"Delete {data_dir / 'mnist'} and run: python -m app data fetch mnist",
        )
    return pixels[..., np.newaxis], classes.astype(np.int64)  # (N, 28, 28, 1), (N,)


def _read_idx(data_dir: Path, stem: str) -> np.ndarray:
    path = _find(data_dir, stem)
    if path is None:
        raise AppError(
            f"There is no {stem}-ubyte.gz in {data_dir / 'mnist'}.",
            "Expected MNIST's four IDX files.",
            "Run: python -m app data fetch mnist",
        )
    try:
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        zeros, kind, rank = struct.unpack_from(">HBB", content)
        shape = struct.unpack_from(f">{rank}I", content, 4)
        if zeros != 0 or kind != 8:  # 8: unsigned bytes
            raise ValueError("wrong magic number")
        return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)
    except (OSError, EOFError, ValueError, struct.error, zlib.error) as error:
        raise AppError(
            f"'{path}' cannot be read as an IDX file: {error}.",
            "Expected a gzip-compressed file of unsigned bytes with an IDX header.",
            "Delete it and run: python -m app data fetch mnist",
        ) from None


def _find(data_dir: Path, stem: str) -> Path | None:
    candidates = (data_dir / "mnist" / f"{stem}-ubyte{suffix}" for suffix in (".gz", ""))
    return next((path for path in candidates if path.is_file()), None)

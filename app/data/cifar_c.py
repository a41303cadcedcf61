"""Corrupted images as CIFAR-10-C and CIFAR-100-C are published: one array for each corruption.

A folder holds `labels.npy` and for each corruption `NAME.npy`, the same images in five severities
one after the other. Source: Hendrycks & Dietterich, Benchmarking neural network robustness to
common corruptions and perturbations, 2019; https://zenodo.org/records/2535967.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from app.data.dataset import Split
from app.errors import AppError
from app.reading import UnusableFile, require_regular_file

SEVERITIES = 5
_LABELS = "labels.npy"
_MOST_BYTES = 2**32  # of one corruption; those of CIFAR-10-C have 154 MB
_EXPECTED = (
    f"Expected a folder as CIFAR-10-C unpacks to: {_LABELS}, (5·N,), and for each corruption "
    "NAME.npy, uint8 (5·N, H, W, C) with 1 or 3 channels, N images in five severities one after "
    "the other."
)
_FIX = "Download and unpack it: https://zenodo.org/records/2535967/files/CIFAR-10-C.tar"


def read_cifar_c(folder: Path) -> dict[str, Split]:
    """Return the images by corruption, in the order of their names; pixels stay on disk.

    Args:
        folder: Folder of arrays.

    Returns:
        For each corruption `5·N` images, those of the mildest severity first.

    Raises:
        AppError: If the folder is missing, or an array is damaged or of another shape.
    """
    if not folder.is_dir():
        raise AppError(f"There is no folder '{folder}'.", _EXPECTED, _FIX)
    labels = np.asarray(_array(folder, _LABELS))
    count = len(labels) if labels.ndim == 1 else 0
    if (
        not count
        or count % SEVERITIES
        or labels.dtype.kind not in "iu"
        or labels.min() < 0
        or (labels.reshape(SEVERITIES, -1) != labels[: count // SEVERITIES]).any()
    ):
        raise _refusal(
            folder, f"has labels {labels.shape} {labels.dtype}, not the same for five severities"
        )
    names = sorted(path.stem for path in folder.glob("*.npy") if path.name != _LABELS)
    if not names:
        raise _refusal(folder, "has no corruptions")
    found = {}
    for name in names:
        images = _array(folder, f"{name}.npy")
        shape = images.shape
        if images.dtype != np.uint8 or len(shape) != 4 or shape[3] not in (1, 3):
            raise _refusal(folder, f"has images {shape} {images.dtype} of {name}")
        if len(images) != count:
            raise _refusal(folder, f"has {len(images):,} images of {name} and {count:,} labels")
        numbers = [f"{name}/{number}" for number in range(count)]
        found[name] = Split(images, labels.astype(np.int64), numbers)
    return found


def _array(folder: Path, name: str) -> np.ndarray:
    path = folder / name
    try:
        require_regular_file(path, _MOST_BYTES)
        return open_memmap(path, mode="r")
    except (OSError, ValueError, EOFError, OverflowError, UnusableFile) as error:
        raise _refusal(folder, f"has no usable {name} ({error})") from error


def _refusal(folder: Path, fault: str) -> AppError:
    return AppError(f"'{folder}' {fault}.", _EXPECTED, _FIX)

"""MNIST-C: MNIST's test digits under fifteen corruptions, as published.

Source: Mu & Gilmer, MNIST-C: A Robustness Benchmark for Computer Vision, 2019; the file
mnist_c.zip at https://zenodo.org/records/3239543, whose entries are
`mnist_c/CORRUPTION/test_images.npy` and `test_labels.npy`.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from app.data.dataset import Split
from app.data.download.archive import Contents, extract
from app.data.mnist import CLASS_NAMES, SIDE
from app.errors import AppError
from app.reading import UnusableFile, require_regular_file

CLEAN = "identity"
CORRUPTIONS = (
    "shot_noise", "impulse_noise", "glass_blur", "motion_blur", "shear", "scale", "rotate",
    "brightness", "translate", "stripe", "fog", "spatter", "dotted_line", "zigzag", "canny_edges",
)  # fmt: skip
_PARTS = ("images", "labels")
_ENTRY = re.compile(
    rf"(?:mnist_c/)?(?:{'|'.join((CLEAN, *CORRUPTIONS))})/test_(?:images|labels).npy"
)
_MAX_BYTES = 2**28  # all that is wanted of the published file are 127 MB
_EXPECTED = (
    "Expected mnist_c.zip as published, or the folder that it unpacks to: for identity and each of "
    "fifteen corruptions a folder with test_images.npy, uint8 (N, 28, 28, 1), and test_labels.npy, "
    "(N,), from 0 to 9."
)
_FIX = "Download it: https://zenodo.org/records/3239543/files/mnist_c.zip"


def read_mnist_c(path: Path) -> dict[str, Split]:
    """Return the digits by corruption, the clean ones first, all of the same digits in one order.

    Args:
        path: `mnist_c.zip`, a NumPy archive with the same entries, or the unpacked folder.

    Raises:
        AppError: If the file is missing, damaged or no archive, or holds something else.
    """
    if path.is_dir():
        return _read(path, path)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "mnist_c"
        wanted = Contents(
            lambda name: _ENTRY.fullmatch(name) is not None,
            _MAX_BYTES,
            len(_PARTS) * (1 + len(CORRUPTIONS)),
        )
        try:
            extract(path, folder, wanted)
        except AppError as error:
            if error.status != 2:  # such as a full disk
                raise
            raise AppError(error.received, _EXPECTED, _FIX) from error
        return _read(folder, path)


def _read(folder: Path, given: Path) -> dict[str, Split]:
    inner = folder / "mnist_c"
    root = inner if inner.is_dir() else folder
    missing = [
        name
        for name in (CLEAN, *CORRUPTIONS)
        if not all((root / name / f"test_{part}.npy").is_file() for part in _PARTS)
    ]
    if missing:
        raise _refusal(given, f"has no images or labels of {', '.join(missing)}")
    found: dict[str, Split] = {}
    for name in (CLEAN, *CORRUPTIONS):
        images, labels = (_array(root / name / f"test_{part}.npy", given) for part in _PARTS)
        if (
            images.dtype != np.uint8
            or images.shape[1:] != (SIDE, SIDE, 1)
            or labels.shape != images.shape[:1]
            or labels.dtype.kind not in "iu"
        ):
            raise _refusal(
                given,
                f"has images {images.shape} {images.dtype} and labels {labels.shape} "
                f"{labels.dtype} of {name}",
            )
        if not len(labels) or labels.min() < 0 or labels.max() >= len(CLASS_NAMES):
            raise _refusal(given, f"has no labels from 0 to 9 of {name}")
        if found and not np.array_equal(labels, found[CLEAN].labels):
            raise _refusal(given, f"has other labels of {name} than of {CLEAN}")
        numbers = [f"{name}/{number}" for number in range(len(labels))]
        found[name] = Split(images, labels.astype(np.int64), numbers)
    return found


def _array(path: Path, given: Path) -> np.ndarray:
    name = f"{path.parent.name}/{path.name}"
    try:
        require_regular_file(path, _MAX_BYTES)
        # Mapped, so that a header cannot ask for more memory than there are bytes.
        return np.array(open_memmap(path, mode="r"))
    except (OSError, ValueError, EOFError, OverflowError, UnusableFile) as error:
        raise _refusal(given, f"has a damaged {name} ({error})") from error


def _refusal(path: Path, fault: str) -> AppError:
    return AppError(f"'{path}' {fault}.", _EXPECTED, _FIX)

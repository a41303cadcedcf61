"""Checks of settings against the machine and the data, before Keras starts."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from app.config import RunConfig
from app.data.dataset import Dataset, Split
from app.data.decoding import UndecodableImage, load_image
from app.data.sizes import sampled_sizes
from app.errors import AppError
from app.reporting import Reporter

# Ratio of --image-size to the typical longer side from which on a warning is given.
_ENLARGED = 1.5


def check_watched(image: str | None) -> Path | None:
    """Return the path of the image to watch, if it can be decoded.

    Raises:
        AppError: If it is missing or cannot be decoded.
    """
    if image is None:
        return None
    try:
        load_image(Path(image))
    except UndecodableImage as error:
        raise AppError(
            f"--watch '{image}' cannot be used: {error}.",
            "Expected an image file such as a JPEG or PNG.",
        ) from None
    return Path(image)


def check_tensorboard() -> None:
    """Refuse `--tensorboard` if TensorBoard is not installed.

    Raises:
        AppError: With the command that installs it.
    """
    if importlib.util.find_spec("tensorboard") is None:
        raise AppError(
            "--tensorboard was given, but TensorBoard is not installed.",
            "Expected the package tensorboard.",
            "Install it: pip install -e '.[tensorboard]'",
        )


def check_multi_label(config: RunConfig, dataset: Dataset) -> None:
    """Refuse settings that need one label per image where images have any number of labels.

    Raises:
        AppError: If classes are to be balanced, or augmentation follows the accuracy.
    """
    if config.balance in ("weights", "sampling"):
        dataset.require_one_label(f"--balance {config.balance}")
    if config.augment == "auto":
        dataset.require_one_label("--augment auto")


def check_limit(limit: int, num_classes: int) -> None:
    """Refuse a limit that leaves a class without images.

    Raises:
        AppError: If there are more classes than images.
    """
    if limit < num_classes:
        raise AppError(
            f"--limit is {limit}, but there are {num_classes} classes.",
            "Expected at least one image of each class.",
        )


def warn_of_enlarging(side: int, split: Split, reporter: Reporter) -> None:
    """Warn if `--image-size` asks for far more pixels than most images have."""
    sizes = sampled_sizes(split)
    typical = int(np.median([max(size) for size in sizes])) if sizes else side
    if side > _ENLARGED * typical:
        reporter.warning(
            f"warning: --image-size {side} enlarges the images: half of them have at most "
            f"{typical} pixels on the longer side. Training takes about "
            f"{(side / typical) ** 2:.0f} times as long as with --image-size {typical}, which "
            "shows the network the same details."
        )

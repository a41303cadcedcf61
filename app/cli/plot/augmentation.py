"""The picture of an augmentation."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.options import data_dir_of
from app.cli.plot.options import DATA_DIR, OneOf, Option, Plot, number_option, seed_option
from app.config import FITS, RunSettings
from app.data.registry import DATASETS, folder_and_labels
from app.errors import AppError
from app.files import printable
from app.references import is_reference
from app.registries import AUGMENTATIONS
from app.reporting import CONSOLE

if TYPE_CHECKING:
    import numpy as np

    from app.augmentation.augmentation import Augmentation
    from app.data.pixels import Images
    from app.data.shards.packed import ImageFile
    from app.figures.augmentation import AugmentedImages
    from app.figures.canvas.style import Figure

_DATASET_ROWS, _IMAGE_ROWS, _EPOCHS, _SWEEP_STEPS, _SIDE = 4, 3, 4, 5, 150
_PRESETS = ", ".join(name for name in AUGMENTATIONS if name not in ("none", "auto"))


def augment(parsed: argparse.Namespace) -> Figure:
    """Draw images and their augmented versions.

    For an IMAGE, each cell is one epoch. For a DATASET, each row is a training
    image and each column an epoch; the rows are the first images of a run with
    this seed, with the classes alternating. The images come from the code that
    prepares training batches.
    """
    _check(parsed)
    augmentation, name = _augmentation(parsed)

    from app.figures.augmentation import augmentation_grid, augmentation_sweep, fill_modes

    images = _load_images(parsed, 1 if parsed.sweep else parsed.rows or _DATASET_ROWS)
    if parsed.sweep:
        return augmentation_sweep(images, augmentation, name, parsed.cols or _SWEEP_STEPS)
    rows = parsed.rows or _IMAGE_ROWS
    if parsed.fill_modes:
        return fill_modes(images, augmentation, name, rows, parsed.seed)
    shape = rows, parsed.cols or _EPOCHS
    return augmentation_grid(images, augmentation, name, shape, parsed.seed)


def _check(parsed: argparse.Namespace) -> None:
    if parsed.sweep and parsed.rows is not None:
        raise AppError(
            "--rows with --sweep.",
            "Expected --cols alone: a sweep has one row per parameter of --augment.",
        )
    if parsed.sweep and parsed.cols is not None and not 2 <= parsed.cols <= 12:
        raise AppError(
            f"--cols is {parsed.cols}.", "Expected a whole number from 2 to 12 with --sweep."
        )
    if parsed.fill_modes and parsed.cols is not None:
        raise AppError(
            "--cols with --fill-modes.", "Expected --rows alone: there are four fill modes."
        )


def _augmentation(parsed: argparse.Namespace) -> tuple[Augmentation, str]:
    """Return the augmentation and its name in the title."""
    from app.augmentation.parsing import parse_augmentation, read_augmentation

    text = parsed.augment
    if text is None:
        return _default_augmentation(parsed.subject)
    expected = f"Expected one of: {_PRESETS}; settings; or a .json file."
    if text == "auto":
        raise AppError(
            "--augment auto has no picture of its own: its ranges grow while a network trains.",
            expected,
            "Example: --augment lecture",
        )
    settings = read_augmentation(Path(text)) if text.endswith(".json") else text
    augmentation = parse_augmentation(settings)
    if augmentation is None:
        raise AppError(f"--augment {text} changes nothing.", expected, "Example: --augment lecture")
    return augmentation, "these settings" if "=" in text else f"'{printable(Path(text).name)}'"


def _default_augmentation(subject: str) -> tuple[Augmentation, str]:
    """Return the default augmentation of training on a dataset or folder, and its name.

    An image file is treated as one of a folder.
    """
    from app.augmentation.parsing import parse_augmentation
    from app.training.recipes import resolve

    name = resolve(RunSettings(dataset=subject)).augment
    augmentation = parse_augmentation(name)
    if augmentation is not None:
        return augmentation, f"'{name}' (the default of training)"
    digits = parse_augmentation("digits")
    assert digits is not None  # a preset
    return digits, f"'digits' (training on {subject} uses none by default)"


def _load_images(parsed: argparse.Namespace, count: int) -> AugmentedImages:
    """Return one image, or `count` images of a dataset that come first in training with this seed.

    Raises:
        AppError: If the subject is neither, or no image can be decoded.
    """
    import numpy as np

    from app.data.decoding import UndecodableImage, load_image
    from app.figures.augmentation import AugmentedImages

    path = Path(parsed.subject)
    folder, _ = folder_and_labels(parsed.subject)
    if parsed.subject in DATASETS or folder.is_dir() or is_reference(parsed.subject):
        return _load_training_images(parsed, count)
    if not path.is_file():
        raise AppError(
            f"'{path}' is neither a file, a folder, a dataset nor a reference.",
            f"Expected an image file, one of {', '.join(DATASETS)}, or a folder with a subfolder "
            "per class.",
        )
    try:
        image = load_image(path, (parsed.image_size or _SIDE,) * 2, fit=parsed.fit)
    except UndecodableImage as error:
        raise AppError(
            f"'{path}' cannot be used: {error}.", "Expected an image file such as a JPEG or PNG."
        ) from None
    if (image == image[:, :, :1]).all():
        image = image[:, :, :1]  # gray: training on a folder of such images has one channel
    name = printable(path.name)
    return AugmentedImages(image[np.newaxis], np.zeros(1, np.int64), [name], name, False)


def _load_training_images(parsed: argparse.Namespace, count: int) -> AugmentedImages:
    import numpy as np

    from app.data.dataset import label_text, strata
    from app.data.decoding import UndecodableImage, load_image
    from app.data.registry import load_dataset
    from app.figures.augmentation import AugmentedImages

    dataset = load_dataset(parsed.subject, data_dir_of(parsed), reporter=CONSOLE)
    train = dataset.train
    size = (parsed.image_size or _SIDE,) * 2
    positions: list[int] = []
    for position in _training_order(strata(train.labels), parsed.seed):
        try:
            if not isinstance(train.images, np.ndarray):
                load_image(train.images[position], size, dataset.channels)
        except UndecodableImage as error:
            CONSOLE.warning(f"skipped '{train.names[position]}': {error}")
        else:
            positions.append(position)
        if len(positions) == count:
            break
    if not positions:
        raise AppError(
            f"None of the training images of '{parsed.subject}' can be decoded.",
            "Expected image files such as JPEGs or PNGs.",
            f"Look at them: python -m app data check {shlex.quote(parsed.subject)}",
        )
    labels = [
        f"{label_text(train.labels[i], dataset.class_names) or 'none'}\n{train.names[i]}"
        for i in positions
    ]
    images = _sized(train.images, parsed, dataset.channels)
    return AugmentedImages(images, np.array(positions), labels, dataset.display_name, True)


def _sized(
    images: np.ndarray | Sequence[ImageFile], parsed: argparse.Namespace, channels: int
) -> Images:
    """Return images in the size of training; arrays keep their own size by default."""
    import numpy as np

    from app.data.pixels import ResizedImages, StreamedImages

    side: int | None = parsed.image_size
    if not isinstance(images, np.ndarray):
        return StreamedImages(images, (side or _SIDE,) * 2, channels, parsed.fit)
    if side is None or images.shape[1:3] == (side, side):
        return images
    return ResizedImages(images, (side, side), channels, parsed.fit)


def _training_order(labels: np.ndarray, seed: int) -> list[int]:
    """Return all positions in the order of training, with the classes alternating."""
    import numpy as np

    from app.data.pixels import epoch_order

    order = epoch_order(len(labels), seed, 0)
    rank = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        members = labels[order] == label
        rank[members] = np.arange(members.sum())
    return order[np.argsort(rank, kind="stable")].tolist()


PLOTS = {
    "augment": Plot(
        "images and their augmented versions",
        (
            Option(
                "subject",
                metavar="IMAGE|DATASET",
                help=f"image file, one of {', '.join(DATASETS)}, or a folder with a subfolder per "
                "class",
            ),
            Option(
                "--augment",
                metavar="NAME|SETTINGS|FILE",
                help=f"{_PRESETS}; settings such as rotation_range=15,zoom_range=.1; or a .json "
                "file of them (default: that of training; for mnist and digits, which are "
                "trained without, digits)",
            ),
            OneOf(
                Option(
                    "--sweep",
                    action="store_true",
                    help="one row per parameter, from its minimum to its maximum",
                ),
                Option(
                    "--fill-modes", action="store_true", help="the four fill modes side by side"
                ),
            ),
            number_option(
                "--rows",
                (1, 20),
                help=f"number of rows (default: {_DATASET_ROWS} for a dataset, else {_IMAGE_ROWS})",
            ),
            number_option(
                "--cols",
                (1, 20),
                help=f"epochs per row (default: {_EPOCHS}), or values per parameter with --sweep "
                f"(default: {_SWEEP_STEPS})",
            ),
            seed_option("the run"),
            number_option(
                "--image-size",
                (1, 4096),
                metavar="SIDE",
                help=f"side in pixels that images are resized to (default: {_SIDE}; mnist, digits "
                "and drawn keep their own)",
            ),
            Option(
                "--fit",
                choices=FITS,
                default="squash",
                help="images of another aspect ratio, as in train.py (default: squash)",
            ),
            DATA_DIR,
        ),
        augment,
    ),
}

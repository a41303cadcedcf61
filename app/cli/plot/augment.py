"""Draw images beside what augmentation makes of them.

One IMAGE is shown in rows x cols epochs. Of a DATASET, each row is one of the
training images that a run with this seed meets first, classes in turn, and
each column an epoch. The pictures come from the code that prepares the batches
of training.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.options import add_data_dir, data_dir_of
from app.cli.plot.arguments import MOST_SEEDS, add_output, add_seed, check_range
from app.config import AUGMENTATIONS, DATASETS, RunConfig
from app.errors import AppError
from app.files import printable

if TYPE_CHECKING:
    from app.augmentation.augmentation import Augmentation

_DATASET_ROWS, _IMAGE_ROWS, _EPOCHS, _SWEEP_STEPS = 4, 3, 4, 5
_AUGMENT_HELP = (
    f"{', '.join(AUGMENTATIONS[1:-1])}; settings such as rotation_range=15,zoom_range=.1; or a "
    ".json file of them (default: what training uses; for mnist and digits, which are trained "
    "without, digits)"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the picture's arguments."""
    parser.add_argument(
        "subject",
        metavar="IMAGE|DATASET",
        help=f"image file, one of {', '.join(DATASETS)}, or a folder with a sub-folder per class",
    )
    add_output(parser)
    parser.add_argument("--augment", metavar="NAME|SETTINGS|FILE", help=_AUGMENT_HELP)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--sweep", action="store_true", help="a row per parameter, from its minimum to its maximum"
    )
    kind.add_argument("--fill-modes", action="store_true", help="the four fill modes side by side")
    parser.add_argument(
        "--rows", type=int, help=f"rows ({_DATASET_ROWS} of a dataset, else {_IMAGE_ROWS})"
    )
    parser.add_argument(
        "--cols",
        type=int,
        help=f"epochs per row ({_EPOCHS}), or values per parameter ({_SWEEP_STEPS})",
    )
    add_seed(parser, "the run")
    parser.add_argument(
        "--image-size",
        type=int,
        metavar="SIDE",
        help="pixels that images are squashed to (150; mnist, digits and drawn keep their own)",
    )
    add_data_dir(parser)


def draw(parsed: argparse.Namespace, output: Path) -> None:
    """Draw the picture into a file."""
    _check(parsed)
    augmentation, name = _augmentation(parsed)

    from app.cli.plot import augment_pictures

    subject = augment_pictures.load_subject(
        parsed.subject,
        side=parsed.image_size,
        count=1 if parsed.sweep else parsed.rows or _DATASET_ROWS,
        seed=parsed.seed,
        data_dir=data_dir_of(parsed),
    )
    if parsed.sweep:
        augment_pictures.sweep(subject, augmentation, name, parsed.cols or _SWEEP_STEPS, output)
    elif parsed.fill_modes:
        augment_pictures.fill_modes(
            subject, augmentation, name, parsed.rows or _IMAGE_ROWS, parsed.seed, output
        )
    else:
        augment_pictures.grid(
            subject,
            augmentation,
            name,
            (parsed.rows or _IMAGE_ROWS, parsed.cols or _EPOCHS),
            parsed.seed,
            output,
        )


def _check(parsed: argparse.Namespace) -> None:
    for flag, value, lowest, highest in (
        ("--rows", parsed.rows, 1, 20),
        ("--cols", parsed.cols, *((2, 12) if parsed.sweep else (1, 20))),
        ("--seed", parsed.seed, 0, MOST_SEEDS),
        ("--image-size", parsed.image_size, 1, 4096),
    ):
        if value is not None:
            check_range(flag, value, lowest, highest)
    if parsed.sweep and parsed.rows is not None:
        raise AppError(
            "--rows with --sweep.",
            "Expected --cols alone: a sweep has one row per parameter of --augment.",
        )
    if parsed.fill_modes and parsed.cols is not None:
        raise AppError(
            "--cols with --fill-modes.", "Expected --rows alone: there are four fill modes."
        )


def _augmentation(parsed: argparse.Namespace) -> tuple[Augmentation, str]:
    """Return the augmentation, and what to call it."""
    from app.augmentation.parsing import parse_augmentation, read_augmentation

    if parsed.augment is None:
        return _default_augmentation(parsed.subject)
    text = parsed.augment
    if text == "auto":
        raise AppError(
            "--augment auto has no picture of its own: its ranges grow while a network trains.",
            f"Expected one of: {', '.join(AUGMENTATIONS[1:-1])}; settings; or a .json file.",
            "Example: --augment lecture",
        )
    settings = read_augmentation(Path(text)) if text.endswith(".json") else text
    augmentation = parse_augmentation(settings)
    if augmentation is None:
        raise AppError(
            f"--augment {text} changes nothing.",
            f"Expected one of: {', '.join(AUGMENTATIONS[1:-1])}; settings; or a .json file.",
            "Example: --augment lecture",
        )
    return augmentation, "these settings" if "=" in text else f"'{printable(Path(text).name)}'"


def _default_augmentation(subject: str) -> tuple[Augmentation, str]:
    """Return what training does to images of a dataset or folder by default, and what to call it.

    An image file is treated as one of a folder.
    """
    from app.augmentation.parsing import parse_augmentation
    from app.training.recipes import resolve

    name = resolve(RunConfig(dataset=subject)).augment
    augmentation = parse_augmentation(name)
    if augmentation is not None:
        return augmentation, f"'{name}' (the default of training)"
    digits = parse_augmentation("digits")
    assert digits is not None  # a preset
    return digits, f"'digits' (training on {subject} uses none by default)"

"""Images next to their augmented versions: by epoch, by parameter, by fill mode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.figure import Figure

from app.augmentation.augmentation import Augmentation
from app.augmentation.resampling import FILL_MODES
from app.augmentation.sweep import NOT_SWEPT, sweeps
from app.data.pixels import Images, prepare_batch
from app.errors import AppError
from app.figures.canvas.image_table import ImageRow, table_of_images
from app.figures.canvas.sheet import (
    GAP,
    LABEL_SIZE,
    LABEL_SIZES,
    MARGIN,
    Sheet,
    cell_size,
    line_height,
    shown_size,
)
from app.figures.canvas.style import PIXELS_WIDE, VERMILLION, styled
from app.figures.canvas.text import fitting_size


@dataclass(frozen=True)
class AugmentedImages:
    """Images to augment.

    Attributes:
        images: All images of a training split, or one image.
        positions: `(N,)` positions of those to draw.
        labels: `N` names, each with the class before it and a line break between them.
        title: Name of the image or of the dataset.
        are_dataset: Whether the images are a training split.
    """

    images: Images
    positions: np.ndarray
    labels: list[str]
    title: str
    are_dataset: bool


def augmentation_grid(
    images: AugmentedImages,
    augmentation: Augmentation,
    name: str,
    shape: tuple[int, int],
    seed: int,
) -> Figure:
    """Draw originals next to their augmented versions in training.

    Args:
        images: One image, or some of a dataset.
        augmentation: Augmentation of training.
        name: Name of the augmentation.
        shape: Rows and columns; each image of a dataset is a row.
        seed: Seed of the run.
    """
    rows, columns = shape
    epochs = columns if images.are_dataset else rows * columns
    originals = images.images[images.positions]
    are_mixed = images.are_dataset and augmentation.mixes
    by_epoch = []
    for epoch in range(epochs):
        batch = prepare_batch(images.images, images.positions, augmentation, seed, epoch)
        if are_mixed:
            unused = np.zeros(len(batch), np.float32)
            batch, _ = augmentation.mix(batch, unused, images.positions, seed, epoch)
        by_epoch.append(batch)
    captions = [f"epoch {epoch + 1}" for epoch in range(epochs)]
    note = _note(augmentation, seed)
    if are_mixed:
        note += ". Images are mixed with others of this picture; in training, of their batch."
    elif augmentation.mixes:
        note += ". Mixing (mixup, cutmix) needs other images and is left out."
    title = f"{images.title}: training images with augmentation {name}"
    if not images.are_dataset:
        grid = np.stack(by_epoch).reshape(rows, columns, *originals.shape[1:])
        return original_and_augmented(originals[0], grid, captions, title=title, note=note)
    return table_of_images(
        [
            ImageRow(row, label)
            for label, *row in zip(images.labels, originals, *by_epoch, strict=True)
        ],
        ["original", *captions],
        title=title,
        note=note,
        first_is_original=True,
    )


def augmentation_sweep(
    images: AugmentedImages, augmentation: Augmentation, name: str, steps: int
) -> Figure:
    """Draw a row per parameter, from its minimum to its maximum.

    Raises:
        AppError: If no parameter has a range.
    """
    image = images.images[images.positions][0]  # (H, W, C)
    height, width, channels = image.shape
    rows = sweeps(augmentation, steps, (height, width, channels))
    if not rows:
        raise AppError(
            f"--sweep of {name}, in which no parameter has a range.",
            "Expected at least one, such as rotation_range=15.",
        )
    note = f"{images.labels[0].replace(chr(10), ', ')}. All other parameters are off."
    left_out = [parameter for parameter in NOT_SWEPT if getattr(augmentation, parameter)]
    if left_out:
        note += f" Not shown: {', '.join(left_out)}, which have no range."
    return table_of_images(
        [ImageRow(list(row.apply(augmentation, image)), row.parameter, row.labels) for row in rows],
        [],
        title=f"Each parameter of {name}, from its minimum to its maximum",
        note=note,
    )


def fill_modes(
    images: AugmentedImages, augmentation: Augmentation, name: str, rows: int, seed: int
) -> Figure:
    """Draw the four fill modes side by side, for some images or some epochs of one image."""
    originals = images.images[images.positions]
    epochs = [0] if images.are_dataset else list(range(rows))
    table = []
    for epoch in epochs:
        batches = [
            prepare_batch(
                images.images, images.positions, replace(augmentation, fill_mode=mode), seed, epoch
            )
            for mode in FILL_MODES
        ]
        labels = images.labels if images.are_dataset else [f"epoch {epoch + 1}"]
        table += [
            ImageRow(row, label) for label, *row in zip(labels, originals, *batches, strict=True)
        ]
    titles = {"constant": f"constant ({augmentation.cval:g})"}
    return table_of_images(
        table,
        ["original", *(titles.get(mode, mode) for mode in FILL_MODES)],
        title="The four fill modes, with the same transformation in each row",
        note=f"{name}: {_note(replace(augmentation, fill_mode='nearest'), seed)}",
        first_is_original=True,
    )


@styled()
def original_and_augmented(
    original: np.ndarray, augmented: np.ndarray, captions: Sequence[str], *, title: str, note: str
) -> Figure:
    """Draw one image, large and framed, with a grid of its augmentations to its right.

    Args:
        original: `(H, W, C)` uint8.
        augmented: `(rows, columns, H, W, C)` uint8.
        captions: Captions of the augmentations, row by row.
        title: Title of the figure.
        note: Note in small print below the title; may be empty.

    Raises:
        ValueError: If the numbers of augmentations and captions differ.
    """
    rows, columns = augmented.shape[:2]
    if len(captions) != rows * columns:
        raise ValueError(f"Received {len(captions)} `captions`, expected {rows * columns}.")
    span = min(2, rows)
    wide, tall = cell_size(columns + span, PIXELS_WIDE - 2 * MARGIN, original.shape)
    label = line_height(LABEL_SIZE)
    pitch = tall + label + GAP
    size = fitting_size([*captions, "original"], wide, LABEL_SIZES)
    sheet = Sheet(title, note)
    top = sheet.y
    left = (PIXELS_WIDE - (columns + span) * (wide + GAP) + GAP) // 2
    big_wide, big_tall = shown_size(span * wide + (span - 1) * GAP, original.shape)
    sheet.image(original, (left, top, big_wide, big_tall), framed=True)
    sheet.text(
        left + big_wide / 2,
        top + big_tall + 7,
        "original",
        size=size,
        ha="center",
        color=VERMILLION,
    )
    for index, caption in enumerate(captions):
        row, column = divmod(index, columns)
        x, y = left + (column + span) * (wide + GAP), top + row * pitch
        sheet.image(augmented[row, column], (x, y, wide, tall))
        sheet.text(x + wide / 2, y + tall + 5, caption, size=size, ha="center")
    return sheet.finish(max(top + rows * pitch - GAP, top + big_tall + 7 + label))


def _note(augmentation: Augmentation, seed: int) -> str:
    """Return the settings, with spaces where a line can break."""
    return f"{str(augmentation).replace(',', ', ')}; seed {seed}"

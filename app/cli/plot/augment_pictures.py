"""The pictures of `plot augment`, made of the batches that training gets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app.augmentation.augmentation import Augmentation
from app.augmentation.resampling import FILL_MODES
from app.augmentation.sweep import UNSWEPT, sweeps
from app.config import DATASETS
from app.data.decoding import UndecodableImage, load_image
from app.data.pixels import Images, ResizedImages, StreamedImages, epoch_order, prepare_batch
from app.data.registry import load_dataset
from app.errors import AppError
from app.figure_files import save
from app.figures.augmentation import beside_original, table_of_images
from app.files import printable
from app.reporting import CONSOLE

_SIDE = 150


@dataclass(frozen=True)
class Subject:
    """Images to augment, and how to call them.

    Attributes:
        images: Pixels by position.
        chosen: `(N,)` positions of those to show.
        labels: `N` names, with the class after a line break.
        title: What they are.
        is_dataset: Whether they come from a training split.
    """

    images: Images
    chosen: np.ndarray
    labels: list[str]
    title: str
    is_dataset: bool


def load_subject(name: str, *, side: int | None, count: int, seed: int, data_dir: Path) -> Subject:
    """Return one image, or those of each class that training with `seed` meets first.

    Args:
        name: Of an image file, a dataset, or a folder with a sub-folder per class.
        side: Pixels that images are squashed to; by default 150, or an array's own.
        count: How many of a dataset.
        seed: Seed of the run.
        data_dir: Where the datasets are kept.

    Raises:
        AppError: If `name` is none of these, or no image can be decoded.
    """
    path = Path(name)
    if name in DATASETS or path.is_dir():
        return _of_dataset(name, side, count, seed, data_dir)
    if not path.is_file():
        raise AppError(
            f"'{path}' is neither a file, a folder nor a dataset.",
            f"Expected an image file, one of {', '.join(DATASETS)}, or a folder with a sub-folder "
            "per class.",
        )
    try:
        image = load_image(path, (side or _SIDE,) * 2)
    except UndecodableImage as error:
        raise AppError(
            f"'{path}' cannot be used: {error}.", "Expected an image file such as a JPEG or PNG."
        ) from None
    if (image == image[:, :, :1]).all():
        image = image[:, :, :1]  # grey: training on a folder of such images has one channel
    name = printable(path.name)
    return Subject(image[np.newaxis], np.zeros(1, np.int64), [name], name, False)


def _of_dataset(name: str, side: int | None, count: int, seed: int, data_dir: Path) -> Subject:
    splits = load_dataset(name, data_dir, reporter=CONSOLE)
    stored = splits.train.images
    images: Images
    if not isinstance(stored, np.ndarray):
        images = StreamedImages(stored, (side or _SIDE,) * 2, splits.channels)
    elif side is None or stored.shape[1:3] == (side, side):
        images = stored
    else:
        images = ResizedImages(stored, (side, side), splits.channels)
    chosen: list[int] = []
    for position in _first_met(splits.train.labels, seed):
        try:
            if not isinstance(stored, np.ndarray):
                load_image(stored[position], (side or _SIDE,) * 2, splits.channels)
        except UndecodableImage as error:
            CONSOLE.warning(f"skipped '{splits.train.names[position]}': {error}")
        else:
            chosen.append(position)
        if len(chosen) == count:
            break
    if not chosen:
        raise AppError(
            f"None of the training images of '{name}' can be decoded.",
            "Expected image files such as JPEGs or PNGs.",
            f"Look at them: python -m app data check {name}",
        )
    labels = [
        f"{splits.class_names[splits.train.labels[i]]}\n{splits.train.names[i]}" for i in chosen
    ]
    return Subject(images, np.array(chosen), labels, splits.shown_name, True)


def _first_met(labels: np.ndarray, seed: int) -> list[int]:
    """Return all positions: of each class the image that training meets first, then the next."""
    order = epoch_order(len(labels), seed, 0)
    rank = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        members = labels[order] == label
        rank[members] = np.arange(members.sum())
    return order[np.argsort(rank, kind="stable")].tolist()


def grid(
    subject: Subject,
    augmentation: Augmentation,
    name: str,
    shape: tuple[int, int],
    seed: int,
    output: Path,
) -> None:
    """Draw originals beside what becomes of them.

    Args:
        subject: One image, or some of a dataset.
        augmentation: What training does to them.
        name: What to call it.
        shape: Rows and columns; each image of a dataset is a row.
        seed: Seed of the run.
        output: Where to write the picture.
    """
    rows, columns = shape
    epochs = columns if subject.is_dataset else rows * columns
    originals = subject.images[subject.chosen]
    mixed = subject.is_dataset and augmentation.mixes
    by_epoch = []
    for epoch in range(epochs):
        batch = prepare_batch(subject.images, subject.chosen, augmentation, seed, epoch)
        if mixed:
            unused = np.zeros(len(batch), np.float32)
            batch, _ = augmentation.mix(batch, unused, subject.chosen, seed, epoch)
        by_epoch.append(batch)
    captions = [f"epoch {epoch + 1}" for epoch in range(epochs)]
    note = _note(augmentation, seed)
    if mixed:
        note += ". Images are mixed with others of this picture; in training, of their batch."
    elif augmentation.mixes:
        note += ". Mixing (mixup, cutmix) needs other images and is left out."
    if not subject.is_dataset:
        figure = beside_original(
            originals[0],
            np.stack(by_epoch).reshape(rows, columns, *originals.shape[1:]),
            captions,
            title=f"{subject.title}: training images with augmentation {name}",
            note=note,
        )
    else:
        figure = table_of_images(
            [[original, *later] for original, *later in zip(originals, *by_epoch, strict=True)],
            subject.labels,
            ["original", *captions],
            title=f"{subject.title}: training images with augmentation {name}",
            note=note,
            first_is_original=True,
        )
    save(figure, output)


def sweep(
    subject: Subject, augmentation: Augmentation, name: str, steps: int, output: Path
) -> None:
    """Draw a row per parameter, from its minimum to its maximum.

    Raises:
        AppError: If no parameter has a range.
    """
    image = subject.images[subject.chosen][0]  # (H, W, C)
    height, width, channels = image.shape
    found = sweeps(augmentation, steps, (height, width, channels))
    if not found:
        raise AppError(
            f"--sweep of {name}, in which no parameter has a range.",
            "Expected at least one, such as rotation_range=15.",
        )
    note = f"{subject.labels[0].replace(chr(10), ', ')}. All other parameters are off."
    left_out = [parameter for parameter in UNSWEPT if getattr(augmentation, parameter)]
    if left_out:
        note += f" Not shown: {', '.join(left_out)}, which have no range."
    figure = table_of_images(
        [list(row.apply(augmentation, image)) for row in found],
        [row.parameter for row in found],
        [],
        captions=[row.labels for row in found],
        title=f"Each parameter of {name}, from its minimum to its maximum",
        note=note,
    )
    save(figure, output)


def fill_modes(
    subject: Subject, augmentation: Augmentation, name: str, rows: int, seed: int, output: Path
) -> None:
    """Draw the four fill modes side by side, for some images or some epochs of one image."""
    originals = subject.images[subject.chosen]
    epochs = [0] if subject.is_dataset else list(range(rows))
    shown = []
    for epoch in epochs:
        batches = [
            prepare_batch(
                subject.images, subject.chosen, replace(augmentation, fill_mode=mode), seed, epoch
            )
            for mode in FILL_MODES
        ]
        shown += [list(row) for row in zip(originals, *batches, strict=True)]
    titles = {"constant": f"constant ({augmentation.cval:g})"}
    figure = table_of_images(
        shown,
        subject.labels if subject.is_dataset else [f"epoch {epoch + 1}" for epoch in epochs],
        ["original", *(titles.get(mode, mode) for mode in FILL_MODES)],
        title="The four fill modes, with the same transformation in each row",
        note=f"{name}: {_note(replace(augmentation, fill_mode='nearest'), seed)}",
        first_is_original=True,
    )
    save(figure, output)


def _note(augmentation: Augmentation, seed: int) -> str:
    """Return the settings, with blanks where a line can break."""
    return f"{str(augmentation).replace(',', ', ')}; seed {seed}"

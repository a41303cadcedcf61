"""Write images of a dataset as files, in a folder per class, as `--dataset FOLDER` reads them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from app.data.dataset import Split
from app.data.shards.packed import PackedImage
from app.errors import AppError
from app.files import atomic_folder, folder_name, refuse_existing
from app.reading import UnusableFile

_FEWEST_DIGITS = 3  # of the number in a name


def extract(images: Split, class_names: Sequence[str], folder: Path) -> None:
    """Write images as `folder/class/001.jpg`, `002.jpg`, …: copies of files, arrays as PNG.

    Args:
        images: Images with their labels.
        class_names: Names of the classes, by label.
        folder: New folder; it is written completely or not at all.

    Raises:
        AppError: If it exists, two classes would share a folder, or it cannot be written.
    """
    refuse_existing(folder)
    names = [folder_name(name) for name in class_names]
    if len({name.casefold() for name in names}) < len(names):
        raise AppError(
            f"Some classes would share a folder: {', '.join(sorted(names))}.",
            "Expected classes whose names differ in more than case and punctuation.",
        )
    digits = max(_FEWEST_DIGITS, len(str(len(images))))
    with atomic_folder(folder, flush=False) as new:
        for name in names:
            (new / name).mkdir()
        for number, (image, label) in enumerate(zip(images.images, images.labels, strict=True), 1):
            stem = new / names[label] / f"{number:0{digits}}"
            if isinstance(image, np.ndarray):
                Image.fromarray(image.squeeze(axis=2) if image.shape[2] == 1 else image).save(
                    stem.with_suffix(".png")
                )
            elif isinstance(image, PackedImage):
                stem.with_suffix(image.ending).write_bytes(_read(image))
            else:
                shutil.copyfile(image, stem.with_suffix(image.suffix.lower()))


def _read(image: PackedImage) -> bytes:
    try:
        return image.read()
    except UnusableFile as error:
        raise AppError(
            f"The image '{image}' cannot be read: {error}.",
            "Expected the content that was packed.",
            "Find all such images: python -m app data pack SHARDS --verify",
            status=1,
        ) from None

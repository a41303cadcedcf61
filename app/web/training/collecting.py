"""Images that are gathered on the page, by class, in a folder of this machine.

    data folder/NAME/CLASS/0001.png, 0002.png, …

The folder is a dataset like any other: `train.py --dataset FOLDER`. Only folders that were begun
here are ever written to.
"""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
from PIL import Image

from app.data.decoding import UndecodableImage, load_reduced
from app.files import atomic_file, is_utf8
from app.web.errors import PublicError

_MARK = ".collected"  # in each folder that was begun here
_LARGEST_SIDE = 512  # pixels; larger images are reduced
MOST_CLASSES, MOST_IMAGES = 50, 2_000  # of a folder; of a class
_LONGEST_NAME = 60


class Collection:
    """The folders of gathered images.

    Args:
        data_dir: Folder of the datasets.
    """

    def __init__(self, data_dir: Path):
        self._root = data_dir
        self._changing = threading.Lock()

    def add(self, name: str, class_name: str, content: bytes) -> int:
        """Save an image; return how many its class has.

        Args:
            name: Name of the folder.
            class_name: Class of the image.
            content: Bytes of an image file of any format.

        Raises:
            PublicError: If a name cannot be used, there are too many, or it is no image.
        """
        with self._changing:
            return self._add(name, class_name, content)

    def _add(self, name: str, class_name: str, content: bytes) -> int:
        folder = self.path(name) / _plain(class_name, "class")
        if not folder.is_dir() and len(self.classes(name)) >= MOST_CLASSES:
            raise PublicError(f"The folder has {MOST_CLASSES} classes.", "Expected no more.")
        count = len(_images(folder))
        if count >= MOST_IMAGES:
            raise PublicError(f"The class has {MOST_IMAGES:,} images.", "Expected no more.")
        try:
            pixels = load_reduced(content, _LARGEST_SIDE)
        except UndecodableImage as error:
            raise PublicError(
                f"The image cannot be used: {error}.", "Expected an image such as a PNG.",
                http_status=422,
            ) from None  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        (folder.parent / _MARK).touch()
        last = _images(folder)[-1:]
        number = int(last[0].stem) + 1 if last else 1
        with atomic_file(folder / f"{number:04d}.png") as path:
            Image.fromarray(np.squeeze(pixels)).save(path, "PNG")
        return count + 1

    def remove_last(self, name: str, class_name: str) -> int:
        """Remove the newest image of a class; return how many are left.

        Raises:
            PublicError: If a name cannot be used.
        """
        folder = self.path(name) / _plain(class_name, "class")
        with self._changing:
            images = _images(folder)
            if images:
                images[-1].unlink()
        return max(0, len(images) - 1)

    def classes(self, name: str) -> dict[str, int]:
        """Return the number of images of each class of a folder.

        Raises:
            PublicError: If the name cannot be used.
        """
        folder = self.path(name)
        if not folder.is_dir():
            return {}
        inside = sorted(path for path in folder.iterdir() if path.is_dir())
        return {path.name: len(_images(path)) for path in inside}

    def folders(self) -> dict[str, dict[str, int]]:
        """Return `{folder: {class: images}}` of all folders that were begun here."""
        marks = sorted(self._root.glob(f"*/{_MARK}"))
        return {mark.parent.name: self.classes(mark.parent.name) for mark in marks}

    def path(self, name: str) -> Path:
        """Return the path of a folder, which may not exist yet.

        Raises:
            PublicError: If the name cannot be used, or the folder holds other data.
        """
        folder = self._root / _plain(name, "folder")
        if folder.exists() and not (folder / _MARK).is_file():
            raise PublicError(
                f"The folder '{name}' holds other data.", "Expected one begun on the page.",
                "Choose another name.", http_status=409,
            )  # fmt: skip
        return folder


def _images(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.png") if path.stem.isdecimal())


def _plain(name: str, what: str) -> str:
    """Return a name that is one part of a path on every system."""
    usable = (
        0 < len(name) <= _LONGEST_NAME
        and name == name.strip(" .")
        and not any(letter in '/\\:*?"<>|' or not letter.isprintable() for letter in name)
        and is_utf8(name)
    )
    if not usable:
        raise PublicError(
            f"The name of the {what} cannot be used.",
            f"Expected up to {_LONGEST_NAME} letters, digits, spaces or signs such as - and _.",
        )
    return name

"""The images of `small_folders.py`, written as folders with a subfolder per class."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

# Class → images to draw a folder from, and images to measure on.
Pools = tuple[dict[str, list[Image.Image]], dict[str, list[Image.Image]]]
MEASURED = 100  # images of a class at most


def make_folders(output: Path, name: str, seed: int) -> tuple[Path, Path]:
    """Write the images of a seed, and those to measure on; return both folders."""
    from app.files import atomic_folder

    folder, measured = output / "images" / f"{name}-{seed}", output / "images" / f"{name}-measured"
    if folder.exists() and measured.exists():
        return folder, measured
    pools, _, count = FOLDERS[name]
    train, test = pools()
    random = np.random.default_rng(seed)
    with atomic_folder(folder, flush=False) as new:
        for class_name, images in train.items():
            order = random.permutation(len(images))[: count // len(train)]
            _write(new / class_name, [images[k] for k in order])
    with atomic_folder(measured, flush=False) as new:
        for class_name, images in test.items():
            _write(new / class_name, images[:MEASURED])
    return folder, measured


def _write(folder: Path, images: list[Image.Image]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(images):
        image.save(folder / f"{number:04d}.png")


def pets() -> Pools:
    """Return photographs of cats and dogs: training images, and validation images to measure on."""
    from app.data.catsdogs import load_catsdogs
    from app.data.registry import default_data_dir

    dataset = load_catsdogs(default_data_dir())

    def opened(split: Any, label: int, most: int) -> list[Image.Image]:
        paths = [split.images[k] for k in np.flatnonzero(split.labels == label)[:most]]
        return [Image.open(path) for path in paths]

    return tuple(  # type: ignore[return-value]
        {name: opened(split, k, most) for k, name in enumerate(dataset.class_names)}
        for split, most in ((dataset.train, 1_000), (dataset.validation, MEASURED))
    )


def digits() -> Pools:
    """Return MNIST's 3, 5 and 8."""
    from app.data.mnist import load_mnist
    from app.data.registry import default_data_dir

    dataset = load_mnist(default_data_dir())
    return tuple(  # type: ignore[return-value]
        {
            str(digit): _arrays(split.pixels[split.labels == digit][:MEASURED, ..., 0])
            for digit in (3, 5, 8)
        }
        for split in (dataset.train, dataset.validation)
    )


def faces() -> Pools:
    """Return photographs of faces and of other things, 25 pixels wide, from scikit-image."""
    from skimage.data import lfw_subset

    images = (255 * lfw_subset()).round().astype(np.uint8)  # 100 faces, 100 other patches
    return tuple(  # type: ignore[return-value]
        {"face": _arrays(images[:100][part]), "other": _arrays(images[100:][part])}
        for part in (slice(0, 60), slice(60, None))
    )


@cache  # all faces are drawn, which takes a minute
def people() -> Pools:
    """Return drawn faces of ten people."""
    from app.data.faces import load_faces

    dataset = load_faces()
    return tuple(  # type: ignore[return-value]
        {
            f"person {number}": _arrays(split.pixels[split.labels == number][:40])
            for number in range(10)
        }
        for split in (dataset.train, dataset.validation)
    )


def textures() -> Pools:
    """Return patches of three photographs of scikit-image, from the left and the right halves."""
    return tuple(  # type: ignore[return-value]
        {name: _arrays(list(_patches(np.asarray(image)))) for name, (image,) in pool.items()}
        for pool in _halves_of_textures()
    )


def _halves_of_textures() -> Pools:
    from skimage import data

    pictures = {"brick": data.brick(), "grass": data.grass(), "gravel": data.gravel()}
    return tuple(  # type: ignore[return-value]
        {name: _arrays([picture[:, half]]) for name, picture in pictures.items()}
        for half in (slice(0, 256), slice(256, 512))
    )


def _patches(picture: np.ndarray) -> Iterator[np.ndarray]:
    for top in range(0, picture.shape[0] - 63, 40):
        for left in range(0, picture.shape[1] - 63, 40):
            yield picture[top : top + 64, left : left + 64]


def wide_digits() -> Pools:
    """Return MNIST's 3, 5 and 8, each anywhere in a picture three times as wide as high."""
    random = np.random.default_rng(0)

    def widened(image: Image.Image) -> Image.Image:
        picture = Image.new("L", (84, 28))
        picture.paste(image, (int(random.integers(57)), 0))
        return picture

    return tuple(  # type: ignore[return-value]
        {name: [widened(image) for image in images] for name, images in pool.items()}
        for pool in digits()
    )


def cut_textures() -> Pools:
    """Return parts of the photographs of `textures`, 32 to 96 pixels high and wide."""
    random = np.random.default_rng(0)

    def cut(image: Image.Image) -> Image.Image:
        width, height = (int(side) for side in random.integers(32, 97, 2))
        left, top = (
            random.integers(image.width - width + 1),
            random.integers(image.height - height + 1),
        )
        return image.crop((int(left), int(top), int(left) + width, int(top) + height))

    return tuple(  # type: ignore[return-value]
        {name: [cut(image) for image in images for _ in range(60)] for name, images in pool.items()}
        for pool in _halves_of_textures()
    )


def _arrays(images: Any) -> list[Image.Image]:
    return [Image.fromarray(image.squeeze()) for image in images]


# Name → images, their own side in pixels (0 for photographs of any size), and how many there are.
FOLDERS: dict[str, tuple[Callable[[], Pools], int, int]] = {
    "pets-40": (pets, 0, 40),
    "digits-90": (digits, 32, 90),
    "faces-100": (faces, 32, 100),
    "textures-60": (textures, 64, 60),
    "people-120": (people, 32, 120),
    "pets-200": (pets, 0, 200),
    "pets-1000": (pets, 0, 1_000),
    "wide-digits-90": (wide_digits, 0, 90),
    "cut-textures-60": (cut_textures, 0, 60),
}
NOT_SQUARE = ("wide-digits-90", "cut-textures-60")

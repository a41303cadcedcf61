"""Images of things that a network was never shown, at the size of a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from app.data.dataset import Split
from app.data.decoding import load_reduced, resized
from app.data.faces import load_faces
from app.data.fitting import SQUASH
from app.data.registry import load_dataset
from app.figures.letters import letter_images
from app.lab.options import ExperimentOptions

_SMALL, _LARGE = 28, 176  # pixels of the originals

# `count` -> images `(H, W, C)` uint8 of any size.
Source = Callable[[int], Sequence[np.ndarray]]


def foreign_images(options: ExperimentOptions, *, of_digits: bool) -> dict[str, Source]:
    """Return sources of images that show none of a model's classes, by name.

    Args:
        options: Options with the folder of the datasets.
        of_digits: Whether the classes are digits; otherwise they are cats and dogs.
    """
    if of_digits:
        return {
            "letters": lambda count: list(letter_images(count, _SMALL)),
            "photographs": partial(_images_of, options, "catsdogs"),
            "noise": partial(_noise, (_SMALL, _SMALL, 1)),
        }
    return {
        "drawn faces": lambda count: _chosen(load_faces().validation, count),
        "digits": partial(_images_of, options, "mnist"),
        "letters": lambda count: list(letter_images(count, _SMALL)),
        "noise": partial(_noise, (_LARGE, _LARGE, 3)),
    }


def at_size(
    images: Sequence[np.ndarray], size: tuple[int, int], channels: int, fit: str = SQUASH
) -> np.ndarray:
    """Return images of any size as the input of a model, `(N, *size, channels)` uint8."""
    return np.stack([resized(image, size, channels, fit) for image in images])


def _images_of(options: ExperimentOptions, dataset: str, count: int) -> list[np.ndarray]:
    """Return validation images; those of its stand-in where it is out of reach."""
    loaded = load_dataset(dataset, options.data_dir, reporter=options.reporter)
    return _chosen(loaded.validation, count)


def _chosen(split: Split, count: int) -> list[np.ndarray]:
    """Return up to `count` images, evenly spread over a split."""
    places = np.linspace(0, len(split) - 1, min(count, len(split))).round().astype(int)
    chosen = split.take(places)
    if chosen.in_files:
        return [load_reduced(path, 2 * _LARGE) for path in chosen.images]
    return list(chosen.pixels)


def _noise(shape: tuple[int, int, int], count: int) -> list[np.ndarray]:
    return list(np.random.default_rng(0).integers(0, 256, (count, *shape), np.uint8))

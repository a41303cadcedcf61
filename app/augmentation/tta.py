"""Test-time augmentation: the mean over several views of an image is surer than one look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from app.augmentation.augmentation import Augmentation
from app.augmentation.parsing import parse_augmentation
from app.augmentation.resampling import resample
from app.augmentation.transforms import Transforms
from app.data.registry import source_of
from app.errors import AppError

View = Callable[[np.ndarray], np.ndarray]


def tta_views(settings: Mapping[str, Any], image_size: tuple[int, int]) -> Sequence[View]:
    """Return the views that are fair to a model trained with these settings of a run.

    A mirrored view is fair only to a model that learned from mirrored images, and a turned one to
    one that learned from images turned as far. The middle of the image is shown where training
    showed less than the whole on average, and as much of it. A shift by a pixel changes no meaning
    anywhere, but shows something new in small images only.

    Args:
        settings: Of the run, as its card keeps them; empty if they are not known.
        image_size: `(height, width)` in pixels that the model sees.
    """
    try:
        augmentation = parse_augmentation(settings.get("augment") or "none") or Augmentation()
    except AppError:  # of a program that knows more names
        augmentation = Augmentation()
    mirrors = augmentation.horizontal_flip and source_of(settings.get("dataset", "")).may_mirror
    if not mirrors and max(image_size) <= _SMALL_SIDE:
        turns = augmentation.rotation_range >= _ROTATION_DEGREES
        return (*_TRANSLATIONS, *_ROTATIONS) if turns else _TRANSLATIONS
    views: list[View] = [identity]
    scale = sum(augmentation.zooms) / 2
    if scale <= _LARGEST_CROP:
        views.append(center_crop(scale))
    return (*views, *map(flipped, views)) if mirrors else tuple(views)


def views_of(settings: Mapping[str, Any], image_size: tuple[int, int]) -> Sequence[View]:
    """Return the views by which a run with these settings judges and predicts."""
    return tta_views(settings, image_size) if settings.get("tta") else (identity,)


def identity(images: np.ndarray) -> np.ndarray:
    """Return the images `(B, H, W, C)` themselves."""
    return images


def mean_over_views(
    probabilities: Callable[[np.ndarray], np.ndarray], images: np.ndarray, views: Sequence[View]
) -> np.ndarray:
    """Return `(B, K)`: the mean of a model's probabilities over the views of `(B, H, W, C)`."""
    return np.mean([probabilities(view(images)) for view in views], axis=0)


def translated(rows: int, columns: int) -> View:
    """Return a view moved by some pixels; the border repeats."""

    def view(images: np.ndarray) -> np.ndarray:
        margin = max(abs(rows), abs(columns))
        padded = np.pad(images, ((0, 0), (margin, margin), (margin, margin), (0, 0)), mode="edge")
        top, left = margin - rows, margin - columns
        return padded[:, top : top + images.shape[1], left : left + images.shape[2]]

    return view


def rotated(degrees: float) -> View:
    """Return a view rotated anticlockwise about the centre; the border repeats."""
    return lambda images: _transformed(images, rotation=degrees)


def center_crop(share: float) -> View:
    """Return the center crop, `share` of each side, enlarged to the whole."""
    return lambda images: _transformed(images, zoom_x=share, zoom_y=share)


def flipped(view: View) -> View:
    """Return the mirror image of a view."""
    return lambda images: view(images)[:, :, ::-1]


def _transformed(images: np.ndarray, **parameters: float) -> np.ndarray:
    """Transform all images alike, by parameters of `Transforms`."""
    count, height, width = images.shape[:3]
    alike = {name: np.full(count, value) for name, value in parameters.items()}
    transforms = replace(Transforms.identity(count), **alike)
    return resample(images, transforms.matrices(height, width))


_SMALL_SIDE = 32  # pixels
_LARGEST_CROP = 0.9  # of each side; a larger one is hardly another view
_ROTATION_DEGREES = 7.0  # degrees; chosen on validation images (benchmarks/README.md)

_TRANSLATIONS = (identity, translated(1, 0), translated(-1, 0), translated(0, 1), translated(0, -1))
_ROTATIONS = (rotated(_ROTATION_DEGREES), rotated(-_ROTATION_DEGREES))

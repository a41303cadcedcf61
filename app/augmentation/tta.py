"""Test-time augmentation: average a model's probabilities over several views of an image.

A view is plain numbers, so that a model's card can hold it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from app.augmentation.augmentation import Augmentation
from app.augmentation.parsing import parse_augmentation
from app.augmentation.resampling import resample
from app.augmentation.transforms import Transforms
from app.data.registry import source_of
from app.errors import AppError
from app.references import is_reference


@dataclass(frozen=True)
class View:
    """One view of an image: cropped and rotated, then translated, then flipped.

    Attributes:
        crop: Fraction of each side, about the center, that is enlarged to the whole image.
        rotation: Degrees counterclockwise about the center; the border repeats.
        rows: Pixels downwards; the border repeats.
        columns: Pixels to the right; the border repeats.
        flip: Whether the image is mirrored left to right.
    """

    crop: float = 1.0
    rotation: float = 0.0
    rows: int = 0
    columns: int = 0
    flip: bool = False

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return this view of images `(B, H, W, C)`."""
        count, height, width = images.shape[:3]
        if (self.crop, self.rotation) != (1.0, 0.0):
            scale = np.full(count, self.crop)
            transforms = replace(
                Transforms.identity(count),
                rotation=np.full(count, self.rotation),
                zoom_x=scale,
                zoom_y=scale,
            )
            images = resample(images, transforms.matrices(height, width))
        margin = max(abs(self.rows), abs(self.columns))
        if margin:
            sides = ((0, 0), (margin, margin), (margin, margin), (0, 0))
            top, left = margin - self.rows, margin - self.columns
            images = np.pad(images, sides, mode="edge")[:, top : top + height, left : left + width]
        return images[:, :, ::-1] if self.flip else images


identity = View()


def translated(rows: int, columns: int) -> View:
    """Return a view moved by some pixels."""
    return View(rows=rows, columns=columns)


def rotated(degrees: float) -> View:
    """Return a view rotated counterclockwise."""
    return View(rotation=degrees)


def center_crop(share: float) -> View:
    """Return the central `share` of each side, enlarged to the whole image."""
    return View(crop=share)


def flipped(view: View) -> View:
    """Return the mirror image of a view."""
    return replace(view, flip=not view.flip)


def mean_over_views(
    probabilities: Callable[[np.ndarray], np.ndarray], images: np.ndarray, views: Sequence[View]
) -> np.ndarray:
    """Return `(B, K)`: the mean of a model's probabilities over views of `(B, H, W, C)` images."""
    return np.mean([probabilities(view(images)) for view in views], axis=0)


def tta_views(
    augmentation: Augmentation, image_size: tuple[int, int], *, may_flip: bool = True
) -> tuple[View, ...]:
    """Return the views that suit a model trained with an augmentation.

    A flipped view suits only a model that was trained on flipped images, a rotated view only one
    that was trained on images rotated as far. A center crop is added if training showed less than
    the whole image on average. Translations by one pixel change small images only.

    Args:
        augmentation: Augmentation of the training images.
        image_size: `(height, width)` in pixels that the model takes.
        may_flip: Whether a mirrored image keeps its meaning.
    """
    flips = augmentation.horizontal_flip and may_flip
    if not flips and max(image_size) <= _SMALL_SIDE:
        rotates = augmentation.rotation_range >= _ROTATION_DEGREES
        return (*_TRANSLATIONS, *_ROTATIONS) if rotates else _TRANSLATIONS
    scale = sum(augmentation.zooms) / 2
    views = (identity, center_crop(scale)) if scale <= _LARGEST_CROP else (identity,)
    return (*views, *map(flipped, views)) if flips else views


def views_of(settings: Mapping[str, Any], image_size: tuple[int, int]) -> tuple[View, ...]:
    """Return the views that a run with these settings averages over.

    Args:
        settings: Settings of the run by name; may be incomplete.
        image_size: `(height, width)` in pixels that the model takes.
    """
    if not settings.get("tta"):
        return (identity,)
    may_flip = source_of(settings.get("dataset", "")).may_mirror
    return tta_views(_augmentation_of(settings) or Augmentation(), image_size, may_flip=may_flip)


def augmentation_values(settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the values of a run's augmentation, `None` for none.

    Args:
        settings: Settings of the run by name; may be incomplete.
    """
    augmentation = _augmentation_of(settings)
    if augmentation is None:
        return None
    values = {field.name: getattr(augmentation, field.name) for field in fields(Augmentation)}
    text = settings["augment"]
    return values | {REFERENCE: text} if is_reference(text) else values


def _augmentation_of(settings: Mapping[str, Any]) -> Augmentation | None:
    text = settings.get("augment") or "none"
    if is_reference(text):  # a user's function has no parameters; a card must not import it
        return Augmentation()
    try:
        return parse_augmentation(text)
    except AppError:  # written by a newer program
        return None


REFERENCE = "reference"  # of a user's function, among the values of an augmentation

_SMALL_SIDE = 32  # pixels
_LARGEST_CROP = 0.9  # of each side; a larger one is hardly another view
_ROTATION_DEGREES = 7.0  # chosen on validation images (benchmarks/README.md)

_TRANSLATIONS = (identity, *(translated(*by) for by in ((1, 0), (-1, 0), (0, 1), (0, -1))))
_ROTATIONS = (rotated(_ROTATION_DEGREES), rotated(-_ROTATION_DEGREES))

"""Augmentations as text: a preset's name, or settings such as `rotation_range=15,zoom_range=.1`."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from app.augmentation.augmentation import Augmentation
from app.errors import AppError
from app.names import did_you_mean
from app.references import reporting_errors_of
from app.registries import AUGMENTATIONS

_NAMES = tuple(field.name for field in fields(Augmentation))
_EXAMPLE = "Example: --augment rotation_range=15,zoom_range=[0.9,1.1],horizontal_flip=true"
# A comma between brackets belongs to a list.
_SEPARATOR = re.compile(r",(?![^\[(]*[\])])")
_WORDS = {"true": True, "false": False, "none": None}


def parse_augmentation(text: str) -> Augmentation | None:
    """Return the augmentation that a name or `name=value,…` stands for.

    Raises:
        AppError: If the name, a setting or a value is unknown or invalid.
    """
    if "=" not in text:
        AUGMENTATIONS.check(text, "; settings; or a file that ends in .json")
        return _named(text)
    settings = {}
    for part in _SEPARATOR.split(text):
        name, equals, written = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise AppError(
                f"--augment holds '{part}', which is not a setting.",
                "Expected settings of the form name=value, with commas between.",
                _EXAMPLE,
            )
        if name in settings:
            raise AppError(f"--augment sets {name} twice.", "Expected each setting once.")
        settings[name] = _value(name, written)
    return _build(settings, "--augment")


@dataclass(frozen=True)
class CustomAugmentation(Augmentation):
    """A user's function; the parameters stay neutral, since what it does is not known.

    Attributes:
        reference: Reference to the function, for messages.
        function: Random transformation of a batch: `(images, positions, seed, epoch)`. It may have
            `mixes` and `mix`, as `app.data.pixels.Augment` describes them.
    """

    reference: str = ""
    function: Any = None

    def __call__(
        self, images: np.ndarray, positions: np.ndarray, seed: int, epoch: int
    ) -> np.ndarray:
        """Transform a batch `(B, H, W, C)` uint8.

        Raises:
            AppError: If the function raises an exception, or returns another shape or type.
        """
        expected = f"Expected an array of shape {images.shape}, {images.dtype}, as it was given."
        with reporting_errors_of(self.reference, "--augment", expected):
            changed = self.function(images, positions, seed, epoch)
        facts = [(getattr(a, "shape", None), getattr(a, "dtype", None)) for a in (changed, images)]
        if facts[0] != facts[1]:
            kind = type(changed).__name__
            raise AppError(
                f"--augment '{self.reference}' returned a {kind} of shape {facts[0][0]}, "
                f"{facts[0][1]}.",
                expected,
            )
        return changed

    @property
    def mixes(self) -> bool:
        """Whether the function also mixes images."""
        return bool(getattr(self.function, "mixes", False))

    def mix(
        self, images: np.ndarray, targets: np.ndarray, positions: np.ndarray, seed: int, epoch: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mix the images of a batch, and their targets alike."""
        mixed: tuple[np.ndarray, np.ndarray] = self.function.mix(
            images, targets, positions, seed, epoch
        )
        return mixed

    def __str__(self) -> str:
        return self.reference


def _named(text: str) -> Augmentation | None:
    value = AUGMENTATIONS.load(text)
    if value is None or isinstance(value, Augmentation):
        return value
    if isinstance(value, type) or not callable(value):
        raise AppError(
            f"--augment '{text}' is a {type(value).__name__}, which cannot transform images.",
            "Expected a function (images, positions, seed, epoch), or an Augmentation.",
        )
    return CustomAugmentation(reference=text, function=value)


def read_augmentation(path: Path) -> str:
    """Return the settings in a JSON file as text, so that a run's record holds their values.

    Raises:
        AppError: If the file cannot be read, or holds invalid settings.
    """
    try:
        settings = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise AppError(
            f"'{path}' cannot be read as JSON: {error}.",
            'Expected an object such as {"rotation_range": 15, "zoom_range": [0.9, 1.1]}.',
        ) from None
    if not isinstance(settings, dict):
        raise AppError(
            f"'{path}' holds a JSON {type(settings).__name__}.",
            'Expected an object such as {"rotation_range": 15, "zoom_range": [0.9, 1.1]}.',
        )
    return str(_build(settings, f"'{path}'")) or "none"


def _build(settings: dict[str, Any], source: str) -> Augmentation:
    unknown = [name for name in settings if name not in _NAMES]
    if unknown:
        raise AppError(
            f"{source} sets '{unknown[0]}', which is unknown.",
            f"Expected one of: {', '.join(_NAMES)}.",
            did_you_mean(unknown[0], _NAMES) or _EXAMPLE,
        )
    for name in ("horizontal_flip", "alternating_flip", "vertical_flip", "inversion"):
        if not isinstance(settings.get(name, False), bool):
            raise AppError(
                f"{source} sets {name} to {settings[name]!r}.", "Expected true or false."
            )
    try:
        return Augmentation(**settings)
    except ValueError as error:
        raise AppError(f"{source} is invalid. {error}") from None


def _value(name: str, written: str) -> Any:
    if written.lower() in _WORDS:
        return _WORDS[written.lower()]
    try:
        return ast.literal_eval(written)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        if re.fullmatch(r"[a-z]+", written):
            return written  # a fill mode
        raise AppError(
            f"--augment sets {name} to '{written}', which is not a value.",
            "Expected a number, a list such as [0.9,1.1], true, false, or a fill mode.",
            _EXAMPLE,
        ) from None

"""Augmentations as text: a preset's name, or settings such as `rotation_range=15,zoom_range=.1`."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

from app.augmentation.augmentation import Augmentation
from app.augmentation.presets import PRESETS
from app.errors import AppError
from app.names import did_you_mean

_NAMES = tuple(field.name for field in fields(Augmentation))
_EXAMPLE = "Example: --augment rotation_range=15,zoom_range=[0.9,1.1],horizontal_flip=true"
# A comma between brackets belongs to a list.
_SEPARATOR = re.compile(r",(?![^\[(]*[\])])")
_WORDS = {"true": True, "false": False, "none": None}


def parse_augmentation(text: str) -> Augmentation | None:
    """Return the augmentation that a name or `name=value,…` stands for.

    Raises:
        AppError: If the name, a setting or a value is unknown or unfit.
    """
    if "=" not in text:
        if text not in PRESETS:
            raise AppError(
                f"--augment is '{text}'.",
                f"Expected one of: {', '.join(PRESETS)}; settings; or a file that ends in .json.",
                did_you_mean(text, PRESETS) or _EXAMPLE,
            )
        return PRESETS[text]
    settings = {}
    for part in _SEPARATOR.split(text):
        name, equals, written = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise AppError(
                f"--augment holds '{part}', which is no setting.",
                "Expected settings of the form name=value, with commas between.",
                _EXAMPLE,
            )
        if name in settings:
            raise AppError(f"--augment sets {name} twice.", "Expected each setting once.")
        settings[name] = _value(name, written)
    return _build(settings, "--augment")


def read_augmentation(path: Path) -> str:
    """Return the settings in a JSON file as text, so that a run's record holds their values.

    Raises:
        AppError: If the file cannot be read, or holds no fit settings.
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
    for name in ("horizontal_flip", "vertical_flip"):
        if not isinstance(settings.get(name, False), bool):
            raise AppError(
                f"{source} sets {name} to {settings[name]!r}.", "Expected true or false."
            )
    try:
        return Augmentation(**settings)
    except ValueError as error:
        raise AppError(f"{source} is unfit. {error}") from None


def _value(name: str, written: str) -> Any:
    if written.lower() in _WORDS:
        return _WORDS[written.lower()]
    try:
        return ast.literal_eval(written)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        if re.fullmatch(r"[a-z]+", written):
            return written  # a fill mode
        raise AppError(
            f"--augment sets {name} to '{written}', which is no value.",
            "Expected a number, a list such as [0.9,1.1], true, false, or a fill mode.",
            _EXAMPLE,
        ) from None

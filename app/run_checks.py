"""Checks of a run's settings that are more than a range: sides of images, and the name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from app.errors import AppError
from app.files import is_utf8
from app.references import is_reference

ANY_SIZE = ("modern", "large", "compact")  # models that average over all positions


class Sizes(Protocol):
    """Settings of a run that decide on the sides of its images; `None` where they are open."""

    @property
    def model(self) -> str | None:
        """Name or reference of the network."""

    @property
    def image_size(self) -> int | None:
        """Side of training images in pixels."""

    @property
    def start_size(self) -> int | None:
        """Side in the first epochs."""

    @property
    def final_size(self) -> int | None:
        """Side for evaluation."""


def check_sizes(settings: Sizes) -> None:
    """Refuse sides of images that do not fit one another, or the network.

    Raises:
        AppError: With the first that does not.
    """
    if settings.start_size is not None:
        _check_start_size(settings, settings.start_size)
    if settings.final_size is not None:
        _check_final_size(settings, settings.final_size)


def check_name(name: str, reserved: Sequence[str]) -> None:
    """Refuse the name of a model that is no plain name of a folder.

    Args:
        name: Name of the model.
        reserved: Endings that names may not have.

    Raises:
        AppError: If it is something else.
    """
    if (
        not name.strip()
        or Path(name).name != name
        or name.startswith(".")
        or name.endswith(tuple(reserved))
        or not is_utf8(name)
    ):
        raise AppError(
            f"--name is '{name}'.",
            "Expected a plain folder name in UTF-8: no slashes, no leading dot, and none of "
            f"the suffixes {', '.join(reserved)}.",
            "Use --output for the parent folder.",
        )


def _check_start_size(settings: Sizes, start: int) -> None:
    end = settings.image_size or start
    if not start <= end <= 3 * start:
        raise AppError(
            f"--start-size is {start}, --image-size {end}.",
            "Expected a side from a third of --image-size up to --image-size.",
            "Smaller images would leave no pixels for the last layers.",
        )
    if start < end:
        _require_any_size(settings.model, "--start-size", "to train on images of one size")


def _check_final_size(settings: Sizes, final: int) -> None:
    trained = settings.image_size or final
    if not trained <= final <= 2 * trained:
        raise AppError(
            f"--final-size is {final}, --image-size {trained}.",
            "Expected a side from --image-size up to twice that.",
            "A tenth more suits augmentation that magnifies.",
        )
    if trained < final:
        _require_any_size(
            settings.model, "--final-size", "to evaluate on images of the training size"
        )


def _require_any_size(model: str | None, flag: str, otherwise: str) -> None:
    if model not in (None, *ANY_SIZE) and not is_reference(model):
        raise AppError(
            f"{flag} with the network '{model}', which is made for one size.",
            f"Expected a network that averages over all positions: {', '.join(ANY_SIZE)}.",
            f"Leave {flag} out {otherwise}.",
        )

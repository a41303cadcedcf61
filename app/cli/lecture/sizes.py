"""Sizes as people type them."""

from __future__ import annotations

from app.errors import AppError


def parse_volume(text: str) -> tuple[int, int, int]:
    """Return (width, height, depth) of `227x227x3`.

    Raises:
        AppError: If it is anything else.
    """
    try:
        width, height, depth = (int(number) for number in text.lower().replace("×", "x").split("x"))
    except ValueError:
        raise AppError(
            f"--input '{text}'.", "Expected width, height and depth, such as 227x227x3."
        ) from None
    return width, height, depth

"""Sizes as people type them."""

from __future__ import annotations

from app.errors import AppError


def parse_volume(text: str) -> tuple[int, int, int]:
    """Return (width, height, depth) of `227x227x3`.

    Raises:
        AppError: If it is anything else.
    """
    width, height, depth = _parse(text, 3, "width, height and depth, such as 227x227x3")
    return width, height, depth


def parse_area(text: str) -> tuple[int, int]:
    """Return (width, height) of `5x5`.

    Raises:
        AppError: If it is anything else.
    """
    width, height = _parse(text, 2, "width and height, such as 5x5")
    return width, height


def _parse(text: str, count: int, expected: str) -> list[int]:
    try:
        numbers = [int(number) for number in text.lower().replace("×", "x").split("x")]
    except ValueError:
        numbers = []
    if len(numbers) != count:
        raise AppError(f"--input '{text}'.", f"Expected {expected}.")
    return numbers

"""How layers shrink an image, and whether anything is left of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.errors import AppError
from app.lecture.sizes import output_size


class Step(NamedTuple):
    """One sliding window without padding: the layer's name, the window, the stride."""

    name: str
    window: int
    stride: int


def fits(side: int, steps: Sequence[Step]) -> bool:
    """Return whether something is left of an image of `side` pixels after all steps."""
    return _sizes(side, steps)[-1][1] > 0


def require_fit(input_shape: tuple[int, int, int], steps: Sequence[Step], network: str) -> None:
    """Raise an error if images are too small for the network.

    Raises:
        AppError: If no pixels are left; the message has the size after each step.
    """
    side = min(input_shape[:2])
    if fits(side, steps):
        return
    smallest = next(side for side in range(1, 1000) if fits(side, steps))
    raise AppError(
        f"An image of {input_shape[0]}×{input_shape[1]} is too small for the {network}: "
        + ", ".join(f"{name} → {size}" for name, size in _sizes(side, steps)),
        f"Expected sides of at least {smallest} pixels; a window of F cells with stride S leaves "
        "(W − F)/S + 1 of W.",
        f"Use --image-size {smallest} or more, or --model dense.",
    )


def _sizes(side: int, steps: Sequence[Step]) -> list[tuple[str, int]]:
    """Return the size after each step, as far as there is something left."""
    sizes = [("input", side)]
    for name, window, stride in steps:
        if sizes[-1][1] > 0:
            sizes.append((name, output_size(sizes[-1][1], window, stride)))
    return sizes

"""Progressive resizing: train on small images first, which is faster.

Source: Howard, Training Imagenet in 3 hours for 25 minutes, 2018; Tan & Le, EfficientNetV2, 2021.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.errors import AppError

if TYPE_CHECKING:
    import keras

# The backend recompiles the step for each new side, so sides grow in parts of the last one.
_PARTS = 8
# The last quarter of the epochs has images of full size.
_GROWING_SHARE = 0.75


def sides(start: int, end: int, epochs: int) -> list[int]:
    """Return the side in pixels of each epoch's images, growing from `start` to `end`.

    Args:
        start: Side in the first epoch, unless that is also the last.
        end: Side in the last quarter of the epochs.
        epochs: Number of epochs.
    """
    step = max(1, end // _PARTS)
    grown = []
    for epoch in range(epochs):
        share = min(1.0, epoch / (_GROWING_SHARE * epochs))
        grown.append(min(end, start + step * round((end - start) * share / step)))
        if share == 1 or epoch == epochs - 1:
            grown[-1] = end
    return grown


def stages(sides: Sequence[int], first: int) -> list[tuple[int, int]]:
    """Return the remaining runs of epochs with equal sides, as `(first, end)`, from `first` on."""
    ends = [e for e in range(1, len(sides) + 1) if e == len(sides) or sides[e] != sides[e - 1]]
    return [
        (max(first, start), end)
        for start, end in zip([0, *ends], ends, strict=False)
        if end > first
    ]


def of_size(network: keras.Sequential, side: int | None) -> keras.Sequential:
    """Return the same layers for images of another size.

    Args:
        network: Network that averages over all positions; its weights are shared.
        side: Side in pixels, or `None` for an input of any size.
    """
    import keras

    channels = network.input_shape[-1]
    try:
        return keras.Sequential(
            [keras.Input((side, side, channels)), *network.layers], name=network.name
        )
    except (TypeError, ValueError) as error:
        raise AppError(
            f"The network '{network.name}' cannot take images of another size: {error}",
            "Expected a Sequential network that averages over all positions.",
            "Leave --start-size and --final-size out.",
        ) from None

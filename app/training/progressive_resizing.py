"""Small images first: a step costs as its pixels do, and what is coarse is learned first.

Source: Howard, Training Imagenet in 3 hours for 25 minutes, 2018; Tan & Le, EfficientNetV2, 2021.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras

from app.errors import AppError

# A new side makes the backend compile the step anew, so sides move in parts of the last one.
_PARTS = 8
# The last quarter of the epochs has the images that the network will be used with.
_GROWING_SHARE = 0.75


def sides(start: int, end: int, epochs: int) -> list[int]:
    """Return the side in pixels of each epoch's images, growing from `start` to `end`.

    Args:
        start: Side in the first epoch, unless that is the last, too.
        end: Side in the last quarter of the epochs.
        epochs: Epochs in all.
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
    """Return the epochs `(from, up to)` of equal sides that are left from epoch `first` on."""
    ends = [e for e in range(1, len(sides) + 1) if e == len(sides) or sides[e] != sides[e - 1]]
    return [
        (max(first, start), end)
        for start, end in zip([0, *ends], ends, strict=False)
        if end > first
    ]


def of_size(network: keras.Sequential, side: int | None) -> keras.Sequential:
    """Return the same layers of a network in `app.config.ANY_SIZE` for images of another size.

    Args:
        network: Its weights are shared.
        side: In pixels, or `None` for an input of any size.
    """
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

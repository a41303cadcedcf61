"""Checks of the arguments of layers with a sliding window."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index

import keras
import numpy as np

PADDINGS = ("valid", "same")
DATA_FORMATS = ("channels_last", "channels_first")


def whole_numbers(value: int | Sequence[int], rank: int, name: str) -> tuple[int, ...]:
    """Return one positive whole number per spatial axis.

    Args:
        value: One number for all axes, or a sequence of `rank` numbers.
        rank: Number of spatial axes.
        name: Name of the argument, for the error.

    Raises:
        ValueError: For any other value.
    """
    try:
        numbers = [index(number) for number in np.broadcast_to(np.asarray(value, object), rank)]
    except (TypeError, ValueError):
        numbers = []
    if not numbers or min(numbers) < 1 or isinstance(value, bool | str):
        raise ValueError(
            f"Argument `{name}` must be a positive integer"
            + (f", or a sequence of {rank} of them. " if rank > 1 else ". ")
            + f"Received: {name}={value!r}"
        )
    return tuple(numbers)


def window_padding(value: str, choices: Sequence[str] = PADDINGS) -> str:
    """Return one of `choices`; upper case is accepted, as Keras does.

    Raises:
        ValueError: For any other value.
    """
    padding = value.lower() if isinstance(value, str) else value
    if padding not in choices:
        raise ValueError(
            f"Argument `padding` must be one of {', '.join(choices)}. Received: padding={value!r}"
        )
    return padding


def channel_order(value: str | None) -> str:
    """Return `channels_last` or `channels_first`; `None` means Keras's own setting.

    Raises:
        ValueError: For any other value.
    """
    order = keras.config.image_data_format() if value is None else value
    order = order.lower() if isinstance(order, str) else order
    if order not in DATA_FORMATS:
        raise ValueError(
            f"Argument `data_format` must be one of {', '.join(DATA_FORMATS)}. "
            f"Received: data_format={value!r}"
        )
    return order

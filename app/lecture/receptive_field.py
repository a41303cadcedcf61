"""The lecture's window: which pixels a cell sees, and why pooling makes it larger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class ReceptiveField(NamedTuple):
    """What the cells of a layer see of the image, along one axis.

    Cell `i` sees the `size` pixels from `start + i · step` on; those outside the image are padding.

    Attributes:
        size: Pixels that one cell sees.
        step: Pixels between what neighbouring cells see.
        start: First pixel that cell 0 sees; negative inside the padding.
    """

    size: int
    step: int
    start: int

    def pixels_of(self, cell: int, length: int) -> tuple[int, int]:
        """Return the first pixel that a cell sees of an axis of `length`, and that after its last.

        The padding is cut off; both are the same for a cell that sees nothing else.
        """
        first = self.start + cell * self.step
        inside = min(max(0, first), length)
        return inside, max(inside, min(length, first + self.size))


PIXEL = ReceptiveField(1, 1, 0)


def through_window(
    field: ReceptiveField, window: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> ReceptiveField:
    """Return the receptive field behind one more convolution or pooling.

    Args:
        field: That of its inputs.
        window: F, its size in cells of its input.
        stride: S, its step in cells of its input.
        padding: P, zeros in front of its input.
        dilation: Distance between two cells of the window.

    Returns:
        A size larger by (F − 1)·dilation steps of the input, a step S times as large.

    Source: lecture, "Why pooling?".
    """
    return ReceptiveField(
        field.size + (window - 1) * dilation * field.step,
        field.step * stride,
        field.start - padding * field.step,
    )


def merged(fields: Sequence[ReceptiveField]) -> ReceptiveField | None:
    """Return the receptive field of a sum of branches: from their first pixel to their last.

    Branches with different steps have no field that moves evenly: then `None`.
    """
    if len({field.step for field in fields}) != 1:
        return None
    start = min(field.start for field in fields)
    end = max(field.start + field.size for field in fields)
    return ReceptiveField(end - start, fields[0].step, start)

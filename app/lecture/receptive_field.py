"""Receptive fields: the pixels that a cell of a layer sees, and how pooling enlarges them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class ReceptiveField(NamedTuple):
    """The receptive field of the cells of a layer, along one axis.

    Cell `i` sees the `size` pixels from `start + i · step` on; those outside the image are padding.

    Attributes:
        size: Pixels that one cell sees.
        step: Distance in pixels between the fields of neighboring cells.
        start: First pixel that cell 0 sees; negative inside the padding.
    """

    size: int
    step: int
    start: int

    def pixels_of(self, cell: int, length: int) -> tuple[int, int]:
        """Return the first pixel of `length` that a cell sees, and the one after the last.

        Padding is cut off; both are equal for a cell that sees only padding.
        """
        first = self.start + cell * self.step
        inside = min(max(0, first), length)
        return inside, max(inside, min(length, first + self.size))

    def middle(self, size: int) -> ReceptiveField:
        """Return the middle part of the field, of `size` pixels, or of one more to stay centered.

        A field that is not larger is returned as it is.
        """
        cut = max(0, (self.size - size) // 2)
        return self._replace(size=self.size - 2 * cut, start=self.start + cut)


PIXEL = ReceptiveField(1, 1, 0)


def through_window(
    field: ReceptiveField, window: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> ReceptiveField:
    """Return the receptive field after another convolution or pooling.

    Args:
        field: Receptive field of its inputs.
        window: F, its size in cells of its input.
        stride: S, its step in cells of its input.
        padding: P, zeros in front of its input.
        dilation: Distance between two cells of the window.

    Returns:
        A field that is (F − 1)·dilation input steps larger, with a step S times as large.

    Source: lecture, "Why pooling?".
    """
    return ReceptiveField(
        field.size + (window - 1) * dilation * field.step,
        field.step * stride,
        field.start - padding * field.step,
    )


def merged(fields: Sequence[ReceptiveField]) -> ReceptiveField | None:
    """Return the receptive field of a sum of branches: from their first pixel to their last.

    `None` if the branches have different steps: no field moves evenly then.
    """
    if len({field.step for field in fields}) != 1:
        return None
    start = min(field.start for field in fields)
    end = max(field.start + field.size for field in fields)
    return ReceptiveField(end - start, fields[0].step, start)

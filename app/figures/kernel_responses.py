"""Kernels as grids of numbers, each next to the response of one image to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from app.figures.canvas.grids import Grid, draw_grid
from app.figures.canvas.sheet import (
    GAP,
    LABEL_SIZE,
    MARGIN,
    NOTE_COLOR,
    SIGNED_BAR_HEIGHT,
    Sheet,
    line_height,
    shown_size,
)
from app.figures.canvas.style import PIXELS_WIDE, styled
from app.lecture.kernels import Kernel

_COLUMNS = 3
_SHOWN = 99.5  # percent of a response; a few glaring edges would leave all others pale
# Pixels: gap between kernels, width of the bar, size of numbers and images, of many and of one.
_BETWEEN, _BAR_WIDTH = 32, 320
_MANY_NUMBERS, _MANY_PICTURE = 132, (216, 240)
_ONE_NUMBERS, _ONE_PICTURE = 220, (434, 480)
_LABELS = line_height(LABEL_SIZE) + line_height(9) + 4


@dataclass(frozen=True)
class KernelResponse:
    """A kernel and the response of an image to it.

    Attributes:
        name: Name of the kernel.
        effect: Effect of the kernel, in a few words.
        factor: Factor of its numbers, such as `1/16 ×`; may be empty.
        numbers: `(k, l)` weights without the factor.
        response: `uint8 (H, W, C)`, an image; or `(H, W)` numbers around zero.
    """

    name: str
    effect: str
    factor: str
    numbers: np.ndarray
    response: np.ndarray

    @property
    def limit(self) -> float | None:
        """Limit of the color scale, which few numbers exceed; `None` for an image."""
        if self.response.ndim == 3:
            return None
        sizes = np.abs(self.response)
        return float(np.percentile(sizes, _SHOWN) or sizes.max() or 1.0)


def kernels_figure(
    image: np.ndarray,
    kernels: Mapping[str, Kernel],
    responses: Mapping[str, np.ndarray],
    *,
    name: str,
    note: str,
) -> Figure:
    """Draw an image, then each kernel next to the response of the image to it.

    Args:
        image: `(H, W, C)` uint8.
        kernels: Kernels by name.
        responses: `(H, W)` or `(H, W, C)` responses by the names of the kernels.
        name: Name of the image.
        note: Note in small print below the title.
    """
    rows = [
        KernelResponse(
            kernel_name,
            kernel.effect,
            kernel.factor,
            kernel.numbers,
            np.clip(np.round(responses[kernel_name]), 0, 255).astype(np.uint8)
            if kernel.keeps_brightness
            else responses[kernel_name],
        )
        for kernel_name, kernel in kernels.items()
    ]
    if any(row.limit is not None for row in rows):
        note += " Red is above, blue below zero."
    which = "the classical kernels" if len(kernels) > 1 else f"the kernel '{next(iter(kernels))}'"
    return kernel_responses(image, rows, title=f"{name}: response to {which}", note=note)


@styled()
def kernel_responses(
    image: np.ndarray, responses: Sequence[KernelResponse], *, title: str, note: str
) -> Figure:
    """Draw an image, then each kernel next to its response, on one scale per response.

    Args:
        image: `(H, W, C)` uint8.
        responses: At least one response; a single one is drawn larger.
        title: Title of the figure.
        note: Note in small print below the title.
    """
    sheet = Sheet(title, note)
    alone = len(responses) == 1
    numbers = _ONE_NUMBERS if alone else _MANY_NUMBERS
    picture = _fitted(_ONE_PICTURE if alone else _MANY_PICTURE, image.shape)
    height = _height(numbers, picture)
    response_x = MARGIN + picture[0] + _BETWEEN
    sheet.text(MARGIN, sheet.y, "image", weight="bold")
    _note(sheet, MARGIN, "×".join(map(str, (image.shape[1], image.shape[0], image.shape[2]))))
    sheet.image(image, (MARGIN, sheet.y + _LABELS + (height - picture[1]) / 2, *picture))
    if alone:
        (response,) = responses
        _draw(sheet, response, response_x, numbers, picture)
        sheet.y += _LABELS + height + GAP
        if response.limit is None:
            return sheet.finish(sheet.y - GAP)
        label = f"response (clipped at the {_SHOWN:g}th percentile)"
        sheet.signed_bar(response.limit, label, response_x + numbers + GAP, sheet.y, _BAR_WIDTH)
        return sheet.finish(sheet.y + SIGNED_BAR_HEIGHT)
    if any(response.limit is not None for response in responses):
        label = f"response relative to its {_SHOWN:g}th percentile (clipped)"
        at = sheet.y + _LABELS + (height - SIGNED_BAR_HEIGHT) / 2
        sheet.signed_bar(1.0, label, response_x, at, _BAR_WIDTH)
    pitch = (PIXELS_WIDE - 2 * MARGIN + _BETWEEN) / _COLUMNS
    for place, response in enumerate(responses):
        column = place % _COLUMNS
        if column == 0:
            sheet.y += _LABELS + height + 2 * GAP
        _draw(sheet, response, MARGIN + column * pitch, numbers, picture)
    return sheet.finish(sheet.y + _LABELS + height)


def _draw(
    sheet: Sheet,
    response: KernelResponse,
    x: float,
    numbers: int,
    picture: tuple[int, int],
) -> None:
    """Draw a kernel next to its response, both centered in their height below `sheet.y`."""
    height = _height(numbers, picture)
    sheet.text(x, sheet.y, response.name, weight="bold")
    _note(sheet, x, response.effect)
    top = sheet.y + _LABELS
    rows, columns = response.numbers.shape
    cell = numbers // max(rows, columns)
    at = top + (height - rows * cell) / 2
    if response.factor:
        sheet.text(x, at - line_height(LABEL_SIZE), response.factor)
    draw_grid(sheet, Grid(response.name, response.numbers), x, at, cell)
    box = (x + numbers + GAP, top + (height - picture[1]) / 2, *picture)
    if response.limit is None:
        sheet.image(response.response, box)
    else:
        sheet.signed_map(response.response, response.limit, box)


def _height(numbers: int, picture: tuple[int, int]) -> int:
    return max(picture[1], numbers + 2 * line_height(LABEL_SIZE))


def _note(sheet: Sheet, x: float, text: str) -> None:
    y = sheet.y + line_height(LABEL_SIZE)
    sheet.text(x, y, text, size=9, color=NOTE_COLOR)


def _fitted(space: tuple[int, int], shape: Sequence[int]) -> tuple[int, int]:
    """Return the (width, height) at which an image `(H, W, C)` fits into a space."""
    wide, tall = space
    return shown_size(max(1, min(wide, tall * shape[1] // shape[0])), shape)

"""A network as a row of volumes, as the lecture draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from app.plots.sheet import MARGIN, NOTE_COLOUR, Sheet, cut_to, line_height
from app.plots.style import (
    BLACK,
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PIXELS_WIDE,
    PURPLE,
    SKY,
    VERMILLION,
    styled,
)

_COLOURS = {
    "input": "#BBBBBB", "convolution": BLUE, "locally connected": PURPLE, "pooling": ORANGE,
    "block": GREEN, "dense": VERMILLION, "other": SKY,
}  # fmt: skip
_PER_ROW = 7
_FACE = (24.0, 132.0)  # pixels: sides of the smallest and the largest face
_THICKNESS = (6.0, 46.0)
_SLANT = 0.3  # of the third axis
_TEXT_SIZE = 8


@dataclass(frozen=True)
class DrawnVolume:
    """What a layer gives.

    Attributes:
        role: Key of the colour.
        shape: `(H, W, D)`, or `(D,)`; another rank is drawn as a column of its first length.
        lines: Text below it; the first is bold.
    """

    role: str
    shape: tuple[int, ...]
    lines: tuple[str, ...]


@styled()
def architecture_drawing(
    volumes: Sequence[DrawnVolume], *, chained: bool, title: str, note: str
) -> Figure:
    """Draw volumes W×H×D from left to right, in as many rows as they need.

    Sides grow with the square root of what they stand for.

    Args:
        volumes: From the image on.
        chained: Whether each is made from the one before it alone; then arrows join them.
        title: Says what is seen.
        note: In small print below the title.
    """
    sheet = Sheet(title, note)
    _legend(sheet, volumes)
    cells = max(max(v.shape[:2]) for v in volumes if len(v.shape) == 3)
    depth = max(v.shape[-1] for v in volumes)
    rows = -(-len(volumes) // _PER_ROW)
    per_row = -(-len(volumes) // rows)
    pitch = (PIXELS_WIDE - 2 * MARGIN) / per_row
    tallest = _FACE[1] * (1 + _SLANT)
    text_height = max(len(v.lines) for v in volumes) * line_height(_TEXT_SIZE)
    for index, volume in enumerate(volumes):
        row, column = divmod(index, per_row)
        x = MARGIN + column * pitch
        base = sheet.y + row * (tallest + text_height + 40) + tallest
        right, middle = _box(sheet, volume, x, base, cells, depth)
        if chained and column < per_row - 1 and index < len(volumes) - 1:
            middle = max(middle, base - _height(volumes[index + 1], cells, depth) / 2)
            sheet.axes.annotate(
                "",
                (x + pitch - 4, middle),
                (min(right + 6, x + pitch - 14), middle),
                arrowprops={"arrowstyle": "->", "color": NOTE_COLOUR, "linewidth": 1},
            )
        for number, line in enumerate(volume.lines):
            style = {"weight": "bold"} if number == 0 else {"color": NOTE_COLOUR}
            y = base + 8 + number * line_height(_TEXT_SIZE)
            sheet.text(
                x,
                y,
                cut_to(line, pitch - 6, _TEXT_SIZE, bold=number == 0),
                size=_TEXT_SIZE,
                **style,
            )
    return sheet.finish(sheet.y + rows * (tallest + text_height + 40) - 20)


def _box(
    sheet: Sheet, volume: DrawnVolume, x: float, base: float, cells: int, depth: int
) -> tuple[float, float]:
    """Draw a volume that stands on `base`; return its right edge and the middle of its height."""
    thick = _between(_THICKNESS, volume.shape[-1] / depth)
    tall = _height(volume, cells, depth)
    if len(volume.shape) == 3:
        across = _between(_FACE, volume.shape[1] / cells) * _SLANT
    else:
        thick, across = _THICKNESS[0] + 4, 4.0
    top = base - tall
    colour = _COLOURS[volume.role]
    back = (x + across, top - across), (x + across + thick, top - across)
    lid = [(x, top), *back, (x + thick, top)]
    side = [(x + thick, top), back[1], (x + across + thick, base - across), (x + thick, base)]
    front = [(x, top), (x + thick, top), (x + thick, base), (x, base)]
    # White below, so that nothing shines through.
    for corners, strength in ((lid, 0.45), (side, 0.65), (front, 0.85)):
        for face, opacity in (("white", 1.0), (colour, strength)):
            sheet.axes.add_patch(
                Polygon(
                    corners,
                    closed=True,
                    facecolor=face,
                    alpha=opacity,
                    edgecolor=INK,
                    linewidth=0.6,
                )
            )
    return x + thick + across, base - tall / 2


def _height(volume: DrawnVolume, cells: int, depth: int) -> float:
    """Return how tall a volume is drawn; a vector is a column as tall as it is long."""
    vector = len(volume.shape) == 1
    return _between(_FACE, volume.shape[0] / (depth if vector else cells))


def _legend(sheet: Sheet, volumes: Sequence[DrawnVolume]) -> None:
    x: float = MARGIN
    for role in (role for role in _COLOURS if any(v.role == role for v in volumes)):
        sheet.axes.add_patch(
            Rectangle((x, sheet.y + 2), 16, 16, facecolor=_COLOURS[role], edgecolor=BLACK,
                      linewidth=0.4)
        )  # fmt: skip
        sheet.text(x + 22, sheet.y, role, size=9)
        x += 22 + 12.5 * len(role) + 24
    sheet.y += line_height(9) + 16


def _between(span: tuple[float, float], share: float) -> float:
    return span[0] + (span[1] - span[0]) * share**0.5

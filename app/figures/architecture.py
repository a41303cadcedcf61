"""A network as a row of volumes, as the lecture draws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from app.classifier.inspected_model import InspectedModel
from app.figures.canvas.sheet import MARGIN, NOTE_COLOR, Sheet, line_height
from app.figures.canvas.style import (
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
from app.figures.canvas.text import cut_to, text_width
from app.insight.architecture import Volume, is_chain, volumes
from app.insight.effective_fields import SHARE

_COLORS = {
    "input": "#BBBBBB", "convolution": BLUE, "locally connected": PURPLE, "pooling": ORANGE,
    "block": GREEN, "dense": VERMILLION, "other": SKY,
}  # fmt: skip
_PER_ROW = 7
_FACE = (24.0, 132.0)  # pixels: sides of the smallest and the largest face
_THICKNESS = (6.0, 46.0)
_SLANT = 0.3  # of the third axis
_WIDEST = _THICKNESS[1] + _SLANT * _FACE[1]
_ARROW, _MOST_ENLARGED = 44, 1.7  # pixels between volumes; factor for few volumes
_TEXT_SIZE, _LEGEND_SIZE = 8, 9
_NOTE = (
    "Width × height × depth; sides are on a square-root scale. RF: theoretical receptive "
    "field, the pixels of the image that one value depends on. +: layers that keep the shape."
)
_EFFECTIVE = (
    f"ERF: effective receptive field, the side of a square with as many pixels as hold {SHARE:.2%} "
    "of the central unit's gradient; in parentheses, before training."
)
_BRANCHES = "The network branches: layers in the order of computation."


def architecture_figure(
    model: InspectedModel, effective: Mapping[str, tuple[float, float]] = MappingProxyType({})
) -> Figure:
    """Draw the volumes W×H×D through a network, with parameters and receptive fields.

    Args:
        model: Model to draw.
        effective: Effective receptive fields, as `effective_widths` returns them.
    """
    total = model.keras_model.count_params()
    return volumes_figure(
        volumes(model, effective=effective),
        model.image_size,
        chained=is_chain(model.keras_model),
        title=f"{model.name}: {total:,} parameters, {len(model.class_names)} classes",
    )


@styled()
def volumes_figure(
    volumes: Sequence[Volume], image_size: tuple[int, int], *, chained: bool, title: str
) -> Figure:
    """Draw volumes W×H×D from left to right, in as many rows as they need.

    Sides of a volume grow with the square root of its lengths.

    Args:
        volumes: Volumes in the order of computation.
        image_size: (height, width) of the image.
        chained: Whether each volume is computed from the one before it only; arrows join them.
        title: Title of the figure.
    """
    notes = [_NOTE]
    if any(volume.effective for volume in volumes):
        notes.append(_EFFECTIVE)
    if not chained:
        notes.append(_BRANCHES)
    sheet = Sheet(title, " ".join(notes))
    _legend(sheet, volumes)
    rows = -(-len(volumes) // _PER_ROW)
    per_row = -(-len(volumes) // rows)
    pitch = (PIXELS_WIDE - 2 * MARGIN) / per_row
    enlarged = min(_MOST_ENLARGED, (pitch - _ARROW) / _WIDEST)
    cells = max(max(volume.shape[:2]) for volume in volumes if len(volume.shape) == 3)
    depth = max(volume.shape[-1] for volume in volumes)
    boxes = [_box_of(volume, cells, depth, enlarged) for volume in volumes]
    texts = [_lines(volume, image_size) for volume in volumes]
    for start in range(0, len(volumes), per_row):
        row = slice(start, start + per_row)
        base = sheet.y + max(box.height + box.slant for box in boxes[row])
        for column, (volume, box, lines) in enumerate(
            zip(volumes[row], boxes[row], texts[row], strict=True)
        ):
            middle = MARGIN + (column + 0.5) * pitch
            left = middle - box.width / 2
            _draw_box(sheet, box, _COLORS[volume.role], left, base)
            if chained and column > 0:
                before = boxes[start + column - 1]
                height = min(before.height, box.height) / 2
                _arrow(sheet, middle - pitch + before.width / 2 + 8, left - 8, base - height)
            _write_below(sheet, lines, middle, base + 8, pitch - 8)
        most_lines = max(map(len, texts[row]))
        sheet.y = base + 8 + most_lines * line_height(_TEXT_SIZE) + 30
    return sheet.finish(sheet.y - 30)


@dataclass(frozen=True)
class _Box:
    """Size of a volume in pixels; `slant` is the contribution of its third axis to both sides."""

    thickness: float
    height: float
    slant: float

    @property
    def width(self) -> float:
        return self.thickness + self.slant


def _box_of(volume: Volume, cells: int, depth: int, enlarged: float) -> _Box:
    """Return the box of a volume; a vector is a column whose height is its length."""
    if len(volume.shape) == 3:
        height, width, channels = volume.shape
        return _Box(
            enlarged * _between(_THICKNESS, channels / depth),
            enlarged * _between(_FACE, height / cells),
            enlarged * _between(_FACE, width / cells) * _SLANT,
        )
    share = volume.shape[0] / (depth if len(volume.shape) == 1 else cells)
    return _Box(_THICKNESS[0] + 4, enlarged * _between(_FACE, share), 4.0)


def _draw_box(sheet: Sheet, box: _Box, color: str, x: float, base: float) -> None:
    """Draw a box with its lower left corner at (x, base)."""
    thick, across = box.thickness, box.slant
    top = base - box.height
    back = (x + across, top - across), (x + across + thick, top - across)
    lid = [(x, top), *back, (x + thick, top)]
    side = [(x + thick, top), back[1], (x + across + thick, base - across), (x + thick, base)]
    front = [(x, top), (x + thick, top), (x + thick, base), (x, base)]
    # White below, so that nothing behind is visible.
    for corners, strength in ((lid, 0.45), (side, 0.65), (front, 0.85)):
        for face, opacity in (("white", 1.0), (color, strength)):
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


def _arrow(sheet: Sheet, start: float, end: float, y: float) -> None:
    style = {"arrowstyle": "->", "color": NOTE_COLOR, "linewidth": 1, "shrinkA": 0, "shrinkB": 0}
    sheet.axes.annotate("", (end, y), (start, y), arrowprops=style)


def _write_below(sheet: Sheet, lines: Sequence[str], middle: float, y: float, width: float) -> None:
    for number, line in enumerate(lines):
        style = {"weight": "bold"} if number == 0 else {"color": NOTE_COLOR}
        text = cut_to(line, width, _TEXT_SIZE, bold=number == 0)
        at = y + number * line_height(_TEXT_SIZE)
        sheet.text(middle, at, text, size=_TEXT_SIZE, ha="center", **style)


def _legend(sheet: Sheet, volumes: Sequence[Volume]) -> None:
    x: float = MARGIN
    for role in (role for role in _COLORS if any(v.role == role for v in volumes)):
        sheet.axes.add_patch(
            Rectangle((x, sheet.y + 2), 16, 16, facecolor=_COLORS[role], edgecolor=BLACK,
                      linewidth=0.4)
        )  # fmt: skip
        sheet.text(x + 22, sheet.y, role, size=_LEGEND_SIZE)
        x += 22 + text_width(role, _LEGEND_SIZE) + 24
    sheet.y += line_height(_LEGEND_SIZE) + 16


def _between(span: tuple[float, float], share: float) -> float:
    return span[0] + (span[1] - span[0]) * share**0.5


def _lines(volume: Volume, image_size: tuple[int, int]) -> tuple[str, ...]:
    first, *others = volume.names
    lines = [first, volume.size]
    if volume.role != "input":
        lines += [
            f"{volume.parameters:,} params" if volume.parameters else "no params",
            f"RF {_field(volume, image_size)}",
        ]
    if volume.effective is not None and volume.role != "input":
        trained, start = volume.effective
        lines.append(f"ERF {_width(trained)} ({_width(start)}) px")
    if others:
        lines.append("+ " + (", ".join(others) if len(others) < 3 else f"{len(others)} layers"))
    return tuple(lines)


def _width(pixels: float) -> str:
    return f"{pixels:.1f}" if pixels < 10 else f"{pixels:.0f}"


def _field(volume: Volume, image_size: tuple[int, int]) -> str:
    if volume.field is not None:
        rows, columns = volume.field.size
        whole = rows >= image_size[0] and columns >= image_size[1]
        return "whole image" if whole else f"{columns}×{rows} px"
    if len(volume.shape) == 1:  # flattened values stay what they were
        return "unchanged" if volume.role == "other" else "whole image"
    return "unknown"

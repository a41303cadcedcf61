"""The convolution demo: filters slide over a padded volume, one sum per cell.

Without arguments the lecture's: 5×5×3, K = 2, F = 3, S = 2, P = 1. Numbers are
small and whole, drawn by --seed. -o writes an animation (.gif), or its last
picture (.png, .svg, .pdf). Slides: "CNN summary", "Demo".
"""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.door import PICTURES, complain, refuse_to_overwrite
from app.errors import AppError

if TYPE_CHECKING:
    import numpy as np

    from app.lecture.volumes import Layer, Step
    from app.plots.style import Figure

_ENDINGS = (".gif", *PICTURES)
_MOST_STEPS, _MOST_CELLS = 400, 64
_FRAME_MILLISECONDS, _ANIMATION_WIDTH = 900, 900


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    parser.add_argument("--input", metavar="WxHxD", default="5x5x3", help="(5x5x3)")
    parser.add_argument("--filters", type=int, default=2, metavar="K", help="(2)")
    parser.add_argument("--filter", type=int, default=3, metavar="F", help="side (3)")
    parser.add_argument("--stride", type=int, default=2, metavar="S", help="(2)")
    parser.add_argument("--padding", type=int, default=1, metavar="P", help="(1)")
    parser.add_argument("--seed", type=int, default=0, help="of the numbers (0)")
    parser.add_argument("-o", "--output", metavar="FILE", help=f"{', '.join(_ENDINGS)}")


def show(parsed: argparse.Namespace) -> None:
    """Print the numbers and each cell's sum; write the animation."""
    from app.cli.lecture.sizes import parse_volume
    from app.lecture.volumes import example_layer, output_of, steps

    output = Path(parsed.output) if parsed.output else None
    if output is not None:
        refuse_to_overwrite(output, _ENDINGS)
    if parsed.seed < 0:
        raise AppError(f"--seed is {parsed.seed}.", "Expected a whole number from 0 on.")
    size = parse_volume(parsed.input)
    layer = example_layer(
        size, parsed.filters, parsed.filter, parsed.stride, parsed.padding, parsed.seed
    )
    found, result = list(steps(layer)), output_of(layer)
    if len(found) > _MOST_STEPS:
        raise AppError(
            f"The demo would have {len(found):,} steps.",
            f"Expected at most {_MOST_STEPS}.",
            "Use a smaller input or fewer filters.",
        )
    _print(layer, found, result)
    if output is not None:
        _write(layer, found, result, output)
        complain(f"wrote {output}")


def _print(layer: Layer, found: list[Step], result: np.ndarray) -> None:
    from app.lecture.arrays import show_array, show_number

    for d in range(layer.volume.shape[-1]):
        print(f"x[:, :, {d}], with {layer.padding} zeros on either side:")
        print("\n".join(f"  {line}" for line in show_array(layer.padded[..., d])))
    for k, kernel in enumerate(layer.filters):
        print(f"filter {k}, bias {show_number(layer.biases[k])}:")
        slices = [show_array(kernel[..., d]) for d in range(kernel.shape[-1])]
        print("\n".join(f"  {'  '.join(lines)}" for lines in zip(*slices, strict=True)))
    print()
    for step in found[:_MOST_CELLS]:
        line = f"o[{step.row}, {step.column}, {step.filter}] = {_sum(layer, step)}"
        print(textwrap.fill(line, 80, subsequent_indent="    "))
    if len(found) > _MOST_CELLS:
        print(f"… and {len(found) - _MOST_CELLS} more cells.")
    for k in range(result.shape[-1]):
        print(f"\no[:, :, {k}]:")
        print("\n".join(f"  {line}" for line in show_array(result[..., k])))


def _sum(layer: Layer, step: Step) -> str:
    from app.lecture.arrays import show_number

    parts = [f"({show_number(value)})" if value < 0 else show_number(value) for value in step.sums]
    bias = show_number(layer.biases[step.filter])
    return f"{' + '.join(parts)} + bias {bias} = {show_number(step.value)}"


def _write(layer: Layer, found: list[Step], result: np.ndarray, output: Path) -> None:
    from app.plots.animation import frame_of, write_animation
    from app.plots.style import save
    from app.progress import progress_bar

    if output.suffix.lower() != ".gif":
        save(_picture(layer, found, result, len(found) - 1), output)
        return
    frames = []
    with progress_bar("drawing steps") as update:
        for number in range(len(found)):
            frames.append(frame_of(_picture(layer, found, result, number), _ANIMATION_WIDTH))
            update(number + 1, len(found))
    write_animation(frames, output, milliseconds=_FRAME_MILLISECONDS)


def _picture(layer: Layer, found: list[Step], result: np.ndarray, number: int) -> Figure:
    """Return the picture of one step: the window, its filter, and the cells so far."""
    import numpy as np

    from app.plots.matrices import Grid, matrix_sheet

    step, side = found[number], layer.filters.shape[1]
    window = (step.top, step.left, side, side)
    kernel = layer.filters[step.filter]
    depth = layer.volume.shape[-1]
    so_far = np.full(result.shape, np.nan)
    for done in found[: number + 1]:
        so_far[done.row, done.column, done.filter] = done.value
    inputs = [Grid(f"x[:, :, {d}]", layer.padded[..., d], window, layer.padding)
              for d in range(depth)]  # fmt: skip
    filters = [Grid(f"filter {step.filter}, slice {d}", kernel[..., d]) for d in range(depth)]
    outputs = [
        Grid(
            f"o[:, :, {k}]",
            so_far[..., k],
            (step.row, step.column, 1, 1) if k == step.filter else None,
        )
        for k in range(result.shape[-1])
    ]
    rows, columns, count = result.shape
    height, width = layer.volume.shape[:2]
    return matrix_sheet(
        [inputs, [*filters, *outputs]],
        title=f"Convolution: {width}×{height}×{depth} becomes {columns}×{rows}×{count}",
        note=f"K = {count}, F = {side}, S = {layer.stride}, P = {layer.padding}; grey: padding",
        text=f"o[{step.row}, {step.column}, {step.filter}] = {_sum(layer, step)}",
    )

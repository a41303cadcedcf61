"""What each layer of a stack makes of its input: shape, formula, parameters, and what is wrong.

Everything is computed without Keras, at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from app.lecture.sizes import format_size, output_size
from app.stack.kinds import KINDS
from app.stack.stack import Layer, Stack

Shape = tuple[int, ...]  # (H, W, C), or (N,)
MOST_PARAMETERS = 50_000_000
_FEWEST_OF_A_BLOCK = 2
_LESS_POOLING = ", or less pooling before"  # where something has reduced the image


@dataclass(frozen=True)
class Row:
    """A layer in a stack, with its sizes.

    Attributes:
        kind: Kind of the layer.
        name: Its name.
        shape: Shape of its output, `(H, W, C)` or `(N,)`; empty if it cannot be computed.
        formula: How the sides of its output come about, such as `(28 − 3 + 2·0) / 1 + 1 = 26`.
        parameters: Number of parameters.
        shared: Parameters if one kernel per map serves all positions; `None` if there is none.
        unshared: Parameters if each position has kernels of its own, as above.
        problem: Why the layer cannot stand here; empty if it can.
        fix: What would help.
    """

    kind: str
    name: str
    shape: Shape = ()
    formula: str = ""
    parameters: int = 0
    shared: int | None = None
    unshared: int | None = None
    problem: str = ""
    fix: str = ""


def size_stack(stack: Stack, image_shape: tuple[int, int, int], num_classes: int) -> list[Row]:
    """Return a row per layer, and one for the layer of the probabilities at the end.

    Rows behind one with a problem have no sizes.

    Args:
        stack: Layers in order.
        image_shape: `(H, W, C)` of the images.
        num_classes: Number of classes.
    """
    rows: list[Row] = []
    shape: Shape = image_shape
    output = Layer("Dense", "probabilities", {"units": 1 if num_classes == 2 else num_classes})
    for layer in (*stack, output):
        row = Row(layer.kind, layer.name)
        if not rows or rows[-1].shape:
            row = _misplaced(layer, shape) or _SIZES[layer.kind](row, layer.arguments, shape)
            if shape[:2] == image_shape[:2]:
                row = replace(row, fix=row.fix.replace(_LESS_POOLING, ""))
        rows.append(row)
        shape = row.shape
    total = sum(row.parameters for row in rows)
    if total > MOST_PARAMETERS:
        largest = max(range(len(rows)), key=lambda number: rows[number].parameters)
        rows[largest] = replace(
            rows[largest],
            problem=f"The network would have {total:,} parameters, most of them here.",
            fix=f"Expected up to {MOST_PARAMETERS:,}: fewer units or filters, or pooling before.",
        )
    return rows


def _misplaced(layer: Layer, shape: Shape) -> Row | None:
    """Return a row with a problem if the layer takes another kind of input."""
    row = Row(layer.kind, layer.name)
    if KINDS[layer.kind].of_maps and len(shape) == 1:
        return replace(
            row, problem="This layer needs maps, and its input is a vector.",
            fix="Move it before Flatten or GlobalAveragePooling2D.",
        )  # fmt: skip
    if layer.kind == "Dense" and len(shape) == 3:
        return replace(
            row, problem="This layer needs a vector, and its input are maps.",
            fix="Add Flatten or GlobalAveragePooling2D before it.",
        )  # fmt: skip
    return None


def _window(row: Row, size: int, arguments: Mapping[str, Any], shape: Shape) -> Row:
    """Return a row with the sides `(H, W)` of the output and their formula, or with a problem."""
    stride = arguments["strides"]
    if arguments["padding"] == "same":
        sides = tuple(-(-side // stride) for side in shape[:2])
        return replace(row, shape=sides, formula=f"⌈{shape[0]} / {stride}⌉ = {sides[0]}")
    sides = tuple(output_size(side, size, stride) for side in shape[:2])
    if not prod(sides):
        largest = min(shape[:2])
        return replace(
            row, problem=f"A window of {size}×{size} does not fit on {format_size(shape[:2])}.",
            fix=f"Use up to {largest}×{largest} or padding 'same'{_LESS_POOLING}.",
        )  # fmt: skip
    quotient = f"({shape[0]} − {size} + 2·0) / {stride}"
    if (shape[0] - size) % stride:
        quotient = f"⌊{quotient}⌋"
    return replace(row, shape=sides, formula=f"{quotient} + 1 = {sides[0]}")


def _convolution(row: Row, arguments: Mapping[str, Any], shape: Shape) -> Row:
    size, filters = arguments["kernel_size"], arguments["filters"]
    row = _window(row, size, arguments, shape)
    if row.problem:
        return row
    shared = size * size * shape[2] * filters + (filters if arguments["use_bias"] else 0)
    unshared = prod(row.shape) * shared
    own = unshared if row.kind == "LocallyConnected2D" else shared
    sides = (*row.shape, filters)
    return replace(row, shape=sides, parameters=own, shared=shared, unshared=unshared)


def _depthwise(row: Row, arguments: Mapping[str, Any], shape: Shape) -> Row:
    size, channels = arguments["kernel_size"], shape[2]
    count = size * size * channels + (channels if arguments["use_bias"] else 0)
    row = _window(row, size, arguments, shape)
    return row if row.problem else replace(row, shape=(*row.shape, channels), parameters=count)


def _pooling(row: Row, arguments: Mapping[str, Any], shape: Shape) -> Row:
    row = _window(row, arguments["pool_size"], arguments, shape)
    return row if row.problem else replace(row, shape=(*row.shape, shape[2]))


def _block(row: Row, arguments: Mapping[str, Any], shape: Shape) -> Row:
    filters, residuals = arguments["filters"], arguments["residuals"]
    if min(shape[:2]) < _FEWEST_OF_A_BLOCK:
        return replace(
            row, problem=f"A block halves its input, and this one has {format_size(shape[:2])}.",
            fix=f"Use fewer blocks{_LESS_POOLING}.",
        )  # fmt: skip
    sides = tuple(side // 2 for side in shape[:2])
    norms = 4 * filters * (residuals + 1)
    count = 9 * filters * (shape[2] + residuals * filters) + norms
    formula = f"⌊{shape[0]} / 2⌋ = {sides[0]}"
    return replace(row, shape=(*sides, filters), formula=formula, parameters=count)


def _cropping(row: Row, arguments: Mapping[str, Any], shape: Shape) -> Row:
    edge = arguments["cropping"]
    sides = tuple(side - 2 * edge for side in shape[:2])
    if min(sides) < 1:
        return replace(row, problem=f"Nothing is left of {format_size(shape[:2])}.",
                       fix="Crop less.")  # fmt: skip
    formula = f"{shape[0]} − 2·{edge} = {sides[0]}"
    return replace(row, shape=(*sides, shape[2]), formula=formula)


def _dense(row: Row, arguments: Mapping[str, Any], shape: Shape) -> Row:
    units = arguments["units"]
    count = shape[0] * units + (units if arguments.get("use_bias", True) else 0)
    return replace(row, shape=(units,), formula=f"{shape[0]:,} → {units:,}", parameters=count)


def _flatten(row: Row, _: Mapping[str, Any], shape: Shape) -> Row:
    return replace(
        row, shape=(prod(shape),), formula=f"{'·'.join(map(str, shape))} = {prod(shape)}"
    )


def _average(row: Row, _: Mapping[str, Any], shape: Shape) -> Row:
    return replace(row, shape=shape[2:], formula=f"{shape[2]} maps → {shape[2]} numbers")


def _normalization(row: Row, _: Mapping[str, Any], shape: Shape) -> Row:
    return replace(row, shape=shape, parameters=4 * shape[-1])


def _unchanged(row: Row, _: Mapping[str, Any], shape: Shape) -> Row:
    return replace(row, shape=shape)


_SIZES: dict[str, Callable[[Row, Mapping[str, Any], Shape], Row]] = {
    "Rescaling": _unchanged,
    "Conv2D": _convolution,
    "LocallyConnected2D": _convolution,
    "DepthwiseConv2D": _depthwise,
    "ResidualBlock": _block,
    "MaxPooling2D": _pooling,
    "AveragePooling2D": _pooling,
    "L2NormPooling2D": _pooling,
    "GlobalAveragePooling2D": _average,
    "Cropping2D": _cropping,
    "BatchNormalization": _normalization,
    "Activation": _unchanged,
    "Dropout": _unchanged,
    "Flatten": _flatten,
    "Dense": _dense,
}

"""Lowers pooling and what changes the sides of a map without weights."""

from __future__ import annotations

import math

from app.export.page.builder import Step, Value
from app.export.page.convolutions import window_geometry
from app.layers.sliding_window import SlidingWindow


def lower_max_pool(step: Step) -> Value:
    """Lower `MaxPooling2D`."""
    return _pool(step, "max_pool")


def lower_average_pool(step: Step) -> Value:
    """Lower `AveragePooling2D`."""
    return _pool(step, "average_pool")


def lower_l2_pool(step: Step) -> Value:
    """Lower `L2NormPooling2D`."""
    return _pool(step, "l2_pool")


def _pool(step: Step, kind: str) -> Value:
    layer = step.layer
    window = SlidingWindow(tuple(layer.pool_size), tuple(layer.strides), (1, 1), layer.padding)
    positions, attributes = window_geometry(step, window)
    attributes = {"size": list(layer.pool_size), **attributes}
    del attributes["dilation"]
    return step.emit(kind, (*positions, step.shape[-1]), attributes)


def lower_global_average(step: Step) -> Value:
    """Lower `GlobalAveragePooling2D`."""
    return _global(step, "global_average")


def lower_global_max(step: Step) -> Value:
    """Lower `GlobalMaxPooling2D`."""
    return _global(step, "global_max")


def _global(step: Step, kind: str) -> Value:
    channels = step.needs_map()[-1]
    return step.emit(kind, (1, 1, channels) if step.layer.keepdims else (channels,))


def lower_global_reduction(step: Step) -> Value:
    """Lower the operations of `keras.ops.mean` and `keras.ops.max` over rows and columns."""
    step.needs_map()
    axes = step.layer.axis
    if axes is None or sorted(axis % 4 for axis in axes) != [1, 2]:
        step.refuse(f"reduces axes {axes}")
    if getattr(step.layer, "initial", None) is not None:
        step.refuse("starts from a value")
    return _global(step, "global_average" if step.layer_name == "Mean" else "global_max")


def lower_padding(step: Step) -> Value:
    """Lower `ZeroPadding2D`."""
    return _border(step, "pad", step.layer.padding, 1)


def lower_cropping(step: Step) -> Value:
    """Lower `Cropping2D`."""
    return _border(step, "crop", step.layer.cropping, -1)


def _border(step: Step, kind: str, amounts: tuple[tuple[int, int], ...], sign: int) -> Value:
    height, width, channels = step.needs_map()
    (top, bottom), (left, right) = amounts
    sides = {"top": top, "bottom": bottom, "left": left, "right": right}
    shape = (height + sign * (top + bottom), width + sign * (left + right), channels)
    return step.emit(kind, shape, sides)


def lower_upsampling(step: Step) -> Value:
    """Lower `UpSampling2D`."""
    height, width, channels = step.needs_map()
    rows, columns = step.layer.size
    if step.layer.interpolation != "nearest":
        step.refuse(f"enlarges maps by {step.layer.interpolation} interpolation")
    return step.emit(
        "upsample",
        (height * rows, width * columns, channels),
        {"size": [rows, columns], "interpolation": "nearest"},
    )


def lower_flatten(step: Step) -> Value:
    """Lower `Flatten`."""
    return step.emit("flatten", (math.prod(step.shape),))


def lower_reshape(step: Step) -> Value:
    """Lower `Reshape`."""
    return reshaped(step, step.layer.target_shape)


def lower_reshape_operation(step: Step) -> Value:
    """Lower the operation of `keras.ops.reshape`, which keeps the images apart."""
    batch, *target = step.layer.newshape
    if batch not in (-1, None, 1) or None in target:
        step.refuse(f"reshapes to {step.layer.newshape}")
    return reshaped(step, target)


def lower_expand_dims(step: Step) -> Value:
    """Lower the operation of `keras.ops.expand_dims`, which inserts axes of one cell."""
    axes = step.layer.axis if isinstance(step.layer.axis, list | tuple) else [step.layer.axis]
    rank = 1 + len(step.shape) + len(axes)
    inserted = {axis % rank for axis in axes}
    if 0 in inserted:
        step.refuse("inserts an axis before the images")
    sizes = iter(step.shape)
    return reshaped(step, [1 if axis in inserted else next(sizes) for axis in range(1, rank)])


def lower_get_item(step: Step) -> Value:
    """Lower `x[:, None, None, :]`, which inserts axes of one cell."""
    key = step.operands[1] if isinstance(step.operands[1], tuple) else ()
    slices = sum(one == slice(None) for one in key)
    if not all(one is None or one == slice(None) for one in key) or slices != 1 + len(step.shape):
        step.refuse("takes a part of its inputs")
    if key[0] is None:
        step.refuse("inserts an axis before the images")
    sizes = iter(step.shape)
    return reshaped(step, [1 if one is None else next(sizes) for one in key[1:]])


def reshaped(step: Step, target: tuple[int, ...] | list[int]) -> Value:
    """Append a reshape to `target`, where one size may be −1."""
    cells = math.prod(step.shape)
    known = math.prod(size for size in target if size != -1)
    shape = tuple(cells // known if size == -1 else size for size in target)
    if math.prod(shape) != cells:
        step.refuse(f"reshapes {step.shape} to {tuple(target)}")
    return step.emit("reshape", shape)

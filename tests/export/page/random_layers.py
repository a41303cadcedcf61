"""Layers with random arguments, as functions from a symbolic tensor to one that depends on it.

Each takes `choose`, which picks one of some options, and a map `(B, H, W, C)` or a vector `(B, N)`.
A layer that does not fit returns the tensor unchanged.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras

from app.layers import (
    FusedBatchNormalization,
    L2NormPooling2D,
    LocallyConnected2D,
    ResidualBlock,
)

# A tensor without values, of Keras.
Symbolic = Any
Choose = Callable[[Sequence[Any]], Any]
layers = keras.layers

ACTIVATIONS = (
    None, "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus",
    "softsign", "sigmoid", "log_sigmoid", "hard_sigmoid", "hard_silu", "tanh", "hard_tanh",
    "softmax", "log_softmax",
)  # fmt: skip
PADDINGS = ("valid", "same")
BOOLS = (False, True)


def sides(x: Symbolic) -> tuple[int, int]:
    return x.shape[1], x.shape[2]


def size_in(choose: Choose, x: Symbolic, most: int = 4) -> tuple[int, int]:
    """Return a window that fits the map."""
    return tuple(choose(range(1, min(most, side) + 1)) for side in sides(x))


def window(choose: Choose, x: Symbolic) -> dict[str, Any]:
    """Return the arguments of a convolution's window; strides and dilation exclude each other."""
    kernel = size_in(choose, x)
    steps, gap = choose(((1, (1, 1)), (2, (1, 1)), (3, (1, 1)), (1, (2, 1)), (1, (2, 3))))
    strides, dilation = (steps, steps), gap
    padding = choose(PADDINGS)
    reach = [(size - 1) * gap + 1 for size, gap in zip(kernel, dilation, strict=True)]
    if any(cells > side for cells, side in zip(reach, sides(x), strict=True)):
        dilation = (1, 1)
    return {
        "kernel_size": kernel, "strides": strides, "dilation_rate": dilation, "padding": padding,
        "activation": choose(ACTIVATIONS), "use_bias": choose(BOOLS),
    }  # fmt: skip


def conv(choose: Choose, x: Symbolic) -> Symbolic:
    groups = choose([g for g in (1, 2, 3) if x.shape[-1] % g == 0])
    return layers.Conv2D(groups * choose((1, 2, 3)), groups=groups, **window(choose, x))(x)


def depthwise(choose: Choose, x: Symbolic) -> Symbolic:
    return layers.DepthwiseConv2D(depth_multiplier=choose((1, 2)), **window(choose, x))(x)


def separable(choose: Choose, x: Symbolic) -> Symbolic:
    multiplier = choose((1, 2))
    return layers.SeparableConv2D(choose((1, 4)), depth_multiplier=multiplier, **window(choose, x))(
        x
    )


def local(choose: Choose, x: Symbolic) -> Symbolic:
    arguments = window(choose, x) | {"padding": choose((*PADDINGS, "centered"))}
    if arguments["dilation_rate"] == (1, 1):
        arguments["strides"] = choose([(1, 1), (2, 1), (2, 3)])
    return LocallyConnected2D(choose((1, 3)), **arguments)(x)


def pool(choose: Choose, x: Symbolic) -> Symbolic:
    kind = choose((layers.MaxPooling2D, layers.AveragePooling2D, L2NormPooling2D))
    strides = choose((None, (1, 1), (2, 2), (3, 1)))
    if kind is not L2NormPooling2D and strides == (3, 1):
        strides = (3, 2)
    return kind(size_in(choose, x, 3), strides, choose(PADDINGS))(x)


def border(choose: Choose, x: Symbolic) -> Symbolic:
    amounts = tuple(tuple(choose((0, 1, 2)) for _ in range(2)) for _ in range(2))
    if choose(BOOLS):
        return layers.ZeroPadding2D(amounts)(x)
    if any(sum(pair) >= side for pair, side in zip(amounts, sides(x), strict=True)):
        return x
    return layers.Cropping2D(amounts)(x)


def enlarge(choose: Choose, x: Symbolic) -> Symbolic:
    if max(sides(x)) > 8:
        return x
    return layers.UpSampling2D((choose((1, 2, 3)), choose((1, 2))))(x)


def norm(choose: Choose, x: Symbolic) -> Symbolic:
    both = {"center": choose(BOOLS), "scale": choose(BOOLS), "epsilon": choose((1e-3, 1e-2))}
    kind = choose((layers.BatchNormalization, FusedBatchNormalization, layers.LayerNormalization))
    return kind(**both)(x)


def pointwise(choose: Choose, x: Symbolic) -> Symbolic:
    shared = range(1, len(x.shape) - 1)
    layer = choose((
        lambda: layers.ReLU(choose((None, 1.0, 6.0)), choose((0.0, 0.2)), choose((0.0, 0.5))),
        lambda: layers.LeakyReLU(choose((0.1, 0.3))),
        lambda: layers.ELU(choose((0.5, 1.0))),
        lambda: layers.PReLU("normal", shared_axes=list(shared) or None),
        lambda: layers.Softmax(),
        lambda: layers.Activation(choose(ACTIVATIONS)),
        lambda: layers.Rescaling(choose((0.5, -2.0)), choose((0.0, 1.5))),
        lambda: layers.Normalization(mean=0.5, variance=2.0, axis=None, invert=choose(BOOLS)),
    ))  # fmt: skip
    return layer()(x)


def idle(choose: Choose, x: Symbolic) -> Symbolic:
    kinds = [layers.Dropout, layers.GaussianDropout, layers.GaussianNoise, layers.AlphaDropout]
    kinds += [layers.SpatialDropout2D] if len(x.shape) == 4 else []
    return choose(kinds)(0.4)(x)


def operations(choose: Choose, x: Symbolic) -> Symbolic:
    """Apply operations of `keras.ops`."""
    return choose((
        lambda: keras.ops.relu(x) * 0.5,
        lambda: 1.5 - x / 2,
        lambda: keras.ops.clip(x, -0.5, 0.75),
        lambda: keras.ops.maximum(-x, keras.ops.tanh(x)),
        lambda: keras.ops.gelu(x, approximate=True),
        lambda: keras.ops.minimum(keras.activations.leaky_relu(x, 0.3), x + 0.25),
    ))()  # fmt: skip


def squeeze(choose: Choose, x: Symbolic) -> Symbolic:
    """Scale each channel by a number that all cells decide."""
    keep = choose(BOOLS)
    kind = choose((layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D))
    gate = layers.Dense(x.shape[-1], "sigmoid")(kind(keepdims=keep)(x))
    return layers.Multiply()([x, gate])


def one_map(choose: Choose, x: Symbolic) -> Symbolic:
    """Combine all channels with a single one, which Keras repeats."""
    return layers.Add()([layers.Conv2D(1, 1)(x), x])


def merge(choose: Choose, x: Symbolic) -> Symbolic:
    kind = choose((layers.Add, layers.Average, layers.Maximum, layers.Minimum, layers.Multiply))
    other = pointwise(choose, x)
    inputs = [x, other, idle(choose, x)] if choose(BOOLS) else [x, other]
    if choose(BOOLS):
        return layers.Subtract()([x, other])
    return layers.Concatenate()(inputs) if choose(BOOLS) else kind()(inputs)


def block(choose: Choose, x: Symbolic) -> Symbolic:
    if min(sides(x)) < 2:
        return x
    return ResidualBlock(choose((1, 3)), choose((1, 2)))(x)


def dense(choose: Choose, x: Symbolic) -> Symbolic:
    return layers.Dense(choose((1, 3, 6)), choose(ACTIVATIONS), use_bias=choose(BOOLS))(x)


MAPS = (conv, conv, depthwise, separable, local, pool, pool, border, enlarge, norm, pointwise, idle,
        operations, squeeze, one_map, merge, block, dense)  # fmt: skip
VECTORS = (dense, norm, pointwise, idle, operations, merge)

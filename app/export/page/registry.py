"""How each layer and each operation of `keras.ops` is lowered, by its type."""

from __future__ import annotations

from collections.abc import Callable

import keras

from app.export.page import (
    activations,
    arithmetic,
    combining,
    convolutions,
    normalization,
    pooling,
    window_operations,
)
from app.export.page.builder import Step, Value
from app.layers import FusedBatchNormalization, L2NormPooling2D, LocallyConnected2D

Lowering = Callable[[Step], Value]

LAYERS: dict[type, Lowering] = {
    keras.layers.Activation: activations.lower_activation,
    keras.layers.ActivityRegularization: normalization.lower_identity,
    keras.layers.Add: combining.lower_add,
    keras.layers.AlphaDropout: normalization.lower_identity,
    keras.layers.Average: combining.lower_average,
    keras.layers.AveragePooling2D: pooling.lower_average_pool,
    keras.layers.BatchNormalization: normalization.lower_batch_normalization,
    keras.layers.Concatenate: combining.lower_concatenate,
    keras.layers.Conv2D: convolutions.lower_conv,
    keras.layers.Cropping2D: pooling.lower_cropping,
    keras.layers.Dense: convolutions.lower_dense,
    keras.layers.DepthwiseConv2D: convolutions.lower_depthwise,
    keras.layers.Dropout: normalization.lower_dropout,
    keras.layers.ELU: activations.lower_elu,
    keras.layers.Flatten: pooling.lower_flatten,
    keras.layers.GaussianDropout: normalization.lower_identity,
    keras.layers.GaussianNoise: normalization.lower_identity,
    keras.layers.GlobalAveragePooling2D: pooling.lower_global_average,
    keras.layers.GlobalMaxPooling2D: pooling.lower_global_max,
    keras.layers.Identity: normalization.lower_identity,
    keras.layers.LayerNormalization: normalization.lower_layer_normalization,
    keras.layers.LeakyReLU: activations.lower_leaky_relu,
    keras.layers.MaxPooling2D: pooling.lower_max_pool,
    keras.layers.Maximum: combining.lower_maximum,
    keras.layers.Minimum: combining.lower_minimum,
    keras.layers.Multiply: combining.lower_multiply,
    keras.layers.Normalization: normalization.lower_normalization,
    keras.layers.PReLU: activations.lower_prelu,
    keras.layers.ReLU: activations.lower_relu,
    keras.layers.Rescaling: normalization.lower_rescaling,
    keras.layers.Reshape: pooling.lower_reshape,
    keras.layers.SeparableConv2D: convolutions.lower_separable,
    keras.layers.Softmax: activations.lower_softmax,
    keras.layers.SpatialDropout2D: normalization.lower_spatial_dropout,
    keras.layers.Subtract: combining.lower_subtract,
    keras.layers.UpSampling2D: pooling.lower_upsampling,
    keras.layers.ZeroPadding2D: pooling.lower_padding,
    FusedBatchNormalization: normalization.lower_batch_normalization,
    L2NormPooling2D: pooling.lower_l2_pool,
    LocallyConnected2D: convolutions.lower_local,
}

_AUGMENTATIONS = tuple(
    layer
    for name, layer in vars(keras.layers).items()
    if name.startswith("Random") or name in ("AugMix", "CutMix", "MixUp", "RandAugment")
)
LAYERS |= dict.fromkeys(_AUGMENTATIONS, normalization.lower_identity)

# What a subclass may define and still computes what its base does with the same attributes.
_HARMLESS = {
    "__annotations__", "__classcell__", "__doc__", "__firstlineno__", "__init__", "__module__",
    "__qualname__", "__static_attributes__", "build", "compute_output_shape", "from_config",
    "get_config",
}  # fmt: skip


def lowering_of(layer: keras.Layer) -> Lowering | None:
    """Return how a layer is lowered; `None` if it may compute something else than a known one."""
    for base in type(layer).__mro__:
        if base in LAYERS:
            return LAYERS[base]
        if not vars(base).keys() <= _HARMLESS:
            return None
    return None


# Layers that take whole numbers as they are; others would compute in them.
TAKE_INTEGERS = (
    keras.layers.Flatten,
    keras.layers.Identity,
    keras.layers.MaxPooling2D,
    keras.layers.Normalization,
    keras.layers.Rescaling,
    keras.layers.Reshape,
    keras.layers.Cropping2D,
    keras.layers.ZeroPadding2D,
    *_AUGMENTATIONS,
)


def _function(name: str) -> Lowering:
    return lambda step: activations.emit_function(step, name)


# Operations of `keras.ops`, by the names of their classes.
OPERATIONS: dict[str, Lowering] = {
    "Abs": arithmetic.lower_absolute,
    "Absolute": arithmetic.lower_absolute,
    "Add": arithmetic.lower_arithmetic,
    "AveragePool": window_operations.lower_pool_operation,
    "Cast": arithmetic.lower_cast,
    "Clip": arithmetic.lower_clip,
    "Concatenate": combining.lower_concatenate,
    "Conv": window_operations.lower_conv_operation,
    "ConvertToTensor": arithmetic.lower_cast,
    "DepthwiseConv": window_operations.lower_depthwise_operation,
    "Divide": arithmetic.lower_arithmetic,
    "Elu": activations.lower_elu,
    "ExpandDims": pooling.lower_expand_dims,
    "Exp": _function("exponential"),
    "Gelu": activations.lower_gelu,
    "GetItem": pooling.lower_get_item,
    "HardSigmoid": _function("hard_sigmoid"),
    "HardSilu": _function("hard_silu"),
    "HardTanh": _function("hard_tanh"),
    "LeakyRelu": activations.lower_leaky_relu,
    "LogSigmoid": _function("log_sigmoid"),
    "LogSoftmax": activations.lower_log_softmax,
    "Matmul": window_operations.lower_matmul,
    "Max": pooling.lower_global_reduction,
    "MaxPool": window_operations.lower_pool_operation,
    "Maximum": arithmetic.lower_arithmetic,
    "Mean": pooling.lower_global_reduction,
    "Minimum": arithmetic.lower_arithmetic,
    "Mish": _function("mish"),
    "Multiply": arithmetic.lower_arithmetic,
    "Negative": arithmetic.lower_negative,
    "ReLU": activations.lower_relu,
    "Relu": _function("relu"),
    "Relu6": _function("relu6"),
    "Reshape": pooling.lower_reshape_operation,
    "Selu": _function("selu"),
    "Sigmoid": _function("sigmoid"),
    "Silu": _function("silu"),
    "Softmax": activations.lower_softmax,
    "Softplus": _function("softplus"),
    "Softsign": _function("softsign"),
    "Square": arithmetic.lower_square,
    "StopGradient": normalization.lower_identity,
    "Subtract": arithmetic.lower_arithmetic,
    "Tanh": _function("tanh"),
    "TrueDivide": arithmetic.lower_arithmetic,
}

"""The arguments of Keras 2's built-in layers, as Keras 3's layers take them."""

from __future__ import annotations

import inspect
from typing import Any

import keras

from app.keras2 import objects

# They do not change what a trained layer computes for an image.
_WITHOUT_EFFECT = {
    "adjustment", "autocast", "batch_input_shape", "batch_shape", "build_config", "dynamic",
    "experimental_autocast", "experimental_run_tf_function", "force_generator", "fused",
    "has_input_vocabulary", "implementation", "input_dim", "input_dtype", "input_length",
    "input_shape", "input_spec", "key_shape", "num_constants", "optional", "query_shape", "ragged",
    "renorm", "renorm_clipping", "renorm_momentum", "rng_type", "robust_masking",
    "softmax_robust_masking", "sparse", "trainable", "value_shape", "virtual_batch_size",
    "vocabulary_size",
}  # fmt: skip
# Arguments of a base class that the layer does not use, or does not use with one value.
_UNUSED = {
    "DepthwiseConv1D": {"filters", "kernel_initializer", "kernel_regularizer", "kernel_constraint"},
    "DepthwiseConv2D": {"filters", "kernel_initializer", "kernel_regularizer", "kernel_constraint"},
    "SeparableConv1D": {"kernel_initializer", "kernel_regularizer", "kernel_constraint"},
    "SeparableConv2D": {"kernel_initializer", "kernel_regularizer", "kernel_constraint"},
    "SpatialDropout1D": {"noise_shape"},
    "SpatialDropout2D": {"noise_shape"},
    "SpatialDropout3D": {"noise_shape"},
}
_UNUSED_VALUES: dict[str, Any] = {"groups": 1, "time_major": False, "data_format": "channels_last"}
_RENAMED = {"LeakyReLU": {"alpha": "negative_slope"}}
# Defaults of Keras 2 that Keras 3 changed, for files that omit the argument.
_DEFAULTS: dict[str, dict[str, Any]] = {
    "GRU": {"reset_after": False},
    "GRUCell": {"reset_after": False},
    "ConvLSTM1D": {"recurrent_activation": "hard_sigmoid"},
    "ConvLSTM2D": {"recurrent_activation": "hard_sigmoid"},
    "ConvLSTM3D": {"recurrent_activation": "hard_sigmoid"},
}


def keras3_arguments(cls: type, class_name: str, config: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a built-in layer, without nested layers, as Keras 3 takes them.

    Args:
        cls: Class of Keras 3, or the replacement in this project.
        class_name: Name of the class in Keras 2, without a version such as `V1`.
        config: Arguments of Keras 2; nested layers are translated already.

    Raises:
        ValueError: If an argument has a value that the layer of Keras 3 cannot have.
    """
    accepted = _accepted(cls)
    renamed = _RENAMED.get(class_name, {})
    config = {renamed.get(key, key): value for key, value in config.items()}
    config = {**_DEFAULTS.get(class_name, {}), **config}
    if config.get("interpolation") in ("gaussian", "mitchellcubic"):
        raise ValueError(f"Keras 3 does not support interpolation={config['interpolation']}")
    layer = str(config.get("name"))
    result: dict[str, Any] = {}
    for key, value in config.items():
        if key in accepted:
            result[key] = _value(key, value, layer)
        elif not _is_unused(class_name, key, value):
            raise ValueError(f"Keras 3 does not support {key}={str(value)[:60]}")
    if class_name in ("BatchNormalization", "SyncBatchNormalization"):
        result["axis"] = _single_axis(result.get("axis", -1))
        if config.get("renorm"):
            raise ValueError("Keras 3 does not support renorm=True")
    if class_name == "SyncBatchNormalization":
        result["synchronized"] = True
    return result


def _is_unused(class_name: str, key: str, value: Any) -> bool:
    """Return whether an argument that Keras 3 lacks changes nothing."""
    if key in _WITHOUT_EFFECT or key in _UNUSED.get(class_name, ()):
        return True
    return key in _UNUSED_VALUES and value in (_UNUSED_VALUES[key], None)


def _value(key: str, value: Any, layer: str) -> Any:
    if key == "dtype":
        return objects.policy_name(value)
    if key.rsplit("_", 1)[-1] in objects.SUFFIXES:
        return objects.training_object(key, value, layer)
    if key in ("activation", "recurrent_activation"):
        is_layer = isinstance(value, dict) and isinstance(value.get("config"), dict)
        return value if is_layer else objects.activation(value)
    return _plain(value)


def _plain(value: Any) -> Any:
    """Return a value without the wrappers that Keras 2 put around tuples and arrays."""
    if isinstance(value, dict) and value.get("class_name") in ("__tuple__", "TensorShape"):
        return _plain(value.get("items", []))
    if isinstance(value, dict) and value.get("class_name") == "__numpy__":
        return _plain(value.get("config", {}).get("value"))
    if isinstance(value, dict) and value.get("type") == "ndarray":
        return value.get("value")
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _single_axis(axis: Any) -> Any:
    """Return the axis of a normalization; Keras 2 also wrote a list of one."""
    if isinstance(axis, list):
        if len(axis) != 1:
            raise ValueError(f"Keras 3 does not support axis={axis}")
        return axis[0]
    return axis


def _accepted(cls: type) -> set[str]:
    """Return the names of the arguments that a class takes, through all `**kwargs`."""
    names: set[str] = set()
    for base in cls.__mro__:
        if "__init__" not in vars(base):
            continue
        parameters = inspect.signature(vars(base)["__init__"]).parameters.values()
        names |= {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
        if base is keras.Layer or not any(p.kind == p.VAR_KEYWORD for p in parameters):
            break
    return names - {"self", "autocast"}

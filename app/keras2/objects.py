"""Policies, activations, initializers, regularizers and constraints in a configuration.

All dialects are read: plain names, `{"class_name", "config"}` of TensorFlow 2.0 to 2.11, and
`{"module", "class_name", "config", "registered_name"}` of 2.12 and later. Modules are ignored,
since they moved from `keras` to `keras.src` and `tf_keras.src`.
"""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import keras

from app.errors import AppWarning
from app.keras2.layers import keras2_hard_sigmoid

SUFFIXES = {
    "initializer": "initializers",
    "regularizer": "regularizers",
    "constraint": "constraints",
}
# TensorFlow's functions are saved by their name inside TensorFlow.
_ACTIVATIONS = {"softmax_v2": "softmax", "log_softmax_v2": "log_softmax", "swish_v2": "swish"}
HARD_SIGMOID = keras.saving.serialize_keras_object(keras2_hard_sigmoid)


def policy_name(dtype: Any) -> Any:
    """Return the name of a dtype or of a dtype policy, as Keras 3 takes it.

    Args:
        dtype: Name, configuration of a policy, or `None`.
    """
    if isinstance(dtype, dict):
        return dtype.get("config", {}).get("name")
    return dtype


def activation(value: Any) -> Any:
    """Return an activation as Keras 3 takes it, or `None` for none.

    Args:
        value: Name, configuration of a function, or `None`.

    Raises:
        ValueError: If Keras 3 has no such function.
    """
    if isinstance(value, dict) and value.get("class_name") == "function":
        value = value.get("config")
    if value is None:
        return None
    if value == "hard_sigmoid":
        return HARD_SIGMOID
    name = _ACTIVATIONS.get(value, value) if isinstance(value, str) else None
    known = callable(getattr(keras.activations, name or "", None))
    if not known or name in ("get", "serialize", "deserialize"):
        raise ValueError(f"Keras 3 does not have its activation {_shown(value)}")
    return name


def training_object(key: str, value: Any, layer: str) -> Any:
    """Return an initializer, regularizer or constraint as Keras 3 takes it.

    These affect training only, so one that Keras 3 lacks is left out with a warning; an initializer
    without a warning, since the weights come from the file.

    Args:
        key: Argument of the layer, such as `kernel_initializer`.
        value: Name, configuration, or `None`.
        layer: Name of the layer, for the warning.
    """
    if value is None or value == {}:
        return None
    kind = SUFFIXES[key.rsplit("_", 1)[-1]]
    name, config = (
        (value.get("class_name"), value.get("config") or {})
        if isinstance(value, dict)
        else (value, {})
    )
    cls = _class(kind, name)
    if cls is None:
        if kind == "initializers":
            return "zeros"
        warnings.warn(
            f"Layer '{layer}' is opened without its {key} {_shown(value)}, which Keras 3 "
            "does not have. Its outputs do not depend on it; further training does.",
            AppWarning,
            stacklevel=2,
        )
        return None
    accepted = inspect.signature(cls).parameters
    config = {k: v for k, v in config.items() if k in accepted} if isinstance(config, dict) else {}
    return {
        "module": f"keras.{kind}",
        "class_name": cls.__name__,
        "config": config,
        "registered_name": None,
    }


def _class(kind: str, name: Any) -> type | None:
    """Return a class by one of its names (`GlorotUniform`, `glorot_uniform`), if Keras has it."""
    cls = getattr(getattr(keras, kind), name, None) if isinstance(name, str) else None
    return cls if inspect.isclass(cls) else None


def _shown(value: Any) -> str:
    name = value.get("class_name", value) if isinstance(value, dict) else value
    text = str(name)
    return f"'{text[:60]}'"

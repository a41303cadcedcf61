"""Gradients of a function of one tensor, and of scores, on TensorFlow and JAX alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from app.classifier.hooks import to_numpy
from app.classifier.inspected_model import InspectedModel
from app.errors import AppError

Function = Callable[[Any], tuple[Any, Any]]
Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]


def value_and_gradient(function: Function, x: np.ndarray) -> Arrays:
    """Differentiate the sum of a function's values.

    Args:
        function: Function from a tensor like `x` to values `(B,)` and a further tensor.
        x: Point at which to differentiate.

    Returns:
        The values, the gradient with the shape of `x`, and the further tensor; float32.

    Raises:
        AppError: On a backend other than TensorFlow and JAX.
    """
    return _on_arrays(_differentiated(function), x)


def gradient_function(function: Function) -> Callable[[np.ndarray], Arrays]:
    """Return `value_and_gradient` of a function for many points, compiled at the first.

    What the function reads, such as the weights of a model, must not change in between.
    """
    differentiated = _differentiated(function)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        compiled = tf.function(differentiated, autograph=False)
    else:
        import jax

        compiled = jax.jit(differentiated)
    return lambda x: _on_arrays(compiled, x)


def input_gradients(model: InspectedModel, images: np.ndarray, class_index: int) -> np.ndarray:
    """Return the gradient of a class's score by each value of images `(B, H, W, C)`."""
    score = model.score_of(class_index)

    def function(batch: Any) -> tuple[Any, Any]:
        outputs = model.keras_model(batch, training=False)
        return score(outputs), outputs

    with model.linear_output():
        _, gradient, _ = value_and_gradient(function, images)
    return gradient


def _on_arrays(differentiated: Callable[[Any], tuple[Any, Any, Any]], x: np.ndarray) -> Arrays:
    values, gradient, extra = differentiated(keras.ops.convert_to_tensor(x.astype(np.float32)))
    return to_numpy(values), to_numpy(gradient), to_numpy(extra)


def _differentiated(function: Function) -> Callable[[Any], tuple[Any, Any, Any]]:
    """Return the function from a tensor to values, gradient and further tensor."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        def by_tape(x: Any) -> tuple[Any, Any, Any]:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(x)
                values, extra = function(x)
                total = keras.ops.sum(values)
            return values, tape.gradient(total, x, unconnected_gradients="zero"), extra

        return by_tape
    if backend == "jax":
        import jax

        def summed(x: Any) -> tuple[Any, tuple[Any, Any]]:
            values, extra = function(x)
            return keras.ops.sum(values), (values, extra)

        def by_tracing(x: Any) -> tuple[Any, Any, Any]:
            gradient, (values, extra) = jax.grad(summed, has_aux=True)(x)
            return values, gradient, extra

        return by_tracing
    raise AppError(f"Gradients on the Keras backend '{backend}'.", "Expected TensorFlow or JAX.")

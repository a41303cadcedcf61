"""Gradients of a function of one tensor, on TensorFlow and JAX alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from app.classifier.hooks import to_numpy
from app.errors import AppError

Function = Callable[[Any], tuple[Any, Any]]


def value_and_gradient(
    function: Function, x: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Differentiate the sum of a function's values.

    Args:
        function: Function from a tensor like `x` to values `(B,)` and a further tensor.
        x: Point at which to differentiate.

    Returns:
        The values, the gradient with the shape of `x`, and the further tensor; float32.

    Raises:
        AppError: On a backend other than TensorFlow and JAX.
    """
    backend = keras.backend.backend()
    start = keras.ops.convert_to_tensor(x.astype(np.float32))
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(start)
            values, extra = function(start)
            total = keras.ops.sum(values)
        gradient = tape.gradient(total, start, unconnected_gradients="zero")
    elif backend == "jax":
        import jax

        def summed(tensor: Any) -> tuple[Any, tuple[Any, Any]]:
            values, extra = function(tensor)
            return keras.ops.sum(values), (values, extra)

        gradient, (values, extra) = jax.grad(summed, has_aux=True)(start)
    else:
        raise AppError(
            f"Gradients on the Keras backend '{backend}'.", "Expected TensorFlow or JAX."
        )
    return to_numpy(values), to_numpy(gradient), to_numpy(extra)

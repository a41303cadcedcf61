"""Losses of a batch as a function of the weights, and gradients; the network stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from app.classifier.hooks import to_numpy
from app.insight.gradients import value_and_gradient

Batch = tuple[np.ndarray, ...]  # images, targets and, with `--balance weights`, weights


def batch_losses(model: keras.Model, trainable: Sequence[Any], batch: Batch) -> tuple[Any, Any]:
    """Return the losses `(B,)` and outputs of a batch, computed as in a training step.

    Args:
        model: Compiled network.
        trainable: Values of its trainable weights.
        batch: Images `(B, H, W, C)`, targets and, if given, weights `(B,)`.
    """
    images, targets, *weights = batch
    fixed = [variable.value for variable in model.non_trainable_variables]
    predicted, _ = model.stateless_call(list(trainable), fixed, images, training=True)
    expected = keras.ops.convert_to_tensor(targets)
    if keras.ops.ndim(predicted) > keras.ops.ndim(expected) and predicted.shape[-1] == 1:
        expected = keras.ops.expand_dims(expected, -1)
    losses = model.loss.call(expected, predicted)
    for one in weights:
        losses = losses * one
    return losses, predicted


def batch_gradients(model: keras.Model, batch: Batch) -> list[np.ndarray]:
    """Return the gradient of the mean loss for each trainable weight, in their shapes."""
    variables = model.trainable_variables
    values = [to_numpy(variable.value) for variable in variables]
    ends = np.cumsum([value.size for value in values])[:-1].tolist()

    def losses_of(flat: Any) -> tuple[Any, Any]:
        parts = keras.ops.split(flat, ends) if ends else [flat]
        pairs = zip(parts, values, strict=True)
        return batch_losses(model, [keras.ops.reshape(p, v.shape) for p, v in pairs], batch)

    flat = np.concatenate([value.ravel() for value in values])
    _, gradient, _ = value_and_gradient(losses_of, flat)
    parts = np.split(gradient / len(batch[0]), ends)
    return [part.reshape(value.shape) for part, value in zip(parts, values, strict=True)]

"""One training step in slow motion: the batch, its losses, and a kernel before and after."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from app.classifier.hooks import to_numpy
from app.insight.gradients import value_and_gradient
from app.metrics import class_probabilities
from app.web.errors import PublicError
from app.web.training.losses import Batch, batch_losses
from app.web.training.optimizer_step import step_arrays, step_facts

_SHOWN = 12  # images


@dataclass
class Dissection:
    """A step that is about to be made, and one kernel in it.

    Attributes:
        layer: Name of the layer.
        position: Position of its kernel among the trainable weights.
        values: The step in values that JSON can hold.
        arrays: `images (N, H, W, C)`, `targets`, `losses (N,)` and `probabilities (N, K)` of the
            first images of the batch, before the update and with dropout; `before` and `gradient`
            in the shape of the kernel.
    """

    layer: str
    position: int
    values: dict[str, Any]
    arrays: dict[str, np.ndarray]


def dissect(model: keras.Model, layer_name: str, batch: Batch) -> Dissection:
    """Compute a step without making it; the network, its dropout included, stays as it is.

    Args:
        model: Compiled network.
        layer_name: Layer with a kernel.
        batch: Images `(B, H, W, C)`, targets and, if given, weights of the step.

    Raises:
        PublicError: If there is no such layer.
    """
    kernel = kernel_of(model, layer_name)
    images, targets, *_ = batch
    trainable = [variable.value for variable in model.trainable_variables]
    position = [variable is kernel for variable in model.trainable_variables].index(True)

    def losses_of(weight: Any) -> tuple[Any, Any]:
        values = [*trainable[:position], weight, *trainable[position + 1 :]]
        return batch_losses(model, values, batch)

    before = to_numpy(kernel.value)
    losses, gradient, predicted = value_and_gradient(losses_of, before)
    return Dissection(
        layer_name,
        position,
        {"layer": layer_name, "loss": float(losses.mean()), "images": len(images)},
        {
            "images": images[:_SHOWN],
            "targets": np.asarray(targets[:_SHOWN], np.float32),
            "losses": losses[:_SHOWN],
            "probabilities": class_probabilities(predicted[:_SHOWN]).astype(np.float32),
            "before": before,
            "gradient": gradient / len(images),
        },
    )


def finished(model: keras.Model, dissection: Dissection) -> Dissection:
    """Return a step that has been made: also with `after`, and what the optimizer made it of."""
    kernel = model.trainable_variables[dissection.position]
    arrays = step_arrays(model.optimizer, dissection.position)
    return replace(
        dissection,
        values={**dissection.values, **step_facts(model.optimizer)},
        arrays={**dissection.arrays, **arrays, "after": to_numpy(kernel.value)},
    )


def kernel_of(model: keras.Model, layer_name: str) -> keras.Variable:
    """Return the kernel of a layer.

    Raises:
        PublicError: If there is no such layer, or it has none.
    """
    for layer in model.layers:
        kernel = getattr(layer, "kernel", None)
        if layer.name == layer_name and kernel is not None:
            return kernel
    names = [layer.name for layer in model.layers if getattr(layer, "kernel", None) is not None]
    raise PublicError("There is no such layer with a kernel.", f"Expected: {', '.join(names)}.")

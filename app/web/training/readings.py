"""What can be read off a network while it trains: its program, a batch with losses, hard images."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from app.classifier.inspected_model import InspectedModel
from app.data.pixels import Images
from app.export.page import NotLowerable, describe, lower, program_bytes
from app.metrics import class_probabilities
from app.training.compile import uncompiled_clone
from app.training.inputs import EVALUATION_BATCH
from app.training.plan import Plan
from app.web.training.losses import batch_gradients

NAME = "training"  # of the network that trains, on the page
_MEASURED = ("mean", "variance")  # of images; no gradient moves them
_TINY = 1e-7  # probabilities are not smaller, as in Keras's losses


class Readings:
    """Reads a network; nothing here changes it.

    Args:
        plan: Plan of the run.
        model: Network that trains.
    """

    def __init__(self, plan: Plan, model: keras.Model):
        self._plan = plan
        self._model = model
        height, width = plan.image_size
        self._opened = InspectedModel.wrap(
            model,
            name=NAME,
            class_names=plan.dataset.class_names,
            image_shape=(height, width, plan.dataset.channels),
            mnist_style=plan.mnist_style,
            fit=plan.fit,
        )
        self._of_gradients: keras.Model | None = None

    @property
    def parameters(self) -> int:
        """Number of parameters."""
        return int(self._model.count_params())

    def program(self) -> bytes:
        """Return the program of the network with its weights, or nothing if it has none."""
        try:
            return program_bytes(lower(self._model, describe(self._opened)))
        except NotLowerable:
            return b""

    def weights(self) -> dict[str, np.ndarray]:
        """Return the tensors of the program, float32, by name."""
        attach_variables(self._model)
        return self._tensors(self._model)

    def _tensors(self, model: keras.Model) -> dict[str, np.ndarray]:
        program = lower(model, describe(self._opened))
        return {name: np.asarray(tensor, np.float32) for name, tensor in program.tensors.items()}

    def gradients(self, *batch: np.ndarray) -> dict[str, np.ndarray]:
        """Return the gradient of a batch's mean loss, by the names that `weights` has.

        A network of the same form that holds gradients for weights is lowered, so that they are
        arranged as the weights are.

        Args:
            *batch: Pixels `(B, H, W, C)`, targets and, if given, weights, as in training.
        """
        attach_variables(self._model)
        if self._of_gradients is None:
            self._of_gradients = uncompiled_clone(self._model)
        trainable = {id(variable) for variable in self._model.trainable_variables}
        parts = iter(batch_gradients(self._model, batch))
        self._of_gradients.set_weights([
            next(parts) if id(variable) in trainable else np.zeros(variable.shape)
            for variable in self._model.weights
        ])  # fmt: skip
        tensors = self._tensors(self._of_gradients)
        return {name: tensor for name, tensor in tensors.items() if not name.endswith(_MEASURED)}

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return `(N, K)` for images `(N, H, W, C)`."""
        attach_variables(self._model)
        parts = [
            self._model.predict_on_batch(images[start : start + EVALUATION_BATCH])
            for start in range(0, len(images), EVALUATION_BATCH)
        ]
        outputs = np.concatenate([keras.ops.convert_to_numpy(part) for part in parts])
        return class_probabilities(outputs)

    def losses(self, images: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Return the cross-entropy `(N,)` of images with targets as in training.

        Args:
            images: `(N, H, W, C)` pixels.
            targets: Labels `(N,)`, or soft labels `(N,)` of the second class or `(N, K)`.
        """
        probabilities = np.maximum(self.probabilities(images), _TINY)
        return -(soft_labels(targets, probabilities.shape[1]) * np.log(probabilities)).sum(axis=1)

    def hardest(self, images: Images, labels: np.ndarray, count: int) -> dict[str, np.ndarray]:
        """Return the images with the largest loss, the worst first.

        Args:
            images: Training images, as they are before augmentation.
            labels: `(N,)` labels.
            count: Number of images to return.

        Returns:
            `positions (M,)`, `images (M, H, W, C)`, `labels`, `predicted`, `losses`.
        """
        chances = []
        for start in range(0, len(labels), EVALUATION_BATCH):
            chosen = np.arange(start, min(start + EVALUATION_BATCH, len(labels)))
            chances.append(self.probabilities(images[chosen]))
        probabilities = np.maximum(np.concatenate(chances), _TINY)
        losses = -np.log(probabilities[np.arange(len(labels)), labels])
        worst = np.argsort(-losses, kind="stable")[:count]
        return {
            "positions": worst.astype(np.int32),
            "images": images[worst],
            "labels": labels[worst].astype(np.int32),
            "predicted": probabilities[worst].argmax(axis=1).astype(np.int32),
            "losses": losses[worst].astype(np.float32),
        }


def attach_variables(model: keras.Model) -> None:
    """Give a network its variables back for as long as a callback needs them.

    With JAX, `fit` hands their values from step to step and leaves the variables without any; the
    next step takes what they hold then, changed or not.
    """
    if keras.backend.backend() == "jax":
        model.jax_state_sync()


def soft_labels(targets: np.ndarray, num_classes: int) -> np.ndarray:
    """Return targets of any form as `(N, K)` shares of the classes."""
    if targets.ndim == 2:
        return targets
    if num_classes == 2:
        second = targets.astype(np.float64)
        return np.stack([1 - second, second], axis=1)
    return np.eye(num_classes)[targets.astype(np.int64)]


def statistics(arrays: dict[str, np.ndarray]) -> dict[str, dict[str, Any]]:
    """Return the least, the greatest and the mean absolute value of each array."""
    return {
        name: {
            "min": float(array.min()),
            "max": float(array.max()),
            "mean_magnitude": float(np.abs(array).mean()),
        }
        for name, array in arrays.items()
        if array.size
    }

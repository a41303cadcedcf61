"""Loss, targets, optimizer and schedule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from app.references import call_reference
from app.registries import OPTIMIZERS
from app.training.balanced_accuracy import BalancedAccuracy
from app.training.optimizers import Rate
from app.training.plan import Optimization

_WARM_UP_SHARE = 0.1


@dataclass(frozen=True)
class Targets:
    """What a network learns to predict.

    Attributes:
        num_classes: Number of classes.
        soft: Whether targets are soft labels (see `training_targets`).
        unbalanced: Whether epochs are to be compared by balanced accuracy, which is computed then.
        multi_label: Whether an image has any number of labels, rather than one.
    """

    num_classes: int
    soft: bool = False
    unbalanced: bool = False
    multi_label: bool = False


def compile_model(
    model: keras.Model, optimization: Optimization, targets: Targets, *, steps: int
) -> None:
    """Prepare a model for training: loss, optimizer and schedule.

    Args:
        model: Untrained classifier: one sigmoid unit for two classes, else a softmax; or, if
            images have any number of labels, one sigmoid unit per class.
        optimization: Optimizer and its settings.
        targets: Targets of the loss.
        steps: Number of training steps in all epochs together.

    Sources: Loshchilov & Hutter, SGDR, 2016, and Decoupled weight decay regularization, 2017;
    Szegedy et al., Rethinking the Inception architecture, 2015 (label smoothing).
    """
    smoothing = optimization.label_smoothing
    loss: keras.losses.Loss
    accuracy: keras.metrics.Metric
    if targets.multi_label:
        loss = keras.losses.BinaryCrossentropy(label_smoothing=smoothing)
        accuracy = keras.metrics.MeanMetricWrapper(subset_accuracy, name="accuracy")
    elif targets.num_classes == 2:
        loss = keras.losses.BinaryCrossentropy(label_smoothing=smoothing)
        accuracy = keras.metrics.BinaryAccuracy(name="accuracy")
        if targets.soft:
            accuracy = keras.metrics.MeanMetricWrapper(soft_binary_accuracy, name="accuracy")
    elif targets.soft:
        loss = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
        accuracy = keras.metrics.CategoricalAccuracy(name="accuracy")
    else:
        loss = keras.losses.SparseCategoricalCrossentropy()
        accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    optimizer = _optimizer(optimization, steps)
    metrics = [accuracy]
    if targets.unbalanced:
        metrics.append(BalancedAccuracy(targets.num_classes))
    # Weighted ones are told which rows of a batch are padding.
    weighted = [Unpadded(metric) for metric in metrics]
    model.compile(optimizer=optimizer, loss=loss, weighted_metrics=weighted)
    # TensorFlow traces a step twice if the optimizer's variables do not exist yet.
    optimizer.build(model.trainable_variables)


def uncompiled_clone(model: keras.Model) -> keras.Model:
    """Return a network of the same layers with new weights.

    Keras would compile the clone of a compiled network, for which it must find optimizer and
    metrics by registered names.
    """
    return keras.models.clone_model(keras.Model(model.inputs, model.outputs, name=model.name))


class Unpadded(keras.metrics.Metric):
    """A metric of the images of a batch, without its padding.

    Weights of the loss are 0 for padding; other weights do not matter.

    Args:
        metric: Metric that counts every image alike.
    """

    def __init__(self, metric: keras.metrics.Metric):
        super().__init__(name=metric.name)
        self.metric = metric

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch."""
        if sample_weight is not None:
            sample_weight = keras.ops.cast(sample_weight > 0, self.dtype)
        self.metric.update_state(y_true, y_pred, sample_weight)

    def result(self) -> Any:
        """Return the metric of all batches so far."""
        return self.metric.result()

    def reset_state(self) -> None:
        """Forget the batches."""
        self.metric.reset_state()


def _optimizer(optimization: Optimization, steps: int) -> keras.optimizers.Optimizer:
    rate: Rate = optimization.learning_rate
    if optimization.schedule == "cosine":
        warm_up = max(1, round(_WARM_UP_SHARE * steps))
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=optimization.learning_rate / 10,
            decay_steps=max(1, steps - warm_up),
            warmup_target=optimization.learning_rate,
            warmup_steps=warm_up,
        )
    name = optimization.optimizer
    optimizer: keras.optimizers.Optimizer = call_reference(
        OPTIMIZERS.load(name), name, "--optimizer", rate, optimization.weight_decay,
        returns=keras.optimizers.Optimizer,
    )  # fmt: skip
    return optimizer


def training_targets(labels: np.ndarray, num_classes: int, *, soft: bool) -> np.ndarray:
    """Return the targets of the loss.

    Args:
        labels: `(N,)` int64, or `(N, K)` booleans.
        num_classes: Number of classes.
        soft: Whether images are mixed or labels smoothed, which needs soft labels.

    Returns:
        The labels, booleans as float32; or float32 soft labels, `(N,)` for two classes (of the
        second) and `(N, K)` for more.
    """
    if labels.ndim == 2:
        return labels.astype(np.float32)
    if not soft:
        return labels
    if num_classes == 2:
        return labels.astype(np.float32)
    return np.eye(num_classes, dtype=np.float32)[labels]


def soft_binary_accuracy(y_true: keras.KerasTensor, y_pred: keras.KerasTensor) -> keras.KerasTensor:
    """Return 1 where one sigmoid unit predicts the class with the larger soft label.

    Keras's own accuracy would compare a soft label such as 0.7 with 1, and call it wrong.
    """
    # `(B,)` and `(B, 1)` would be broadcast to `(B, B)`.
    y_true = keras.ops.reshape(y_true, keras.ops.shape(y_pred))
    same = keras.ops.equal(y_true > 0.5, y_pred > 0.5)
    return keras.ops.mean(keras.ops.cast(same, "float32"), axis=-1)


def subset_accuracy(y_true: keras.KerasTensor, y_pred: keras.KerasTensor) -> keras.KerasTensor:
    """Return 1 where one sigmoid unit per class predicts every label right, mixed ones included.

    Args:
        y_true: `(B, K)` labels, or soft labels of mixed images.
        y_pred: `(B, K)` probabilities.
    """
    right = keras.ops.all(keras.ops.equal(y_true > 0.5, y_pred > 0.5), axis=-1)
    return keras.ops.cast(right, "float32")

"""Loss, optimiser and schedule."""

from __future__ import annotations

import keras

from app.config import RunConfig
from app.references import OPTIMIZERS, call_reference
from app.training.optimizers import Rate
from app.training.targets import larger_share_accuracy

_WARM_UP_SHARE = 0.1


def compile_model(
    model: keras.Model, config: RunConfig, *, num_classes: int, steps: int, soft: bool
) -> None:
    """Prepare a model for training: loss, optimiser and schedule.

    Args:
        model: An untrained classifier: one sigmoid unit for two classes, else a softmax.
        config: A resolved configuration.
        num_classes: Number of classes.
        steps: Training steps in all.
        soft: Whether targets are shares of classes (`app.training.targets`).

    Sources: Loshchilov & Hutter, SGDR, 2016, and Decoupled weight decay regularization, 2017;
    Szegedy et al., Rethinking the Inception architecture, 2015 (label smoothing).
    """
    loss: keras.losses.Loss
    accuracy: keras.metrics.Metric
    if num_classes == 2:
        loss = keras.losses.BinaryCrossentropy(label_smoothing=config.label_smoothing)
        accuracy = keras.metrics.BinaryAccuracy(name="accuracy")
        if soft:
            accuracy = keras.metrics.MeanMetricWrapper(larger_share_accuracy, name="accuracy")
    elif soft:
        loss = keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing)
        accuracy = keras.metrics.CategoricalAccuracy(name="accuracy")
    else:
        loss = keras.losses.SparseCategoricalCrossentropy()
        accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    optimizer = _optimizer(config, steps)
    model.compile(optimizer=optimizer, loss=loss, metrics=[accuracy])
    # TensorFlow traces a step twice if it meets variables that are not there yet.
    optimizer.build(model.trainable_variables)


def _optimizer(config: RunConfig, steps: int) -> keras.optimizers.Optimizer:
    rate: Rate = config.learning_rate
    if config.schedule == "cosine":
        warm_up = max(1, round(_WARM_UP_SHARE * steps))
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=config.learning_rate / 10,
            decay_steps=max(1, steps - warm_up),
            warmup_target=config.learning_rate,
            warmup_steps=warm_up,
        )
    name = config.optimizer
    optimizer: keras.optimizers.Optimizer = call_reference(
        OPTIMIZERS.load(name), name, "--optimizer", rate, config.weight_decay,
        returns=keras.optimizers.Optimizer,
    )  # fmt: skip
    return optimizer

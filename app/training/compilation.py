"""Loss, optimiser and schedule."""

from __future__ import annotations

import keras

from app.training.targets import larger_share_accuracy

WEIGHT_DECAY = 0.05
_WARM_UP_SHARE = 0.1


def compile_model(
    model: keras.Model, *, num_classes: int, learning_rate: float, steps: int, mixed: bool = False
) -> None:
    """Prepare a model for training: AdamW, warm-up, then a cosine down to zero.

    Args:
        model: An untrained classifier: one sigmoid unit for two classes, else a softmax.
        num_classes: Number of classes.
        learning_rate: The highest rate, reached after the warm-up.
        steps: Training steps in all.
        mixed: Whether targets are shares of classes (`app.training.targets`).

    Source: Loshchilov & Hutter, SGDR, 2016, and Decoupled weight decay regularization, 2017.
    """
    warm_up = max(1, round(_WARM_UP_SHARE * steps))
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=learning_rate / 10,
        decay_steps=max(1, steps - warm_up),
        warmup_target=learning_rate,
        warmup_steps=warm_up,
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=WEIGHT_DECAY)
    loss: keras.losses.Loss
    accuracy: str | keras.metrics.Metric = "accuracy"
    if num_classes == 2:
        loss = keras.losses.BinaryCrossentropy()
        if mixed:
            accuracy = keras.metrics.MeanMetricWrapper(larger_share_accuracy, name="accuracy")
    elif mixed:
        loss = keras.losses.CategoricalCrossentropy()
    else:
        loss = keras.losses.SparseCategoricalCrossentropy()
    model.compile(optimizer=optimizer, loss=loss, metrics=[accuracy])

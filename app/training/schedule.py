"""The learning rate's course: a linear warm-up, then half a cosine."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="convlab")
class WarmUpCosine(keras.optimizers.schedules.CosineDecay):
    """Keras's `CosineDecay` with a warm-up, without its branches.

    The same arguments and rates; `warmup_target` and `warmup_steps` have to be given. Keras makes
    warm-up and decay the two branches of a conditional, and weight decay asks for the rate once per
    weight; TensorFlow traces each conditional anew, which takes a good part of the time until the
    first step (`benchmarks/first_step.py`).

    Raises:
        ValueError: At construction, if there is no warm-up.

    Source: Loshchilov & Hutter, SGDR, 2016; Goyal et al., Accurate, large minibatch SGD, 2017.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.warmup_target is None or self.warmup_steps < 1:
            raise ValueError(
                f"Received warmup_target={self.warmup_target}, warmup_steps={self.warmup_steps}; "
                "expected a rate and at least one step. Without a warm-up, use `CosineDecay`."
            )

    def __call__(self, step: Any) -> Any:
        """Return the rate of a step, counted from 0."""
        step = ops.cast(step, "float32")
        grown = step / self.warmup_steps
        rising = self.initial_learning_rate * (1 - grown) + self.warmup_target * grown
        share = ops.clip((step - self.warmup_steps) / self.decay_steps, 0, 1)
        cosine = (1 + ops.cos(math.pi * share)) / 2
        falling = self.warmup_target * (self.alpha + (1 - self.alpha) * cosine)
        return ops.where(step < self.warmup_steps, rising, falling)

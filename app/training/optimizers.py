"""Keras's optimizers, changed to evaluate the schedule once per step.

Keras evaluates it once for the update and, for weight decay, once more for every weight, so that a
step of a small network computes the same rate a dozen times (`benchmarks/first_step.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import keras

Rate: TypeAlias = float | keras.optimizers.schedules.LearningRateSchedule


class _OneRate(keras.optimizers.Optimizer):
    """Mixin for Keras's optimizers that computes the rate once per step."""

    _rate: Any = None  # while a step is applied

    @property
    def learning_rate(self) -> Any:
        """Rate of the step that is being applied, else of the next one."""
        return super().learning_rate if self._rate is None else self._rate

    @learning_rate.setter
    def learning_rate(self, rate: Any) -> None:
        keras.optimizers.Optimizer.learning_rate.fset(self, rate)

    def apply(self, grads: Sequence[Any], trainable_variables: Any = None) -> None:
        """Update the weights by their gradients, as in Keras."""
        self._rate = super().learning_rate
        try:
            super().apply(grads, trainable_variables)
        finally:
            self._rate = None


@keras.saving.register_keras_serializable(package="convlab")
class AdamW(_OneRate, keras.optimizers.AdamW):
    """As in Keras. Source: Loshchilov & Hutter, Decoupled weight decay regularization, 2017."""


@keras.saving.register_keras_serializable(package="convlab")
class SGD(_OneRate, keras.optimizers.SGD):
    """As in Keras. Source: Sutskever et al., On the importance of initialization, 2013."""


@keras.saving.register_keras_serializable(package="convlab")
class RMSprop(_OneRate, keras.optimizers.RMSprop):
    """As in Keras. Source: Hinton, Neural networks for machine learning, lecture 6e, 2012."""


def adamw(rate: Rate, weight_decay: float) -> keras.optimizers.Optimizer:
    """Return AdamW.

    Args:
        rate: Learning rate, or its schedule.
        weight_decay: Decoupled weight decay, as a fraction of the rate per step.
    """
    return AdamW(rate, weight_decay=weight_decay)


def sgd(rate: Rate, weight_decay: float) -> keras.optimizers.Optimizer:
    """Return SGD with Nesterov's momentum; arguments as of `adamw`."""
    return SGD(rate, momentum=0.9, nesterov=True, weight_decay=weight_decay or None)


def rmsprop(rate: Rate, weight_decay: float) -> keras.optimizers.Optimizer:
    """Return RMSprop; arguments as of `adamw`."""
    return RMSprop(rate, weight_decay=weight_decay or None)  # zero would cost a multiplication

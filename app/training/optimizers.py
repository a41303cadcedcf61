"""Keras's optimizers, changed to evaluate the schedule once per step; Muon for convolutions.

Keras evaluates it once for the update and, for weight decay, once more for every weight, so that a
step of a small network computes the same rate a dozen times (`benchmarks/first_step.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import keras

_KERNEL_AXES = 4  # of a convolution over images
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


class AdamW(_OneRate, keras.optimizers.AdamW):
    """As in Keras. Source: Loshchilov & Hutter, Decoupled weight decay regularization, 2017."""


class SGD(_OneRate, keras.optimizers.SGD):
    """As in Keras. Source: Sutskever et al., On the importance of initialization, 2013."""


class RMSprop(_OneRate, keras.optimizers.RMSprop):
    """As in Keras. Source: Hinton, Neural networks for machine learning, lecture 6e, 2012."""


class Muon(_OneRate, keras.optimizers.Muon):
    """Keras's Muon, for the kernels of convolutions; all other weights have AdamW.

    Keras orthogonalizes matrices only, so that a kernel `(F, F, D, K)` would have AdamW. Here it is
    the matrix `(F·F·D, K)`. The products have the precision of the layers, such as bfloat16.

    Source: Jordan et al., Muon: an optimizer for hidden layers in neural networks, 2024.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._precision = keras.config.dtype_policy().compute_dtype

    def _should_use_adamw(self, variable: Any) -> bool:
        return len(variable.shape) != _KERNEL_AXES

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        """Return the orthogonal matrix next to a kernel, in the kernel's shape."""
        matrix = keras.ops.reshape(x, (-1, x.shape[-1]))
        near = super().zeropower_via_newtonschulz5(keras.ops.cast(matrix, self._precision), steps)
        return keras.ops.reshape(keras.ops.cast(near, x.dtype), x.shape)

    def lr_adjust(self, x: Any) -> Any:
        """Return an update whose root mean square is that of AdamW's, as in Keras."""
        filters = x.shape[-1]
        longest = max(math.prod(x.shape[:-1]), filters)
        return x * (math.sqrt(longest) * self.rms_rate)


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


def muon(rate: Rate, weight_decay: float) -> keras.optimizers.Optimizer:
    """Return Muon; arguments as of `adamw`, and only kernels decay."""
    return Muon(
        rate, weight_decay=weight_decay, adam_weight_decay=None, adam_beta_2=0.99, ns_steps=3
    )

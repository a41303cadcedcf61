"""Random weights for Keras 2 models, moving statistics included."""

from typing import Any

import numpy as np


def randomize(model: Any) -> None:
    """Give all weights values that no initializer gives, but that keep activations finite."""
    random = np.random.default_rng(7)
    values = []
    for variable, value in zip(model.weights, model.get_weights(), strict=True):
        if value.dtype.kind in "iu":
            values.append(value)
        elif "variance" in variable.name or "gamma" in variable.name:
            values.append(random.uniform(0.5, 1.5, value.shape))
        else:
            fan_in = np.prod(value.shape[:-1]) if value.ndim > 1 else 4
            values.append(random.normal(0, 1 / np.sqrt(max(fan_in, 1)), value.shape))
    model.set_weights(values)

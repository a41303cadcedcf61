"""What an optimizer made its last step of, for one weight tensor: its rate, decay and averages."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from app.classifier.hooks import to_numpy


def step_facts(optimizer: keras.optimizers.Optimizer) -> dict[str, Any]:
    """Return what the last step was made with, in values that JSON can hold.

    Args:
        optimizer: Optimizer that has made a step at least.

    Returns:
        `optimizer`, its name; `learning_rate`; `weight_decay`, 0 for none; `memory`, the shares
        that its moving averages keep of themselves at each step.
    """
    memory = [
        getattr(optimizer, name)
        for name in ("beta_1", "beta_2", "momentum", "rho")
        if getattr(optimizer, name, 0)
    ]
    return {
        "optimizer": type(optimizer).__name__,
        "learning_rate": float(to_numpy(optimizer.learning_rate)),
        "weight_decay": float(optimizer.weight_decay or 0.0),
        "memory": [float(share) for share in memory],
    }


def step_arrays(optimizer: keras.optimizers.Optimizer, position: int) -> dict[str, np.ndarray]:
    """Return the moving averages of the last step, float32, in the shape of the tensor.

    Besides weight decay, which is `-rate · decay · weight`, the step was:

    - Adam and AdamW: `-rate · average / spread`.
    - SGD with Nesterov's momentum: `memory · velocity - rate · gradient`.
    - RMSprop: `-rate · gradient / spread`.

    Args:
        optimizer: Optimizer that has made a step at least.
        position: Position of the tensor among the trainable weights.

    Source: Kingma & Ba, Adam, 2014, with the averages corrected for their start at zero.
    """
    momentum, velocity = (_state(optimizer, name, position) for name in ("momentum", "velocity"))
    found: dict[str, np.ndarray] = {}
    if (
        isinstance(optimizer, keras.optimizers.Adam)
        and momentum is not None
        and velocity is not None
    ):
        steps = int(to_numpy(optimizer.iterations))
        first, second = (1 - beta**steps for beta in (optimizer.beta_1, optimizer.beta_2))
        spread = (np.sqrt(velocity) + optimizer.epsilon) / np.sqrt(second)
        found = {"average": momentum / first, "spread": spread}
    elif isinstance(optimizer, keras.optimizers.SGD) and momentum is not None:
        found = {"velocity": momentum}
    elif isinstance(optimizer, keras.optimizers.RMSprop) and velocity is not None:
        found = {"spread": np.sqrt(velocity + optimizer.epsilon)}
    return {name: np.asarray(array, np.float32) for name, array in found.items()}


def _state(optimizer: keras.optimizers.Optimizer, name: str, position: int) -> np.ndarray | None:
    """Return what the optimizer keeps of a tensor under a name."""
    kept = [variable for variable in optimizer.variables if variable.path.endswith(f"_{name}")]
    return np.asarray(to_numpy(kept[position].value), np.float64) if kept else None

"""Dropout that does not depend on whether a run was stopped and resumed."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


class Reseeding(keras.callbacks.Callback):
    """Seeds every random layer at the beginning of each epoch, by run and epoch.

    Keras saves weights and optimizer, but not the state of a layer's random numbers.

    Args:
        seed: Seed of the run.
    """

    def __init__(self, seed: int):
        super().__init__()
        self.seed = seed

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Give each generator its seed of this epoch."""
        states = [v for v in self.model.variables if v.path.endswith("seed_generator_state")]
        seeds = np.random.default_rng((self.seed, epoch, len(states)))
        for state in states:
            # The second number is Keras's count of draws; 31 bits suit every backend's integers.
            state.assign(np.array([seeds.integers(2**31), 0], dtype=state.dtype))

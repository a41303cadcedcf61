"""Training one small network on images in memory, by the same code as `train.py`; saves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from app.config import RunSettings
from app.data.dataset import Dataset, Split
from app.metrics import class_probabilities
from app.models import Builder
from app.training.events import Events
from app.training.fit import fit
from app.training.inputs import load_inputs
from app.training.plan import make_plan
from app.training.start import new_model

_BATCH = 256
PATIENCE = 3  # epochs without an improvement, before training stops


@dataclass(frozen=True)
class SmallRun:
    """A network and how it is trained.

    Attributes:
        settings: Settings of the run.
        class_names: Class names of the images.
        build: Function that returns the network; by default the builder that the settings name.
    """

    settings: RunSettings
    class_names: tuple[str, ...]
    build: Builder | None = None

    def train(
        self,
        training: Split,
        validation: Split | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
    ) -> tuple[keras.Model, dict[str, list[float]]]:
        """Train the network; return it and its history.

        Args:
            training: Images in memory, `(N, H, W, C)`, to learn from.
            validation: Images to measure on after every epoch, or `None`.
            callbacks: Keras callbacks.
        """
        held_out = training if validation is None else validation
        channels = training.pixels.shape[-1]
        dataset = Dataset("", training, held_out, held_out, self.class_names, channels, "")
        events = Events()
        plan = make_plan(self.settings, events, build=self.build, dataset=dataset)
        # Collecting garbage would take longer than many of the trainings; Python does it in time.
        keras.utils.clear_session(free_memory=False)
        keras.utils.set_random_seed(plan.seed)
        inputs = load_inputs(plan, events)
        network = new_model(plan, inputs)
        history = keras.callbacks.History()
        measured = None if validation is None else inputs.validation
        fit(network, inputs.training, measured, [history, *callbacks])
        return network, {
            name: [float(value) for value in values] for name, values in history.history.items()
        }

    def accuracy(self, training: Split, held_out: Split) -> float:
        """Train the network; return its accuracy on held-out images."""
        network, _ = self.train(training)
        return accuracy_of(network, held_out)

    def train_to_plateau(self, training: Split, choosing: Split) -> tuple[keras.Model, int]:
        """Train until the loss on other images no longer falls; return the best network, its epoch.

        It takes a constant learning rate: with one that decays to zero, every loss levels off.

        Args:
            training: Images in memory, `(N, H, W, C)`, to learn from.
            choosing: Images that choose the epoch, and serve nothing else.
        """
        stop = keras.callbacks.EarlyStopping(
            "val_loss", patience=PATIENCE, restore_best_weights=True
        )
        network, history = self.train(training, choosing, [stop])
        return network, int(np.argmin(history["val_loss"])) + 1


def accuracy_of(network: keras.Model, images: Split) -> float:
    """Return the accuracy of a network on images in memory."""
    predicted = probabilities_of(network, images.pixels).argmax(axis=1)
    return float((predicted == images.labels).mean())


def probabilities_of(network: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return the probabilities `(N, K)` of images `(N, H, W, C)`."""
    parts = [
        keras.ops.convert_to_numpy(network(images[start : start + _BATCH], training=False))
        for start in range(0, len(images), _BATCH)
    ]
    return class_probabilities(np.concatenate(parts))

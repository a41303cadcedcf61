"""Training one small network on arrays, for an experiment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from app.augmentation.parsing import parse_augmentation
from app.config import RunConfig, RunSettings
from app.data.batches import Batches, EnterEpoch, as_fit_input
from app.data.dataset import Split
from app.metrics import class_probabilities
from app.models import build_model
from app.training.compilation import compile_model
from app.training.recipes import resolve
from app.training.targets import needs_shares, targets

Build = Callable[[], keras.Sequential]
_BATCH = 256


@dataclass(frozen=True)
class Trial:
    """A network and how it is trained.

    Attributes:
        config: Model, augmentation, dropout, epochs and seed; the rest is the default recipe's.
        num_classes: Of the images.
        build: Returns the network; by default the one that the configuration names.
    """

    config: RunConfig
    num_classes: int
    build: Build | None = None

    def train(
        self, training: Split, validation: Split | None = None
    ) -> tuple[keras.Sequential, dict[str, list[float]]]:
        """Train the network; return it and its history.

        Args:
            training: Images in memory, `(N, H, W, C)`, to learn from.
            validation: Others to measure on after every epoch, or `None`.
        """
        config = self.config
        keras.utils.clear_session()
        keras.utils.set_random_seed(config.seed)
        height, width, channels = training.pixels.shape[1:]
        network = self._network((height, width, channels))
        augmentation = parse_augmentation(config.augment)
        soft = needs_shares(config, augmentation)
        batches = Batches(
            training.pixels,
            targets(training.labels, self.num_classes, soft=soft),
            config.batch_size,
            shuffle=True,
            augment=augmentation,
            seed=config.seed,
            workers=config.workers,
        )
        compile_model(
            network,
            config,
            num_classes=self.num_classes,
            steps=batches.num_batches * config.epochs,
            soft=soft,
        )
        held_out = None
        if validation is not None:
            wanted = targets(validation.labels, self.num_classes, soft=soft)
            held_out = as_fit_input(Batches(validation.pixels, wanted, _BATCH))
        history = network.fit(
            as_fit_input(batches),
            validation_data=held_out,
            epochs=config.epochs,
            shuffle=False,
            verbose=0,
            callbacks=[EnterEpoch(batches)],
        ).history
        return network, {name: [float(v) for v in values] for name, values in history.items()}

    def accuracy(self, training: Split, held_out: Split) -> float:
        """Train the network, and return the share of held-out images that it then knows."""
        network, _ = self.train(training)
        return accuracy_of(network, held_out)

    def _network(self, shape: tuple[int, int, int]) -> keras.Sequential:
        if self.build is not None:
            return self.build()
        return build_model(self.config.model, shape, self.num_classes, self.config.dropout)


def settings_of(dataset: str, **settings: Any) -> RunConfig:
    """Return the default recipe's configuration for a dataset with some settings of its own.

    A network with a `start_size` or `final_size` is trained and judged on one size all the same.
    """
    config = resolve(RunSettings(dataset=dataset, **settings))
    return replace(config, start_size=config.image_size, final_size=config.image_size)


def probabilities_of(network: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return `(N, K)` for images `(N, H, W, C)`."""
    parts = [
        keras.ops.convert_to_numpy(network(images[start : start + _BATCH], training=False))
        for start in range(0, len(images), _BATCH)
    ]
    return class_probabilities(np.concatenate(parts))


def accuracy_of(network: keras.Model, held_out: Split) -> float:
    """Return the share of images that a network knows."""
    found = probabilities_of(network, held_out.pixels).argmax(axis=1)
    return float((found == held_out.labels).mean())

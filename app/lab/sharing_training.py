"""How the networks of the experiment `sharing` are trained and measured."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from app.augmentation.resampling import resample
from app.augmentation.transforms import Transforms
from app.data.dataset import Split
from app.lab.examples import ExampleImages
from app.lab.plateau import UntilPlateau
from app.lab.small_run import small_run
from app.lab.uncertainty import SEEDS
from app.lab.untied_networks import network_of
from app.training.small_run import PATIENCE, accuracy_of

_BATCH = 32


class Protocol(NamedTuple):
    """How networks are trained and measured.

    Attributes:
        pool: Number of images from which those of a seed are drawn.
        held_out: Number of images to measure on.
        counts: Numbers of training images.
        rates: Learning rates to choose from.
        seeds: Number of seeds that measure.
        steps: Steps of an epoch, however few the images.
        epochs: Largest number of epochs.
    """

    pool: int
    held_out: int
    counts: tuple[int, ...]
    rates: tuple[float, ...]
    seeds: int
    steps: int
    epochs: int


FULL = Protocol(20_000, 4000, (300, 1000), (1e-3, 3e-3, 1e-2), SEEDS, 100, 25)
QUICK = Protocol(500, 100, (100, 300), (1e-3,), 1, 2, 2)


class Training(NamedTuple):
    """One training.

    Attributes:
        arm: Name of the network.
        place: Whether images are centered or shifted.
        images: Number of training images.
        rate: Learning rate.
    """

    arm: str
    place: str
    images: int
    rate: float

    def job(self, seed: int) -> str:
        """Return the name of its measurement with a seed."""
        return f"{self.arm}, {self.place}, {self.images} images, rate {self.rate}, seed {seed}"


def train(examples: ExampleImages, one: Training, protocol: Protocol, seed: int) -> dict[str, Any]:
    """Train a network at a constant rate until its plateau; see `UntilPlateau`.

    Args:
        examples: Images, centered or shifted.
        one: The training.
        protocol: How it is trained and measured.
        seed: Seed. Only those below the protocol's number of seeds measure.

    Returns:
        Number of steps, whether they ended at the plateau, and the accuracy on the images that told
        when (`choosing`) and on held-out ones.
    """
    drawn = examples.drawn(one.images, seed, protocol.seeds)
    # As many steps in each epoch, however few the images: short epochs are mostly waiting.
    positions = np.resize(np.arange(len(drawn.training)), protocol.steps * _BATCH)
    run = small_run(
        examples, lambda shape, classes, dropout: network_of(one.arm, shape, classes),
        augment="none", seed=seed, batch_size=_BATCH, learning_rate=one.rate,
        epochs=protocol.epochs, schedule="constant",
    )  # fmt: skip
    until = UntilPlateau({"validation": drawn.choosing}, examples.class_names, PATIENCE)
    network, _ = run.train(drawn.training.take(positions), callbacks=[until])
    choosing = until.history["validation"]["accuracy"]
    return {
        "steps": len(choosing) * protocol.steps,
        "plateau": until.stopped,
        "choosing": choosing[-1],
        "accuracy": accuracy_of(network, drawn.held_out) if seed < protocol.seeds else 0.0,
    }


def shifted(examples: Split, share: float, seed: int) -> Split:
    """Return the images, each shifted at random by whole pixels, at most a share of its side."""
    images = examples.pixels
    count, height, width = images.shape[:3]
    random = np.random.default_rng(seed)

    def moves(side: int) -> np.ndarray:
        most = round(share * side)
        return np.asarray(random.integers(-most, most + 1, count), np.float64)

    transforms = replace(Transforms.identity(count), shift_x=moves(width), shift_y=moves(height))
    moved = resample(images, transforms.matrices(height, width), "nearest")
    return replace(examples, images=moved)

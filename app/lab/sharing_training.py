"""How the networks of the experiment `sharing` are trained and measured."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from app.augmentation.resampling import resample
from app.augmentation.transforms import Transforms
from app.data.dataset import Split
from app.lab.examples import ExampleImages
from app.lab.small_run import accuracy_of, small_run
from app.lab.untied_networks import network_of

_BATCH = 32


class Protocol(NamedTuple):
    """How networks are trained and measured.

    Attributes:
        shift: Largest shift to either side, as a share of the width.
        held_out: Number of images to measure on.
        rates: Learning rates to choose from.
        steps: Steps of an epoch, however few the images.
        most: Largest number of steps. If there is more than one epoch, the rate is constant, and
            training stops at a plateau of the loss on other images.
    """

    shift: float
    held_out: int
    rates: tuple[float, ...]
    steps: int
    most: int

    def quick(self) -> Protocol:
        """Return the same for a demonstration."""
        return self._replace(
            held_out=100, rates=self.rates[:1], steps=5, most=5 * min(2, self.most // self.steps)
        )


# A quarter of the width keeps a digit almost whole; other subjects fill more of their images.
DIGITS = Protocol(1 / 4, 2000, (1e-3, 3e-3, 1e-2, 3e-2), 500, 500)
OTHERS = Protocol(1 / 8, 4000, (3e-4, 1e-3, 3e-3, 1e-2), 100, 4000)


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


def train(
    examples: ExampleImages, one: Training, protocol: Protocol, seeds: tuple[int, int]
) -> dict[str, float]:
    """Train a network; return its steps, and its accuracy on other images and on held-out ones.

    Args:
        examples: Images, centered or shifted.
        one: The training.
        protocol: How it is trained and measured.
        seeds: Seed, and number of seeds that measure; the others only choose.
    """
    seed, count = seeds
    drawn = examples.drawn(one.images, seed, count)
    # As many steps in each epoch, however few the images: short epochs are mostly waiting.
    positions = np.resize(np.arange(len(drawn.training)), protocol.steps * _BATCH)
    repeated = drawn.training.take(positions)
    epochs = protocol.most // protocol.steps
    run = small_run(
        examples, lambda shape, classes, dropout: network_of(one.arm, shape, classes),
        augment="none", seed=seed, batch_size=_BATCH, learning_rate=one.rate, epochs=epochs,
        schedule="constant" if epochs > 1 else "cosine",
    )  # fmt: skip
    if epochs > 1:
        network, epoch = run.train_to_plateau(repeated, drawn.choosing)
    else:
        (network, _), epoch = run.train(repeated), 1
    return {
        "steps": epoch * protocol.steps,
        "choosing": accuracy_of(network, drawn.choosing),
        "accuracy": accuracy_of(network, drawn.held_out) if seed < count else 0.0,
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

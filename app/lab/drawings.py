"""Drawn cats and dogs for experiments, and a small convnet that distinguishes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np

from app.data.dataset import Split
from app.data.drawn.dataset import KINDS, SEED, UNCHANGED, Change, draw_animal
from app.errors import AppError
from app.lab.downsampling import downsampled_network
from app.lab.examples import ExampleImages
from app.lab.options import ExperimentOptions
from app.lab.small_run import small_run
from app.training.small_run import SmallRun

SIDE = 64
DATASET = "drawn"
_FILTERS = (16, 32, 64, 64)
_FIRST_HELD_OUT = 1000  # the first validation drawing of the dataset `drawn`


def require_drawings(options: ExperimentOptions) -> None:
    """Refuse other images than drawings.

    Raises:
        AppError: If another dataset is named.
    """
    if options.dataset not in (None, DATASET):
        raise AppError(
            f"The experiment cannot use the dataset '{options.dataset}'.",
            "Expected the drawn animals, whose parts and fur can be changed one by one.",
            f"Leave --dataset out, or use --dataset {DATASET}.",
        )


def drawings(numbers: Sequence[int], changes: Mapping[str, Change] | Change = UNCHANGED) -> Split:
    """Return drawings of cats, then of dogs.

    Args:
        numbers: Numbers of the drawings, the same for both kinds.
        changes: Change of all drawings, or of each kind.

    Returns:
        `2·N` images `(64, 64, 3)` with labels 0 for cats and 1 for dogs.
    """
    images = [
        draw_animal(
            kind, SEED, number, SIDE, changes if isinstance(changes, Change) else changes[kind]
        )
        for kind in KINDS
        for number in numbers
    ]
    names = [f"drawn/{kind}/{number}" for kind in KINDS for number in numbers]
    return Split(np.stack(images), np.repeat(np.arange(len(KINDS)), len(numbers)), names)


def drawn_examples_of(
    training: int, held_out: int, changes: Mapping[str, Change] | Change = UNCHANGED
) -> ExampleImages:
    """Return training and validation drawings.

    Args:
        training: Number of training drawings of each kind.
        held_out: Number of validation drawings of each kind.
        changes: Change of all training and validation drawings, or of each kind.
    """
    parts = [
        drawings(range(start, start + count), changes)
        for start, count in ((0, training), (_FIRST_HELD_OUT, held_out))
    ]
    return ExampleImages(
        dataset=DATASET,
        shown_name="drawn animals",
        stand_in="",
        class_names=KINDS,
        training=parts[0],
        held_out=parts[1],
        fingerprint=" ".join(part.fingerprint() for part in parts),
    )


def held_out_numbers(count: int) -> range:
    """Return the numbers of the first validation drawings of each kind."""
    return range(_FIRST_HELD_OUT, _FIRST_HELD_OUT + count)


def network_of(shape: tuple[int, ...], num_classes: int, dropout: float) -> keras.Sequential:
    """Return four convolutions with max pooling and a global average, for images `(H, W, C)`."""
    return downsampled_network("max pooling", _FILTERS, shape, num_classes)


def drawn_run(examples: ExampleImages, epochs: int, seed: int) -> SmallRun:
    """Return the training of `network_of` on drawings."""
    return small_run(
        examples, network_of, augment="none", seed=seed, batch_size=32, learning_rate=3e-3,
        epochs=epochs,
    )  # fmt: skip

"""The training and validation images of an experiment, in memory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from app.data.dataset import Split
from app.data.pixels import Decoder
from app.data.registry import load_dataset, source_of
from app.errors import AppError
from app.lab.options import ExperimentOptions
from app.lab.result import chance_of


class Drawn(NamedTuple):
    """The images of one seed of an experiment.

    Attributes:
        training: Images to learn from.
        choosing: Images that choose settings, such as the epoch, and serve nothing else.
        held_out: Images to measure on, which no other seed has.
    """

    training: Split
    choosing: Split
    held_out: Split


@dataclass(frozen=True)
class ExampleImages:
    """Images of a dataset, as small networks are trained on them.

    Attributes:
        dataset: Name or folder of the dataset.
        shown_name: Name of the dataset in figures, without parent folders.
        stand_in: Description of the stand-in that replaces the dataset, or an empty string.
        class_names: Class names in the order of the labels.
        training: Training images `(N, H, W, C)` uint8.
        held_out: Validation images.
        fingerprint: Hash that changes with the images.
    """

    dataset: str
    shown_name: str
    stand_in: str
    class_names: tuple[str, ...]
    training: Split
    held_out: Split
    fingerprint: str

    @property
    def label(self) -> str:
        """Name of the images in the record of an experiment."""
        return self.stand_in or self.dataset

    def counts(self, requested: Sequence[int]) -> list[int]:
        """Return the requested numbers of training images, ascending and at most all there are."""
        most = len(self.training)
        return sorted({min(count, most) for count in requested})

    def drawn(self, count: int, seed: int, seeds: int) -> Drawn:
        """Return the images of one of several seeds, balanced over the classes.

        Args:
            count: Number of training images; a quarter as many more are drawn for choices. Fewer
                are returned if there are not enough.
            seed: Seed below `seeds`.
            seeds: Number of seeds, which share the held-out images among them.
        """
        order = np.random.default_rng(seed).permutation(len(self.training))
        most = min(count + count // 4, len(self.training))
        chosen = self.training.take(order).take_balanced(most)
        parts = np.split(np.arange(most), [most - most // 5])
        return Drawn(
            chosen.take(parts[0]),
            chosen.take(parts[1]),
            self.held_out.take(np.arange(seed, len(self.held_out), seeds)),
        )

    @property
    def chance(self) -> float:
        """Accuracy of always predicting the most frequent class of the held-out images."""
        return chance_of(self.held_out.labels)

    @property
    def of_digits(self) -> bool:
        """Whether images must not be mirrored."""
        return not source_of(self.dataset).may_mirror

    @property
    def augmentation(self) -> str:
        """Name of the augmentation preset for the images."""
        return "digits" if self.of_digits else "lecture"


def load_examples(
    options: ExperimentOptions,
    default: str,
    *,
    training: int,
    held_out: int,
    side: int | None = None,
) -> ExampleImages:
    """Load the first training and validation images of a dataset, balanced over the classes.

    Args:
        options: Options of the experiment.
        default: Name of the dataset if the options name none.
        training: Largest number of training images.
        held_out: Largest number of validation images.
        side: Side of the images in pixels; by default the dataset's, `small_side`.

    Raises:
        AppError: If the dataset cannot be loaded, or there are fewer images than classes.
    """
    dataset, reporter = options.dataset or default, options.reporter
    splits = load_dataset(dataset, options.data_dir, reporter=reporter)
    splits.require_one_label("An experiment")
    for name, count in (("training", training), ("held-out", held_out)):
        if count < len(splits.class_names):
            raise AppError(
                f"{count} {name} images of {len(splits.class_names)} classes.",
                "Expected at least one image of each class.",
            )
    side = side or source_of(dataset).small_side
    decoder = Decoder((side, side), splits.channels, in_memory=True, workers=os.cpu_count() or 1)
    with reporter.progress("decoding images") as update:
        parts = []
        for examples, count in ((splits.train, training), (splits.validation, held_out)):
            balanced = examples.take_balanced(count)
            decoded = decoder.decode(balanced, splits.class_names, update)
            parts.append(
                Split(
                    decoded.images[np.arange(len(decoded.examples))],
                    decoded.examples.labels,
                    decoded.examples.names,
                )
            )
    return ExampleImages(
        dataset=dataset,
        shown_name=splits.display_name,
        stand_in=splits.source if splits.stand_in else "",
        class_names=splits.class_names,
        training=parts[0],
        held_out=parts[1],
        fingerprint=" ".join(part.fingerprint() for part in parts),
    )

"""What a person asks of an experiment, and the saved models that it looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from app.augmentation.tta import identity
from app.classifier import Classifier, load
from app.data.dataset import Split
from app.errors import AppError
from app.evaluate import images_for
from app.insight import OpenedModel, open_model
from app.storage.finding import find_model
from app.storage.folder import MODEL, file_hash


@dataclass(frozen=True)
class Request:
    """What a person asks of an experiment.

    Attributes:
        models: Folders, names or files of saved models; none where networks are trained.
        dataset: A dataset's name or folder; `None` for the first model's, or MNIST.
        data_dir: Where datasets are kept.
        output: The folder that gets numbers and figures.
        quick: In seconds: fewer images, epochs and seeds, which shows how it works and no more.
        announce: Called with each message that a person should see.
    """

    models: tuple[str, ...]
    dataset: str | None
    data_dir: Path
    output: Path
    quick: bool
    announce: Callable[[str], None]

    def budget(self, full: int, quick: int) -> int:
        """Return how much of something there is time for."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Subject:
    """A saved model and images to ask it about, one view of each.

    Attributes:
        name: Of its folder or file; where two share it, as they were asked for.
        place: As it was asked for.
        classifier: The model.
        examples: `(N, H, W, C)` uint8 of its own size, with labels.
        source: Which images these are, for people.
        of_digits: Whether mirrored images mean something else.
    """

    name: str
    place: str
    classifier: Classifier
    examples: Split
    source: str
    of_digits: bool

    @cached_property
    def opened(self) -> OpenedModel:
        """The model, so that its layers can be looked into."""
        return open_model(self.place, raw=True)

    @cached_property
    def clean(self) -> np.ndarray:
        """Its probabilities `(N, K)` for the examples as they are."""
        return self.probabilities(self.examples.pixels)

    @property
    def class_names(self) -> tuple[str, ...]:
        """In the order of the labels."""
        return self.classifier.network.class_names

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return `(B, K)` for images `(B, H, W, C)`."""
        parts = [
            self.classifier.probabilities(images[start : start + _BATCH])
            for start in range(0, len(images), _BATCH)
        ]
        return np.concatenate(parts)


_BATCH = 64


def subjects_of(request: Request, count: int) -> list[Subject]:
    """Open the models of a request, each with the same validation images.

    Args:
        request: Names at least one model.
        count: At most as many images, of all classes alike.

    Raises:
        AppError: If a model is not there or knows other classes than the first, or there are no
            images.
    """
    if not request.models:
        raise AppError(
            "No model was named.",
            "Expected at least one saved model.",
            "List the saved models: python -m app models",
        )
    repeated = {name for name in request.models if request.models.count(name) > 1}
    if repeated:
        raise AppError(f"{', '.join(sorted(repeated))} is named twice.", "Expected each once.")
    subjects: list[Subject] = []
    stems = [Path(place).stem for place in request.models]
    for place, stem in zip(request.models, stems, strict=True):
        name = stem if stems.count(stem) == 1 else place
        classifier = replace(load(place), views=(identity,))
        network = classifier.network
        if subjects and network.class_names != subjects[0].class_names:
            raise AppError(
                f"'{name}' knows the classes {', '.join(network.class_names)}; "
                f"'{subjects[0].name}' knows {', '.join(subjects[0].class_names)}.",
                "Expected models of the same classes.",
                "Ask about each kind in a command of its own.",
            )
        splits, decoded = images_for(
            network,
            dataset=request.dataset,
            split="validation",
            data_dir=request.data_dir,
            count=max(count, len(network.class_names)),
            announce=request.announce,
        )
        examples = Split(
            decoded.images[np.arange(len(decoded.examples))],
            decoded.examples.labels,
            decoded.examples.names,
        )
        subjects.append(
            Subject(
                name=name,
                place=place,
                classifier=classifier,
                examples=examples,
                source=f"{len(examples):,} validation images of {splits.shown_name}",
                of_digits=classifier.finds_digits,
            )
        )
    return subjects


def identity_of(subjects: list[Subject]) -> dict[str, str]:
    """Return what tells models and their images from others: `{name: hash}`."""
    found = {}
    for subject in subjects:
        path = find_model(Path(subject.place))
        model = path / MODEL if path.is_dir() else path
        found[subject.name] = f"{file_hash(model)[:16]} {subject.examples.fingerprint()}"
    return found

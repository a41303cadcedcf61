"""Saved models under test, each with validation images."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from app.classifier import Classifier, load
from app.classifier.dataset_images import Selection, select_images
from app.classifier.inspected_model import InspectedModel
from app.data.dataset import Split
from app.errors import AppError
from app.lab.options import ExperimentOptions
from app.storage.finding import find_model
from app.storage.folder import MODEL, file_hash


@dataclass(frozen=True)
class ModelUnderTest:
    """A saved model, and images that it classifies by one view of each.

    Attributes:
        name: Name of its folder or file; the whole path where two models share the name.
        place: Folder, name or file as given on the command line.
        classifier: Loaded model.
        examples: Labeled images `(N, H, W, C)` uint8 of the model's size.
        files: The same images as the dataset has them: files, or an array.
        source: Human-readable source of the images.
        of_digits: Whether images show digits, which must not be mirrored.
    """

    name: str
    place: str
    classifier: Classifier
    examples: Split
    files: Split
    source: str
    of_digits: bool

    @cached_property
    def opened(self) -> InspectedModel:
        """The same model with its layers."""
        return self.classifier.inspect()

    @cached_property
    def clean(self) -> np.ndarray:
        """Probabilities `(N, K)` of the unchanged examples."""
        return self.probabilities(self.examples.pixels)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Class names in the order of the labels."""
        return self.classifier.class_names

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return probabilities `(B, K)` of images `(B, H, W, C)`."""
        return self.classifier.probabilities(images)


def named_classifiers(options: ExperimentOptions) -> dict[str, Classifier]:
    """Load the models, each of which predicts by one view; return them by name, in their order.

    Args:
        options: Options that name at least one model.

    Raises:
        AppError: If a model does not exist or has other classes than the first.
    """
    if not options.models:
        raise AppError(
            "No model was named.",
            "Expected at least one saved model.",
            "List the saved models: python -m app models",
        )
    repeated = {name for name in options.models if options.models.count(name) > 1}
    if repeated:
        raise AppError(f"{', '.join(sorted(repeated))} is named twice.", "Expected each once.")
    models: dict[str, Classifier] = {}
    stems = [Path(place).stem for place in options.models]
    for place, stem in zip(options.models, stems, strict=True):
        name = stem if stems.count(stem) == 1 else place
        models[name] = load(place).with_views(averaged=False)
        first = next(iter(models))
        if models[name].class_names != models[first].class_names:
            raise AppError(
                f"'{name}' knows the classes {', '.join(models[name].class_names)}; "
                f"'{first}' knows {', '.join(models[first].class_names)}.",
                "Expected models of the same classes.",
                "Test each kind of model in a separate command.",
            )
    return models


def models_under_test(
    options: ExperimentOptions, count: int, split: str = "validation"
) -> list[ModelUnderTest]:
    """Load the models, each with the same images.

    Args:
        options: Options that name at least one model.
        count: Largest number of images, balanced over the classes.
        split: Split of the images; validation images have chosen the epoch of a model.

    Raises:
        AppError: If a model does not exist or has other classes than the first, or there are no
            images.
    """
    models = []
    found = named_classifiers(options)
    for place, (name, classifier) in zip(options.models, found.items(), strict=True):
        selection = Selection(
            dataset=options.dataset,
            split=split,
            count=max(count, len(classifier.class_names)),
            data_dir=options.data_dir,
        )
        images = select_images(classifier, selection, options.reporter)
        models.append(
            ModelUnderTest(
                name=name,
                place=place,
                classifier=classifier,
                examples=images.examples,
                files=images.decoded.examples,
                source=images.source,
                of_digits=classifier.mnist_style,
            )
        )
    return models


def model_hash(place: str) -> str:
    """Return 16 hexadecimal digits of a model's file."""
    path = find_model(Path(place))
    return file_hash(path / MODEL if path.is_dir() else path)[:16]


def model_hashes(models: list[ModelUnderTest]) -> dict[str, str]:
    """Return a hash of each model and its images by the model's name."""
    return {one.name: f"{model_hash(one.place)} {one.examples.fingerprint()}" for one in models}

"""A classifier that labels unsure predictions `unknown`."""

from __future__ import annotations

import shlex
from dataclasses import replace

from app.classifier.classifier import Classifier
from app.classifier.prediction import UNKNOWN
from app.errors import AppError
from app.metrics import DISTRIBUTION
from app.names import caseless


def with_unknown(classifier: Classifier, below: float) -> Classifier:
    """Return a model that labels a prediction `unknown` if its highest probability is lower.

    It catches images that the model is unsure about. Of other things than its classes, a model may
    be as sure as of its classes; see `lab unknown`.

    Args:
        classifier: Model to change.
        below: Probability above that of a guess, 1 / K, up to 1.

    Raises:
        AppError: If it is out of range, the model gives no probabilities that add up to 1, or one
            of its classes is named `unknown`.
    """
    count = len(classifier.class_names)
    if classifier.kind != DISTRIBUTION:
        raise AppError(
            f"The model '{classifier.name}' gives no probabilities that add up to 1.",
            "Expected a model that ends in one softmax or sigmoid.",
        )
    if UNKNOWN in map(caseless, classifier.class_names):
        raise AppError(
            f"The model '{classifier.name}' has a class named '{UNKNOWN}'.",
            "Expected classes of other names, so that the label means one thing.",
        )
    if not 1 / count < below <= 1:
        model = shlex.quote(str(classifier.path)) if classifier.path else "MODEL"
        raise AppError(
            f"The probability below which a label is '{UNKNOWN}' is {below:g}.",
            f"Expected more than 1/{count}, which the likeliest class always has, and at most 1.",
            f"Find one: python -m app evaluate {model} --coverage 0.9",
        )
    return replace(classifier, unknown_below=below)

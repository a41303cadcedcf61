"""What needs one label per image refuses a multi-label model."""

from __future__ import annotations

from app.classifier.classifier import Classifier
from app.errors import AppError


def require_one_label(classifier: Classifier, use: str) -> None:
    """Refuse a model that predicts any number of labels.

    Args:
        classifier: Model to check.
        use: What needs one label per image.

    Raises:
        AppError: If it is a multi-label model.
    """
    if classifier.thresholds:
        raise AppError(
            f"{use} with the model '{classifier.name}', which predicts any number of labels.",
            "Expected a model that predicts one label per image.",
        )

"""What the page says of a model, from its card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.data.dataset import display_name
from app.data.fitting import SQUASH
from app.data.registry import folder_and_labels
from app.storage.card import Card


def image_facts(image: Sequence[int], card: Card | None) -> dict[str, Any]:
    """Return what the page must know to make an image what a model takes.

    Args:
        image: Height, width and channels.
        card: Card of the model, if it has one.
    """
    height, width, channels = image
    fit = SQUASH if card is None else card.fit
    return {"height": height, "width": width, "channels": channels, "fit": fit}


def shown_dataset(card: Card | None) -> str | None:
    """Return the name of the dataset that a model was trained on, without folders."""
    return (
        display_name(folder_and_labels(card.dataset)[0].name, stand_in=card.stand_in)
        if card
        else None
    )


def shown_accuracy(card: Card | None) -> float | None:
    """Return a model's accuracy on the test images; before they were used, on the validation's."""
    metrics = (card.metrics["test"] or card.metrics["validation"]) if card else None
    return metrics["accuracy"] if metrics else None

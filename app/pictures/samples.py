"""Images of a data set for a picture: few, of all classes, brought to the model's size."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.config import DATASETS
from app.data.datasets import load_splits
from app.data.images import decode
from app.errors import AppError
from app.insight.opened_model import OpenedModel
from app.progress import progress_bar


@dataclass(frozen=True)
class Samples:
    """Some images of one split.

    Attributes:
        images: `(N, H, W, C)` uint8, of the model's size.
        labels: `(N,)`.
        class_names: Of the data set.
        source: What they are, for people.
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    source: str


def load_samples(
    model: OpenedModel,
    dataset: str | None,
    *,
    split: str,
    count: int,
    data_dir: Path,
    announce: Callable[[str], None] = lambda message: None,
) -> Samples:
    """Return up to `count` images of a split, classes in turn.

    Args:
        model: Whose size they are brought to.
        dataset: Name or folder; `None` for that of the model's card.
        split: `train`, `validation` or `test`.
        count: How many.
        data_dir: Where data sets are kept.
        announce: Called with each message that a person should see.

    Raises:
        AppError: If there is no such data set, or the model does not say which is its own.
    """
    card = model.card
    if dataset is None:
        if card is None:
            raise AppError(
                f"The model '{model.name}' has no card that names its data set.",
                "Expected --dataset with a name or a folder.",
            )
        dataset = card.dataset
        if dataset not in DATASETS and not Path(dataset).is_dir():
            raise AppError(
                f"The model was trained on the folder '{dataset}', which is not here.",
                "Expected --dataset with the folder's place.",
            )
    own_stand_in = card is not None and card.dataset == dataset and card.stand_in
    splits = load_splits(
        dataset, data_dir, stand_in="always" if own_stand_in else "auto", announce=announce
    )
    examples = splits.split(split)
    # Of each class the first, then of each class the second, and so on.
    rank = np.empty(len(examples), np.int64)
    for label in np.unique(examples.labels):
        members = examples.labels == label
        rank[members] = np.arange(members.sum())
    chosen = np.argsort(rank, kind="stable")[:count]
    with progress_bar("decoding images") as update:
        decoded = decode(
            examples.take(chosen),
            splits.class_names,
            model.image_size,
            model.channels,
            in_memory=True,
            workers=os.cpu_count() or 1,
            progress=update,
        )
    return Samples(
        np.asarray(decoded.images),
        decoded.examples.labels,
        splits.class_names,
        f"{splits.name}, {split}",
    )

"""Images of a dataset for a figure: few, of all classes, brought to the model's size."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.data.pixels import decode
from app.insight.opened_model import OpenedModel
from app.reporting import SILENT, Reporter
from app.storage.own_dataset import load_own_dataset

_KINDS = {"train": "training", "validation": "validation", "test": "test"}


@dataclass(frozen=True)
class Samples:
    """Some images of one split.

    Attributes:
        images: `(N, H, W, C)` uint8, of the model's size.
        labels: `(N,)`.
        class_names: Of the dataset.
        source: How many of what they are, for people.
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
    reporter: Reporter = SILENT,
) -> Samples:
    """Return the first `count` images of a split, as evenly spread over the classes as they allow.

    Args:
        model: Whose size they are brought to.
        dataset: Name or folder; `None` for that of the model's card.
        split: `train`, `validation` or `test`.
        count: How many.
        data_dir: Where datasets are kept.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If there is no such dataset, or the model does not say which is its own.
    """
    splits = load_own_dataset(model.card, dataset, data_dir, measures=False, reporter=reporter)
    examples = splits.split(split).take_balanced(count, len(splits.class_names))
    with reporter.progress("decoding images") as update:
        decoded = decode(
            examples,
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
        f"{len(decoded.examples):,} {_KINDS[split]} images of {splits.shown_name}",
    )

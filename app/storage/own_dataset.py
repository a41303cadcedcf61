"""The dataset of a saved model: the one that it was trained on, or another that is named."""

from __future__ import annotations

from pathlib import Path

from app.data.dataset import Dataset
from app.data.download.download import NoNetwork
from app.data.registry import DATASETS, load_dataset, normal_dataset, source_of
from app.errors import AppError
from app.reporting import SILENT, Reporter
from app.storage.card import Card, dataset_of


def load_own_dataset(
    card: Card | None,
    dataset: str | None,
    data_dir: Path,
    *,
    measures: bool,
    reporter: Reporter,
) -> Dataset:
    """Return the images for a model: its own protocol and limit, unless another dataset is named.

    A model of a stand-in gets its stand-in. Where the images of another model cannot be had, a
    picture may be drawn of their stand-in, which it names. Accuracy is never measured on it: the
    number would be read as that of the real images.

    Args:
        card: Card of the model, or `None` for a bare file.
        dataset: A dataset's name or folder; `None` for the card's.
        data_dir: Where datasets are kept.
        measures: Whether the model is measured on the images.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If the dataset is unknown or cannot be had.
    """
    wanted = dataset_of(card, dataset)
    own = card is not None and wanted == normal_dataset(card.dataset)
    settings = card.configuration if card is not None and own else {}
    trained_on_it = dataset is None and card is not None and card.stand_in
    try:
        splits = load_dataset(
            wanted,
            data_dir,
            protocol=settings.get("protocol", "lecture"),
            stand_in="always" if trained_on_it else "never" if measures else "auto",
            # What is doubtful about its own folder was said when the model was trained.
            reporter=reporter if wanted in DATASETS or not own else SILENT,
        )
    except NoNetwork as error:
        stand_in = source_of(wanted).stand_in
        fix = f"{error.fix} Or use images that need no network: --dataset {stand_in}."
        raise AppError(error.received, error.expected, fix, status=error.status) from None
    return splits.with_training_limit(settings["limit"]) if settings.get("limit") else splits

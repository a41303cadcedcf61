"""The model that a run begins with: `--from MODEL [--freeze N]`, before Keras starts."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import AppError
from app.names import caseless
from app.registries import MODELS
from app.storage.card import Card, read_card
from app.storage.finding import find_model
from app.storage.folder import CARD, MODEL, file_hash

if TYPE_CHECKING:
    from app.config import RunConfig
    from app.data.dataset import Dataset


@dataclass(frozen=True)
class Source:
    """A saved model whose weights a run begins with.

    Attributes:
        folder: Folder of the model.
        card: Card of the model.
        freeze: Number of its first layers, without normalizations, that are not trained.
    """

    folder: Path
    card: Card
    freeze: int = 0

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.card.name

    def settings(self) -> dict[str, Any]:
        """Return the settings that a run takes over where the user gives none."""
        size = self.card.configuration.get("image_size", self.card.image_size[0])
        settings = {"image_size": size, "fit": self.card.fit}
        with suppress(AppError):  # the name of a network that is known no more
            MODELS.check(self.network)
            settings["model"] = self.network
        return settings

    @property
    def network(self) -> str:
        """Name or reference of the network, as its card has it."""
        return str(self.card.configuration.get("model"))

    def kept_classes(
        self, class_names: tuple[str, ...], *, multi_label: bool = False
    ) -> dict[int, int]:
        """Return `{label: label in the source}` of the classes whose output weights are kept.

        All are kept if the classes are the same; of more than two classes, those with the same
        name. A single sigmoid unit stands for both of two classes. None are kept between a model of
        one label per image and one of any number.

        Args:
            class_names: Classes of the run.
            multi_label: Whether its images have any number of labels.
        """
        if multi_label != self.card.multi_label:
            return {}
        label_of = {caseless(name): label for label, name in enumerate(self.card.class_names)}
        own = [caseless(name) for name in class_names]
        kept = {k: label_of[name] for k, name in enumerate(own) if name in label_of}
        if multi_label:
            return kept
        if 2 in (len(own), len(label_of)) and not len(kept) == len(own) == len(label_of):
            return {}
        return kept

    def facts(self, dataset: Dataset) -> dict[str, Any]:
        """Return what the card of the new model says of its source."""
        return {
            "model": self.name,
            "sha256": file_hash(self.folder / MODEL),
            "frozen_layers": self.freeze,
            "kept_classes": [
                dataset.class_names[k]
                for k in self.kept_classes(dataset.class_names, multi_label=dataset.multi_label)
            ],
        }


def read_source(model: str, freeze: int = 0) -> Source:
    """Return the saved model that `--from` names.

    Raises:
        AppError: If there is none, or it has no card.
    """
    folder = find_model(Path(model))
    if not (folder / CARD).is_file():
        raise AppError(
            f"--from '{model}' is a file without a card.",
            "Expected the folder or the name of a model that train.py saved.",
            "List the models: python -m app models",
        )
    return Source(folder, read_card(folder / CARD), freeze)


def check_source(source: Source, config: RunConfig, dataset: Dataset) -> None:
    """Refuse a model that cannot take these images, or has been trained on those that validate.

    Raises:
        AppError: With what differs.
    """
    kinds = {1: "gray", 3: "RGB"}
    card = source.card
    if card.channels != dataset.channels:
        raise AppError(
            f"--from '{source.name}', which takes {kinds[card.channels]} images, with "
            f"{kinds[dataset.channels]} images of '{dataset.name}'.",
            "Expected a model of as many channels as the images have.",
            "Convert the images, or choose another model: python -m app models",
        )
    same = card.configuration.get("dataset") == config.dataset
    if config.fold is not None and same and card.configuration.get("fold") != config.fold:
        raise AppError(
            f"--from '{source.name}' with --fold {config.fold}: it was trained on images that "
            "validate now.",
            "Expected a model of the same fold, or of another dataset.",
            "Leave --fold or --from out.",
        )

"""`card.json`: what a saved model is, where it came from and how good it is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from app.config import DATASETS, normal_dataset
from app.data.handwriting import reads_digits
from app.errors import AppError


@dataclass(frozen=True)
class Card:
    """Everything that using or judging a model needs.

    Attributes:
        name: Name of the model's folder.
        dataset: Dataset that it was trained on.
        source: Where the images came from, for people.
        stand_in: Whether they replaced a dataset that could not be had.
        class_names: In the order of the outputs.
        image_size: `(height, width)` in pixels.
        channels: 3 for RGB, 1 for grey.
        resize: The rule by which images are brought to that size.
        parameters: Number of weights.
        configuration: The settings of the run.
        images: `{split: number of images}`.
        fingerprints: `{split: fingerprint}` of the images.
        skipped: Files that could not be decoded.
        metrics: `{"validation": {"accuracy", "loss"}, "test": … or None}`.
        training: Epochs, best epoch, seconds, images per second, precision.
        finished: False if the run was stopped; then nothing looked at the test images.
        versions: Of Python and the libraries.
        command: What makes the model anew.
        created: Date and time, UTC, ISO 8601.
        files: `{file name: sha256}`; the twin counts only while it matches.
        twin: How far the LiteRT twin differs from Keras, or why there is none.
    """

    name: str
    dataset: str
    source: str
    stand_in: bool
    class_names: tuple[str, ...]
    image_size: tuple[int, int]
    channels: int
    resize: str
    parameters: int
    configuration: dict[str, Any]
    images: dict[str, int]
    fingerprints: dict[str, str]
    skipped: int
    metrics: dict[str, dict[str, float] | None]
    training: dict[str, Any]
    finished: bool
    versions: dict[str, str]
    created: str
    command: str = ""
    files: dict[str, str] = field(default_factory=dict)
    twin: str = ""

    @property
    def reads_digits(self) -> bool:
        """Whether images are to be brought to the form of MNIST's before the model sees them."""
        return reads_digits(self.dataset, self.channels)

    def write(self, path: Path) -> None:
        """Write the card as indented JSON."""
        text = json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"
        # What a file's name may hold and UTF-8 may not is escaped, as JSON allows.
        path.write_bytes(text.encode("utf-8", "backslashreplace"))


_TYPES: dict[str, type] = {
    **dict.fromkeys(("name", "dataset", "source", "resize", "created", "command", "twin"), str),
    **dict.fromkeys(("stand_in", "finished"), bool),
    **dict.fromkeys(("parameters", "skipped"), int),
    **dict.fromkeys(
        ("configuration", "images", "fingerprints", "metrics", "training", "versions", "files"),
        dict,
    ),
}


def read_card(path: Path) -> Card:
    """Read a card.

    Raises:
        AppError: If it is no card, or lacks what using the model needs.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        known = {f.name for f in fields(Card)}
        card = Card(**{key: value for key, value in content.items() if key in known})
        height, width = card.image_size
        for name, kind in _TYPES.items():
            if not isinstance(getattr(card, name), kind):
                raise TypeError(f"{name} is {getattr(card, name)!r}")
        for split in ("validation", "test"):
            metrics = card.metrics[split]
            if metrics is not None:
                float(metrics["accuracy"]), float(metrics["loss"])
        valid = (
            isinstance(card.class_names, list)
            and len(card.class_names) >= 2
            and all(isinstance(name, str) for name in card.class_names)
            and all(isinstance(side, int) and side > 0 for side in (height, width))
            and card.channels in (1, 3)
        )
        if not valid:
            raise ValueError("class_names, image_size or channels make no sense")
    except (OSError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise AppError(
            f"'{path}' cannot be used as a model's card: {error}.",
            "Expected the card.json that training wrote.",
            "Move it away to load the model without a card.",
        ) from None
    return Card(
        **{
            **asdict(card),
            "class_names": tuple(card.class_names),
            "image_size": (height, width),
        }
    )


def dataset_of(card: Card | None, asked: str | None) -> str:
    """Return the dataset that is meant: the one that was asked for, else the card's.

    Raises:
        AppError: If there is none, or the card's is a folder that is not here.
    """
    if asked is not None:
        return normal_dataset(asked)
    if card is None:
        raise AppError(
            "The model has no card that names its dataset.",
            "Expected --dataset with a name or a folder.",
        )
    if card.dataset not in DATASETS and not Path(card.dataset).is_dir():
        raise AppError(
            f"The model was trained on the folder '{card.dataset}', which is not here.",
            "Expected --dataset with the folder's place.",
        )
    return normal_dataset(card.dataset)

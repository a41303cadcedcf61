"""`card.json`: what a saved model is, where it came from and how good it is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from app.data.mnist_style.normalize import reads_digits
from app.data.registry import DATASETS, normal_dataset
from app.errors import AppError
from app.names import listed
from app.reading import UnusableFile, read_regular_file
from app.storage.card_checks import check_card

_MOST_BYTES = 4_000_000  # enough for the names of 100,000 classes


@dataclass(frozen=True, repr=False)
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
        training: Epochs, the saved one (`best_epoch`), the number of views that it was evaluated
            with and the epochs compared in that way, seconds, images per second, precision.
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

    @property
    def saved_epoch(self) -> str:
        """Text such as `epoch 20 of 20 (mean of 4 views; epochs 19 and 20 compared)`."""
        facts = self.training
        notes = []
        if facts.get("views", 1) > 1:
            notes.append(f"mean of {facts['views']} views")
        compared = [str(one["epoch"]) for one in facts.get("compared_epochs", ())]
        if len(compared) > 1:
            notes.append(f"epochs {' and '.join(compared)} compared")
        text = f"epoch {facts.get('best_epoch', '?')} of {facts.get('epochs', '?')}"
        return f"{text} ({'; '.join(notes)})" if notes else text

    def __repr__(self) -> str:
        return f"<Card {self.name}: {listed(self.class_names)}; {self.created[:10]}>"

    def write(self, path: Path) -> None:
        """Write the card as indented JSON."""
        text = json.dumps(asdict(self), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        # What a file's name may hold and UTF-8 may not is escaped, as JSON allows.
        path.write_bytes(text.encode("utf-8", "backslashreplace"))


def read_card(path: Path) -> Card:
    """Read a card.

    Raises:
        AppError: If it is no card, or holds something that the program cannot use.
    """
    try:
        content = json.loads(read_regular_file(path, _MOST_BYTES), parse_constant=_refuse_constant)
        check_card(content)
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from None
    except RecursionError:
        raise _unusable(path, "it is nested too deeply") from None
    except (UnusableFile, ValueError) as error:
        raise _unusable(path, str(error)) from None
    known = {f.name: content[f.name] for f in fields(Card) if f.name in content}
    height, width = content["image_size"]
    return Card(
        **{
            **known,
            "class_names": tuple(content["class_names"]),
            "image_size": (height, width),
        }
    )


def _refuse_constant(name: str) -> float:
    raise ValueError(f"it holds {name}, which is not JSON")


def _unusable(path: Path, reason: str) -> AppError:
    return AppError(
        f"'{path}' cannot be used as a model's card: {reason}.",
        "Expected the card.json that training wrote.",
        "Move it away to load the model without a card.",
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

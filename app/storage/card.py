"""`card.json`: what a saved model is, where it came from and how good it is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from app.augmentation.augmentation import Augmentation
from app.augmentation.tta import REFERENCE, View, augmentation_values, tta_views, views_of
from app.data.fitting import SQUASH
from app.data.mnist_style.normalize import reads_digits
from app.data.registry import source_of
from app.errors import AppError
from app.metrics import DISTRIBUTION, PER_CLASS, OutputKind
from app.names import listed
from app.reading import UnusableFile, read_regular_file
from app.storage.card_checks import check_card

_MOST_BYTES = 4_000_000  # enough for the names of 100,000 classes


@dataclass(frozen=True, repr=False)
class Card:
    """What a model does, in values, and where it comes from.

    Attributes:
        name: Name of the model's folder.
        dataset: Dataset that it was trained on.
        source: Human-readable origin of the images.
        stand_in: Whether they replaced a dataset that was not available.
        class_names: Classes in the order of the outputs.
        image_size: `(height, width)` in pixels.
        channels: 3 for RGB, 1 for gray.
        resize: Human-readable rule by which images are resized to that size.
        tta: Views of an image that predictions are averaged over.
        augmentation: Values of the augmentation in training, or `None` for none.
        parameters: Number of weights.
        configuration: Settings of the run.
        images: `{split: number of images}`.
        fingerprints: `{split: fingerprint}` of the images.
        skipped: Files that could not be decoded.
        metrics: `{"validation": {"accuracy", "balanced_accuracy", "loss"}, "test": … or None}`.
        training: Epochs, the saved one (`best_epoch`), what it was selected by, the number of views
            that it was evaluated with and the epochs compared in that way, seconds, images per
            second, precision, how classes were balanced.
        finished: Whether the run came to its end; otherwise no test image was used.
        versions: Versions of Python and the libraries.
        command: Command that reproduces the model.
        created: Date and time, UTC, ISO 8601.
        files: `{file name: sha256}`; a LiteRT file that does not match is not used.
        temperature: Temperature of the probabilities, the mean over the views, fitted on the
            validation images; 1 leaves them as they are.
        fit: Name of that rule in `app.data.fitting`; old cards have none, and squash.
        thresholds: Of a multi-label model, the probability of each class from which on its label is
            predicted, chosen on the validation images; empty for one label per image.
        twin: Difference between the LiteRT file and Keras, or the reason why there is no file.
    """

    name: str
    dataset: str
    source: str
    stand_in: bool
    class_names: tuple[str, ...]
    image_size: tuple[int, int]
    channels: int
    resize: str
    tta: tuple[View, ...]
    augmentation: dict[str, Any] | None
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
    temperature: float = 1.0
    fit: str = SQUASH
    thresholds: tuple[float, ...] = ()

    @property
    def multi_label(self) -> bool:
        """Whether an image has any number of labels, rather than one."""
        return bool(self.thresholds)

    @property
    def kind(self) -> OutputKind:
        """Kind of the outputs."""
        return PER_CLASS if self.multi_label else DISTRIBUTION

    @property
    def mnist_style(self) -> bool:
        """Whether images are converted to the format of MNIST before the model sees them."""
        return reads_digits(self.dataset, self.channels)

    @property
    def saved_epoch(self) -> str:
        """Text such as `epoch 20 of 20 (mean of 4 views; epochs 19 and 20 compared)`.

        Of an ensemble, `mean of 5 models`.
        """
        facts = self.training
        if facts.get("members"):
            return f"mean of {len(facts['members'])} models"
        notes = []
        if facts.get("views", 1) > 1:
            notes.append(f"mean of {facts['views']} views")
        compared = [str(one["epoch"]) for one in facts.get("compared_epochs", ())]
        if len(compared) > 1:
            notes.append(f"epochs {' and '.join(compared)} compared")
        text = f"epoch {facts.get('best_epoch', '?')} of {facts.get('epochs', '?')}"
        return f"{text} ({'; '.join(notes)})" if notes else text

    def suitable_views(self) -> tuple[View, ...]:
        """Return the views that suit the model, whether it averages over views or not."""
        values = {k: v for k, v in (self.augmentation or {}).items() if k != REFERENCE}
        try:
            augmentation = Augmentation(**values)
        except (TypeError, ValueError):  # written by a newer program
            augmentation = Augmentation()
        return tta_views(augmentation, self.image_size, may_flip=source_of(self.dataset).may_mirror)

    def __repr__(self) -> str:
        return f"<Card {self.name}: {listed(self.class_names)}; {self.created[:10]}>"

    def write(self, path: Path) -> None:
        """Write the card as indented JSON."""
        text = json.dumps(asdict(self), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        # File names may hold what UTF-8 cannot; it is escaped, as JSON allows.
        path.write_bytes(text.encode("utf-8", "backslashreplace"))


def read_card(path: Path) -> Card:
    """Read a card.

    Raises:
        AppError: If it is not a card, or holds something that the program cannot use.
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
    height, width = content["image_size"]
    settings = content["configuration"]
    if "tta" in content:
        content["tta"] = tuple(View(**view) for view in content["tta"])
    else:  # an old card: the settings of its run, with the meaning that they have today
        content["tta"] = views_of(settings, (height, width))
    if "augmentation" not in content:
        content["augmentation"] = augmentation_values(settings)
    content |= {"class_names": tuple(content["class_names"]), "image_size": (height, width)}
    content["thresholds"] = tuple(content.get("thresholds", ()))
    if len(content["thresholds"]) not in (0, len(content["class_names"])):
        raise _unusable(path, "it has a threshold for some classes only")
    return Card(**{f.name: content[f.name] for f in fields(Card) if f.name in content})


def _refuse_constant(name: str) -> float:
    raise ValueError(f"it holds {name}, which is not JSON")


def _unusable(path: Path, reason: str) -> AppError:
    return AppError(
        f"'{path}' cannot be used as a model's card: {reason}.",
        "Expected the card.json that training wrote.",
        "Move it away to load the model without a card.",
    )

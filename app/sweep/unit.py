"""The unit of work of a sweep: one run, as one function, wherever it is called.

It needs nothing but the settings of the run and a folder that it can write: a process of this
machine, or a worker of a cluster that sees the folder, can call it. What was done before is not
repeated: a finished run is read, an unfinished one resumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from app.config import UNFINISHED, RunSettings
from app.errors import AppError
from app.files import recover_folder
from app.storage.card import Card, read_card
from app.storage.folder import CARD
from app.training.checkpoint import Checkpoint
from app.training.events import Listener

_STAND_IN = "-standin"


@dataclass(frozen=True)
class Measurement:
    """What a sweep keeps of a run.

    Attributes:
        folder: Folder of the saved model.
        finished: Whether the run came to its end.
        metric: What its epochs were compared by, and settings are: `accuracy`, or
            `balanced accuracy` where classes differ in size.
        accuracy: That accuracy on its validation images.
        loss: Loss on them.
        epoch: Epoch that was saved.
        epochs: Number of epochs that were trained.
        seconds: Time of the training.
        images: Numbers of training and validation images.
        test_accuracy: That accuracy on the test images; `None` before they are used.
        test_loss: Loss on them.
    """

    folder: str
    finished: bool
    metric: str
    accuracy: float
    loss: float
    epoch: int
    epochs: int
    seconds: float
    images: tuple[int, int]
    test_accuracy: float | None = None
    test_loss: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary that `json` can write."""
        return asdict(self)


def perform(settings: RunSettings, listeners: Sequence[Listener] = ()) -> Measurement:
    """Train a run, or go on with it, and return what it measured; the test images are not used.

    Args:
        settings: Settings of the run, with its name and folder.
        listeners: Receivers of its events, which may stop it.

    Raises:
        AppError: As `app.training.run.train`.
    """
    before = measured(settings)
    if before is not None and before.finished:
        return before
    from app.training.run import train

    settings = replace(settings, resume=has_checkpoint(settings))
    outcome = train(settings, listeners=listeners, test=False)
    return measurement_of(outcome.folder, outcome.card)


def measured(settings: RunSettings) -> Measurement | None:
    """Return what a run has measured so far, or `None` if it has saved no model.

    Raises:
        AppError: If its card cannot be read.
    """
    for folder in _folders(settings):
        recover_folder(folder)
        if (folder / CARD).is_file():
            return measurement_of(folder, read_card(folder / CARD))
    return None


def has_checkpoint(settings: RunSettings) -> bool:
    """Return whether there is something to resume."""
    return any(Checkpoint(folder).exists for folder in unfinished_folders(settings))


def unfinished_folders(settings: RunSettings) -> list[Path]:
    """Return the folders that the checkpoint of a run may be in."""
    return [folder.with_name(f"{folder.name}{UNFINISHED}") for folder in _folders(settings)]


def measurement_of(folder: Path, card: Card) -> Measurement:
    """Return what a sweep keeps of a saved model."""
    validation, test = card.metrics["validation"], card.metrics["test"]
    if validation is None:
        raise AppError(f"'{folder}' was not validated.", "Expected a run of this sweep.")
    metric = card.training.get("selected_by", "accuracy")
    column = metric.replace(" ", "_")
    return Measurement(
        folder=str(folder),
        finished=card.finished,
        metric=metric,
        accuracy=validation[column],
        loss=validation["loss"],
        epoch=card.training["best_epoch"],
        epochs=card.training["epochs"],
        seconds=card.training["seconds"],
        images=(card.images["train"], card.images["validation"]),
        test_accuracy=test[column] if test else None,
        test_loss=test["loss"] if test else None,
    )


def _folders(settings: RunSettings) -> tuple[Path, Path]:
    """Return the folders that the model of a run may be in: of a stand-in, with its suffix."""
    folder = Path(settings.output) / str(settings.name)
    return folder, folder.with_name(f"{folder.name}{_STAND_IN}")

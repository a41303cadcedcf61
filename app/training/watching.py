"""`--watch IMAGE`: what the network makes of one image, drawn after every epoch."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import keras
import numpy as np

from app.classifier.inputs import load_input
from app.classifier.inspected_model import InspectedModel
from app.config import WATCHED, RunConfig
from app.data.dataset import Dataset
from app.data.decoding import UndecodableImage, load_image
from app.data.mnist_style.normalize import reads_digits
from app.errors import AppError
from app.figure_files import read_frame, save, save_animation
from app.figures.training_snapshot import training_snapshot
from app.files import printable
from app.reporting import Reporter

_FRAME_MILLISECONDS, _ANIMATION_WIDTH = 400, 800


class Watch(keras.callbacks.Callback):
    """Draw a picture after each epoch, and at the end the animation of all.

    Args:
        folder: Where the pictures go.
        image: `(H, W, C)` uint8, as the network sees it.
        name: Of the image.
        epochs: How many there will be.
        class_names: Classes in the order of the outputs.
        reporter: Reporter for what went wrong with a picture.
    """

    def __init__(
        self,
        folder: Path,
        image: np.ndarray,
        name: str,
        epochs: int,
        class_names: tuple[str, ...],
        reporter: Reporter,
    ):
        super().__init__()
        self.folder = folder
        self.image = image
        self.name = name
        self.epochs = epochs
        self.class_names = class_names
        self.reporter = reporter

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Draw what the network makes of the image now."""
        model = InspectedModel.wrap(
            self.model, class_names=self.class_names, image_shape=self.image.shape
        )
        title = f"Epoch {epoch + 1} of {self.epochs}: {self.name}"
        try:
            figure = training_snapshot(model, self.image, title=title)
            save(figure, self.folder / f"epoch-{epoch + 1:04d}.png")
        except AppError as error:  # a picture is not worth a run
            self.reporter.warning(f"--watch: {error.received}")

    def animate(self) -> Path | None:
        """Join the pictures of all epochs; return the GIF, or `None` if there is none."""
        paths = sorted(self.folder.glob("epoch-*.png"))
        if not paths:
            return None
        animation = self.folder / "animation.gif"
        frames = [read_frame(path, _ANIMATION_WIDTH) for path in paths]
        try:
            save_animation(frames, animation, milliseconds=_FRAME_MILLISECONDS)
        except AppError as error:
            self.reporter.warning(f"--watch: {error.received}")
            return None
        return animation


def check_watched(config: RunConfig) -> None:
    """Fail early if the image cannot be used.

    Raises:
        AppError: If it is missing or cannot be decoded.
    """
    if config.watch is None:
        return
    try:
        load_image(Path(config.watch))
    except UndecodableImage as error:
        raise AppError(
            f"--watch '{config.watch}' cannot be used: {error}.",
            "Expected an image file such as a JPEG or PNG.",
        ) from None


def begin_watching(config: RunConfig, splits: Dataset, folder: Path, reporter: Reporter) -> Watch:
    """Return the callback of a run, its image loaded; a new run's old pictures are removed."""
    assert config.watch is not None  # asked for only then
    path = Path(config.watch)
    image = load_input(
        path,
        (config.image_size, config.image_size),
        splits.channels,
        mnist_style=reads_digits(config.dataset, splits.channels),
    )
    pictures = folder.with_name(f"{folder.name}{WATCHED}")
    if not config.resume:
        shutil.rmtree(pictures, ignore_errors=True)
    return Watch(pictures, image, printable(path.name), config.epochs, splits.class_names, reporter)

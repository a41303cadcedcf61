"""`--watch IMAGE`: a figure of one image after every epoch, and their animation."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from app.classifier.inputs import load_input
from app.classifier.inspected_model import InspectedModel
from app.config import WATCHED
from app.errors import AppError
from app.figure_files import read_frame, save, save_animation
from app.figures.training_snapshot import training_snapshot
from app.files import printable
from app.metrics import DISTRIBUTION, PER_CLASS
from app.training import distribution
from app.training.events import Events, Listener
from app.training.plan import Plan

_FRAME_MILLISECONDS, _ANIMATION_WIDTH = 400, 800


class Snapshots(Listener, keras.callbacks.Callback):
    """Draws a figure after each epoch, and at the end the animation of all.

    Figures of an earlier run are removed, unless this one resumes it.

    Args:
        plan: Plan of the run, which names the image.
        model_folder: Folder of the model; the figures are written next to it, in `NAME.watched`.
        events: Events of the run.
    """

    def __init__(self, plan: Plan, model_folder: Path, events: Events):
        keras.callbacks.Callback.__init__(self)
        assert plan.watch is not None
        self.folder = model_folder.with_name(f"{model_folder.name}{WATCHED}")
        self.events = events
        self.epochs = len(plan.sides)
        self.title = printable(plan.watch.name)
        self.class_names = plan.dataset.class_names
        self.kind = PER_CLASS if plan.dataset.multi_label else DISTRIBUTION
        self.image = load_input(
            plan.watch,
            plan.image_size,
            plan.dataset.channels,
            fit=plan.fit,
            mnist_style=plan.mnist_style,
        )
        if not plan.folder.resume:
            shutil.rmtree(self.folder, ignore_errors=True)

    def callbacks(self) -> Sequence[keras.callbacks.Callback]:
        """Return itself: the network is needed."""
        return [self]

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Draw the image as the network sees it now."""
        with distribution.alone():
            self._draw(epoch)

    def _draw(self, epoch: int) -> None:
        model = InspectedModel.wrap(
            distribution.local_copy(self.model),
            class_names=self.class_names,
            image_shape=self.image.shape,
            kind=self.kind,
        )
        title = f"Epoch {epoch + 1} of {self.epochs}: {self.title}"
        try:
            figure = training_snapshot(model, self.image, title=title)
            self.events.emit("on_figure", "snapshot", figure)
            save(figure, self.folder / f"epoch-{epoch + 1:04d}.png")
        except AppError as error:  # a figure is not worth a run
            self.events.warning(f"--watch: {error.received}")

    def on_fit_end(self) -> None:
        """Join the figures of all epochs in an animation."""
        paths = sorted(self.folder.glob("epoch-*.png"))
        if not paths:
            return
        animation = self.folder / "animation.gif"
        frames = [read_frame(path, _ANIMATION_WIDTH) for path in paths]
        try:
            save_animation(frames, animation, milliseconds=_FRAME_MILLISECONDS)
        except AppError as error:
            self.events.warning(f"--watch: {error.received}")
        else:
            self.events.info(f"Watched: {animation}.")

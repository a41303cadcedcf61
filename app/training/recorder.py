"""After each epoch: one line for people, one row of history, one checkpoint."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import keras

from app.errors import AppError
from app.reporting import Reporter, Update, format_duration
from app.training.checkpoint import Checkpoint, State

HEADER = "  epoch   accuracy  val. acc.      loss  val. loss  images/s      left"

# With bfloat16 the arithmetic may be at fault instead (seen with JAX 0.11.2 on a CPU).
_DIVERGENCE_FIXES = {
    "float32": "Use a lower --learning-rate.",
    "bfloat16": "Use a lower --learning-rate, or --precision float32.",
}


class Recorder(keras.callbacks.Callback):
    """Keep and show what each epoch brought.

    Args:
        checkpoint: Where to keep it.
        state: How far the run has come.
        num_images: Training images per epoch.
        patience: Stop after this many epochs without a better one by validation accuracy, and
            by loss between equals, or `None`.
        sides: Side in pixels of each epoch's images; patience begins when they are grown.
        reporter: Reporter for a line per epoch.
        update: Shows (batches done, batches in all) of the epoch.
        extra: Returns more columns for the row of the epoch that has just ended.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        state: State,
        num_images: int,
        sides: Sequence[int],
        patience: int | None,
        reporter: Reporter,
        update: Update,
        extra: Callable[[], dict[str, float]] = dict,
    ):
        super().__init__()
        self.checkpoint = checkpoint
        self.state = state
        self.num_images = num_images
        self.sides = sides
        self.patience = patience
        self.reporter = reporter
        self.update = update
        self.extra = extra
        self._started = self._validation_started = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Start the clock."""
        self._started = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Move the bar."""
        self.update(batch + 1, self.params["steps"])

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Validation begins: the training images are through."""
        self._validation_started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Record the epoch; stop if it no longer gets better."""
        logs = logs or {}
        now = time.perf_counter()
        accuracy, loss = logs["val_accuracy"], logs["val_loss"]
        if not (math.isfinite(logs["loss"]) and math.isfinite(loss)):
            raise AppError(
                f"The loss of epoch {epoch + 1} is not a number: training has diverged.",
                fix=_DIVERGENCE_FIXES[self.state.precision],
                status=1,
            )
        rate = self.num_images / (self._validation_started - self._started)
        best = (-accuracy, loss) < (-self.state.best_accuracy, self.state.best_loss)
        self.state = replace(
            self.state, epoch=epoch + 1, seconds=self.state.seconds + now - self._started
        )
        if best:
            self.state = replace(
                self.state, best_epoch=epoch + 1, best_accuracy=accuracy, best_loss=loss
            )
        row = {
            "epoch": epoch + 1,
            "accuracy": logs["accuracy"],
            "loss": logs["loss"],
            "val_accuracy": accuracy,
            "val_loss": loss,
            "learning_rate": float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)),
            "images_per_second": round(rate, 1),
            "seconds": round(self.state.seconds, 2),
            **self.extra(),
        }
        self.checkpoint.save_epoch(self.model, self.state, row, best)
        # An epoch takes as long as its pixels are many.
        pixels = [side**2 for side in self.sides]
        left = self.state.seconds * sum(pixels[epoch + 1 :]) / sum(pixels[: epoch + 1])
        mark, epochs = "*" if best else " ", len(self.sides)
        self.reporter.info(
            f"{epoch + 1:3d}/{epochs:<3d}   {logs['accuracy']:8.4f}  {accuracy:8.4f}{mark} "
            f"{logs['loss']:9.4f}  {loss:9.4f}  {rate:8.0f}  {format_duration(left):>8}"
        )
        if self.gives_up:
            self.reporter.info(
                f"No better epoch on validation images for {self.patience}: stopping."
            )
            self.model.stop_training = True

    @property
    def gives_up(self) -> bool:
        """Whether patience is at its end."""
        grown = self.sides.index(self.sides[-1])
        waited = self.state.epoch - max(self.state.best_epoch, grown)
        return self.patience is not None and waited >= self.patience

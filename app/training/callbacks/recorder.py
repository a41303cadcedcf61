"""After each epoch: a row of the history and a checkpoint on disk, then an event."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras

from app.data.batches import Batches
from app.errors import AppError
from app.training.checkpoint import Checkpoint
from app.training.events import Events

# With bfloat16 the arithmetic may be at fault instead (seen with JAX 0.11.2 on a CPU).
_DIVERGENCE_FIXES = {
    "float32": "Use a lower --learning-rate.",
    "bfloat16": "Use a lower --learning-rate, or --precision float32.",
}


# The column by which epochs are compared where it exists: classes differ in size.
BALANCED = "val_balanced_accuracy"


class Recorder(keras.callbacks.Callback):
    """Records each epoch, and stops training that no longer improves.

    Args:
        checkpoint: Checkpoint of the run, which holds its state.
        batches: Training batches.
        patience: Epochs to wait for a better one by validation accuracy, balanced if that is
            computed, and by loss between equals, once images have their full size; `None` for no
            limit.
        events: Events of the run.
        more_columns: Function that returns further columns of the row of an epoch.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        batches: Batches,
        patience: int | None,
        events: Events,
        more_columns: Callable[[], dict[str, float]] = dict,
    ):
        super().__init__()
        self.checkpoint = checkpoint
        self.state = checkpoint.read()
        self.num_images = len(batches.labels)
        self.sides = batches.sides or ()
        self.patience = patience
        self.events = events
        self.more_columns = more_columns
        self._started = self._validation_started = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Start the clock."""
        self._started = time.perf_counter()

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Note the time at which validation begins."""
        self._validation_started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Record the epoch; stop if it no longer improves."""
        logs = logs or {}
        now = time.perf_counter()
        accuracy, loss = logs["val_accuracy"], logs["val_loss"]
        balanced = {name: logs[name] for name in (BALANCED,) if name in logs}
        chosen_by = balanced.get(BALANCED, accuracy)
        if not (math.isfinite(logs["loss"]) and math.isfinite(loss)):
            raise AppError(
                f"The loss of epoch {epoch + 1} is not a number: training has diverged.",
                fix=_DIVERGENCE_FIXES[self.state.precision],
                status=1,
            )
        is_best = (-chosen_by, loss) < (-self.state.best_accuracy, self.state.best_loss)
        self.state = replace(
            self.state, epoch=epoch + 1, seconds=self.state.seconds + now - self._started
        )
        if is_best:
            self.state = replace(
                self.state, best_epoch=epoch + 1, best_accuracy=chosen_by, best_loss=loss
            )
        rate = self.num_images / (self._validation_started - self._started)
        row = {
            "epoch": epoch + 1,
            "accuracy": logs["accuracy"],
            "loss": logs["loss"],
            "val_accuracy": accuracy,
            "val_loss": loss,
            **balanced,
            "learning_rate": float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)),
            "images_per_second": round(rate, 1),
            "seconds": round(self.state.seconds, 2),
            **self.more_columns(),
        }
        self.checkpoint.save_epoch(self.model, self.state, row, is_best)
        # The duration of an epoch is proportional to its pixels.
        pixels = [side**2 for side in self.sides]
        seconds_left = self.state.seconds * sum(pixels[epoch + 1 :]) / sum(pixels[: epoch + 1])
        progress = {
            "epochs": len(self.sides), "is_best": int(is_best), "seconds_left": seconds_left
        }  # fmt: skip
        self.events.emit("on_epoch", {**row, **progress})
        if self.should_stop_early:
            self.events.info(f"No better epoch on validation images for {self.patience}: stopping.")
            self.model.stop_training = True

    @property
    def should_stop_early(self) -> bool:
        """Whether the best epoch is too long ago."""
        full_size = self.sides.index(self.sides[-1])
        waited = self.state.epoch - max(self.state.best_epoch, full_size)
        return self.patience is not None and waited >= self.patience

"""Report batches to the listeners, and stop training when one of them asks for it."""

from __future__ import annotations

from typing import Any

import keras

from app.training.events import Events


class Progress(keras.callbacks.Callback):
    """Reports every training batch, and raises `StopRequested` after the batch if asked to stop.

    Args:
        events: Events of the run.
    """

    def __init__(self, events: Events):
        super().__init__()
        self.events = events

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Report the batch."""
        self.events.emit("on_batch", batch + 1, self.params["steps"])
        self.events.check()

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Stop here too: validation can take long."""
        self.events.check()

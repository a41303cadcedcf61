"""Ctrl-C during training: stop after the batch, so that everything is left in order."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

import keras


class Interrupted(Exception):
    """Training was asked to stop."""


class Interruption(keras.callbacks.Callback):
    """Turn the first Ctrl-C into `Interrupted` at the end of the batch; a second one kills.

    Used as a context manager around `fit` and as one of its callbacks. Only the main thread may
    handle signals; elsewhere this does nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked = False
        self._previous: Any = None

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *error: object) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Stop here if asked to."""
        if self.asked:
            raise Interrupted

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Stop here too: validation can take long."""
        if self.asked:
            raise Interrupted

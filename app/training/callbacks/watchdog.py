"""Ends a process that waits for others which no longer answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import keras


class Watchdog(keras.callbacks.Callback):
    """Ends the process if a step of an epoch takes far longer than those before it.

    A process that was stopped or cut off leaves the others inside a native call, which no exception
    ends. The first and the last step of an epoch and of its validation, which may compile, are not
    watched: the last batch may be smaller. Until two steps followed each other, the first one says
    how long a step may take.

    Args:
        seconds: Time without a step after which to give up, at least.
        validation_steps: Steps of a validation.
        give_up: Called with the seconds waited, in another thread; it should end the process.
    """

    def __init__(self, seconds: float, validation_steps: int, give_up: Callable[[float], None]):
        super().__init__()
        self.seconds = seconds
        self.validation_steps = validation_steps
        self._give_up = give_up
        self._last: float | None = None
        self._begun = self._first = self._longest = 0.0
        self._ended = threading.Event()

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Start to watch."""
        self._ended = threading.Event()
        threading.Thread(target=self._watch, args=(self._ended,), daemon=True).start()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Stop watching."""
        self._ended.set()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Wait for the first step."""
        self._last, self._begun = None, time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the step."""
        now = time.monotonic()
        if self._last is not None:
            self._longest = max(self._longest, now - self._last)
        elif batch == 0:
            self._first = now - self._begun
        is_last_next = batch + 2 == (self.params or {}).get("steps")
        self._last = None if is_last_next else now

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Wait for the first step of validation, which may compile, too."""
        self._last = None

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the step."""
        self._last = None if batch + 2 == self.validation_steps else time.monotonic()

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Let the end of the epoch take its time: the first process saves it."""
        self._last = None

    def _watch(self, ended: threading.Event) -> None:
        while not ended.wait(min(1.0, self.seconds / 4)):
            last = self._last
            waited = 0.0 if last is None else time.monotonic() - last
            if waited > max(self.seconds, 10 * (self._longest or self._first)):
                self._give_up(waited)
                return

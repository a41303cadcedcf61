"""Requests to stop during training: stop after the batch, so that everything is left in order."""

from __future__ import annotations

from typing import Any

import keras

from app.signals import noting_requests, stop_requested


class Interrupted(Exception):
    """Training was asked to stop."""


class Interruption(keras.callbacks.Callback):
    """Turn Ctrl-C, SIGTERM or SIGHUP into `Interrupted` at the end of the batch.

    A second one ends the process. Used as a context manager around `fit` and as one of its
    callbacks. Only the main thread may handle signals; elsewhere this does nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked = False
        self._noting = noting_requests()

    def __enter__(self) -> Interruption:
        self._noting.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._noting.__exit__(None, None, None)

    def check(self) -> None:
        """Stop here if asked to.

        Raises:
            Interrupted: If so.
        """
        if self.asked or stop_requested():
            raise Interrupted

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Stop here if asked to."""
        self.check()

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Stop here too: validation can take long."""
        self.check()

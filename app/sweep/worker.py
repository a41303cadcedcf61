"""A process that trains runs, one after the other, and reports on them through a pipe.

It ends when the pipe does, in the middle of whatever it computes: checkpoints are written
atomically, so that nothing is lost but the epoch.
"""

from __future__ import annotations

import os
import signal
import threading
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from app.config import RunSettings
from app.errors import AppError
from app.references import import_module
from app.sweep.unit import perform
from app.training.events import Listener

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_MOST_LETTERS = 300  # of an error


def work(pipe: Connection, modules: Sequence[str]) -> None:
    """Perform the runs that come through a pipe until it ends.

    Args:
        pipe: `RunSettings` come in, and `None` for a request to stop; events go out, as pairs of
            `epoch`, `warning`, `done`, `stopped` or `failed` and what belongs to it.
        modules: Modules with layers of the user's own, imported first.
    """
    for name in _SIGNALS:  # those of a terminal reach the parent, which ends the pipe
        with suppress(AttributeError, ValueError):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    _silence()
    stop, queue = threading.Event(), SimpleQueue[RunSettings]()
    threading.Thread(target=_receive, args=(pipe, queue, stop), daemon=True).start()
    while True:
        pipe.send(_performed(queue.get(), _Sender(pipe, stop), modules))


def _performed(
    settings: RunSettings, sender: _Sender, modules: Sequence[str]
) -> tuple[str, Mapping[str, Any]]:
    """Perform one run; return the event that ends it."""
    try:
        for name in modules:
            import_module(name, f"--import {name}")
        _forget_earlier_networks()
        found = perform(settings, [sender])
    except AppError as error:
        if sender.should_stop():
            return "stopped", {}
        parts = filter(None, (error.received, error.expected, error.fix))
        return "failed", {"error": " ".join(parts)}
    except Exception as error:
        # Whatever a backend raises, such as for memory: the other runs go on.
        text = " ".join(f"{type(error).__name__}: {error}".split())
        return "failed", {"error": text[:_MOST_LETTERS]}
    return ("done" if found.finished else "stopped"), found.to_json()


def _receive(pipe: Connection, queue: SimpleQueue[RunSettings], stop: threading.Event) -> None:
    while True:
        try:
            received = pipe.recv()
        except (EOFError, OSError):
            os._exit(0)
        if received is None:
            stop.set()
        else:
            queue.put(received)


class _Sender(Listener):
    """Sends what the parent shows, and stops the run when it asks for it."""

    def __init__(self, pipe: Connection, stop: threading.Event):
        self._pipe = pipe
        self._stop = stop

    def on_warning(self, text: str) -> None:
        """Send a warning; how to go on after a stop is for the sweep to say."""
        if not self.should_stop():
            self._pipe.send(("warning", {"text": text}))

    def on_epoch(self, row: Mapping[str, float]) -> None:
        """Send the row of an epoch."""
        self._pipe.send(("epoch", dict(row)))

    def should_stop(self) -> bool:
        """Return whether the parent asked for it."""
        return self._stop.is_set()


def _silence() -> None:
    """Discard what libraries print: several processes would write into one table."""
    warnings.simplefilter("ignore")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _forget_earlier_networks() -> None:
    from app.keras_startup import start_keras

    start_keras()
    import keras

    keras.utils.clear_session()

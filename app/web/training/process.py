"""The process that trains: it alone imports Keras here, and runs one `train` after the other.

It ends when its pipe does, in the middle of whatever it computes, so that it never outlives the
server.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import warnings
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from app.keras_startup import start_keras
from app.web.training.commands import Command
from app.web.training.control import Control
from app.web.training.mailbox import Event, Mailbox

_NICENESS = 5  # whoever draws comes first


def run(pipe: Connection, models_folder: str, data_dir: str) -> None:
    """Train what is asked for until the pipe ends.

    Args:
        pipe: Commands come in, events go out.
        models_folder: Folder in which models are saved.
        data_dir: Folder of the datasets.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the server, which ends the pipe
    with suppress(AttributeError, OSError):
        os.nice(_NICENESS)
    warnings.simplefilter("ignore")
    control, outbox = Control(), Outbox(pipe)
    scratch = Path(tempfile.mkdtemp(prefix="convlab-"))
    threading.Thread(target=_receive, args=(pipe, control, scratch), daemon=True).start()
    outbox.put(Event("state", {"state": "starting"}))
    start_keras()
    from app.web.training.runs import Runs  # needs Keras

    Runs(control, outbox.put, Folders(scratch, Path(models_folder), data_dir)).work()


def _receive(pipe: Connection, control: Control, scratch: Path) -> None:
    while True:
        try:
            control.put(Command.from_bytes(pipe.recv_bytes()))
        except (EOFError, OSError):
            shutil.rmtree(scratch, ignore_errors=True)
            os._exit(0)


class Folders(NamedTuple):
    """Where a trainer reads and writes.

    Attributes:
        scratch: Folder of unfinished runs, which is removed at the end.
        models: Folder in which models are saved.
        data_dir: Folder of the datasets.
    """

    scratch: Path
    models: Path
    data_dir: str


class Outbox:
    """Sends events from a thread, so that a server that is slow to read never stops training.

    Args:
        pipe: Pipe of the server.
    """

    def __init__(self, pipe: Connection):
        self._pipe = pipe
        self._waiting = Mailbox()
        self._changed = threading.Condition()
        threading.Thread(target=self._send_all, daemon=True).start()

    def put(self, event: Event) -> None:
        """Let an event wait, in the place of an earlier one of its topic."""
        with self._changed:
            self._waiting.put(event)
            self._changed.notify()

    def _send_all(self) -> None:
        with suppress(OSError):  # the server has gone: the thread that reads ends the process
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: len(self._waiting))
                    event = self._waiting.take()
                assert event is not None
                self._pipe.send_bytes(event.message)

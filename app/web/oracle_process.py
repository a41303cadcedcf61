"""The process of the oracle: it alone imports Keras, opens models and runs their code.

It gets requests and cancellations through a pipe, works on all of them in turns, part by part, and
ends when the pipe does, so that it never outlives the server.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
import warnings
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from app.errors import AppError
from app.web.errors import INTERNAL, error_json
from app.web.protocol import decode, encode

if TYPE_CHECKING:
    from app.classifier.inspected_model import InspectedModel
    from app.web.oracle_jobs import Part

_NICENESS = 5  # predictions of the server come first


def run(pipe: Connection, paths: Mapping[str, Path], modules: list[str]) -> None:
    """Answer requests until the pipe ends.

    Args:
        pipe: Requests come in, answers go out, as messages of `app.web.protocol`.
        paths: Folder or file of each model by its name.
        modules: Modules to import first, with layers of the user's own.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the server, which ends the pipe
    with suppress(AttributeError, OSError):
        os.nice(_NICENESS)
    warnings.simplefilter("ignore")
    messages: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_receive, args=(pipe, messages), daemon=True).start()
    _Worker(pipe, paths, modules).work(messages)


def _receive(pipe: Connection, messages: SimpleQueue[bytes]) -> None:
    while True:
        try:
            messages.put(pipe.recv_bytes())
        except (EOFError, OSError):
            os._exit(0)  # in the middle of whatever is computed


class _Worker:
    def __init__(self, pipe: Connection, paths: Mapping[str, Path], modules: list[str]):
        self._pipe = pipe
        self._paths = dict(paths)
        self._modules = modules
        self._models: dict[str, InspectedModel] = {}
        self._jobs: deque[tuple[int, Iterator[Part]]] = deque()

    def work(self, messages: SimpleQueue[bytes]) -> None:
        while True:
            while not self._jobs or not messages.empty():
                self._take(messages.get())
            request_id, parts = self._jobs.popleft()
            if self._send_next(request_id, parts):
                self._jobs.append((request_id, parts))

    def _take(self, message: bytes) -> None:
        request, tensors = decode(message, "request")
        if request["kind"] == "cancel":
            kept = [job for job in self._jobs if job[0] != request["id"]]
            self._jobs = deque(kept)
        elif request["kind"] == "add":
            self._paths[request["model"]] = Path(request["path"])
            self._models.pop(request["model"], None)
        else:
            self._jobs.append((request["id"], self._parts(request, tensors)))

    def _parts(self, request: dict[str, Any], tensors: dict[str, Any]) -> Iterator[Part]:
        model = self._model(request["model"])
        from app.web.oracle_jobs import JOBS  # needs Keras, which has been started now

        yield from JOBS[request["kind"]](model, tensors, request["options"])

    def _model(self, name: str) -> InspectedModel:
        if name not in self._models:
            from app.classifier import load
            from app.keras_startup import start_keras
            from app.references import import_module

            start_keras()
            for module in self._modules:
                import_module(module, f"--import {module}")
            self._models[name] = load(self._paths[name]).inspect()
        return self._models[name]

    def _send_next(self, request_id: int, parts: Iterator[Part]) -> bool:
        """Send the next part of an answer; return whether there may be more."""
        try:
            values, arrays = next(parts)
        except StopIteration:
            self._send({"id": request_id, "done": True})
            return False
        except AppError as error:
            self._send({"id": request_id, "done": True, **error_json(error, self._hidden())})
            return False
        except Exception:
            # A model may hold code of its users; whatever it raises is the end of this request.
            traceback.print_exc(file=sys.stderr)
            self._send({"id": request_id, "done": True, **error_json(INTERNAL)})
            return False
        self._send({"id": request_id, "done": False, **values}, arrays)
        return True

    def _hidden(self) -> tuple[str, ...]:
        return tuple(str(text) for path in self._paths.values() for text in (path, path.resolve()))

    def _send(self, answer: dict[str, Any], arrays: Mapping[str, Any] | None = None) -> None:
        with suppress(OSError):  # the server has gone: the other thread ends the process
            self._pipe.send_bytes(encode({"answer": answer}, arrays))

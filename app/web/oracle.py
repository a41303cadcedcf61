"""The oracle as the server sees it: one process with Keras that is asked and answers.

It starts with the first request that needs it. If it ends, or gives no sign for too long, those who
wait get an error, and the next request restarts it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from app.web import oracle_process
from app.web.child import Child
from app.web.errors import PublicError
from app.web.limits import MAX_ORACLE_REQUESTS, ORACLE_SECONDS
from app.web.protocol import decode, encode

Answer = tuple[dict[str, Any], dict[str, np.ndarray]]


class Oracle:
    """One process with Keras. All methods belong to one event loop.

    Args:
        paths: Folder or file of each model by its name.
        modules: Modules to import first, with layers of the user's own.
        main: Function that the process runs, as `app.web.oracle_process.run`.
        patience: Seconds without a sign of it, while something is asked, before it is ended.
    """

    def __init__(
        self,
        paths: Mapping[str, Path],
        modules: Sequence[str] = (),
        *,
        main: Callable[[Connection, Mapping[str, Path], list[str]], None] = oracle_process.run,
        patience: float = ORACLE_SECONDS,
    ):
        self._paths = dict(paths)
        self._child = Child(
            "oracle", main, (self._paths, list(modules)), self._deliver, self._tell_those_who_wait
        )
        self._patience = patience
        self._waiting: dict[int, asyncio.Queue[Answer]] = {}
        self._number = 0
        self._sign = 0.0
        self._watch: asyncio.Task[None] | None = None
        self._canceling: set[asyncio.Task[None]] = set()

    @property
    def process_id(self) -> int | None:
        """Number of the process, if it runs."""
        return self._child.process_id

    @property
    def waiting(self) -> int:
        """Number of requests that wait for an answer."""
        return len(self._waiting)

    async def add(self, name: str, path: Path) -> None:
        """Let the process open another model, or a newer one of the same name."""
        self._paths[name] = path
        if self._child.process_id is not None:
            request = {"id": 0, "kind": "add", "model": name, "path": str(path)}
            await self._child.send(encode({"request": request}))

    async def ask(
        self,
        kind: str,
        model: str,
        arrays: Mapping[str, np.ndarray],
        options: Mapping[str, Any] | None = None,
    ) -> AsyncIterator[Answer]:
        """Yield the parts of an answer; a caller that stops early cancels the rest.

        Args:
            kind: One of `app.web.oracle_jobs.JOBS`.
            model: Name of a model.
            arrays: Arrays of the request.
            options: Its options.

        Raises:
            PublicError: If the request fails, the process ends, or too much is asked already.
        """
        if len(self._waiting) >= MAX_ORACLE_REQUESTS:
            raise PublicError(
                "The server has too much to do.", "Expected fewer requests at one time.",
                "Try again in a moment.", http_status=503,
            )  # fmt: skip
        self._number += 1
        number, finished = self._number, False
        answers: asyncio.Queue[Answer] = asyncio.Queue()
        self._waiting[number] = answers
        request = {"id": number, "kind": kind, "model": model, "options": dict(options or {})}
        try:
            self._start()
            await self._child.send(encode({"request": request}, arrays))
            while not finished:
                values, tensors = await answers.get()
                finished = values.pop("done")
                if "error" in values:
                    error = (
                        values.get("error", ""),
                        values.get("expected", ""),
                        values.get("fix", ""),
                    )
                    raise PublicError(*error, http_status=values.get("status", 422))
                if not finished:
                    yield values, tensors
        finally:
            self._waiting.pop(number, None)
            if not finished and self._child.process_id is not None:
                cancel = encode({"request": {"id": number, "kind": "cancel"}})
                task = asyncio.ensure_future(self._child.send(cancel))
                self._canceling.add(task)
                task.add_done_callback(self._canceling.discard)

    async def ask_once(
        self,
        kind: str,
        model: str,
        arrays: Mapping[str, np.ndarray],
        options: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Return the only part of an answer; see `ask`."""
        parts = [part async for part in self.ask(kind, model, arrays, options)]
        return parts[-1]

    async def close(self) -> None:
        """End the process."""
        if self._watch is not None:
            self._watch.cancel()
        await self._child.close()
        self._tell_those_who_wait()

    def _start(self) -> None:
        if self._child.process_id is not None:
            return
        self._child.start()
        self._sign = time.monotonic()
        if self._watch is None:
            self._watch = asyncio.get_running_loop().create_task(self._watch_it())

    def _deliver(self, message: bytes) -> None:
        self._sign = time.monotonic()
        values, tensors = decode(message, "answer")
        answers = self._waiting.get(values.pop("id"))
        if answers is not None:
            answers.put_nowait((values, tensors))

    def _tell_those_who_wait(self) -> None:
        for answers in self._waiting.values():
            reason = "The process that runs Keras ended during this request."
            answers.put_nowait(({"done": True, "error": reason, "status": 503}, {}))

    async def _watch_it(self) -> None:
        while True:
            await asyncio.sleep(min(1.0, self._patience / 4))
            if not self._waiting or self._child.process_id is None:
                self._sign = time.monotonic()
            elif time.monotonic() - self._sign > self._patience:
                await self._child.kill()

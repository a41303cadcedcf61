"""The oracle as the server sees it: one process with Keras that is asked and answers.

It starts with the first request that needs it. If it ends, or gives no sign for too long, those who
wait get an error, and the next request restarts it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from app.web import oracle_process
from app.web.errors import PublicError
from app.web.limits import MAX_ORACLE_REQUESTS, ORACLE_SECONDS
from app.web.protocol import decode, encode

Answer = tuple[dict[str, Any], dict[str, np.ndarray]]
_END_SECONDS = 3.0


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
        self._arguments = dict(paths), list(modules)
        self._main = main
        self._patience = patience
        self._waiting: dict[int, asyncio.Queue[Answer]] = {}
        self._number = 0
        self._sign = 0.0
        self._process: Any = None
        self._pipe: Connection | None = None
        self._writer = ThreadPoolExecutor(1, "oracle-writer")
        self._watch: asyncio.Task[None] | None = None
        self._canceling: set[asyncio.Task[None]] = set()

    @property
    def process_id(self) -> int | None:
        """Number of the process, if it runs."""
        return self._process.pid if self._process is not None else None

    @property
    def waiting(self) -> int:
        """Number of requests that wait for an answer."""
        return len(self._waiting)

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
            await self._send(encode({"request": request}, arrays))
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
            if not finished and self._pipe is not None:
                cancel = encode({"request": {"id": number, "kind": "cancel"}})
                task = asyncio.ensure_future(self._send(cancel))
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
        process = self._process
        self._lose(process)
        if process is not None:
            await asyncio.get_running_loop().run_in_executor(None, _end, process)
        self._writer.shutdown(wait=False)

    def _start(self) -> None:
        if self._process is not None:
            return
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=self._main, args=(theirs, *self._arguments), name="oracle", daemon=True
        )
        self._process.start()
        theirs.close()
        self._sign = time.monotonic()
        loop = asyncio.get_running_loop()
        arguments = (loop, self._process, self._pipe)
        threading.Thread(target=self._read, args=arguments, daemon=True).start()
        if self._watch is None:
            self._watch = loop.create_task(self._watch_it())

    async def _send(self, message: bytes) -> None:
        """Write in a thread: a pipe that is full must not stop the server."""
        pipe = self._pipe
        if pipe is not None:
            loop = asyncio.get_running_loop()
            with suppress(OSError, RuntimeError):  # it ended; those who wait are told
                await loop.run_in_executor(self._writer, pipe.send_bytes, message)

    def _read(self, loop: asyncio.AbstractEventLoop, process: Any, pipe: Connection) -> None:
        """Pass answers on to the event loop, from a thread of their own."""
        with suppress(RuntimeError):  # the loop has ended
            while True:
                try:
                    message = pipe.recv_bytes()
                except (EOFError, OSError):
                    loop.call_soon_threadsafe(self._lose, process)
                    return
                loop.call_soon_threadsafe(self._deliver, message)

    def _deliver(self, message: bytes) -> None:
        self._sign = time.monotonic()
        values, tensors = decode(message, "answer")
        answers = self._waiting.get(values.pop("id"))
        if answers is not None:
            answers.put_nowait((values, tensors))

    def _lose(self, process: Any) -> None:
        """Forget a process that ended, and tell those who wait."""
        if process is None or process is not self._process:
            return
        pipe, self._pipe, self._process = self._pipe, None, None
        if pipe is not None:
            pipe.close()
        for answers in self._waiting.values():
            reason = "The process that runs Keras ended during this request."
            answers.put_nowait(({"done": True, "error": reason, "status": 503}, {}))

    async def _watch_it(self) -> None:
        while True:
            await asyncio.sleep(min(1.0, self._patience / 4))
            if not self._waiting or self._process is None:
                self._sign = time.monotonic()
            elif time.monotonic() - self._sign > self._patience:
                process = self._process
                process.kill()
                self._lose(process)
                await asyncio.get_running_loop().run_in_executor(None, _end, process)


def _end(process: Any) -> None:
    """End a process, which has nothing to save."""
    for end in (process.terminate, process.kill):
        end()
        process.join(_END_SECONDS)
        if not process.is_alive():
            return

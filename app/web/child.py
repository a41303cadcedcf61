"""A spawned process at the other end of a pipe, as an event loop sees it.

It ends when the pipe does, and the pipe ends with the server, so that it never outlives it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

_END_SECONDS = 3.0  # for each way to end it


class Child:
    """One process, which can be started again after it ended. All methods belong to one event loop.

    Args:
        name: Name of the process.
        main: Function that it runs, with the pipe and the arguments.
        arguments: Further arguments of `main`.
        on_message: Called with each message of it.
        on_end: Called once for each process that ended by itself.
    """

    def __init__(
        self,
        name: str,
        main: Callable[..., None],
        arguments: tuple[Any, ...],
        on_message: Callable[[bytes], None],
        on_end: Callable[[], None],
    ):
        self._name = name
        self._main = main
        self._arguments = arguments
        self._on_message = on_message
        self._on_end = on_end
        self._process: Any = None
        self._pipe: Connection | None = None
        self._writer = ThreadPoolExecutor(1, f"{name}-writer")

    @property
    def process_id(self) -> int | None:
        """Number of the process, if it runs."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start the process, unless it runs."""
        if self._process is not None:
            return
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=self._main, args=(theirs, *self._arguments), name=self._name, daemon=True
        )
        self._process.start()
        theirs.close()
        arguments = (asyncio.get_running_loop(), self._process, self._pipe)
        threading.Thread(target=self._read, args=arguments, daemon=True).start()

    async def send(self, message: bytes) -> None:
        """Write in a thread: a pipe that is full must not stop the server."""
        pipe = self._pipe
        if pipe is not None:
            loop = asyncio.get_running_loop()
            with suppress(OSError, RuntimeError):  # it ended, which `on_end` reports
                await loop.run_in_executor(self._writer, pipe.send_bytes, message)

    async def kill(self) -> None:
        """End the process at once; `on_end` is called."""
        process = self._process
        if process is not None:
            process.kill()
            self._lose(process)
            await asyncio.get_running_loop().run_in_executor(None, _end, process)

    async def end(self) -> None:
        """End the process, which may clean up as its pipe ends; `on_end` is called."""
        process = self._process
        if process is not None:
            self._lose(process)
            await asyncio.get_running_loop().run_in_executor(None, _end, process)

    async def close(self) -> None:
        """End the process for good, without a call of `on_end`."""
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        if pipe is not None:
            _hang_up(pipe)
        if process is not None:
            await asyncio.get_running_loop().run_in_executor(None, _end, process)
        self._writer.shutdown(wait=False)

    def _read(self, loop: asyncio.AbstractEventLoop, process: Any, pipe: Connection) -> None:
        """Pass messages on to the event loop, from a thread of their own."""
        with suppress(RuntimeError):  # the loop has ended
            while True:
                try:
                    message = pipe.recv_bytes()
                except (EOFError, OSError):
                    loop.call_soon_threadsafe(self._lose, process)
                    return
                loop.call_soon_threadsafe(self._on_message, message)

    def _lose(self, process: Any) -> None:
        """Forget a process that ended, and report it."""
        if process is None or process is not self._process:
            return
        pipe, self._pipe, self._process = self._pipe, None, None
        if pipe is not None:
            _hang_up(pipe)
        # What closed its pipe is about to end; joined, it leaves no zombie.
        asyncio.get_running_loop().run_in_executor(None, process.join, _END_SECONDS)
        self._on_end()


def _hang_up(pipe: Connection) -> None:
    """End a pipe at once: closed alone, it stays open for as long as a thread waits to read it."""
    with suppress(OSError):  # Windows has pipes of another kind
        end = socket.socket(fileno=os.dup(pipe.fileno()))
        with end:
            end.shutdown(socket.SHUT_RDWR)
    pipe.close()


def _end(process: Any) -> None:
    """End a process whose pipe has ended: by itself, so that it cleans up, or by force."""
    for end in (None, process.terminate, process.kill):
        if end is not None:
            end()
        process.join(_END_SECONDS)
        if not process.is_alive():
            return

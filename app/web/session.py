"""One socket of a page: its requests, what is worked on, what waits, and what is dropped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from app.errors import AppError
from app.web.errors import INTERNAL, PublicError, error_json
from app.web.limits import MAX_RUNNING, MAX_WAITING
from app.web.models import Models, image_of_size
from app.web.oracle import Oracle
from app.web.protocol import PROGRESSIVE, Request, encode, parse_request

Topic = tuple[str, str, str]
_STALE = "A newer request of the same kind came first."
_CANCELED = "The request was canceled."


@dataclass(eq=False)
class _Job:
    """A request that is worked on.

    Attributes:
        request: The request.
        answered: Whether its last answer is sent or on its way.
        task: What works on it.
    """

    request: Request
    answered: bool = False
    task: asyncio.Task[None] = field(init=False)


class Session:
    """One socket.

    The client sets the pace: while it does not read its answers, its requests are not read either.

    Args:
        socket: Accepted socket.
        models: Models of the server.
        oracle: Process with Keras.
    """

    def __init__(self, socket: WebSocket, models: Models, oracle: Oracle):
        self._socket = socket
        self._models = models
        self._oracle = oracle
        self._waiting: dict[Topic, Request] = {}
        self._running: dict[Topic, _Job] = {}

    async def run(self) -> None:
        """Answer requests until the client leaves; then its work ends."""
        try:
            while True:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                await self._take(message.get("bytes"))
        except WebSocketDisconnect:  # it left while it was answered
            pass
        finally:
            for job in list(self._running.values()):
                job.task.cancel()

    async def _take(self, message: bytes | None) -> None:
        try:
            if message is None:
                raise PublicError("The message is text.", "Expected a binary message.")
            request = parse_request(message)
        except PublicError as error:
            await self._fail(error.request_id, error)
            return
        if request.kind == "cancel":
            await self._cancel(request.options["cancel"])
            return
        dropped = self._waiting.pop(request.topic, None)
        older = self._running.get(request.topic)
        if older is not None and request.kind in PROGRESSIVE and not older.answered:
            del self._running[request.topic]
            older.task.cancel()
            dropped = older.request
        elif dropped is None and len(self._waiting) >= MAX_WAITING:
            dropped = self._waiting.pop(next(iter(self._waiting)))
        self._waiting[request.topic] = request
        self._start_waiting()
        if dropped is not None:
            await self._answer(dropped.id, {"ok": False, "stale": True, "error": _STALE})

    def _start_waiting(self) -> None:
        for topic in list(self._waiting):
            if len(self._running) >= MAX_RUNNING:
                return
            if topic not in self._running:
                request = self._waiting.pop(topic)
                job = self._running[topic] = _Job(request)
                job.task = asyncio.ensure_future(self._work(job))
                job.task.add_done_callback(partial(self._finished, topic, job))

    def _finished(self, topic: Topic, job: _Job, _: asyncio.Task[None]) -> None:
        if self._running.get(topic) is job:
            del self._running[topic]
        if self._socket.client_state == WebSocketState.CONNECTED:
            self._start_waiting()

    async def _cancel(self, request_id: int | str) -> None:
        waiting = [topic for topic, one in self._waiting.items() if one.id == request_id]
        running = [
            job.task
            for job in self._running.values()
            if job.request.id == request_id and not job.answered
        ]
        for topic in waiting:
            del self._waiting[topic]
        for task in running:
            task.cancel()
        if waiting or running:
            answer = {"ok": False, "canceled": True, "error": _CANCELED}
            await self._answer(request_id, answer)

    async def _work(self, job: _Job) -> None:
        request = job.request
        try:
            async for values, arrays in self._parts(request):
                done = values.get("filled") == values.get("total")
                job.answered = done
                await self._answer(request.id, {"ok": True, **values}, arrays, done=done)
        except AppError as error:
            job.answered = True
            await self._fail(request.id, error)
        except WebSocketDisconnect:
            pass
        except Exception:
            await self._fail(request.id, INTERNAL)
            raise

    async def _parts(
        self, request: Request
    ) -> AsyncIterator[tuple[dict[str, Any], dict[str, np.ndarray]]]:
        if request.kind == "predict":
            values, classifier = await self._models.values(request.model, request.pixels)
            facts = {"classes": list(classifier.class_names), "outputs": classifier.kind}
            yield facts, {"values": values.astype(np.float32)}
            return
        classifier = await self._models.classifier(request.model)
        pixels = image_of_size(classifier, request.pixels)
        if request.options.get("class", 0) >= len(classifier.class_names):
            raise PublicError(
                "The model has no class at this position.",
                f"Expected a whole number from 0 to {len(classifier.class_names) - 1}.",
            )
        parts = self._oracle.ask(request.kind, request.model, {"pixels": pixels}, request.options)
        try:
            async for part in parts:
                yield part
        finally:
            await parts.aclose()  # type: ignore[attr-defined]

    async def _fail(self, request_id: int | str | None, error: AppError) -> None:
        answer = {"ok": False, **error_json(error, self._models.hidden)}
        await self._answer(request_id, answer)

    async def _answer(
        self,
        request_id: int | str | None,
        values: dict[str, Any],
        arrays: dict[str, np.ndarray] | None = None,
        *,
        done: bool = True,
    ) -> None:
        message = encode({"answer": {"id": request_id, "done": done, **values}}, arrays)
        with suppress(RuntimeError):  # the socket was closed meanwhile
            await self._socket.send_bytes(message)

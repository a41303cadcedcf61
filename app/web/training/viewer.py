"""One socket of a page that watches, and perhaps steers, a run."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from app.web.errors import PublicError, error_json
from app.web.training.commands import parse_command
from app.web.training.live_run import LiveRun
from app.web.training.mailbox import Event, Mailbox

# Sent only after the page has said `{"drawn": topic}` of the one before.
_ON_CREDIT = ("weights", "gradients", "batch")
_MOST_WAITING = 100  # events


class Viewer:
    """One socket: commands come in as text, events go out as binary messages.

    Args:
        socket: Accepted socket.
        live_run: The run.
    """

    def __init__(self, socket: WebSocket, live_run: LiveRun):
        self._socket = socket
        self._live_run = live_run
        self._waiting = Mailbox()
        self._changed = asyncio.Event()
        self._owed: set[str] = set()

    def put(self, event: Event) -> None:
        """Let an event wait, in the place of an earlier one of its topic."""
        self._waiting.put(event)
        self._changed.set()

    async def run(self) -> None:
        """Serve the client until it leaves."""
        self._live_run.join(self)
        sending = asyncio.ensure_future(self._send_all())
        try:
            while True:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                await self._take(message.get("text"))
        except WebSocketDisconnect:
            pass
        finally:
            self._live_run.leave(self)
            sending.cancel()

    async def _take(self, text: str | None) -> None:
        if text is not None and (topic := _drawn(text)) is not None:
            self._owed.discard(topic)
            self._changed.set()
            return
        command_id: int | str | None = None
        try:
            if text is None:
                raise PublicError("The message is binary.", "Expected a command as text.")
            command = parse_command(text)
            command_id = command.id
            await self._live_run.obey(self, command)
            if len(self._waiting) > _MOST_WAITING:
                raise WebSocketDisconnect(code=1013)  # it asks on, and reads no answers
        except PublicError as error:
            command_id = error.request_id if command_id is None else command_id
            answer = {"id": command_id, "ok": False, **error_json(error)}
            self.put(Event(f"answer/{command_id}", answer))

    async def _send_all(self) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):  # the client has left
            while True:
                await self._changed.wait()
                self._changed.clear()
                while (event := self._waiting.take(self._owed)) is not None:
                    if event.topic in _ON_CREDIT:
                        self._owed.add(event.topic)
                    await self._socket.send_bytes(event.message)


def _drawn(text: str) -> str | None:
    """Return the topic that a client has drawn, if it says so."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    drawn = content.get("drawn") if isinstance(content, dict) else None
    return drawn if isinstance(drawn, str) and drawn in _ON_CREDIT else None

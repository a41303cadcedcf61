"""What one client, and all clients together, may cost the server. All limits are here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.requests import ClientDisconnect, Request
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from app.web.errors import PublicError

MAX_CONNECTIONS = 128
MAX_UPLOAD_BYTES = 2**25
UPLOAD_SECONDS = 30.0  # for the whole body of a request
HEADER_SECONDS = 10.0  # until the first line and the headers of a request are complete
UNREAD_SECONDS = 20.0  # a client that reads nothing for so long is cut off
PING_SECONDS = 20.0
# One message: an image of the largest model, and its request.
MAX_MESSAGE_BYTES = 2**20
# Requests of one socket that are worked on, and that wait.
MAX_RUNNING, MAX_WAITING = 4, 16
# Images that are decoded at one time, and that wait for it.
MAX_DECODED, MAX_DECODE_QUEUE = 2, 32
# Requests of all clients that the oracle has at one time.
MAX_ORACLE_REQUESTS = 64
# Without a message from it, the oracle is restarted. On a busy machine, Keras starts slowly.
ORACLE_SECONDS = 300.0
MAX_SAMPLES = 100


class Slots:
    """Places for work of one kind, and for those who wait for one.

    Args:
        running: Number of places.
        waiting: Number of those who may wait.
    """

    def __init__(self, running: int, waiting: int):
        self._places = asyncio.Semaphore(running)
        self._most = running + waiting
        self._present = 0

    @asynccontextmanager
    async def taking(self) -> AsyncIterator[None]:
        """Hold a place inside the block.

        Raises:
            PublicError: If too many wait already.
        """
        if self._present >= self._most:
            raise PublicError(
                "The server has too much to do.", "Expected fewer requests at one time.",
                "Try again in a moment.", http_status=503,
            )  # fmt: skip
        self._present += 1
        try:
            async with self._places:
                yield
        finally:
            self._present -= 1


async def read_body(request: Request) -> bytes:
    """Return the body of a request.

    Raises:
        PublicError: If it is too large, which is found before it is read where the request says
            so, or comes too slowly.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > MAX_UPLOAD_BYTES:
        raise _too_large()
    try:
        return await asyncio.wait_for(_read_at_most(request), UPLOAD_SECONDS)
    except asyncio.TimeoutError:
        raise PublicError(
            f"The body did not arrive within {UPLOAD_SECONDS:.0f} seconds.",
            "Expected the bytes of one image.",
            http_status=408,
        ) from None
    except ClientDisconnect:
        raise PublicError("The connection ended early.", http_status=400) from None


async def _read_at_most(request: Request) -> bytes:
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > MAX_UPLOAD_BYTES:
            raise _too_large()
    return bytes(content)


def _too_large() -> PublicError:
    return PublicError(
        f"The body has more than {MAX_UPLOAD_BYTES:,} bytes.",
        "Expected the bytes of one image.",
        "Resize the image first.",
        http_status=413,
    )


class _Patience:
    """Timers of a connection; each ends it unless it is stopped in time."""

    def __init__(self) -> None:
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def start(self, name: str, seconds: float, transport: asyncio.Transport) -> None:
        if name not in self._timers:
            loop = asyncio.get_running_loop()
            self._timers[name] = loop.call_later(seconds, transport.abort)

    def stop(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def stop_all(self) -> None:
        for name in list(self._timers):
            self.stop(name)


class HttpProtocol(H11Protocol):
    """HTTP with a limit on connections, and on the patience with slow clients."""

    extra_headers: tuple[tuple[bytes, bytes], ...] = ()

    def __init__(self, *arguments: Any, **keywords: Any):
        super().__init__(*arguments, **keywords)
        self._patience = _Patience()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection, or close it if there are too many."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            lines = [
                b"HTTP/1.1 503 Service Unavailable",
                b"content-length: 0",
                b"connection: close",
            ]
            lines += [b"%b: %b" % header for header in self.extra_headers]
            transport.write(b"\r\n".join([*lines, b"", b""]))
            transport.close()
            return
        self._patience.start("headers", HEADER_SECONDS, transport)

    def data_received(self, data: bytes) -> None:
        """Take bytes; those of an unfinished request must go on coming."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._patience.stop("headers")
        elif self.transport.get_protocol() is self and not self.transport.is_closing():
            self._patience.start("headers", HEADER_SECONDS, self.transport)

    def handle_websocket_upgrade(self, event: Any) -> None:
        """Leave the connection to a socket."""
        self._patience.stop_all()
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        """Wait for the next request, as long as the server keeps connections."""
        self._patience.stop("headers")
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP."""
        lines = [b"HTTP/1.1 400 Bad Request", b"content-length: 0", b"connection: close"]
        lines += [b"%b: %b" % header for header in self.extra_headers]
        self.transport.write(b"\r\n".join([*lines, b"", b""]))
        self.transport.close()

    def pause_writing(self) -> None:
        """Stop answering until the client has read."""
        super().pause_writing()
        self._patience.start("unread", UNREAD_SECONDS, self.transport)

    def resume_writing(self) -> None:
        """Go on answering."""
        super().resume_writing()
        self._patience.stop("unread")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._patience.stop_all()
        super().connection_lost(exc)


class SocketProtocol(WebSocketsSansIOProtocol):
    """Sockets of clients that must read what they asked for."""

    def __init__(self, *arguments: Any, **keywords: Any):
        super().__init__(*arguments, **keywords)
        self._patience = _Patience()

    def pause_writing(self) -> None:
        """Stop answering and reading until the client has read."""
        super().pause_writing()
        self.transport.pause_reading()
        self._patience.start("unread", UNREAD_SECONDS, self.transport)

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self._patience.stop("unread")
        if not self.read_paused:
            self.transport.resume_reading()

    async def send(self, message: Any) -> None:
        """Send a message, unless the client has left."""
        await self.writable.wait()
        if self.transport.is_closing() and message["type"] == "websocket.send":
            raise ClientDisconnected
        await super().send(message)

    async def receive(self) -> Any:
        """Return the next message; later ones are not read before it is taken."""
        message = await super().receive()
        if not self.writable.is_set():
            self.transport.pause_reading()
        return message

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._patience.stop_all()
        super().connection_lost(exc)

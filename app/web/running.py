"""Bind an address, run the server on it until it is stopped, and end everything with it."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import uvicorn

from app.config import MODELS_FOLDER
from app.errors import AppError
from app.web.assets import read_assets
from app.web.guard import Guard
from app.web.limits import MAX_MESSAGE_BYTES, PING_SECONDS, HttpProtocol, SocketProtocol
from app.web.oracle import Oracle
from app.web.served import find_served
from app.web.server import Processes, Server
from app.web.training.live_run import LiveRun

_GRACE_SECONDS = 1  # for answers that are under way when the server is stopped
_NEXT_PORTS = 100


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Args:
        host: Name or address of this machine.
        port: Port; 0 for any free one.

    Raises:
        AppError: If the address is not one of this machine, or the port is in use.
    """
    try:
        return _bound(host, port)
    except socket.gaierror:
        raise _no_address(host) from None
    except PermissionError:
        raise AppError(
            f"--port is {port}, which only the administrator may use.",
            "Expected a port from 1024 to 65535.",
        ) from None
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise _no_address(host) from None
        if error.errno != errno.EADDRINUSE:
            raise
        free = _next_free(host, port)
        raise AppError(
            f"The port {port} is in use, perhaps by this program.",
            "Expected a free port.",
            f"Use another one: --port {free}" if free else "Use another one: --port 0",
        ) from None


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":  # there it would share the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


def _no_address(host: str) -> AppError:
    return AppError(
        f"--host is '{host}', which is no address of this machine.",
        "Expected 127.0.0.1, or an address by which others reach this machine.",
    )


def _next_free(host: str, port: int) -> int | None:
    for candidate in range(port + 1, min(port + _NEXT_PORTS, 2**16)):
        with suppress(OSError), closing(_bound(host, candidate)):
            return candidate
    return None


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches an address or name."""
    try:
        address = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)[0][4][0]
    except OSError:
        raise _no_address(host) from None
    return ipaddress.ip_address(str(address).partition("%")[0]).is_loopback


def names_of(listening: socket.socket, host: str) -> list[str]:
    """Return the names and addresses under which a socket may be asked; the best one first."""
    bound = ipaddress.ip_address(listening.getsockname()[0].partition("%")[0])
    if bound.is_loopback:
        own = f"[{bound}]" if bound.version == 6 else str(bound)
        return [own, "localhost"]
    if not bound.is_unspecified:
        own = f"[{bound}]" if bound.version == 6 else str(bound)
        return [own] if host == str(bound) else [own, host.lower()]
    found = [
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family == socket.AF_INET
    ]
    outside = [address for address in found if not ipaddress.ip_address(address).is_loopback]
    return [*outside, "127.0.0.1", "localhost", socket.gethostname().lower()]


@dataclass(frozen=True, kw_only=True)
class Serving:
    """What is served.

    Attributes:
        models: Models to offer; none for all saved models.
        host: Name by which the socket was bound.
        token: Secret of the address; empty for none.
        data_dir: Folder of the datasets.
        modules: Modules with layers of the user's own, which only the oracle imports.
        train: Whether networks can be trained on the page.
    """

    models: Sequence[str]
    host: str
    token: str
    data_dir: Path
    modules: Sequence[str] = ()
    train: bool = False


def run_server(
    serving: Serving,
    listening: socket.socket,
    started: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve models until the process is asked to stop.

    Args:
        serving: What is served.
        listening: Listening socket.
        started: Called with the address of the page as soon as it is answered.

    Raises:
        AppError: If a model is missing or damaged.
    """
    served = find_served(serving.models)
    oracle = Oracle({name: model.path for name, model in served.items()}, serving.modules)
    port = listening.getsockname()[1]
    names = names_of(listening, serving.host)
    live_run = LiveRun(Path(MODELS_FOLDER), serving.data_dir) if serving.train else None
    server = Server(served, Processes(oracle, live_run), serving.data_dir, read_assets())
    guard = Guard(server.app, names, port, serving.token)
    query = f"?token={serving.token}" if serving.token else ""
    address = f"http://{names[0]}:{port}/{query}"
    pixels = [model.card.image_size for model in served.values() if model.card is not None]
    largest = max((3 * height * width for height, width in pixels), default=0)
    with _native_messages_discarded():
        uvicorn_server(guard, 2 * largest, lambda: started(address)).run(sockets=[listening])


def uvicorn_server(
    guard: Guard, image_bytes: int, started: Callable[[], None] = lambda: None
) -> uvicorn.Server:
    """Return a server of a guarded application, with all its limits.

    Args:
        guard: Application.
        image_bytes: Bytes of the largest image that a message may hold.
        started: Called when connections are accepted.
    """
    http = type("Http", (HttpProtocol,), {"extra_headers": tuple(guard.headers)})
    config = uvicorn.Config(
        guard, http=http, ws=SocketProtocol, loop="asyncio", lifespan="on", log_config=None,
        log_level="error", access_log=False, proxy_headers=False, server_header=False,
        ws_max_size=MAX_MESSAGE_BYTES + image_bytes, ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS, ws_per_message_deflate=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )  # fmt: skip
    return _Announcing(config, started)


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Callable[[], None]):
        super().__init__(config)
        self._announce = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()


@contextmanager
def _native_messages_discarded() -> Iterator[None]:
    """Discard what decoders write below Python's `sys.stderr`, for as long as the server runs."""
    original = sys.stderr
    try:
        kept = os.dup(2)
        shown = original is not None and original.fileno() == 2
    except (OSError, ValueError):  # closed, or captured
        yield
        return
    with os.fdopen(kept, "w", buffering=1, errors="backslashreplace") as stream:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        if shown:
            sys.stderr = stream
        try:
            yield
        finally:
            os.dup2(stream.fileno(), 2)
            sys.stderr = original

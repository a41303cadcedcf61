"""The guard around the whole server: only the page itself, opened by its user, is answered.

Any web page that the user visits can send requests to a server on the same machine, and can make
its own name mean that machine. So each request and each socket must name one of the addresses that
the server really has (`Host`, with the port, exactly), and whatever changes or costs something must
come from a page of those addresses (`Origin`). Nothing is decided by what the request says of
itself otherwise: no forwarded headers, no suffixes, no exceptions for single paths.

The checks are here and nowhere else, around the application, since middleware of frameworks does
not see sockets.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS = ("GET", "HEAD", "POST")
_BODIES = ("application/json", "application/octet-stream")
_HTTP_PORT = 80  # which browsers leave out


class Refusal(NamedTuple):
    """Why a request is not answered.

    Attributes:
        status: HTTP status.
        received: What is wrong with it.
        expected: What would have been right.
        headers: Further headers of the answer.
    """

    status: int
    received: str
    expected: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Guard:
    """An ASGI application that lets only permitted requests through to another.

    Args:
        app: Application to guard.
        names: Names and addresses of the server, such as `127.0.0.1` and `[::1]`.
        port: Port of the server.
        token: Secret that the browser must have; empty for none.

    Attributes:
        headers: Headers of every answer.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str], port: int, token: str = ""):
        self._app = app
        names = sorted(names)
        hosts = {f"{name}:{port}" for name in names}
        self._hosts = hosts | (set(names) if port == _HTTP_PORT else set())
        self._origins = {f"http://{host}" for host in self._hosts}
        self._address = f"http://{names[0]}:{port}"
        self._token = token.encode()
        self._cookie = f"convlab-{port}"
        self.headers = security_headers(f"ws://{host}" for host in sorted(hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or a socket."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        send = self._with_headers(send)
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await _refuse_socket(scope, send, refusal)
        else:
            await _refuse_request(send, refusal)

    def _refusal(self, scope: Scope) -> Refusal | None:
        headers = scope["headers"]
        return (
            self._wrong_host(headers)
            or self._wrong_method(scope)
            or self._wrong_origin(scope, headers)
            or _wrong_body(scope, headers)
            or self._wrong_token(scope, headers)
        )

    def _wrong_host(self, headers: _Headers) -> Refusal | None:
        hosts = _values(headers, b"host")
        if len(hosts) == 1 and hosts[0].lower() in self._hosts:
            return None
        return Refusal(
            421, "The request names another server.", f"Expected the address {self._address}."
        )

    def _wrong_method(self, scope: Scope) -> Refusal | None:
        if not scope["path"].startswith("/"):  # an address with a server's name
            return Refusal(400, "The request line holds no path.", "Expected a path.")
        if scope["type"] == "websocket" or scope["method"] in _METHODS:
            return None
        allowed = ((b"allow", ", ".join(_METHODS).encode()),)
        return Refusal(405, "The method is not answered.", "Expected GET or POST.", allowed)

    def _wrong_origin(self, scope: Scope, headers: _Headers) -> Refusal | None:
        origins = _values(headers, b"origin")
        needed = scope["type"] == "websocket" or scope["method"] == "POST"
        sites = _values(headers, b"sec-fetch-site")
        if (
            (len(origins) == 1 if needed else len(origins) <= 1)
            and all(origin in self._origins for origin in origins)
            and all(site in ("same-origin", "none") for site in sites)
        ):
            return None
        return Refusal(
            403,
            "The request comes from elsewhere than the page of this server.",
            f"Expected the header Origin: {self._address}; open that address directly.",
        )

    def _wrong_token(self, scope: Scope, headers: _Headers) -> Refusal | None:
        if not self._token:
            return None
        wanted = hashlib.sha256(self._token).hexdigest()
        for cookie in ";".join(_values(headers, b"cookie")).split(";"):
            name, _, value = cookie.strip().partition("=")
            if name == self._cookie and hmac.compare_digest(value.encode(), wanted.encode()):
                return None
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == "/":
            given = dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("token", "")
            if hmac.compare_digest(given.encode(), self._token):
                cookie = f"{self._cookie}={wanted}; Path=/; HttpOnly; SameSite=Strict"
                moved = ((b"location", b"/"), (b"set-cookie", cookie.encode()))
                return Refusal(303, "The address without its token follows.", "", moved)
        return Refusal(
            401,
            "The request has no valid token.",
            "Expected the address that the server printed, with ?token=… at its end.",
        )

    def _with_headers(self, send: Send) -> Send:
        """Add the headers to every answer."""

        async def guarded(message: Message) -> None:
            if message["type"] in _STARTS:
                headers = list(message.get("headers", ()))
                present = {name.lower() for name, _ in headers}
                new = [pair for pair in self.headers if pair[0] not in present]
                message = {**message, "headers": headers + new}
            await send(message)

        return guarded


_STARTS = ("http.response.start", "websocket.accept", "websocket.http.response.start")
_Headers = Iterable[tuple[bytes, bytes]]


def security_headers(sockets: Iterable[str]) -> list[tuple[bytes, bytes]]:
    """Return the headers of every answer.

    Args:
        sockets: Addresses of the server's sockets, such as `ws://127.0.0.1:8000`.
    """
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        f"worker-src 'self'; connect-src 'self' {' '.join(sockets)}; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
        "trusted-types convlab"
    )
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"cache-control", b"no-store"),
    ]


def _values(headers: _Headers, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]


def _wrong_body(scope: Scope, headers: _Headers) -> Refusal | None:
    if scope["type"] == "websocket" or scope["method"] != "POST":
        return None
    types = [value.partition(";")[0].strip().lower() for value in _values(headers, b"content-type")]
    if len(types) == 1 and types[0] in _BODIES:
        return None
    return Refusal(
        415,
        "The request has no content type that the server reads.",
        f"Expected the header Content-Type: {' or '.join(_BODIES)}.",
    )


def _body(refusal: Refusal) -> bytes:
    return json.dumps({"error": refusal.received, "expected": refusal.expected}).encode()


def _start(kind: str, refusal: Refusal, body: bytes) -> Message:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),  # its body, if it has one, is not read
        *refusal.headers,
    ]
    return {"type": f"{kind}.start", "status": refusal.status, "headers": headers}


async def _refuse_request(send: Send, refusal: Refusal) -> None:
    body = _body(refusal)
    await send(_start("http.response", refusal, body))
    await send({"type": "http.response.body", "body": body})


async def _refuse_socket(scope: Scope, send: Send, refusal: Refusal) -> None:
    """Answer the handshake with an HTTP status, before the socket is accepted."""
    refusal = refusal._replace(status=403)
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    body = _body(refusal)
    await send(_start("websocket.http.response", refusal, body))
    await send({"type": "websocket.http.response.body", "body": body})

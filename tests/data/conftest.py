"""A real HTTP server on this machine that misbehaves as a test asks."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass(frozen=True)
class Misdeed:
    status: int | None = None  # answer this and no content
    content: bytes | None = None  # serve this instead of the file
    length: int | None = None  # announce this length
    announce: bool = True  # announce a length at all
    cut_after: int | None = None  # close the connection after so many bytes of the answer
    stall_after: int | None = None  # stay silent after so many bytes of the answer
    ignore_range: bool = False  # answer 200 with everything
    ignore_if_range: bool = False  # answer 206 although the file has changed
    headers: dict[str, str] = field(default_factory=dict)  # replace these


class Mirror:
    """Serves `files` (path → bytes) with `etag`; notes the headers of every request."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.etag: str | None = '"v1"'
        self.requests: list[dict[str, str]] = []
        self.always = Misdeed()
        self._next: deque[Misdeed] = deque()
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.mirror = self
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def ranges(self) -> list[str | None]:
        return [headers.get("range") for headers in self.requests]

    def next(self, **misdeed: Any) -> None:
        """Queue how to answer one request."""
        self._next.append(Misdeed(**misdeed))

    def forever(self, **misdeed: Any) -> None:
        self.always = Misdeed(**misdeed)

    def behave(self) -> None:
        self._next.clear()
        self.always = Misdeed()

    def take_misdeed(self) -> Misdeed:
        return self._next.popleft() if self._next else self.always

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for every answer
    mirror: Mirror

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay quiet when a client hangs up."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        mirror = self.server.mirror
        misdeed = mirror.take_misdeed()
        mirror.requests.append({name.lower(): value for name, value in self.headers.items()})
        whole = misdeed.content
        if whole is None:
            whole = mirror.files.get(self.path.lstrip("/"))
        if misdeed.status or whole is None:
            self.answer(misdeed.status or 404, {"Content-Length": "0"})
            return
        status, body, headers = 200, whole, {"ETag": mirror.etag} if mirror.etag else {}
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        same = self.headers.get("If-Range") in (None, mirror.etag) or misdeed.ignore_if_range
        if asked and same and not misdeed.ignore_range:
            start = int(asked[1])
            status, body = (206, whole[start:]) if start < len(whole) else (416, b"")
            span = f"{start}-{len(whole) - 1}" if body else "*"
            headers["Content-Range"] = f"bytes {span}/{len(whole)}"
        if misdeed.announce:
            headers["Content-Length"] = str(len(body) if misdeed.length is None else misdeed.length)
        self.answer(status, headers | misdeed.headers)
        stops = [stop for stop in (misdeed.cut_after, misdeed.stall_after) if stop is not None]
        self.wfile.write(body[: min(stops, default=None)])
        self.wfile.flush()
        if misdeed.stall_after is not None:
            mirror.closing.wait(10)

    def answer(self, status: int, headers: dict[str, str]) -> None:
        self.close_connection = True
        self.send_response(status)
        for name, value in {**headers, "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()


@pytest.fixture
def new_mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Mirror]]:
    """Start servers, and stop them after the test."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr("app.data.download.transfer.PAUSES", (0.0, 0.0, 0.0))
    mirrors: list[Mirror] = []

    def start() -> Mirror:
        mirrors.append(Mirror())
        return mirrors[-1]

    yield start
    for mirror in mirrors:
        mirror.close()


@pytest.fixture
def mirror(new_mirror: Callable[[], Mirror]) -> Mirror:
    return new_mirror()

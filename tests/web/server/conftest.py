"""One running server for all tests of this folder, in a thread, with an oracle without Keras."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from websockets.sync.client import connect

from app.web.assets import Asset, read_assets
from app.web.guard import Guard
from app.web.oracle import Oracle
from app.web.protocol import decode, encode
from app.web.running import bind, names_of, uvicorn_server
from app.web.served import find_served
from app.web.server import Processes, Server
from tests.shipped import MODELS
from tests.web.server import fake_oracle

ROOT = Path(__file__).parents[3]
PHOTOGRAPH = np.zeros((150, 150, 3), np.uint8)
BYTES = {"Content-Type": "application/octet-stream"}
SERVED = ("mnist-tiny", "mnist-convnet", "catsdogs-lecture")  # the last one has no LiteRT file
_OPENED = []  # (path, flags or mode) of every `open`, once `watch_opens` is on
_WATCHING = threading.Event()


@dataclass
class Running:
    """A running server."""

    port: int
    oracle: Oracle
    uvicorn: object

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.port}"

    def raw(self, *lines, body=b"", seconds=10):
        """Send lines of a request as they are; return all that comes back."""
        text = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
        with closing(socket.create_connection(("127.0.0.1", self.port), seconds)) as connection:
            connection.sendall(text)
            received = b""
            while piece := connection.recv(2**16):
                received += piece
                if b"\r\n\r\n" in received and b"101 Switching" in received:
                    break
        return received

    def status(self, *lines, body=b""):
        """Return the status of the answer to lines of a request."""
        answer = self.raw(*lines, "Connection: close", body=body)
        return int(answer.split(b" ", 2)[1])

    def ask(self, path, method="GET", body=None, headers=None):
        """Return status, headers and body of a well-formed request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        origin = {"Origin": self.origin} if method == "POST" else {}
        connection.request(method, path, body, {**origin, **(headers or {})})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), content

    def socket(self, **options):
        """Return an open WebSocket of the page's own origin."""
        options = {"origin": self.origin, "max_size": None, **options}
        return connect(f"ws://127.0.0.1:{self.port}/socket", **options)


def message(kind="predict", request_id=1, model="mnist-tiny", pixels=None, **options):
    """Return a request of a socket."""
    pixels = np.zeros((28, 28, 1), np.uint8) if pixels is None else pixels
    content = {"id": request_id, "kind": kind, "model": model, **options}
    return encode({"request": content}, {"pixels": pixels})


def slow(request_id, **options):
    """Return a request that the fake oracle works on until it is canceled."""
    options = {"model": "catsdogs-lecture", "pixels": PHOTOGRAPH, "class": 1, **options}
    return message("occlusion", request_id, **options)


def answer_of(connection, request_id=None, seconds=20):
    """Return the next answer, of this request if one is named."""
    while True:
        values, tensors = decode(connection.recv(timeout=seconds), "answer")
        if request_id is None or values["id"] == request_id:
            return values, tensors


def start(
    names=SERVED,
    *,
    host="127.0.0.1",
    token="",
    patience=60.0,
    assets=None,
    live_run=None,
    data=None,
):
    """Start a server in a thread; return it and the thread."""
    listening = bind(host, 0)
    port = listening.getsockname()[1]
    served = find_served([str(MODELS / name) for name in names])
    paths = {name: model.path for name, model in served.items()}
    oracle = Oracle(paths, main=fake_oracle.main, patience=patience)
    data = data or Path(os.environ.get("CONVLAB_DATA", "nowhere"))
    files = assets or page_or_stub()
    server = Server(served, Processes(oracle, live_run), data, files, warm_up=False)
    guard = Guard(server.app, names_of(listening, host), port, token)
    started = threading.Event()
    uvicorn = uvicorn_server(guard, 2 * 150 * 150 * 3, started.set)
    thread = threading.Thread(target=uvicorn.run, kwargs={"sockets": [listening]})
    thread.start()
    assert started.wait(30)
    return Running(port, oracle, uvicorn), thread


def page_or_stub():
    """Return the page's files, with a page even if there is none."""
    return {"/": Asset(b"<!doctype html><title>page</title>", "text/html", '"0"'), **read_assets()}


@pytest.fixture(scope="session")
def server():
    running, thread = start()
    yield running
    running.uvicorn.should_exit = True
    thread.join(20)
    assert not thread.is_alive()
    assert running.oracle.process_id is None


@pytest.fixture
def own_server():
    """A function that starts a server of the test's own."""
    started = []

    def begin(**options):
        running, thread = start(**options)
        started.append((running, thread))
        return running

    yield begin
    for running, thread in started:
        running.uvicorn.should_exit = True
        thread.join(20)


def _note_opens(event, arguments):
    # What the test itself opens, in the main thread, does not count.
    own = threading.current_thread() is threading.main_thread()
    if event == "open" and _WATCHING.is_set() and not own:
        path, mode, flags = arguments
        _OPENED.append((os.fspath(path) if not isinstance(path, int) else path, mode, flags))


@pytest.fixture
def opened():
    """The files that the server opens during the test, as `(path, mode, flags)`."""
    if not getattr(sys, "_convlab_hook", False):  # an audit hook cannot be removed
        sys.addaudithook(_note_opens)
        sys._convlab_hook = True
    _OPENED.clear()
    _WATCHING.set()
    yield _OPENED
    _WATCHING.clear()


@contextmanager
def serving(*arguments, cache):
    """Run the command with a cache of its own; yield the process and the address that it prints."""
    command = [sys.executable, "-m", "app", "serve", *arguments, "--port", "0", "--no-browser"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"CONVLAB_CACHE": str(cache)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        line = process.stdout.readline()
        assert line.startswith("The page is at "), process.stderr.read()
        yield process, line.removeprefix("The page is at ").strip().rstrip("/")
    finally:
        process.kill()
        process.communicate()


def fetch(address, path):
    """Return what a running command answers to a path."""
    with urllib.request.urlopen(f"{address}{path}", timeout=300) as answer:
        return answer.read()


def until(condition, seconds=20):
    """Wait for a condition; fail if it never comes."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)

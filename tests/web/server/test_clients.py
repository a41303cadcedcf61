"""Clients of the socket: those that do not read or do not answer, many at once, and their work."""

import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import numpy as np
import psutil
import pytest

from app.classifier import load
from app.web import limits
from app.web.assets import Asset
from app.web.protocol import encode
from tests.shipped import MODELS
from tests.web.server.conftest import PHOTOGRAPH, answer_of, message, slow, until


def _small_socket(server):
    """Return a raw, open WebSocket that reads nothing, with a small buffer."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    raw.settimeout(2)
    raw.connect(("127.0.0.1", server.port))
    lines = [
        "GET /socket HTTP/1.1", f"Host: 127.0.0.1:{server.port}", f"Origin: {server.origin}",
        "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", "",
    ]  # fmt: skip
    raw.sendall("\r\n".join(lines).encode())
    assert raw.recv(12) == b"HTTP/1.1 101"
    return raw


def _frame(content):
    """Return a masked binary frame; a mask of zeros leaves the content as it is."""
    return struct.pack(">BBQ", 0x82, 0xFF, len(content)) + bytes(4) + content


def test_point_16_idle_client_is_pinged_out(own_server, monkeypatch):
    monkeypatch.setattr("app.web.running.PING_SECONDS", 0.3)
    server = own_server(names=["mnist-tiny"])
    with _small_socket(server) as idle:
        received = b""
        while piece := idle.recv(100):
            received += piece
    assert b"\x89\x04" in received  # a ping of four bytes, which nothing answers
    assert b"keepalive ping timeout" in received


@pytest.mark.slow
def test_point_17_client_that_never_reads_costs_little_and_slows_nobody(server):
    photo = {"model": "catsdogs-lecture", "pixels": PHOTOGRAPH}
    with server.socket() as other, ExitStack() as open_ones:
        other.send(message("grad_cam", **photo))
        answer_of(other)
        before = psutil.Process().memory_info().rss
        for _ in range(4):
            deaf = open_ones.enter_context(_small_socket(server))
            try:
                for number in range(100):  # each answer has a megabyte
                    deaf.sendall(_frame(message("grad_cam", number, layer=f"l{number}", **photo)))
            except TimeoutError:  # the server does not read on
                pass
        for number in range(50):
            other.send(message(request_id=number))
            assert answer_of(other, number)[0]["ok"]
        grown = psutil.Process().memory_info().rss - before
    assert grown < 150e6  # of the 400 MB that were asked for


def test_point_17_client_that_never_reads_is_cut_off(own_server, monkeypatch):
    monkeypatch.setattr(limits, "UNREAD_SECONDS", 0.5)
    server = own_server(names=["mnist-tiny", "catsdogs-lecture"])
    with _small_socket(server) as deaf:
        for number in range(40):
            photo = {"model": "catsdogs-lecture", "pixels": PHOTOGRAPH, "layer": f"l{number}"}
            try:
                deaf.sendall(_frame(message("grad_cam", number, **photo)))
            except OSError:
                break
        until(lambda: not server.uvicorn.server_state.connections)
    assert server.ask("/api/models")[0] == 200  # others are answered


def test_point_18_connections_are_capped(own_server, monkeypatch):
    monkeypatch.setattr(limits, "MAX_CONNECTIONS", 5)
    server = own_server(names=["mnist-tiny"])
    with ExitStack() as open_ones:
        for _ in range(5):
            open_ones.enter_context(server.socket())
        with suppress(ConnectionResetError):  # it is closed before the request is read
            host = f"Host: 127.0.0.1:{server.port}"
            assert server.status("GET /api/models HTTP/1.1", host) == 503
    until(lambda: not server.uvicorn.server_state.connections)
    assert server.ask("/api/models")[0] == 200


def test_point_18_twenty_clients_draw_at_once_without_an_error(server):
    expected = load(MODELS / "mnist-convnet")

    def draw(number):
        rng = np.random.default_rng(number)
        with server.socket() as connection:
            for step in range(20):
                pixels = rng.integers(0, 256, (28, 28, 1), np.uint8)
                connection.send(message(request_id=step, model="mnist-convnet", pixels=pixels))
                values, tensors = answer_of(connection, step)
                assert values["ok"], values
                probabilities = expected.values(pixels[np.newaxis])[0]
                np.testing.assert_allclose(tensors["values"], probabilities, atol=1e-6)
        return step

    with ThreadPoolExecutor(20) as clients:
        assert list(clients.map(draw, range(20), timeout=120)) == [19] * 20


def test_point_19_slow_work_of_one_client_does_not_delay_another(server):
    with server.socket() as slow_one, server.socket() as other:
        slow_one.send(slow(1))
        assert answer_of(slow_one)[0]["done"] is False
        for number in range(20):
            other.send(message(request_id=number))
            assert answer_of(other)[0] == {
                "id": number, "done": True, "ok": True, "outputs": "distribution",
                "classes": [str(k) for k in range(10)],
            }  # fmt: skip
        other.send(message("grad_cam", 99, model="catsdogs-lecture", pixels=PHOTOGRAPH))
        assert answer_of(other)[0]["ok"]
        assert answer_of(slow_one)[0]["done"] is False  # it still runs


def test_point_19_disconnection_and_cancellation_end_the_work(server):
    with server.socket() as connection:
        connection.send(slow(1))
        answer_of(connection)
        assert server.oracle.waiting == 1
    until(lambda: server.oracle.waiting == 0)
    with server.socket() as connection:
        connection.send(slow("a"))
        answer_of(connection)
        connection.send(encode({"request": {"id": "b", "kind": "cancel", "cancel": "a"}}))
        while (values := answer_of(connection)[0])["ok"]:
            pass
        assert values["canceled"]
        until(lambda: server.oracle.waiting == 0)


def _get(server, path):
    """Return a connection that has asked for a path and reads nothing."""
    raw = socket.create_connection(("127.0.0.1", server.port))
    raw.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
    return raw


def test_nothing_is_written_to_a_client_that_has_left(own_server, caplog):
    server = own_server(names=["mnist-tiny"], assets={"/": Asset(bytes(2**23), "text/html", "0")})
    connections = server.uvicorn.server_state.connections
    for _ in range(5):
        _get(server, "/").close()  # before the answer has begun
        with _get(server, "/") as raw:
            assert raw.recv(12) == b"HTTP/1.1 200"  # in the middle of it
        with _small_socket(server) as raw:
            for number in range(50):
                raw.sendall(_frame(message(request_id=number)))
    until(lambda: not connections)
    assert [record for record in caplog.records if record.name == "asyncio"] == []

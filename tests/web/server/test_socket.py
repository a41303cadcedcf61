"""The socket: hostile messages, bursts, clients that do not read, many clients, and their work."""

import json
import socket
import struct
import threading
from contextlib import ExitStack, suppress

import numpy as np
import psutil
import pytest
from safetensors.numpy import save
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from app.classifier import load
from app.web import limits
from app.web.protocol import decode, encode
from tests.shipped import MODELS
from tests.web.server.conftest import answer_of, message, until

PHOTOGRAPH = np.zeros((150, 150, 3), np.uint8)


def request_of(text):
    """Return a message whose request is this text."""
    return save({"pixels": np.zeros((28, 28, 1), np.uint8)}, {"request": text})


def slow(request_id, **options):
    """Return a request that the fake oracle works on until it is canceled."""
    options = {"model": "catsdogs-lecture", "pixels": PHOTOGRAPH, "class": 1, **options}
    return message("occlusion", request_id, **options)


HOSTILE = {
    "nothing": b"", "garbage": bytes(range(256)) * 9, "a huge header": b"\xff" * 8 + b"{}",
    "no request": save({"pixels": np.zeros(1, np.uint8)}), "a list": request_of("[]"),
    "deep JSON": request_of("[" * 100_000 + "]" * 100_000),
    "NaN": request_of('{"id": NaN, "kind": "predict", "model": "mnist-tiny"}'),
    "infinity": request_of('{"id": 1, "kind": "occlusion", "model": "mnist-tiny", "cells": 1e999}'),
    "a huge number": request_of('{"id": ' + "9" * 5000 + ', "kind": "predict"}'),
    "an id of another type": message(request_id=[1]), "a true id": message(request_id=True),
    "an unknown kind": message("shell"), "a kind of another type": message({"kind": 1}),
    "an unknown model": message(model="../mnist-tiny"), "no model": message(model=None),
    "a model of another type": message(model=["mnist-tiny"]),
    "an unknown option": message(path="/etc/passwd"),
    "a class of another type": message("grad_cam", **{"class": "1"}),
    "a class that is too high": message("grad_cam", **{"class": 10}),
    "a negative class": message("grad_cam", **{"class": -1}),
    "an unknown method": message("saliency", method=["gradient"]),
    "too many cells": message("occlusion", cells=65), "no cells": message("occlusion", cells=0),
    "names of another type": message("activations", layers=[1]),
    "too many names": message("activations", layers=["a"] * 17),
    "another size": message(pixels=np.zeros((27, 28, 1), np.uint8)),
    "another type": message(pixels=np.zeros((28, 28, 1), np.float32)),
    "no pixels": encode({"request": {"id": 1, "kind": "predict", "model": "mnist-tiny"}}),
    "a cancellation of nothing": encode({"request": {"id": 1, "kind": "cancel"}}),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_point_16_hostile_message_is_an_error_and_the_socket_lives(server, what):
    with server.socket() as connection:
        connection.send(HOSTILE[what])
        values, _ = answer_of(connection)
        assert values["ok"] is False
        assert values["error"]
        assert "Traceback" not in json.dumps(values)
        connection.send(message(request_id="after"))
        assert answer_of(connection, "after")[0]["ok"]


def test_point_16_text_message_is_an_error_and_the_socket_lives(server):
    with server.socket() as connection:
        connection.send("hello")
        assert not answer_of(connection)[0]["ok"]
        connection.send(message())
        assert answer_of(connection)[0]["ok"]


def test_point_16_oversize_message_closes_the_socket_with_1009(server):
    with server.socket() as connection:
        connection.send(bytes(limits.MAX_MESSAGE_BYTES + 2 * PHOTOGRAPH.nbytes + 1))
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(timeout=20)
    assert closed.value.rcvd.code == 1009


def test_point_16_burst_is_bounded_and_every_request_is_answered_once(server):
    with server.socket() as connection:
        answers = {}

        def read():
            while len(answers) < 1000:
                values, _ = answer_of(connection)
                assert values["id"] not in answers
                answers[values["id"]] = values

        reader = threading.Thread(target=read)
        reader.start()
        for number in range(1000):
            connection.send(message(request_id=number))
        reader.join(60)
        assert not reader.is_alive()
    assert answers[999]["ok"]  # the newest is never dropped
    dropped = [values for values in answers.values() if not values["ok"]]
    assert all(values["stale"] for values in dropped)


def test_point_16_stale_requests_are_dropped_and_progressive_ones_ended(server):
    with server.socket() as connection:
        connection.send(slow(1))
        assert answer_of(connection, 1)[0]["done"] is False
        connection.send(slow(2))
        while (values := answer_of(connection, 1)[0])["ok"]:
            pass
        assert values["stale"]
        assert answer_of(connection, 2)[0]["ok"]


def test_request_after_the_last_answer_of_an_older_one_makes_neither_stale(server):
    with server.socket() as connection:
        for number in range(20):
            photo = {"model": "catsdogs-lecture", "pixels": PHOTOGRAPH}
            connection.send(message("occlusion", number, **photo))
            values, _ = answer_of(connection)
            assert (values["id"], values["ok"], values["done"]) == (number, True, True)


def test_point_16_idle_client_is_pinged_out(own_server, monkeypatch):
    monkeypatch.setattr("app.web.running.PING_SECONDS", 0.3)
    server = own_server(names=["mnist-tiny"])
    with _small_socket(server) as idle:
        received = b""
        while piece := idle.recv(100):
            received += piece
    assert b"\x89\x04" in received  # a ping of four bytes, which nothing answers
    assert b"keepalive ping timeout" in received


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
    failures = []
    expected = load(MODELS / "mnist-convnet")

    def draw(number):
        rng = np.random.default_rng(number)
        try:
            with server.socket() as connection:
                for step in range(20):
                    pixels = rng.integers(0, 256, (28, 28, 1), np.uint8)
                    connection.send(message(request_id=step, model="mnist-convnet", pixels=pixels))
                    values, tensors = answer_of(connection, step)
                    assert values["ok"], values
                    probabilities = expected.values(pixels[np.newaxis])[0]
                    np.testing.assert_allclose(tensors["values"], probabilities, atol=1e-6)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


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


def test_flat_pixels_are_accepted(server):
    with server.socket() as connection:
        pixels = np.random.default_rng(0).integers(0, 256, (28, 28, 1), np.uint8)
        found = []
        for given in (pixels, pixels.reshape(-1)):
            connection.send(message(pixels=given))
            found.append(answer_of(connection)[1]["values"])
    np.testing.assert_array_equal(*found)


def test_decode_of_an_answer_is_what_was_encoded():
    arrays = {"a": np.arange(6, dtype=np.float32).reshape(2, 3)}
    values, tensors = decode(encode({"answer": {"id": "ü", "done": True}}, arrays), "answer")
    assert values == {"id": "ü", "done": True}
    np.testing.assert_array_equal(tensors["a"], arrays["a"])


def test_socket_of_another_path_is_refused(server):
    with pytest.raises(Exception, match="403"):
        connect(f"ws://127.0.0.1:{server.port}/elsewhere", origin=server.origin)

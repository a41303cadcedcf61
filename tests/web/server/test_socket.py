"""Messages of the socket: hostile ones, bursts, stale ones, and valid ones."""

import json
import threading

import numpy as np
import pytest
from safetensors.numpy import save
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from app.web import limits
from app.web.protocol import decode, encode
from tests.web.server.conftest import PHOTOGRAPH, answer_of, message, slow


def request_of(text):
    """Return a message whose request is this text."""
    return save({"pixels": np.zeros((28, 28, 1), np.uint8)}, {"request": text})


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

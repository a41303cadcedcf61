"""Sockets of a live run: what clients send and read, or do not read, changes nothing for others."""

import json
import os
import socket as sockets
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest
from websockets.sync.client import connect

from app.web.protocol import decode
from app.web.training.live_run import LiveRun
from tests.web.server.conftest import start
from tests.web.training import fake_trainer

pytestmark = pytest.mark.slow
SETTINGS = {"dataset": "mnist", "layers": [{"layer": "Flatten"}]}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("live_run")
    running, thread = start(
        ["mnist-tiny"], live_run=LiveRun(folder, folder, main=fake_trainer.main)
    )
    yield running
    running.uvicorn.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


def connected(server, **options):
    address = f"ws://127.0.0.1:{server.port}/training"
    return connect(address, origin=server.origin, max_size=None, **options)


class Client:
    """Reads everything, and acknowledges pictures as a page does."""

    def __init__(self, socket):
        self.socket = socket
        self.seen = []
        self.number = 0

    def send(self, text):
        self.socket.send(text)

    def wait(self, topic, after=0, **values):
        """Return the first event of a topic with these values, after so many events."""
        end = time.monotonic() + 60
        while True:
            for found, arrays in self.seen[after:]:
                if found["topic"] == topic and values.items() <= found.items():
                    return found, arrays
            after = len(self.seen)
            self.seen.append(decode(self.socket.recv(timeout=end - time.monotonic()), "event"))
            if (newest := self.seen[-1][0]["topic"]) in ("weights", "batch"):
                self.send(json.dumps({"drawn": newest}))

    def tell(self, command, **values):
        self.number += 1
        self.send(json.dumps({"id": self.number, "command": command, **values}))
        return self.wait(f"answer/{self.number}")[0]

    def begin(self):
        after = len(self.seen)
        assert self.tell("start", **SETTINGS)["ok"]
        self.wait("state", after, state="paused", step=0)


@pytest.fixture
def client(server):
    with connected(server) as socket:
        yield Client(socket)


def test_a_stack_is_sized_without_a_trainer(client):
    layers = [{"layer": "Conv2D", "filters": 10, "kernel_size": 5}, {"layer": "Flatten"}]
    answer = client.tell("size", layers=layers, image=[32, 32, 3], classes=10)
    assert answer["rows"][0]["shape"] == [28, 28, 10]
    assert answer["rows"][0]["formula"] == "(32 − 5 + 2·0) / 1 + 1 = 28"
    assert "def build" in answer["python"]


def test_a_client_that_sends_nonsense_keeps_its_socket(client):
    for text in ("", "[]", "{", "[" * 10_000, '{"id": 91}', '{"id": 92, "command": "fly"}'):
        client.send(text)
    client.socket.send(b"\x00\x01")
    for answer in ("answer/91", "answer/92", "answer/None"):
        assert not client.wait(answer)[0]["ok"]
    assert client.tell("size", layers=[], image=[8, 8, 1], classes=2)["ok"]


def test_a_client_that_never_reads_costs_others_nothing(server, client):
    """The trainer does not wait for it, and what it does not take is not kept for it."""
    client.begin()
    steps = 2_500  # more weights than the history of a run keeps, which is full afterwards
    client.tell("step", batches=steps)
    client.wait("state", state="paused", step=steps)
    silent = sockets.socket()
    silent.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    silent.connect(("127.0.0.1", server.port))
    with connected(server, sock=silent, max_queue=1):
        client.seen.clear()
        before = psutil.Process().memory_info().rss
        client.tell("step", batches=steps)
        client.wait("state", state="paused", step=2 * steps)
        seen = sum(sum(array.nbytes for array in arrays.values()) for _, arrays in client.seen)
        grown = psutil.Process().memory_info().rss - before
    sent = steps // 10 * 4 * fake_trainer.WEIGHTS
    assert grown - seen < 0.5 * sent


def test_a_reloaded_page_rejoins(server):
    with connected(server) as socket:
        first = Client(socket)
        first.begin()
        first.tell("step", batches=12)
        first.wait("state", state="paused", step=12)
    with connected(server) as socket:
        again = Client(socket)
        points, _ = again.wait("metrics")
        assert points["step"] == list(range(1, 13))
        again.wait("wheel", free=True)
        assert again.tell("step", batches=1)["ok"]


def test_the_trainer_of_a_killed_server_ends(tmp_path):
    """`kill -9` of the server: its trainer is gone within seconds."""
    code = f"""
import asyncio, sys
from pathlib import Path
from app.web.training.live_run import LiveRun
from tests.web.training import fake_trainer
class Watcher:
    def put(self, event):
        if event.topic == "state":
            print(live_run.process_id, flush=True)
async def main():
    global live_run
    live_run = LiveRun(Path({str(tmp_path)!r}), Path({str(tmp_path)!r}), main=fake_trainer.main)
    live_run.join(Watcher())
    await asyncio.sleep(600)
if __name__ == "__main__":
    asyncio.run(main())
"""
    script = tmp_path / "server.py"
    script.write_text(code)
    process = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    with process:
        trainer = psutil.Process(int(process.stdout.readline()))
        process.kill()
    trainer.wait(20)


def test_the_messages_are_safetensors_of_float32(client):
    client.begin()
    client.tell("step", batches=10)
    _, arrays = client.wait("weights", step=10)
    assert arrays["kernel"].dtype == np.float32

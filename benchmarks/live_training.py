"""Compare training on the page with `train.py`, and draw while a network trains.

    python benchmarks/live_training.py

The same run of MNIST's lecture network, in turns: `train.py`'s `train` in a process of its own,
then `serve --train` with one viewer that takes everything, then with a second one that never reads.
The rate is that of batches 40 to 240. Then the page is opened in Chromium, and strokes are drawn
while the network trains.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryDirectory
from typing import Any

from page_latency import WATCH, draw, print_blocked, print_times, settle
from playwright.sync_api import sync_playwright
from websockets.sync.client import ClientConnection, connect

from app.stack.presets import presets
from app.stack.stack import stack_to_json
from app.web.protocol import decode

ROUNDS = 3
FIRST, LAST = 40, 240  # batches
SETTINGS: dict[str, Any] = {
    "dataset": "mnist", "epochs": 5, "batch_size": 128, "learning_rate": 0.001, "augment": "none",
    "limit": 32_000,
}  # fmt: skip
ON_CREDIT = ("weights", "gradients", "batch")
_PLAIN = "plain"


def main() -> None:
    """Print the figures."""
    if sys.argv[1:] == [_PLAIN]:
        print(plain_rate())
        return
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    rates: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        command = [sys.executable, __file__, _PLAIN]
        found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        rates.setdefault("train.py", []).append(float(found.split()[-1]))
        with serving() as address:
            rates.setdefault("one viewer", []).append(live_rate(address))
        with serving() as address, connected(address, max_queue=1):  # nothing reads from it
            rates.setdefault("and one that never reads", []).append(live_rate(address))
    usual = max(rates["train.py"])
    for name, values in rates.items():
        each = ", ".join(f"{value:.1f}" for value in values)
        print(f"{name}: {max(values):.1f} batches/s at best ({each}), "
              f"{100 * max(values) / usual:.0f} % of train.py")  # fmt: skip
    draw_while_training()


def plain_rate() -> float:
    """Return the batches per second of `train` without a page."""
    from app.keras_startup import start_keras

    start_keras()
    import keras

    from app.config import RunSettings
    from app.stack.network import build_network
    from app.training.events import Listener
    from app.training.run import train

    class Clock(Listener, keras.callbacks.Callback):
        """Notes when batches end, and stops after the last one."""

        def __init__(self) -> None:
            keras.callbacks.Callback.__init__(self)
            self.times: list[float] = []

        def callbacks(self) -> list[keras.callbacks.Callback]:
            return [self]

        def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
            self.times.append(time.perf_counter())
            if len(self.times) > LAST:
                raise StopIteration

    clock = Clock()

    def build(shape: tuple[int, int, int], classes: int, _: float) -> keras.Model:
        return build_network(presets(shape, classes)["convnet"], shape, classes)

    with TemporaryDirectory() as folder, suppress(StopIteration, RuntimeError):
        settings = RunSettings(
            **SETTINGS, schedule="constant", precision="float32", deterministic=True, tta=False,
            output=folder, name="plain",
        )  # fmt: skip
        train(settings, build=build, listeners=[clock])
    return (LAST - FIRST) / (clock.times[LAST] - clock.times[FIRST])


@contextmanager
def serving() -> Iterator[str]:
    """Start the server on a free port; give its address with the token."""
    command = [sys.executable, "-m", "app", "serve", "--train", "--no-browser", "--port", "0",
               "mnist-convnet"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().split()[-1]
        finally:
            server.terminate()


def connected(address: str, **options: Any) -> ClientConnection:
    """Return a socket of a live run, as a page opens it."""
    found = re.fullmatch(r"(http://([^/]+))/\?token=(\S+)", address)
    assert found is not None
    origin, host, token = found.groups()
    headers = {"Cookie": cookie_of(address)} if token else {}
    return connect(f"ws://{host}/training", origin=origin, additional_headers=headers,  # type: ignore[arg-type]
                   max_size=None, **options)  # fmt: skip


def cookie_of(address: str) -> str:
    """Return the cookie that the page gets for its token."""
    import http.client

    found = re.fullmatch(r"http://([^/]+)(/\S*)", address)
    assert found is not None
    connection = http.client.HTTPConnection(found[1])
    connection.request("GET", found[2])
    return connection.getresponse().headers["set-cookie"].split(";")[0]


def live_rate(address: str) -> float:
    """Return the batches per second with a viewer that takes everything; print its messages."""
    with connected(address) as socket:
        start_run(socket)
        times: dict[int, float] = {}
        curves = []

        def note(event: dict[str, Any]) -> bool:
            if event["topic"] == "metrics":
                curves.append(time.perf_counter())
                times[event["step"][-1]] = curves[-1]
            return bool(times) and max(times) > LAST

        tell(socket, "play")
        read_until(socket, note)
    first, last = (min(step for step in times if step >= limit) for limit in (FIRST, LAST))
    seconds = curves[-1] - curves[0]
    print(f"  messages of the curve: {(len(curves) - 1) / seconds:.1f} per second")
    return (last - first) / (times[last] - times[first])


def start_run(socket: ClientConnection) -> None:
    """Start the run, and wait until it is paused before its first batch."""
    layers = stack_to_json(presets((28, 28, 1), 10)["convnet"])
    tell(socket, "start", layers=layers, **SETTINGS)
    read_until(socket, lambda event: event.get("state") == "paused")


def tell(socket: ClientConnection, command: str, **values: Any) -> None:
    """Send a command."""
    socket.send(json.dumps({"id": command, "command": command, **values}))


def read_until(socket: ClientConnection, condition: Callable[[dict[str, Any]], bool]) -> None:
    """Read events, and acknowledge them as a page does, until one fulfills a condition."""
    while True:
        message = socket.recv(timeout=300)
        assert isinstance(message, bytes)
        event, _ = decode(message, "event")
        if event["topic"] in ON_CREDIT:
            socket.send(json.dumps({"drawn": event["topic"]}))
        assert event.get("state") != "failed", event
        if condition(event):
            return


def draw_while_training() -> None:
    """Print how soon drawings are answered while a network trains."""
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        settle(page)
        page.goto(f"{page.url.split('#')[0]}#choices=training:'open;data:'mnist")
        page.reload()
        settle(page)
        section = page.locator(".convlab-training")
        section.get_by_role("button", name="Build the network").click(timeout=120_000)
        train = section.get_by_role("button", name="Train", exact=True)
        while train.is_disabled():
            page.wait_for_timeout(200)
        page.evaluate("window.scrollTo(0, 0)")
        page.wait_for_timeout(2000)
        page.evaluate(WATCH)
        print_times("stroke to bars, the network paused", draw(page))
        train.click()
        page.evaluate("window.scrollTo(0, 0)")
        page.wait_for_timeout(3000)
        print_times("the same while it trains", draw(page))
        print_blocked(page)
        browser.close()


if __name__ == "__main__":
    main()

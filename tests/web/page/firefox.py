"""Firefox without a driver: WebDriver BiDi is spoken with the browser itself."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

_PATIENCE = 120  # seconds


class Firefox:
    """One tab of a Firefox of its own.

    Args:
        program: Path of the program.
        profile: Empty folder.
        width: Width of the window in pixels.

    Attributes:
        problems: Errors and warnings of the console.
    """

    def __init__(self, program: str, profile: Path, width: int = 1440):
        port = _free_port()
        command = [
            program, "--headless", "--no-remote", "--profile", str(profile), "--width", str(width),
            "--height", "900", "--remote-debugging-port", str(port), "about:blank",
        ]  # fmt: skip
        self.problems: list[str] = []
        self._number = 0
        with ExitStack() as opened:
            process = opened.enter_context(
                subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            )
            opened.callback(process.terminate)
            _wait_for(port, process)
            address = f"ws://127.0.0.1:{port}/session"
            self._socket = opened.enter_context(connect(address, max_size=None))
            self._ask("session.new", capabilities={})
            self._ask("session.subscribe", events=["log.entryAdded"])
            self._tab = self._ask("browsingContext.getTree")["contexts"][0]["context"]
            self._opened = opened.pop_all()

    def __enter__(self) -> Firefox:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def open(self, address: str) -> None:
        """Open a page."""
        self._ask("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def value(self, expression: str) -> Any:
        """Return the value of an expression of JavaScript, by way of JSON."""
        answer = self._ask(
            "script.evaluate", expression=f"JSON.stringify({expression})",
            target={"context": self._tab}, awaitPromise=True,
        )  # fmt: skip
        assert answer["type"] == "success", answer
        text = answer["result"].get("value")
        return None if text is None else json.loads(text)

    def wait(self, condition: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + _PATIENCE
        while not self.value(condition):
            assert time.monotonic() < end, condition
            time.sleep(0.1)

    def draw(self, points: list[tuple[float, float]]) -> None:
        """Draw a stroke with the mouse through points of the window."""
        moves: list[dict[str, Any]] = [
            {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 100}
            for x, y in points
        ]
        down, up = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}
        mouse = {
            "type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"},
            "actions": [moves[0], down, *moves[1:], up],
        }  # fmt: skip
        self._ask("input.performActions", context=self._tab, actions=[mouse])

    def _ask(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        request = {"id": self._number, "method": method, "params": parameters}
        self._socket.send(json.dumps(request))
        while True:
            answer = json.loads(self._socket.recv(_PATIENCE))
            if answer["type"] == "event":
                if answer["params"]["level"] in ("error", "warn"):
                    self.problems.append(answer["params"]["text"])
            elif answer["id"] == self._number:
                assert answer["type"] == "success", answer
                return answer["result"]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            assert process.poll() is None, "Firefox has ended."
            assert time.monotonic() < end, "Firefox does not answer."
            time.sleep(0.2)

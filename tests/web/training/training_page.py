"""The training section of a page in Chromium, with what the server sends it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page, WebSocket

from app.web.protocol import decode
from tests.web.hosts.chromium import Watched

_PATIENCE = 240.0  # seconds: the trainer yields to everything else on a busy machine
_NEXT_FRAME = (
    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null))))"
)

Event = tuple[dict[str, Any], dict[str, np.ndarray]]


class TrainingPage:
    """A page, and the events of the trainer that it got.

    Attributes:
        page: Page of the browser.
        watched: What it reports.
        events: Values and arrays of each event.
    """

    def __init__(self, page: Page):
        self.page = page
        self.watched = Watched(page)
        self.events: list[Event] = []
        page.set_default_timeout(1000 * _PATIENCE)
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        if socket.url.endswith("/training"):
            socket.on("framereceived", self._keep)

    def _keep(self, frame: str | bytes) -> None:
        assert isinstance(frame, bytes)
        self.events.append(decode(frame, "event"))

    def newest(self, topic: str) -> Event:
        """Return the last event of a topic."""
        return [event for event in self.events if event[0]["topic"] == topic][-1]

    def wait(self, condition: str) -> None:
        """Wait until an expression is true; the page's policy forbids Playwright's own waiting."""
        end = time.monotonic() + _PATIENCE
        while not self.page.evaluate(condition):
            assert time.monotonic() < end, (condition, self.where)
            self.page.wait_for_timeout(50)

    def wait_for_text(self, selector: str, text: str) -> None:
        """Wait until an element holds a text."""
        self.wait(f"document.querySelector({selector!r})?.textContent.includes({text!r})")

    def wait_for_count(self, selector: str, count: int = 1) -> None:
        """Wait until there are so many elements, or more."""
        self.wait(f"document.querySelectorAll({selector!r}).length >= {count}")

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a function returns true."""
        end = time.monotonic() + _PATIENCE
        while not condition():
            assert time.monotonic() < end, self.where
            self.page.wait_for_timeout(50)

    def settle(self) -> None:
        """Wait until the networks have answered, and that is drawn."""
        self.page.evaluate(_NEXT_FRAME)
        self.wait("!document.querySelector('.convlab').hasAttribute('data-busy')")
        self.page.evaluate(_NEXT_FRAME)

    def show(self, name: str) -> Locator:
        """Return a panel, which is on the screen."""
        panel = self.page.locator(f".convlab-{name}").first
        panel.scroll_into_view_if_needed()
        self.page.evaluate(_NEXT_FRAME)
        self.page.evaluate(_NEXT_FRAME)
        return panel

    def press(self, name: str) -> None:
        """Press a button of the section."""
        self.page.locator(".convlab-training").get_by_role("button", name=name, exact=True).click()

    @property
    def prediction(self) -> list[float]:
        """The bars of the prediction, in percent."""
        cells = self.page.locator(".convlab-bars tbody tr td").all_inner_texts()
        return [float(text) for text in cells]

    @property
    def where(self) -> str:
        """Where the run is."""
        return self.page.evaluate("document.querySelector('.convlab-run-where')?.textContent ?? ''")

    def train(self, batches: int) -> None:
        """Train some batches, and wait for the pause."""
        self.wait_for_text(".convlab-run-where", "Step ")  # a run that was saved is loaded again
        step = self._step
        self.page.get_by_label("Batches of a step").fill(str(batches))
        self.press("Step")
        self.wait_for_text(".convlab-run-where", f"Step {step + batches},")
        self.wait_for_text(".convlab-run-where", "paused")
        self.until(lambda: self.newest("weights")[0]["step"] == step + batches)
        self.settle()

    @property
    def _step(self) -> int:
        return int(self.where.split(",")[0].removeprefix("Step "))

"""The page with programs of tests, whose networks a test can read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page

from tests.web.page.stub_server import POLICY, STATIC, StubServer

_SHEETS = re.findall(r"<link[^>]*stylesheet[^>]*>", (STATIC / "index.html").read_text("utf-8"))
_HTML = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>network</title>
{"".join(_SHEETS)}<body class="convlab-window"><div class="convlab"></div>"""
_MOUNT = """async ([text, oracle]) => {
  const { mount } = await import("/static/mount.js");
  const { createServerSource } = await import("/static/source_server.js");
  const source = createServerSource(location);
  source.abilities = new Set(["samples", ...(oracle === null ? [] : ["oracle"])]);
  source.ask = (kind, question) => {
    globalThis.asked = [...(globalThis.asked ?? []), { ...question, kind }];
    const wanted = oracle && kind === "activations" ? question.operations[0] : "";
    const data = Float32Array.from((oracle ?? {})[wanted] ?? []);
    const answer = { tensors: new Map([[wanted, { data }]]) };
    return wanted ? Promise.resolve(answer) : new Promise(() => {});
  };
  const onAddress = (to) => { globalThis.address = to; };
  globalThis.mounted = mount(document.querySelector(".convlab"), source, { text, onAddress });
}"""
_PREDICTED = "() => document.querySelector('.convlab-live').textContent.endsWith('percent.')"
_READY = """(name) => mounted.context.networks.has(name) && mounted.context.pixels(name) !== null
  && document.querySelector(".convlab-column")"""


class NetworkPage:
    """A page that shows one network; `problems` are what it has reported.

    Args:
        browser: Browser to open it in.
        server: Serves the sources and the programs.
        size: Width and height of the window.
        dark: Whether the page is dark.
    """

    def __init__(
        self,
        browser: Browser,
        server: StubServer,
        size: tuple[int, int] = (1440, 900),
        dark: bool = False,
    ):
        width, height = size
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
        )
        self.page: Page = self.context.new_page()
        self.server = server
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda message: self._note(message.type, message.text))
        headers = {"Content-Security-Policy": POLICY}
        self.page.route(
            "**/harness",
            lambda route: route.fulfill(body=_HTML, content_type="text/html", headers=headers),
        )
        self.page.goto(f"{server.url}harness")

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.problems.append(text)

    def show(self, model: str, text: str = "", oracle: Mapping[str, Any] | None = None) -> None:
        """Mount the page; `oracle` has the outputs that Keras would give."""
        given = (
            None if oracle is None else {name: np.ravel(a).tolist() for name, a in oracle.items()}
        )
        self.page.evaluate(_MOUNT, [f"model={model}&models={model}&{text}", given])
        self.page.wait_for_function(_READY, arg=model)
        # Later than a pause, so that it might speak over what a test does.
        self.page.wait_for_function(_PREDICTED)
        self.settle()

    def settle(self) -> None:
        """Wait until the page has drawn twice."""
        self.page.evaluate(
            "() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))"
        )

    def output(self, model: str, operation: str) -> np.ndarray:
        """Return an output of a network, in its shape."""
        values, shape = self.page.evaluate(
            """([model, name]) => {
              const network = mounted.context.networks.get(model);
              return [[...network.output(name)], network.program.byName.get(name).shape];
            }""",
            [model, operation],
        )
        return np.array(values, np.float32).reshape(shape)

    def pin(self, operation: str, channel: int, row: int = 0, column: int = 0) -> None:
        """Pin a cell, as an address does."""
        pin = {"operation": operation, "row": row, "column": column, "channel": channel}
        self.page.evaluate('(pin) => mounted.store.dispatch({ type: "pin", pin })', pin)
        self.settle()

    def point_at(self, column: int, cell: tuple[int, int, int], size: tuple[int, int]) -> None:
        """Move the mouse to a cell (channel, row, column) of a map of that size."""
        channel, row, across = cell
        map_ = self.page.locator(".convlab-column").nth(column).locator("canvas").nth(channel)
        map_.scroll_into_view_if_needed()
        box = map_.bounding_box()
        assert box is not None
        x = box["x"] + box["width"] * (across + 0.5) / size[1]
        y = box["y"] + box["height"] * (row + 0.5) / size[0]
        self.page.mouse.move(x, y)
        self.settle()

    @property
    def status(self) -> str:
        """The line that says what the pointer is at."""
        return self.page.locator(".convlab-network-status").inner_text()

    @property
    def spoken(self) -> str:
        """What a screen reader has been told last."""
        return self.page.locator(".convlab-live").inner_text()

    def close(self) -> None:
        self.context.close()

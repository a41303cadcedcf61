"""Measure the page in Chromium with its real server: start, strokes, photographs, Grad-CAM.

    python benchmarks/page_latency.py

Digits: a stroke is drawn by the mouse, point by point, with three networks side by side; first
alone, then while the curves of a slider are computed. Photographs: one after the other is chosen,
then a sticker is dragged over one. The time runs from each move or click to the next frame with
other bars; tasks above 50 ms block the page. Grad-CAM is timed from the question to the server's
answer, which Keras computes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from playwright.sync_api import Page, Response, WebSocket, sync_playwright

DIGITS = "models=mnist-best,mnist-convnet,mnist-dense&model=mnist-convnet"
PHOTOGRAPH = "models=catsdogs-best&model=catsdogs-best&input=sample:first,0,0"
STROKES = 3
_BUSY = "document.querySelector('.convlab').hasAttribute('data-busy')"
# The page hears each event first; the frame in which the bars change next answers it.
WATCH = """
() => {
  globalThis.waiting = [];
  globalThis.times = [];
  globalThis.answers = 0;
  globalThis.blocked = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) globalThis.blocked.push(duration);
  }).observe({ type: "longtask" });
  const later = () => setTimeout(() => { // after this frame has been drawn
    globalThis.answers++;
    for (const start of globalThis.waiting) globalThis.times.push(performance.now() - start);
    globalThis.waiting = [];
  });
  new MutationObserver(later).observe(
    document.querySelector(".convlab-bars"), { subtree: true, childList: true, characterData: true,
      attributes: true });
  for (const type of ["pointermove", "click"]) {
    document.querySelector(".convlab").addEventListener(type, (event) => {
      if (event.buttons || type === "click") globalThis.waiting.push(event.timeStamp);
    });
  }
}
"""


def main() -> None:
    """Print the figures."""
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        responses: list[Response] = []
        page.on("response", lambda response: responses.append(response))
        start = time.perf_counter()
        page.goto(f"{address}#{DIGITS}")
        page.locator(".convlab-column canvas").first.wait_for(timeout=120_000)
        print(f"page until the network is shown: {time.perf_counter() - start:.2f} s")
        settle(page)
        print_first_load(responses)
        page.evaluate(WATCH)
        print_times("stroke to bars, three networks of digits", draw(page))
        page.locator(".convlab-sliders input[type=range]").first.focus()
        print_times("the same while curves are computed", draw(page))
        print_blocked(page)
        page.goto("about:blank")
        answered = time_of_maps(page)
        page.goto(f"{address}#{PHOTOGRAPH}")
        settle(page)
        page.evaluate(WATCH)
        print_times("another photograph to bars", choose(page))
        show_maps(page)
        print_times("Grad-CAM by the server", answered)
        print_times("sticker on a photograph to bars", drag(page))
        print_blocked(page)
        browser.close()


@contextmanager
def serving() -> Iterator[str]:
    """Start the server on a free port; give its address."""
    command = [sys.executable, "-m", "app", "serve", "--no-browser", "--port", "0"]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().split()[-1]
            print(f"server until it answers: {time.perf_counter() - start:.2f} s")
            yield address
        finally:
            server.terminate()


def settle(page: Page) -> None:
    """Wait until the networks are loaded, and all they were asked is answered."""
    page.locator(".convlab-column canvas").first.wait_for(timeout=120_000)
    while page.evaluate(_BUSY):
        page.wait_for_timeout(100)
    page.wait_for_timeout(3000)  # what the panels compute, and what the browser compiles


def draw(page: Page) -> list[float]:
    """Draw strokes of 12 points; return the milliseconds from each point to its answer."""
    board = page.locator(".convlab-board")
    board.scroll_into_view_if_needed()
    box = board.bounding_box()
    assert box is not None
    page.evaluate("globalThis.times = []")
    for stroke in range(STROKES):
        x = box["x"] + box["width"] * (0.3 + 0.08 * stroke)
        page.mouse.move(x, box["y"] + 0.2 * box["height"])
        page.mouse.down()
        for k in range(12):
            page.mouse.move(x + 2 * k, box["y"] + box["height"] * (0.2 + 0.05 * k))
            page.wait_for_timeout(100)
        page.mouse.up()
    page.wait_for_timeout(1000)
    times: list[float] = page.evaluate("globalThis.times")
    return times


def choose(page: Page) -> list[float]:
    """Choose photographs of the gallery; return the milliseconds from each click to its answer."""
    pictures = page.locator(".convlab-gallery-picture")
    pictures.first.scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    page.evaluate("globalThis.times = []; globalThis.waiting = []")
    for k in range(1, min(12, pictures.count())):
        pictures.nth(k).click()
        page.wait_for_timeout(1000)
    times: list[float] = page.evaluate("globalThis.times")
    return times


def time_of_maps(page: Page) -> list[float]:
    """Return a list that gets the milliseconds from each question for Grad-CAM to its answer."""
    times: list[float] = []
    asked: dict[bytes, float] = {}

    def number(frame: str | bytes) -> bytes:
        found = re.search(rb'\\"id\\": ?(\d+)', frame if isinstance(frame, bytes) else b"")
        return found[1] if found else b""

    def sent(frame: str | bytes) -> None:
        if isinstance(frame, bytes) and b"grad_cam" in frame:
            asked[number(frame)] = time.perf_counter()

    def received(frame: str | bytes) -> None:
        if number(frame) in asked:
            times.append(1000 * (time.perf_counter() - asked.pop(number(frame))))

    def watch(socket: WebSocket) -> None:
        socket.on("framesent", sent)
        socket.on("framereceived", received)

    page.on("websocket", watch)
    return times


def show_maps(page: Page) -> None:
    """Show photographs while the panel with the maps is in sight, so that they are asked for."""
    page.locator(".convlab-explain .convlab-picture").first.scroll_into_view_if_needed()
    for k in range(1, 9):
        page.evaluate(f"document.querySelectorAll('.convlab-gallery-picture')[{k}].click()")
        page.wait_for_timeout(3000)


def drag(page: Page) -> list[float]:
    """Drag the sticker over a photograph; return the milliseconds from each place to an answer."""
    picture = page.locator(".convlab-explain .convlab-picture").first
    picture.scroll_into_view_if_needed()
    page.wait_for_timeout(3000)
    box = picture.bounding_box()
    assert box is not None
    page.evaluate("globalThis.times = []; globalThis.answers = 0; globalThis.blocked = []")
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    for k in range(60):
        share = 0.2 + 0.01 * k
        page.mouse.move(box["x"] + share * box["width"], box["y"] + share * box["height"])
        page.wait_for_timeout(30)
    page.mouse.up()
    page.wait_for_timeout(2000)
    print(f"answers while a sticker is dragged over 60 places: {page.evaluate('answers')}")
    times: list[float] = page.evaluate("globalThis.times")
    return times


def print_first_load(responses: list[Response]) -> None:
    """Print the bytes of the page and of its networks, as they came over the wire."""

    def sent(responses: list[Response]) -> float:
        return sum(one.request.sizes()["responseBodySize"] for one in responses) / 1000

    files = [one for one in responses if "/api/" not in one.url]
    weights = [one for one in responses if one.url.endswith("/program")]
    print(f"first load: {len(files)} files, {sent(files):.0f} kB; "
          f"weights of the networks: {sent(weights):.0f} kB")  # fmt: skip


def print_times(what: str, times: list[float]) -> None:
    """Print the spread of some times."""
    best, median, late = np.percentile(times, [0, 50, 95])
    print(f"{what}: best {best:.0f}, median {median:.0f}, 95 % {late:.0f} ms, {len(times)} events")


def print_blocked(page: Page) -> None:
    """Print how long the page did not answer."""
    blocked = sorted(page.evaluate("globalThis.blocked"), reverse=True)
    longest = ", ".join(f"{duration:.0f}" for duration in blocked[:3]) or "none"
    print(f"  tasks above 50 ms: {len(blocked)}; the longest, in ms: {longest}")


if __name__ == "__main__":
    main()

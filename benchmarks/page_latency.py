"""Measure the page in Chromium: bytes of the first load, and time from a stroke to its prediction.

    python benchmarks/page_latency.py

A stroke of the board is drawn by the mouse, point by point, with three networks of digits side by
side. The time runs from the pointer event to the end of the frame that has drawn the new bars.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from pathlib import Path

from playwright.sync_api import Page, Response, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.web.page.stub_server import StubServer, described

MODELS = ("mnist-best", "mnist-convnet", "mnist-dense")
STROKES = 3
# The board hears each event before this listener; the parts draw in the next frame.
WATCH = """
() => {
  globalThis.times = [];
  document.querySelector(".convlab-board").addEventListener("pointermove", (event) => {
    const start = event.timeStamp;
    requestAnimationFrame(() => globalThis.times.push(performance.now() - start));
  });
}
"""


def main() -> None:
    """Print the figures."""
    models, programs = zip(*map(described, MODELS), strict=True)
    with (
        StubServer(list(models), dict(zip(MODELS, programs, strict=True)), {}) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.route_web_socket("**/socket", lambda socket: None)
        responses: list[Response] = []
        page.on("response", lambda response: responses.append(response))
        page.goto(server.url)
        page.locator(".convlab-picker option").first.wait_for(state="attached")
        page.wait_for_timeout(8000)
        sizes = [len(one.body()) for one in responses if "/api/" not in one.url]
        weights = sum(len(one.body()) for one in responses if one.url.endswith("/program"))
        print(f"first load: {len(sizes)} files, {sum(sizes) / 1000:.0f} kB; "
              f"weights of {len(MODELS)} networks: {weights / 1000:.0f} kB")  # fmt: skip
        times = draw(page)
        print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        print(f"stroke to bars, {', '.join(MODELS)}: median {statistics.median(times):.0f} ms, "
              f"95 % {sorted(times)[int(0.95 * len(times))]:.0f} ms, "
              f"best {min(times):.0f} ms, {len(times)} events")  # fmt: skip
        browser.close()


def draw(page: Page) -> list[float]:
    """Draw strokes of 12 points and return the milliseconds from each event to its bars."""
    box = page.locator(".convlab-board").bounding_box()
    if box is None:
        raise RuntimeError("The board is not on the page.")
    page.evaluate(WATCH)
    for stroke in range(STROKES):
        x = box["x"] + box["width"] * (0.3 + 0.08 * stroke)
        page.mouse.move(x, box["y"] + 0.2 * box["height"])
        page.mouse.down()
        for k in range(12):
            page.mouse.move(x + 2 * k, box["y"] + box["height"] * (0.2 + 0.05 * k))
            page.wait_for_timeout(100)
        page.mouse.up()
    times: list[float] = page.evaluate("globalThis.times")
    return times


if __name__ == "__main__":
    main()

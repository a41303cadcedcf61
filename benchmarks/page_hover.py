"""Time of a hover on the page: from the move of the pointer to the last line of the overlay, in ms.

    python benchmarks/page_hover.py
    python benchmarks/page_hover.py mnist-convnet catsdogs-best --cells 100

Each layer of each model gets moves to random cells. What is timed is all that the page does: the
value and its rank, the receptive field in every layer below, the edges by weight and the frames.
The page may take 16 ms, and must not ask the server; requests are counted.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, sync_playwright

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from app.classifier import load
from app.export.page import describe, lower, program_bytes
from app.keras_startup import start_keras
from tests.shipped import MODELS, SHIPPED
from tests.web.network.network_page import NetworkPage
from tests.web.page.stub_server import StubServer

_HOVER = """async ({ cells, warm }) => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const randomIndex = (count) => Math.floor(Math.random() * count);
  const columns = [...document.querySelectorAll(".convlab-column")];
  const result = [];
  for (const column of columns) {
    column.scrollIntoView({ inline: "center", block: "nearest" });
    await frame();
    const targets = [...column.querySelectorAll("canvas, .convlab-cell")];
    const times = [];
    for (let k = 0; k < cells + warm; k++) {
      const target = targets[randomIndex(targets.length)];
      const box = target.getBoundingClientRect();
      const clientX = box.left + Math.random() * box.width;
      const clientY = box.top + Math.random() * box.height;
      const event = { clientX, clientY, bubbles: true, pointerType: "mouse" };
      let start = 0;
      requestAnimationFrame(() => { start = performance.now(); });
      const moved = performance.now();
      target.dispatchEvent(new PointerEvent("pointermove", event));
      const handled = performance.now() - moved;
      await frame();
      times.push(handled + performance.now() - start);
    }
    result.push([column.querySelector("h3").textContent, times.slice(warm)]);
  }
  return result;
}"""


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("models", nargs="*", default=SHIPPED, metavar="MODEL", help="default: all")
    parser.add_argument("--cells", type=int, default=40, help="cells of each layer (default: 40)")
    arguments = parser.parse_args()
    start_keras()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        print(f"Chromium {browser.version}")
        for name in arguments.models:
            print_hover(browser, name, arguments.cells)
        browser.close()


def print_hover(browser: Browser, name: str, cells: int) -> None:
    """Print the times of one model and of its slowest layer."""
    times, requests = hover_times(browser, name, cells)
    slowest = max(times, key=lambda layer: np.median(times[layer]))
    everything = np.concatenate(list(times.values()))
    fast, median, late = np.percentile(everything, [10, 50, 95])
    print(
        f"{name:17} {fast:.1f}, {median:.1f}, {late:.1f} ms (10, 50, 95 % of {len(everything)}); "
        f"slowest layer {slowest}: {np.percentile(times[slowest], 10):.1f}, "
        f"{np.median(times[slowest]):.1f} ms; {requests} requests"
    )


def hover_times(browser: Browser, name: str, cells: int) -> tuple[dict[str, np.ndarray], int]:
    """Return the times of each layer in ms, and how many requests there were meanwhile."""
    classifier = load(MODELS / name)
    file = program_bytes(lower(classifier.inspect().keras_model, describe(classifier)))
    entry = described(classifier)
    image = np.random.default_rng(0).integers(0, 256, (1, *entry["image"].values()), np.uint8)
    with StubServer([entry], {name: file}, {name: (image, np.zeros(1, np.int32))}) as server:
        page = NetworkPage(browser, server)
        page.show(name, "input=sample:first,0,0")
        requests: list[Any] = []
        page.page.on("request", lambda request: requests.append(request))
        layers = page.page.evaluate(_HOVER, {"cells": cells, "warm": 5})
        page.close()
    return {layer: np.array(times) for layer, times in layers}, len(requests)


def described(classifier: Any) -> dict[str, Any]:
    """Return what a server says of a model, as far as the network view needs it."""
    height, width = classifier.image_size
    return {
        "name": classifier.name,
        "classes": list(classifier.class_names),
        "image": {"height": height, "width": width, "channels": classifier.channels},
        "mnist_style": classifier.mnist_style,
        "dataset": "mnist" if classifier.mnist_style else "catsdogs",
        "parameters": 0,
        "accuracy": None,
        "server_only": None,
        "outputs": "distribution",
    }


if __name__ == "__main__":
    main()

"""Film the README's animation of the page: a network learns, then its history is played.

    python benchmarks/training_figure.py

It starts the server on a free port, and drives Chromium by Playwright.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

_FIGURE = Path(__file__).parent / "figures" / "training.gif"
_STATE = "choices=training:'open;data:'mnist;recipe:'learning_rate!0.001"
_SIZE = ViewportSize(width=1120, height=640)
_COLORS = 96
_PATIENCE = 120_000  # milliseconds


def main() -> None:
    """Write the animation."""
    command = [sys.executable, "-m", "app", "serve", "--train", "--no-browser", "--port", "0",
               "mnist-convnet"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().split()[-1]
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium"), args=["--no-sandbox"]
                )
                page = browser.new_page(viewport=_SIZE, reduced_motion="reduce")
                page.goto(address)
                page.goto(f"{page.url}#{_STATE}")
                page.reload()
                write([*film_training(page), *film_history(page)])
                browser.close()
        finally:
            server.terminate()
    print(f"wrote {_FIGURE}: {_FIGURE.stat().st_size / 1_000:,.0f} kB")


def film_training(page: Page) -> list[Image.Image]:
    """Return pictures of a network that trains, from its first steps on."""
    section = page.locator(".convlab-training")
    section.get_by_role("button", name="Build the network").click(timeout=_PATIENCE)
    step = section.get_by_role("button", name="Step", exact=True)
    frames = []
    for batches in [1] * 6 + [3] * 6 + [10] * 12:
        page.get_by_label("Batches of a step").fill(str(batches))
        step.click(timeout=_PATIENCE)
        step.and_(page.locator(":enabled")).wait_for(timeout=_PATIENCE)
        frames.append(picture_of(page, "run"))
    return frames


def film_history(page: Page) -> list[Image.Image]:
    """Return pictures of the drawing on its way through the snapshots of the run."""
    slider = page.get_by_label("Step of the run")
    picture_of(page, "history")  # brings it to the screen
    frames = []
    for position in range(int(slider.get_attribute("max") or 0) + 1):
        slider.fill(str(position))
        frames += 2 * [picture_of(page, "history")]
    return frames


def picture_of(page: Page, name: str) -> Image.Image:
    """Return a picture of the window with a panel at its top."""
    page.evaluate(f"document.querySelector('.convlab-{name}').scrollIntoView()")
    page.wait_for_timeout(600)
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def write(frames: list[Image.Image]) -> None:
    """Write pictures as an animation with few colors."""
    small = [
        frame.quantize(_COLORS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        for frame in frames
    ]
    durations = [250] * (len(small) - 1) + [2000]
    small[0].save(_FIGURE, save_all=True, append_images=small[1:], duration=durations, loop=0)


if __name__ == "__main__":
    main()

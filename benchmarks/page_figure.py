"""Take the README's picture of the page: a digit on its way through a network, one cell pinned.

    python benchmarks/page_figure.py

It starts the server on a free port, and drives Chromium by Playwright.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

_FIGURE = Path(__file__).parent / "figures" / "page.png"
_STATE = "models=mnist-best,mnist-convnet,mnist-dense&model=mnist-convnet&pin=conv_2%3Arelu,7,6,4"


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--state", default=_STATE, help="state of the page, as in its address")
    arguments = parser.parse_args()
    from playwright.sync_api import sync_playwright

    command = [sys.executable, "-m", "app", "serve", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().split()[-1]
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                page.goto(f"{address}#{arguments.state}")
                page.get_by_text("agrees with Keras").wait_for(timeout=120_000)
                page.screenshot(path=_FIGURE)
                browser.close()
        finally:
            server.terminate()
    print(f"wrote {_FIGURE}")


if __name__ == "__main__":
    main()

"""The page with three networks of digits, in Chromium."""

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route

from tests.web.hosts.chromium import Watched
from tests.web.page.stub_server import StubServer, described

MODELS = ("mnist-best", "mnist-convnet", "mnist-dense")


def squares() -> tuple[np.ndarray, np.ndarray]:
    """Return 40 images `(28, 28, 1)` that tell their number by their brightness, and labels."""
    images = np.zeros((40, 28, 28, 1), np.uint8)
    images[:, 8:20, 8:20, 0] = 100 + np.arange(40)[:, np.newaxis, np.newaxis]
    return images, np.arange(40) % 10


@pytest.fixture(scope="session")
def server() -> Iterator[StubServer]:
    pairs = [described(name) for name in MODELS]
    models = [facts for facts, _ in pairs]
    programs = dict(zip(MODELS, (program for _, program in pairs), strict=True))
    with StubServer(models, programs, dict.fromkeys(MODELS, squares())) as started:
        yield started


@pytest.fixture
def watched(browser: Browser, server: StubServer) -> Iterator[Watched]:
    """A page that may ask this machine alone; no error, no violation of the policy is left."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    outside: list[str] = []

    def pass_on(route: Route) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    page.route("**/*", pass_on)
    page.route_web_socket("**/socket", lambda socket: None)
    watched = Watched(page)
    yield watched
    assert (outside, watched.problems, watched.violations) == ([], [], [])
    page.close()


@pytest.fixture
def page(watched: Watched, server: StubServer) -> Page:
    """The page, ready: the three networks have answered."""
    watched.page.goto(server.url)
    wait_for_answers(watched.page)
    return watched.page


_NEXT_FRAME = (
    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null))))"
)


def wait_until(page: Page, condition: str) -> None:
    """Wait for a condition; Playwright's own waiting evaluates texts, which the policy forbids."""
    end = time.monotonic() + 60
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(50)


def wait_for_answers(page: Page) -> None:
    wait_until(
        page,
        "document.querySelectorAll('.convlab-bars td.convlab-best').length === 3"
        " && document.querySelector('.convlab-picker option') !== null",
    )
    wait_until(page, "document.querySelectorAll('.convlab-wide canvas').length > 1")


def best_classes(page: Page) -> list[str]:
    """Return the predicted class of each network, once all have answered."""
    page.evaluate(_NEXT_FRAME)
    wait_until(page, "!document.querySelector('.convlab').hasAttribute('data-busy')")
    return page.evaluate("""
        new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
          const rows = [...document.querySelectorAll(".convlab-bars tbody tr")];
          const columns = rows[0].querySelectorAll("td").length;
          resolve(Array.from({ length: columns }, (_, k) => rows.find((row) =>
            row.querySelectorAll("td")[k].classList.contains("convlab-best"),
          )?.querySelector("th").textContent));
        })))""")


def draw(page: Page, strokes: list[list[list[float]]]) -> None:
    """Draw strokes with the mouse; points are shares of the board's side."""
    board = page.locator(".convlab-board")
    board.scroll_into_view_if_needed()
    box = board.bounding_box()
    assert box is not None
    for stroke in strokes:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()

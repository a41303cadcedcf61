"""The whole page with three small networks, opened as a keyboard, a finger or an eye would."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.web.access.networks import described, programs
from tests.web.conftest import PATIENCE
from tests.web.page.conftest import squares
from tests.web.page.stub_server import StubServer
from tests.web.play.conftest import LivePage


@pytest.fixture(scope="session")
def server() -> Iterator[StubServer]:
    networks = programs()
    samples = dict.fromkeys(networks, squares())
    with StubServer([described(name) for name in networks], networks, samples) as started:
        yield started


@pytest.fixture(scope="module")
def opened(browser: Browser, server: StubServer) -> Iterator[Callable[..., LivePage]]:
    """A function that opens a page, whose options are those of a browser context."""
    pages: list[LivePage] = []

    def open_page(**options: Any) -> LivePage:
        settings = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}
        page = browser.new_context(**{**settings, **options}).new_page()
        page.set_default_timeout(PATIENCE)
        pages.append(LivePage(page, server))
        return pages[-1].open()

    yield open_page
    for live in pages:
        live.page.context.close()
    assert [problem for live in pages for problem in live.problems] == []

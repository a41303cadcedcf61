"""Patience of the tests with a browser, which may share its machine."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

PATIENCE = 300_000  # milliseconds

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session", autouse=True)
def _patient_pages() -> Iterator[None]:
    """Let pages wait as long for what they need, unless a test says otherwise."""
    make = Browser.new_page

    def new_page(browser: Browser, **options: Any) -> Page:
        page = make(browser, **options)
        page.set_default_timeout(PATIENCE)
        return page

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Browser, "new_page", new_page)
        yield

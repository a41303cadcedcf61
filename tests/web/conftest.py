"""Patience of the tests with a browser, which may share its machine, and clicks that arrive."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Locator, Page, expect

PATIENCE = 300_000  # milliseconds
_WATCH = """
(element) => {
  const view = element.ownerDocument.defaultView;
  const listening = new AbortController();
  const seen = {};
  const note = ({ type, target }) => (seen[type] ??= target);
  for (const type of ["pointerdown", "click"]) {
    view.addEventListener(type, note, { capture: true, signal: listening.signal });
  }
  return {
    isLost() {
      listening.abort();
      return Boolean(seen.pointerdown?.isConnected) && seen.click !== seen.pointerdown;
    },
  };
}
"""

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


@pytest.fixture(scope="session", autouse=True)
def _clicks_that_arrive() -> Iterator[None]:
    """Click again, as a person would, where the page moved what was being clicked.

    What arrives from the server may move everything below it between press and release. Then the
    browser clicks nothing, or what holds both places, and Playwright does not notice.
    """
    click_once = Locator.click

    def click(locator: Locator, **options: Any) -> None:
        is_lost = True
        while is_lost:
            watch = locator.evaluate_handle(_WATCH, timeout=options.get("timeout"))
            click_once(locator, **options)
            try:
                is_lost = watch.evaluate("(watch) => watch.isLost()")
            except Error:  # the click has left the page
                is_lost = False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Locator, "click", click)
        yield

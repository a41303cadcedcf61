"""One browser for all tests of the hosts."""

import pytest

from tests.web.hosts.chromium import Watched, chromium


@pytest.fixture(scope="session")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def watched(browser):
    page = browser.new_page()
    yield Watched(page)
    page.close()

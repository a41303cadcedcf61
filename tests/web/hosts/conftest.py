"""One browser for all tests of the hosts."""

import pytest

from tests.web.hosts.chromium import Watched


@pytest.fixture
def watched(browser):
    page = browser.new_page()
    yield Watched(page)
    page.close()

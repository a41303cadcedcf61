"""One page with the engine for all its tests."""

from collections.abc import Iterator

import pytest

from tests.web.engine.engine_page import EnginePage, EngineServer


@pytest.fixture(scope="session")
def engine(browser) -> Iterator[EnginePage]:
    """A page with the engine."""
    server = EngineServer()
    page = EnginePage(browser, server)
    yield page
    page.page.close()
    server.shutdown()
    server.server_close()
    assert page.problems == []

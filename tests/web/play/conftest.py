"""A real browser that runs the page's modules; it reaches nothing but these files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

import app

STATIC = Path(app.__file__).parent / "web" / "static"
ORIGIN = "http://page.test"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}


@pytest.fixture(scope="session")
def modules(browser: Browser) -> Iterator["Modules"]:
    page = browser.new_page()
    page.route("**/*", _serve)
    page.goto(f"{ORIGIN}/")
    yield Modules(page)
    page.close()


class Modules:
    """Calls functions of the page's modules."""

    def __init__(self, page: Page):
        self.page = page

    def call(self, module: str, function: str, *arguments: Any) -> Any:
        """Return what a function returns; typed arrays become lists."""
        return self.run(module, f"plain(module.{function}(...input))", list(arguments))

    def run(self, module: str, expression: str, given: Any = None) -> Any:
        """Return the value of an expression over `module` and `input`."""
        return self.page.evaluate(
            """async ([path, expression, input]) => {
                const module = await import(path);
                const plain = (value) => ArrayBuffer.isView(value) ? [...value] : value;
                return await new Function("module", "input", "plain", `return ${expression}`)(
                    module, input, plain);
            }""",
            [f"/{module}", expression, given],
        )


def _serve(route: Route) -> None:
    path = route.request.url.removeprefix(ORIGIN).lstrip("/")
    if not path:
        route.fulfill(content_type="text/html", body="<!doctype html><title>modules</title>")
        return
    file = STATIC / path
    if not route.request.url.startswith(ORIGIN) or not file.is_file():
        route.abort()
        return
    route.fulfill(content_type=_TYPES[file.suffix], body=file.read_text(encoding="utf-8"))

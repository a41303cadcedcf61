"""What axe-core finds on a page."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations_of(page: Page, **run_only: Any) -> list[str]:
    """Return the violations that axe-core reports.

    Its script is evaluated by the debugger, which no policy of the page binds.
    """
    options = {"runOnly": run_only, "resultTypes": ["violations"]}
    violations = Axe().run(page, options=options).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:200]} {node['any'] + node['all'] + node['none']}"
        for violation in violations
        for node in violation["nodes"]
    ]

"""Pages in Chromium, with everything that they request and report."""

from dataclasses import dataclass, field

from playwright.sync_api import Page, Request

_COUNT_VIOLATIONS = """
globalThis.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  globalThis.violations.push(`${event.violatedDirective}: ${event.blockedURI || event.sample}`);
});
"""


@dataclass
class Watched:
    """A page, and what it has requested and reported so far."""

    page: Page
    requests: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.page.add_init_script(_COUNT_VIOLATIONS)
        self.page.on("request", self._note)
        self.page.on("console", lambda message: self._report(message.type, message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))

    def _note(self, request: Request) -> None:
        # Pages hold data: and blob: addresses themselves; nothing is fetched from elsewhere.
        if not request.url.startswith(("data:", "blob:")):
            self.requests.append(request.url)

    def _report(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.problems.append(text)

    @property
    def violations(self) -> list[str]:
        return self.page.evaluate("globalThis.violations")

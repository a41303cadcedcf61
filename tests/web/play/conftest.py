"""The page's modules in a browser, and the whole page with three trained networks."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route, WebSocketRoute
from safetensors.numpy import load, save

import app
from app.web.bundle import STYLE_SHEET
from tests.web.conftest import PATIENCE
from tests.web.page.stub_server import POLICY, StubServer

STATIC = Path(app.__file__).parent / "web" / "static"
ORIGIN = "http://page.test"
NETWORKS = ("mnist-convnet", "mnist-dense", "mnist-local")
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}
_STYLES = "".join(
    f'<link rel="stylesheet" href="/static/{name}">'
    for name in STYLE_SHEET.findall((STATIC / "index.html").read_text("utf-8"))
)
_BLANK = f"""<!doctype html><html lang="en"><title>page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">{_STYLES}
<body class="convlab-window"><div class="convlab"></div></body></html>"""
_EVALUATION = json.dumps({
    "matrix": np.eye(10, dtype=int).tolist(), "classes": [str(digit) for digit in range(10)],
    "split": "test", "accuracy": 1.0, "count": 10,
})  # fmt: skip
_NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
_MOUNT = """async (text) => {
    const { decode, encode } = await import("/static/state.js");
    Object.assign(globalThis, { decode, encode });
    const { mount } = await import("/static/mount.js");
    const { createServerSource } = await import("/static/source_server.js");
    const source = createServerSource(location);
    globalThis.held = mount(document.querySelector(".convlab"), source, {
        text, onAddress: (address) => history.replaceState(null, "", `#${address}`),
    });
}"""


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


@pytest.fixture(scope="session")
def modules(browser: Browser) -> Iterator[Modules]:
    page = browser.new_page()
    page.route("**/*", _serve)
    page.goto(f"{ORIGIN}/")
    yield Modules(page)
    page.close()


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


@pytest.fixture(scope="session")
def classifiers() -> dict[str, Any]:
    from app.classifier import load as load_classifier

    return {name: load_classifier(name).inspect() for name in NETWORKS}


@pytest.fixture(scope="session")
def served(classifiers: dict[str, Any]) -> Iterator[StubServer]:
    from app.export.page import describe, lower, program_bytes

    models, programs, samples = [], {}, {}
    for name, model in classifiers.items():
        programs[name] = program_bytes(lower(model.keras_model, describe(model)))
        height, width = model.image_size
        models.append({
            "name": name, "classes": list(model.class_names), "mnist_style": True,
            "image": {"height": height, "width": width, "channels": model.channels},
            "dataset": "mnist", "parameters": int(model.keras_model.count_params()),
            "accuracy": 0.99, "server_only": None, "outputs": "distribution",
        })  # fmt: skip
        samples[name] = np.zeros((6, height, width, 1), np.uint8), np.arange(6)
    with StubServer(models, programs, samples) as server:
        yield server


class LivePage:
    """The whole page, and what it holds.

    Args:
        page: Page of the browser, without anything in it.
        server: Server of the page.
    """

    def __init__(self, page: Page, server: StubServer):
        self.page, self.server = page, server
        self.problems: list[str] = []
        self.asked: list[dict[str, Any]] = []
        page.on("console", lambda message: self.problems.append(message.text))
        page.on("pageerror", lambda error: self.problems.append(f"{error}\n{error.stack}"))
        page.route(
            lambda url: not url.startswith((server.url, "data:", "blob:")),
            lambda route: (self.problems.append(route.request.url), route.abort()),
        )
        page.route(
            f"{server.url}blank",
            lambda route: route.fulfill(
                content_type="text/html", headers={"Content-Security-Policy": POLICY}, body=_BLANK
            ),
        )
        page.route(
            "**/evaluation",
            lambda route: route.fulfill(
                status=200, content_type="application/json", body=_EVALUATION
            ),
        )
        page.route_web_socket("**/socket", self._oracle)

    def open(self, address: str = "") -> "LivePage":
        """Show the page with a state, and wait until its networks have answered.

        The page is loaded once; then its state is replaced, as a link within it does.
        """
        if self.page.url.startswith(self.server.url):
            state = "{ ...decode(text), models: input }"
            self.page.evaluate(
                f"([text, input]) => held.store.dispatch({{ type: 'restore', state: {state} }})",
                [address, list(NETWORKS)],
            )
        else:
            self.page.goto(f"{self.server.url}blank")
            self.page.evaluate(_MOUNT, address)
        self.wait("held.store.state.models.length > 0")
        self.settle()
        return self

    def settle(self) -> None:
        """Wait until the networks have answered what they were shown last, and it is drawn."""
        self.page.evaluate(_NEXT_FRAME)
        self.wait("!document.querySelector('.convlab').hasAttribute('data-busy')")

    def finish(self, part: str) -> None:
        """Wait until a part that is on the screen has computed all that it shows."""
        self.settle()
        self.wait(f"!document.querySelector('.convlab-{part}').hasAttribute('data-busy')")

    def wait(self, condition: str) -> None:
        """Wait until an expression is true, and the page has drawn what follows from it."""
        self.page.wait_for_function(f"() => {condition}", timeout=PATIENCE)
        self.page.evaluate(_NEXT_FRAME)

    def get(self, expression: str, given: Any = None) -> Any:
        """Return the value of an expression over `held` and `input`; typed arrays as lists."""
        text = self.page.evaluate(
            "(input) => { const plain = (value) => ArrayBuffer.isView(value) ? [...value] : value;"
            f" return JSON.stringify(plain({expression}) ?? null, (_, value) => plain(value)); }}",
            given,
        )
        return json.loads(text)

    def question(self, kind: str) -> dict[str, Any]:
        """Return the last question of a kind to the server, as soon as there is one."""
        for _ in range(PATIENCE // 50):
            if asked := [question for question in self.asked if question["kind"] == kind]:
                return asked[-1]
            self.page.wait_for_timeout(50)
        raise AssertionError(f"The server is not asked for {kind}.")

    def dispatch(self, **event: Any) -> None:
        """Send an event and wait for what the networks answer."""
        self.page.evaluate("(event) => held.store.dispatch(event)", event)
        self.settle()

    def show(self, part: str) -> Any:
        """Return the locator of a part, which is on the screen."""
        locator = self.page.locator(f".convlab-{part}").first
        locator.scroll_into_view_if_needed()
        return locator

    def _oracle(self, socket: WebSocketRoute) -> None:
        def answer(message: Any) -> None:
            length = int.from_bytes(message[:8], "little")
            metadata = json.loads(message[8 : 8 + length])["__metadata__"]
            request = json.loads(metadata["request"])
            self.asked.append({**request, "pixels": load(bytes(message)).get("pixels")})
            reply = {"id": request["id"], "ok": True, "done": True}
            if request["kind"] not in ("grad_cam", "saliency", "occlusion"):
                reply.update(ok=False, error="This server explains only.")
            heat = np.linspace(0, 1, 28 * 28, dtype=np.float32).reshape(28, 28)
            socket.send(save({"map": heat}, {"answer": json.dumps(reply)}))

        socket.on_message(answer)


@pytest.fixture(scope="session")
def loaded(browser: Browser, served: StubServer) -> Iterator[LivePage]:
    page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    yield LivePage(page, served)
    page.close()


@pytest.fixture
def live(loaded: LivePage) -> Iterator[LivePage]:
    """The page, which reports no problem and requests nothing from elsewhere."""
    loaded.problems.clear()
    loaded.asked.clear()
    yield loaded
    assert loaded.problems == []

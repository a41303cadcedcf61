"""In a real browser: what a page of another port gets from the server, and what ours gets."""

import http.server
import threading
from contextlib import contextmanager

import pytest

from app.web.assets import Asset, read_assets

pytestmark = pytest.mark.slow

# Each attempt stores what it got under its name; nothing may be got.
FOREIGN = """<!doctype html><meta charset="utf-8"><body><script>
const own = "http://127.0.0.1:PORT";
const got = globalThis.got = {};
const note = (name, text) => { got[name] = text; };
const attempt = (name, promise) =>
  promise.then((value) => note(name, `got ${value}`), (error) => note(name, `refused: ${error}`));
const text = (answer) => answer.text().then((body) => `${answer.status} ${body.length}`);
attempt("fetch", fetch(own + "/api/models").then(text));
attempt("fetch page", fetch(own + "/").then(text));
attempt("opaque fetch", fetch(own + "/", { mode: "no-cors" }).then(text));
const simple = { method: "POST", headers: { "content-type": "text/plain" }, body: "x" };
const predict = own + "/api/predict?model=mnist-tiny";
attempt("post", fetch(predict, simple).then(text));
attempt("opaque post", fetch(predict, { ...simple, mode: "no-cors" }).then(text));
attempt("socket", new Promise((resolve, reject) => {
  const socket = new WebSocket("ws://127.0.0.1:PORT/socket");
  socket.onopen = () => resolve("open");
  socket.onerror = () => reject("closed");
}));
const loaded = (tag, source, key) => new Promise((resolve, reject) => {
  const element = document.createElement(tag);
  element[key] = own + source;
  element.onload = () => resolve("loaded");
  element.onerror = () => reject("failed");
  document.body.append(element);
});
attempt("script of JSON", loaded("script", "/api/models", "src"));
attempt("script", loaded("script", "/static/main.js", "src"));
attempt("image", loaded("img", "/static/picture.png", "src"));
const frame = document.createElement("iframe");
frame.name = "framed";
frame.src = own + "/";
document.body.append(frame);
</script>"""

OWN = b"""<!doctype html><html><head><meta charset="utf-8"><title>own</title>
<link rel="icon" href="data:,"><script type="module" src="/static/own.js"></script></head>
<body></body></html>"""
OWN_SCRIPT = b"""
const put = (name, text) => { document.body.dataset[name] = text; };
globalThis.violations = 0;
document.addEventListener("securitypolicyviolation", () => { globalThis.violations += 1; });
fetch("/api/models").then((answer) => answer.json())
  .then(({ models }) => put("models", models.length));
const socket = new WebSocket(`ws://${location.host}/socket`);
socket.onopen = () => put("socket", "open");
fetch("/api/predict?model=mnist-tiny", {
  method: "POST", headers: { "content-type": "application/octet-stream" }, body: "x",
}).then((answer) => put("post", answer.status));
"""


@contextmanager
def foreign_page(port):
    """Serve a page of another port of this machine; yield its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(FOREIGN.replace("PORT", str(port)).encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def test_point_9_page_of_another_port_gets_nothing(server, browser):
    page = browser.new_page()
    with foreign_page(server.port) as address:
        page.goto(address)
        page.wait_for_function("Object.keys(got).length === 9", timeout=30_000)
        got = page.evaluate("got")
        # A refused frame is an error page of the browser, which has no content of ours.
        framed = page.frame("framed")
        content = "" if framed is None else framed.content()
    page.close()
    # Opaque answers are empty and have no status: they tell nothing.
    empty = ("refused", "got 0 0")
    assert {name: value for name, value in got.items() if not value.startswith(empty)} == {}
    assert "convlab" not in content


def test_point_9_own_page_gets_everything_and_violates_nothing(own_server, browser):
    assets = {
        "/": Asset(OWN, "text/html; charset=utf-8", '"a"'),
        "/static/own.js": Asset(OWN_SCRIPT, "text/javascript", '"b"'),
    }
    running = own_server(names=["mnist-tiny"], assets=assets)
    page = browser.new_page()
    for name in ("127.0.0.1", "localhost"):
        page.goto(f"http://{name}:{running.port}/")
        page.wait_for_selector("body[data-models][data-socket][data-post]", state="attached")
        found = page.evaluate("({...document.body.dataset})")
        assert found == {"models": "1", "socket": "open", "post": "422"}
        assert page.evaluate("violations") == 0
    page.close()


def test_point_11_page_violates_no_policy_and_asks_no_other_server(server, browser):
    if "/" not in read_assets():
        pytest.skip("there is no page yet")
    page = browser.new_page()
    asked, problems = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: message.type == "error" and problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.add_init_script(
        "globalThis.violations = []; document.addEventListener('securitypolicyviolation',"
        " (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));"
    )
    page.goto(f"{server.origin}/", wait_until="networkidle")
    assert page.evaluate("violations") == []
    # The oracle of this server has no programs, which the page is told with this status.
    assert [problem for problem in problems if "409" not in problem] == []
    outside = [url for url in asked if not url.startswith((server.origin, "data:", "blob:"))]
    assert outside == []
    page.close()

"""The engine's modules in a page of Chromium, with tensors sent to it and back.

The server answers on this machine only. Its pages have the policy of the real ones: no script but
modules from the server, and workers through the Trusted Types policy of the engine.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser
from safetensors.numpy import load, save

STATIC = Path(__file__).parents[3] / "app" / "web" / "static"

_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types convlab"
)
_PAGE = b"<!DOCTYPE html><title>engine</title><script type='module' src='/harness.js'></script>"
_HARNESS = """
import * as tensors from "/static/tensors.js";
import * as program from "/static/engine/program.js";
import * as network from "/static/engine/network.js";
import * as receptive from "/static/engine/receptive.js";
import * as terms from "/static/engine/terms.js";
import * as contributors from "/static/engine/contributors.js";
import * as predict from "/static/engine/predict.js";
import * as views from "/static/engine/views.js";
import * as client from "/static/engine/client.js";
import * as products from "/static/engine/products.js";
globalThis.engine = { ...tensors, ...program, ...network, ...receptive, ...terms,
  ...contributors, ...predict, ...views, ...client, ...products };
globalThis.float32 = (shape, data) => ({ dtype: "float32", shape, data });
globalThis.fetchBytes = async (path) => (await fetch(path)).arrayBuffer();
globalThis.sendTensors = async (tensors) => {
  await fetch("/sent", { method: "POST", body: engine.writeTensors(tensors) });
};
"""


class EngineServer(ThreadingHTTPServer):
    """Serves the sources, and the bytes in `files`; keeps what the page sends.

    Attributes:
        files: Bytes by path.
        sent: What the page sent last.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = {"/": _PAGE, "/harness.js": _HARNESS.encode()}
        self.sent = b""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Address of the page."""
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: EngineServer

    def do_GET(self) -> None:
        source = STATIC / self.path.removeprefix("/static/")
        found = self.server.files.get(self.path)
        if found is None and source.is_file():
            found = source.read_bytes()
        kind = "text/javascript" if self.path.endswith(".js") else "text/html"
        self._answer(200 if found else 404, found or b"", kind)

    def do_POST(self) -> None:
        self.server.sent = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, b"", "text/plain")

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Stay silent."""


class EnginePage:
    """A page with the engine.

    Attributes:
        problems: Messages of its console.
    """

    def __init__(self, browser: Browser, server: EngineServer):
        self.server = server
        self.problems: list[str] = []
        self.page = browser.new_page()
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(server.address)
        self.page.wait_for_function("globalThis.sendTensors !== undefined")

    def ask(self, body: str, /, **given: Any) -> Any:
        """Run the body of an asynchronous function and return what it returns.

        Args:
            body: JavaScript; it sees `engine` with all functions of the modules.
            **given: Values that it sees by name; bytes arrive as an `ArrayBuffer`, a mapping of
                names to arrays as what `readTensors` gives.
        """
        paths, values = {}, {}
        for name, value in given.items():
            if isinstance(value, Mapping) and value and isinstance(_first(value), np.ndarray):
                value = save({key: np.ascontiguousarray(array) for key, array in value.items()})
            if isinstance(value, bytes):
                paths[name] = f"/given/{name}"
                self.server.files[paths[name]] = value
            else:
                values[name] = value
        fetches = "".join(
            f"const {name} = {'engine.readTensors' if isinstance(given[name], Mapping) else ''}"
            f"(await fetchBytes({json.dumps(path)}));\n"
            for name, path in paths.items()
        )
        names = ", ".join(values)
        return self.page.evaluate(f"async ({{ {names} }}) => {{ {fetches} {body} }}", values)

    def arrays(self, body: str, /, **given: Any) -> dict[str, np.ndarray]:
        """Run a body that returns tensors by name, as `writeTensors` takes them; return them."""
        call = f"const compute = async () => {{ {body} }}; await sendTensors(await compute());"
        self.ask(call, **given)
        return load(self.server.sent)

    def outputs(self, program: bytes, images: np.ndarray) -> dict[str, np.ndarray]:
        """Return `{operation: (N, …)}` for images `(N, H, W, C)`."""
        body = """
        const network = engine.createNetwork(engine.readProgram(program));
        const { operations } = network.program;
        const { data, shape: [count] } = given.tensors.get("images");
        const results = new Map(operations.map(({ name, shape }) =>
          [name, float32([count, ...shape], new Float32Array(count * product(shape)))]));
        const size = data.length / count;
        for (let i = 0; i < count; i++) {
          network.run(data.subarray(i * size, (i + 1) * size));
          for (const { name, shape } of operations) {
            results.get(name).data.set(network.output(name), i * product(shape));
          }
        }
        return results;
        """
        product = "const product = (shape) => shape.reduce((a, b) => a * b, 1);"
        given = {"images": np.asarray(images, np.float32)}
        return self.arrays(product + body, program=program, given=given)


def _first(mapping: Mapping[str, Any]) -> Any:
    return next(iter(mapping.values()))

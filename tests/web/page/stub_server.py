"""A small server of the page: static files under the page's policy, and answers made in advance."""

import json
import re
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
from safetensors.numpy import save

from app.classifier.loading import load
from app.data.decoding import UndecodableImage
from app.data.mnist_style.normalize import load_digit
from app.export.page import describe, lower, program_bytes

STATIC = Path(__file__).parents[3] / "app" / "web" / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "worker-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types convlab"
)
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}


class StubServer(ThreadingHTTPServer):
    """Serve the page with these models.

    Args:
        models: What `GET /api/models` answers, under `models`.
        programs: Safetensors bytes by model; a model without is for the server only.
        samples: Images `(N, H, W, C)` uint8 and labels `(N,)` by model.
    """

    def __init__(
        self,
        models: list[dict[str, Any]],
        programs: Mapping[str, bytes],
        samples: Mapping[str, tuple[np.ndarray, np.ndarray]],
        port: int = 0,
    ):
        super().__init__(("127.0.0.1", port), _Handler)
        self.models, self.programs, self.samples = models, programs, samples

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def __enter__(self) -> "StubServer":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: StubServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        if path == "/api/models":
            answer = {"models": self.server.models}
            return self._answer(json.dumps(answer).encode(), "application/json")
        if found := re.fullmatch(r"/api/models/([^/]+)/(\w+)", path):
            return self._answer_model(found[1], found[2], parse_qs(parts.query))
        file = STATIC / ("index.html" if path == "/" else path.removeprefix("/static/"))
        if not file.is_file():
            return self._answer(b"not found", "text/plain", 404)
        return self._answer(file.read_bytes(), TYPES[file.suffix])

    def _answer_model(self, name: str, what: str, query: dict[str, list[str]]) -> None:
        if what == "program" and name in self.server.programs:
            return self._answer(self.server.programs[name])
        if what == "samples" and name in self.server.samples:
            images, labels = self.server.samples[name]
            start, count = int(query["start"][0]), int(query["count"][0])
            chosen = np.arange(len(labels))
            if "label" in query:
                chosen = chosen[labels == int(query["label"][0])]
            chosen = chosen[start : start + count]
            tensors = {"images": images[chosen], "labels": labels[chosen].astype(np.int32)}
            tensors["predicted"] = tensors["labels"]
            names = [f"sample {index}" for index in chosen.tolist()]
            answer = {"samples": json.dumps({"names": names, "note": ""})}
            return self._answer(save(tensors, answer))
        return self._answer(b'{"error": "No such model."}', "application/json", 404)

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            pixels = load_digit(content)
        except UndecodableImage:
            return self._answer(b'{"error": "no digit"}', "application/json", 400)
        return self._answer(save({"pixels": pixels}, {"decoded": "{}"}))

    def _answer(
        self, body: bytes, kind: str = "application/octet-stream", status: int = 200
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def described(name: str) -> tuple[dict[str, object], bytes]:
    """Return what the server says about a model, and its program."""
    model = load(name).inspect()
    height, width = model.image_size
    facts = {
        "name": name, "classes": list(model.class_names), "dataset": "mnist", "accuracy": None,
        "image": {"height": height, "width": width, "channels": model.channels},
        "mnist_style": model.mnist_style, "outputs": str(model.kind), "thresholds": [],
        "server_only": None,
        "parameters": model.keras_model.count_params(),
    }  # fmt: skip
    return facts, program_bytes(lower(model.keras_model, describe(model)))

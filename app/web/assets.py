"""The files of the page, read once into memory: no request can reach the file system."""

from __future__ import annotations

import gzip
import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from app.web.bundle import bundle

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".safetensors": "application/octet-stream",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}

# The scripts that a page starts. Each is sent as one text with all that it imports: a browser
# would ask for its modules one after the other, as it finds them.
_SCRIPTS = ("main.js", "engine/worker.js")


class Asset(NamedTuple):
    """One file.

    Attributes:
        content: Its bytes.
        media_type: Value of `Content-Type`.
        etag: Text that changes with the content.
        compressed: The bytes by gzip; empty if they are not sent so.
    """

    content: bytes
    media_type: str
    etag: str
    compressed: bytes = b""


def read_assets() -> dict[str, Asset]:
    """Return the files of `app/web/static` by the path under which they are requested.

    The page itself is also the path `/`. Modules are parts of the two scripts that the page starts.
    Files of other kinds than `TYPES` are left out.
    """
    assets: dict[str, Asset] = {}
    _collect(files("app.web") / "static", "/static", assets)
    for name in _SCRIPTS:
        text = bundle([name], f'convlab.load("{name}");')
        assets[f"/static/{name}"] = _asset(text.encode(), TYPES[".js"])
    page = assets.get("/static/index.html")
    if page is not None:
        assets["/"] = page
    return assets


def _collect(folder: Traversable, prefix: str, assets: dict[str, Asset]) -> None:
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = f"{prefix}/{entry.name}"
        media_type = TYPES.get("." + entry.name.rpartition(".")[2])
        if entry.is_dir():
            _collect(entry, path, assets)
        elif media_type not in (None, TYPES[".js"]):
            assets[path] = _asset(entry.read_bytes(), media_type)


def _asset(content: bytes, media_type: str) -> Asset:
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return Asset(content, media_type, etag, gzip.compress(content, mtime=0))

"""No path of a request reaches the file system, and static text holds no scripts."""

import gzip
import http.client
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.web.assets import TYPES, read_assets

ROOT = Path(__file__).parents[3]
STATIC = ROOT / "app" / "web" / "static"
TRICKS = [
    "/../pyproject.toml", "/static/../../pyproject.toml", "/static/%2e%2e/%2e%2e/pyproject.toml",
    "/static/%2E%2E%2fguard.py", "/static/..%5c..%5cguard.py", "//etc/passwd",
    "/static//etc/passwd",
    "/static/%00", "/static/index.html%00.js", "/etc/passwd", "/%2fetc%2fpasswd",
    "/%5c%5chost%5cshare",
    "//host/share", "/static/index.html?raw??/../../x", "/static/.", "/static", "/static/",
    "/static/./style.css", "/api/models/../../x/program", "/api/models/%2e%2e/program",
    "/api/models/%2fetc/program", "/C:/Windows", "/static/index.html/", "/socket",
    "/@fs/etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("path", TRICKS)
def test_point_13_tricks_with_paths_find_nothing(server, opened, path):
    host = f"Host: 127.0.0.1:{server.port}"
    status = server.status(f"GET {path} HTTP/1.1", host)
    assert status == (200 if path.startswith("/static/index.html?") else 404)
    assert opened == []


def _known_paths():
    files = {
        "/static/" + str(file.relative_to(STATIC)) for file in STATIC.rglob("*")
        if file.suffix in TYPES
    }  # fmt: skip
    return files | {"/"}


PIECES = [
    "..", "%2e%2e", "/", "%2f", "\\", "%5c", "static", "index.html", "etc", "passwd", "%00", "~",
    ".",
    ";", "%c0%ae", "?raw", "models", "api", "C:", "@fs", "%25", "guard.py", "//host",
]  # fmt: skip
PATHS = st.lists(
    st.sampled_from(PIECES)
    | st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=4),
    max_size=8,
).map("".join)


@pytest.mark.slow
def test_point_13_random_paths_are_404_and_open_nothing(server, opened):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    known = {*_known_paths(), "/api/models"}

    @settings(max_examples=1000)
    @given(st.lists(PATHS, min_size=10, max_size=10))
    def check(paths):
        for path in paths:
            connection.putrequest("GET", f"/{path}")
            connection.endheaders()
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 404 or unquote(f"/{path}".partition("?")[0]) in known

    check()
    connection.close()
    assert opened == []


def test_point_14_thousands_of_ranges_cost_nothing(server):
    """They are ignored: the whole file comes, and no code reads them."""
    ranges = "bytes=" + ",".join(f"{i}-{i}" for i in range(10_000))
    host = f"Host: 127.0.0.1:{server.port}"
    plain = server.ask("/")[2]
    answer = server.raw("GET / HTTP/1.1", host, f"Range: {ranges}", "Connection: close")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(plain)
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert b"content-range" not in head
    assert b"accept-ranges" not in head
    sources = "".join(file.read_text("utf-8") for file in (ROOT / "app" / "web").glob("*.py"))
    assert re.search(r"FileResponse|StaticFiles|[\"']range[\"']", sources, re.I) is None


def test_static_files_are_answered_with_their_type_and_tag(server):
    for path, asset in read_assets().items():
        status, headers, content = server.ask(path)
        assert (status, content) == (200, asset.content)
        assert headers["content-type"] == asset.media_type
        again = server.ask(path, headers={"If-None-Match": headers["etag"]})
        assert (again[0], again[2]) == (304, b"")
        assert server.ask(path, "HEAD")[2] == b""


def test_static_files_are_compressed_for_clients_that_read_it(server):
    """All of them together are the first load of the page, without the weights of networks."""
    total = 0
    for path, asset in read_assets().items():
        _, headers, content = server.ask(path, headers={"Accept-Encoding": "gzip, deflate, br"})
        assert headers["content-encoding"] == "gzip"
        assert gzip.decompress(content) == asset.content
        total += len(content)
        assert "content-encoding" not in server.ask(path, headers={"Accept-Encoding": "br"})[1]
    assert 50_000 < total < 250_000


def test_point_11_page_holds_no_inline_script_or_style():
    for file in STATIC.rglob("*.html"):
        text = file.read_text("utf-8")
        scripts = re.findall(r"<script\b[^>]*>(.*?)</script>", text, re.DOTALL)
        assert not [script for script in scripts if script.strip()], file
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text), file


def test_point_12_scripts_never_turn_text_into_markup_or_code():
    forbidden = re.compile(
        r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\s*\(|new\s+Function|"
        r"createContextualFragment|setHTMLUnsafe|DOMParser|srcdoc)"
    )
    found = [
        f"{file.name}: {match[0]}"
        for file in STATIC.rglob("*.js")
        for match in forbidden.finditer(file.read_text("utf-8"))
    ]
    assert found == []

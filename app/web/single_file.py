"""Write the page as one HTML file that works from disk and requests nothing.

The file holds the page's modules as one script, its style, and the content in blocks that the
browser does not run: base64 of JSON for the catalog, of zlib streams for everything else. A content
security policy allows the script and the style by their hashes and no connection at all, so the
browser enforces that nothing is loaded or sent.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from app.files import atomic_file, printable, refuse_other_file
from app.web.bundle import STATIC, STYLE_SHEET, bundle, style
from app.web.content import CATALOG, EmbeddedModel, content_of

_MARK = '<meta name="generator" content="convlab export">'

# What index.html holds for the server, and this module replaces.
_TITLE = "<title>convlab</title>"
_SCRIPT = '<script type="module" src="/static/main.js"></script>'
_BODY_END = "</body>"

_ENTRIES = ("main_file.js", "engine/worker.js")
_START = """
convlab.load("main_file.js").start(document, convlab.workerText("engine/worker.js"));
"""

_HEAD = """\
{mark}
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<title>{title}</title>"""


def write_page(models: Sequence[EmbeddedModel], target: Path) -> list[tuple[str, int]]:
    """Write one HTML file with some models.

    Args:
        models: Models of the page.
        target: File to write.

    Returns:
        What the file is made of, each with its bytes: the page itself, the models, the samples.

    Raises:
        AppError: If `target` exists and is something else, or cannot be written.
    """
    refuse_to_replace(target)
    names = [model.entry["name"] for model in models]
    text = page_text(names, content_of(models)).encode()
    with atomic_file(target) as temporary:
        temporary.write_bytes(text)
    sizes = [(name, _shown_size(m.program)) for name, m in zip(names, models, strict=True)]
    sizes.append(("samples", sum(_shown_size(model.samples) for model in models)))
    return [("page", len(text) - sum(size for _, size in sizes)), *sizes]


def refuse_to_replace(target: Path) -> None:
    """Allow a page to replace only another exported page.

    Raises:
        AppError: If `target` exists and is something else.
    """
    refuse_other_file(target, lambda start: _MARK.encode() in start, "an exported page")


def page_text(names: Sequence[str], content: Mapping[str, bytes]) -> str:
    """Return the HTML of a page.

    Args:
        names: Names of the models, for the title.
        content: Parts of the page, as `app.web.content.content_of` returns them.
    """
    script, sheet = "\n" + bundle(_ENTRIES, _START), "\n" + style()
    _refuse_end_of_element(script, sheet)
    title = escape(", ".join(map(printable, names)))
    head = _HEAD.format(mark=_MARK, policy=_policy(script, sheet), title=title)
    blocks = "\n".join(_block(name, part) for name, part in content.items())
    page = STYLE_SHEET.sub("", STATIC.joinpath("index.html").read_text("utf-8"))
    for found, text in (
        (_TITLE, head),
        (_SCRIPT, f"<style>{sheet}</style>"),
        (_BODY_END, f'{blocks}\n<script type="module">{script}</script>\n{_BODY_END}'),
    ):
        if page.count(found) != 1:
            raise ValueError(f"index.html does not hold {found!r} once.")
        page = page.replace(found, text)
    return page


def _policy(script: str, sheet: str) -> str:
    return "; ".join([
        "default-src 'none'",
        f"script-src {_hash(script)}",
        f"style-src {_hash(sheet)}",
        "img-src data: blob:",
        "worker-src blob:",
        "connect-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types convlab",
    ])  # fmt: skip


def _hash(text: str) -> str:
    return f"'sha256-{_base64(hashlib.sha256(text.encode()).digest())}'"


def _block(name: str, part: bytes) -> str:
    kind, text = "application/octet-stream;base64", _base64(part if name == CATALOG else _zip(part))
    return f'<script type="{kind}" data-part="{escape(name)}">{text}</script>'


def _zip(part: bytes) -> bytes:
    return zlib.compress(part, 9)


def _shown_size(part: bytes) -> int:
    return len(_base64(_zip(part))) if part else 0


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _refuse_end_of_element(script: str, sheet: str) -> None:
    for text in ("</script", "<script", "<!--"):
        if text in script.lower():
            raise ValueError(f"A module of the page holds '{text}', which HTML would read.")
    if "</style" in sheet.lower():
        raise ValueError("The style of the page holds '</style', which HTML would read.")

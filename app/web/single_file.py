"""Write the page as one HTML file that works from disk and requests nothing.

The file holds the page's modules as one script, its style, and the content as base64 in blocks that
the browser does not run. A content security policy allows the script and the style by their hashes
and no connection at all, so the browser enforces that nothing is loaded or sent.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from app.files import atomic_file, printable, refuse_other_file
from app.web.bundle import STATIC, bundle
from app.web.content import EmbeddedModel, content_of

_MARK = '<meta name="generator" content="convlab export">'

_ENTRIES = ("main_file.js", "engine/worker.js")
_START = """
convlab.load("main_file.js").start(document, convlab.workerText("engine/worker.js"));
"""

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
{mark}
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<div class="convlab"></div>
<noscript>This page computes the network in the browser and needs JavaScript.</noscript>
{blocks}
<script type="module">{script}</script>
</body>
</html>
"""


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
    sizes = [(name, len(_base64(m.program))) for name, m in zip(names, models, strict=True)]
    sizes.append(("samples", sum(len(_base64(model.samples)) for model in models)))
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
    script = bundle(_ENTRIES, _START)
    style = "\n" + STATIC.joinpath("style.css").read_text("utf-8")
    _refuse_end_of_element(script, style)
    return _PAGE.format(
        mark=_MARK,
        policy=_policy(script, style),
        title=escape(", ".join(map(printable, names))),
        style=style,
        script=script,
        blocks="\n".join(_block(name, part) for name, part in content.items()),
    )


def _policy(script: str, style: str) -> str:
    return "; ".join([
        "default-src 'none'",
        f"script-src {_hash(script)}",
        f"style-src {_hash(style)}",
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
    kind = "application/octet-stream;base64"
    return f'<script type="{kind}" data-part="{escape(name)}">{_base64(part)}</script>'


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _refuse_end_of_element(script: str, style: str) -> None:
    for text in ("</script", "<script", "<!--"):
        if text in script.lower():
            raise ValueError(f"A module of the page holds '{text}', which HTML would read.")
    if "</style" in style.lower():
        raise ValueError("The style of the page holds '</style', which HTML would read.")

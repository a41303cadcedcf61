"""Concatenate the page's JavaScript modules into one text, without Node or a build step.

A page opened from disk may not import files, and a notebook widget is one text. The modules in
`app/web/static` are therefore written in a subset of JavaScript that a few lines can concatenate:

- `import { a, b } from "./module.js";` on one line, with a relative path, at the start of the line;
- `export` only in front of a `function`, `class` or `const` that starts a line and has one name;
- no default exports, renamed imports, `import()`, `import.meta`, cycles or top-level `await`, and
  nothing of a module named `load`.

Each module becomes a function that returns its exports. It runs once, when it is first imported.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

STATIC: Traversable = files("app.web").joinpath("static")

STYLE_SHEET = re.compile(r'<link rel="stylesheet" href="/static/([\w/.-]+)">\n')  # in index.html

_IMPORT = re.compile(r'import \{ ([\w$]+(?:, [\w$]+)*) \} from "(\.\.?/[\w./-]+\.js)";')
_EXPORT = re.compile(r"export (?:(?:async )?function\*?|class|const) ([\w$]+)(?=[\s(={])")
_COMMENT, _QUOTED = "\0", "_"  # what stands in place of each of their characters
_COMMENT_OR_QUOTED = re.compile(
    r"""(?<![^\s;,(){}])//[^\n]*|(?<![\\\[])/\*.*?\*/"""  # not the same within a regular expression
    r"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`""",
    re.DOTALL,
)
_OUTSIDE = (
    (re.compile(r"\bimport\s*\("), "import() of a module at run time"),
    (re.compile(r"\bimport\s*\.\s*meta\b"), "import.meta"),
    (re.compile(r"^\s*import\b"), "an import of another form"),
    (re.compile(r"^\s*export\b"), "an export of another form"),
    (re.compile(r"^(?:(?:const|let|var)\b.*=\s*)?await\b"), "await outside a function"),
    (re.compile(r"^(?:const|let|class|function\*?) load\b"), "the loader's own name, load"),
)

_HEAD = """\
const convlab = (() => {
"use strict";
const sources = {
"""
_LOADER = """\
function load(name) {
  if (!load.done.has(name)) load.done.set(name, sources[name](load));
  return load.done.get(name);
}
load.done = new Map();
"""
_TAIL = """\
/** The text of a classic worker script that runs one of these modules. */
function workerText(entry) {
  const functions = Object.values(sources).map(String).join(",\\n");
  const start = `load.done = new Map();\\nload(${JSON.stringify(entry)});`;
  return `"use strict";\\nconst sources = {\\n${functions}\\n};\\n${load}\\n${start}\\n`;
}
return { load, workerText };
})();
"""


class OutsideGrammar(ValueError):
    """A module that is not written in the subset that `bundle` concatenates."""


@dataclass(frozen=True)
class Module:
    """One JavaScript module.

    Attributes:
        name: Path below the folder of the modules, such as `engine/dense.js`.
        imports: Names that it imports, by the module that they come from.
        exports: Names that it exports.
        body: Its lines without imports, comments, indentation and the word `export`.
    """

    name: str
    imports: dict[str, tuple[str, ...]]
    exports: tuple[str, ...]
    body: str


def bundle(entries: Sequence[str], end: str, folder: Traversable = STATIC) -> str:
    """Return one text with some modules and all modules that they import.

    The text defines `convlab.load(name)`, which returns the exports of a module, and
    `convlab.workerText(name)`, which returns the text of a worker that runs a module.

    Args:
        entries: Names of the modules that `end` loads.
        end: JavaScript that follows the modules.
        folder: Folder of the modules.

    Raises:
        OutsideGrammar: If a module is missing, imports what is not exported, imports itself by way
            of others, or is written in another form.
    """
    functions = ",\n".join(_as_function(module) for module in in_order(entries, folder))
    return f"{_HEAD}{functions}\n}};\n{_LOADER}{_TAIL}{end}\n"


def style() -> str:
    """Return the style sheets of `index.html` as one text."""
    page = STATIC.joinpath("index.html").read_text("utf-8")
    return "\n".join(STATIC.joinpath(name).read_text("utf-8") for name in STYLE_SHEET.findall(page))


def in_order(entries: Sequence[str], folder: Traversable = STATIC) -> list[Module]:
    """Return modules and all modules that they import, each after those that it imports.

    Raises:
        OutsideGrammar: As for `bundle`.
    """
    found: dict[str, Module] = {}

    def visit(name: str, importers: tuple[str, ...]) -> None:
        if name in importers:
            circle = " imports ".join([*importers[importers.index(name) :], name])
            raise OutsideGrammar(f"A circle of imports: {circle}.")
        if name not in found:
            module = parse_module(name, _read(name, importers, folder))
            for other in module.imports:
                visit(other, (*importers, name))
            _check_names(module, found)
            found[name] = module

    for entry in entries:
        visit(entry, ())
    return list(found.values())


def parse_module(name: str, text: str) -> Module:
    """Return a module from its text.

    Args:
        name: Path below the folder of the modules.
        text: Content of the file.

    Raises:
        OutsideGrammar: If it is not written in the subset; the message names the line.
    """
    imports: dict[str, tuple[str, ...]] = {}
    exports: list[str] = []
    body: list[str] = []
    code = _marked(text)
    for number, (line, bare) in enumerate(zip(text.split("\n"), code.split("\n"), strict=True), 1):
        if bare.startswith("import ") and (match := _IMPORT.fullmatch(line)):
            other = posixpath.normpath(posixpath.join(posixpath.dirname(name), match[2]))
            imports[other] = (*imports.get(other, ()), *match[1].split(", "))
        elif bare.startswith("export ") and (match := _EXPORT.match(line)):
            exports.append(match[1])
            body.append(_shortened(line, bare).removeprefix("export "))
        else:
            for pattern, meaning in _OUTSIDE:
                if pattern.search(bare):
                    raise OutsideGrammar(f"{name}, line {number}: {meaning}: {line.strip()}")
            if not line or bare.strip(f" {_COMMENT}"):
                body.append(_shortened(line, bare))
    return Module(name, imports, tuple(exports), "\n".join(body).strip("\n"))


def _marked(text: str) -> str:
    """Return the text of a module with marks in place of comments and quoted texts."""

    def mark(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", _COMMENT if match[0].startswith("/") else _QUOTED, match[0])

    return _COMMENT_OR_QUOTED.sub(mark, text)


def _shortened(line: str, bare: str) -> str:
    """Return a line of code without comments and indentation."""
    kept = "".join(letter for letter, mark in zip(line, bare, strict=True) if mark != _COMMENT)
    if not bare.startswith(_QUOTED):  # the indentation of a quoted text is part of it
        kept = kept.lstrip()
    return kept if bare.endswith(_QUOTED) else kept.rstrip()


def _read(name: str, importers: tuple[str, ...], folder: Traversable) -> str:
    file = folder.joinpath(*name.split("/"))
    if name.startswith("..") or not file.is_file():
        by = f", which {importers[-1]} imports" if importers else ""
        raise OutsideGrammar(f"There is no module {name}{by}.")
    return file.read_text("utf-8")


def _check_names(module: Module, found: dict[str, Module]) -> None:
    for other, names in module.imports.items():
        for name in names:
            if name not in found[other].exports:
                raise OutsideGrammar(
                    f"{module.name} imports {name} from {other}, which does not export it."
                )


def _as_function(module: Module) -> str:
    imports = "".join(
        f'const {{ {", ".join(names)} }} = load("{other}");\n'
        for other, names in module.imports.items()
    )
    exports = ", ".join(module.exports)
    return f'"{module.name}"(load) {{\n{imports}{module.body}\nreturn {{ {exports} }};\n}}'

"""Rules for the page's sources, which no tool checks: the page has no build step."""

import re
from collections import Counter
from pathlib import Path

import pytest

import app

STATIC = Path(app.__file__).parent / "web" / "static"
SOURCES = sorted(STATIC.rglob("*.js"))
MODULES = [str(source.relative_to(STATIC)) for source in SOURCES]

FILE_LINES, FUNCTION_LINES = 250, 40

_IMPORT = re.compile(r'import \{ \w+(?:, \w+)* \} from "(\.{1,2}/[\w./]+\.js)";')
_EXPORT = re.compile(r"export (?:(?:async )?function\*? |class |const )\w+")
_LITERALS = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`""", re.DOTALL
)
_UNSAFE = re.compile(
    r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|eval|createContextualFragment|setHTMLUnsafe)\b"
    r"|\bnew Function\b|\bdocument\.write|\bparseFromString\b|\bset(?:Timeout|Interval)\(\s*[\"'`]"
)
_DOM = re.compile(r"(?<![\w.])(?:document|window|navigator|HTML\w+|Image|Path2D)\b")
# A function, a method or an arrow function whose body is a block.
_OPENING = re.compile(
    r"^(?P<indent> *)(?:(?:export |static |async |get |set )*(?:function\*? ?)?[\w$#]*\("
    r"(?:.*\{)?|.*=> \{|.*\((?:async )?function.*\{)$"
)
_STATEMENTS = ("if", "for", "while", "switch", "catch", "with")


def code_of(source: Path) -> str:
    """Return a source without comments and texts, on the same lines."""
    return _LITERALS.sub(lambda found: "\n" * found[0].count("\n"), source.read_text("utf-8"))


def imported(source: Path) -> list[Path]:
    lines = source.read_text("utf-8").splitlines()
    found = (_IMPORT.fullmatch(line) for line in lines)
    return [(source.parent / match[1]).resolve() for match in found if match]


def function_lengths(source: Path) -> dict[str, int]:
    """Return the number of lines of each function by its first line, without functions in it."""
    lines = code_of(source).splitlines()
    spans = []
    for number, line in enumerate(lines):
        opening = _OPENING.match(line)
        if opening is None or line.split("(")[0].split()[-1:] in [[s] for s in _STATEMENTS]:
            continue
        closing = re.compile(rf"^{opening['indent']}(?:\}}|\);?$)")  # of a body, or of a call
        end = next(n for n in range(number + 1, len(lines)) if closing.match(lines[n]))
        spans.append((number, end))
    owners: dict[int, int] = {}
    for start, end in spans:  # the innermost comes last
        owners.update(dict.fromkeys(range(start, end + 1), start))
    counts = Counter(owners.values())
    return {f"{start + 1}: {lines[start].strip()}": counts[start] for start, _ in spans}


def pure(source: Path) -> bool:
    return source.parent.name == "engine" or source.relative_to(STATIC) == Path("tensors.js")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_type_checked_and_short(module):
    lines = (STATIC / module).read_text("utf-8").splitlines()
    assert lines[0] == "// @ts-check"
    assert len(lines) <= FILE_LINES


@pytest.mark.parametrize("module", MODULES)
def test_functions_of_a_module_are_short(module):
    lengths = function_lengths(STATIC / module)
    assert {line: n for line, n in lengths.items() if n > FUNCTION_LINES} == {}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_and_exports_by_name_on_one_line(module):
    for line in (STATIC / module).read_text("utf-8").splitlines():
        if line.startswith("import"):
            assert _IMPORT.fullmatch(line), line
        if line.startswith("export"):
            assert _EXPORT.match(line), line
    assert not re.search(r"\bimport\s*\(", code_of(STATIC / module))


@pytest.mark.parametrize("module", MODULES)
def test_a_module_uses_all_that_it_imports(module):
    source = STATIC / module
    code = source.read_text("utf-8")
    code = "\n".join(line for line in code.splitlines() if not line.startswith("import"))
    for line in source.read_text("utf-8").splitlines():
        if _IMPORT.fullmatch(line):
            names = line[line.index("{") + 1 : line.index("}")].split(",")
            assert [name for name in names if not re.search(rf"\b{name.strip()}\b", code)] == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_makes_neither_markup_nor_code_from_texts(module):
    text = (STATIC / module).read_text("utf-8")
    assert _UNSAFE.findall(code_of(STATIC / module) + "".join(re.findall(r"`[^`]*`", text))) == []


@pytest.mark.parametrize("module", [str(s.relative_to(STATIC)) for s in SOURCES if pure(s)])
def test_a_module_of_the_engine_knows_nothing_of_the_page(module):
    source = STATIC / module
    assert _DOM.findall(code_of(source)) == []
    assert [path for path in imported(source) if not pure(path)] == []


def test_modules_import_existing_modules_without_cycles():
    graph = {source.resolve(): imported(source) for source in SOURCES}
    finished: set[Path] = set()

    def visit(path: Path, way: tuple[Path, ...]) -> None:
        assert path in graph, f"{way[-1].name} imports {path.name}"
        assert path not in way, " → ".join(one.name for one in (*way, path))
        if path not in finished:
            for other in graph[path]:
                visit(other, (*way, path))
            finished.add(path)

    for path in graph:
        visit(path, ())


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("function a() {\n  b();\n}", 3),
        ("function a() {\n  b;\n  const c = () => {\n    d;\n    e;\n    f;\n    g;\n  };\n}", 6),
        ("class A {\n  async b(c) {\n    d();\n    e();\n  }\n}", 4),
        ("const a = (b) => {\n};", 2),
        ("call(a, ({ b }) => {\n  c();\n});", 3),
        ("export async function a(\n  b,\n  c,\n) {\n  d();\n}", 6),
    ],
)
def test_the_length_of_a_function_counts_its_lines(tmp_path, text, length):
    source = tmp_path / "module.js"
    source.write_text(text)
    assert max(function_lengths(source).values(), default=None) == length


def test_statements_are_not_counted_as_functions(tmp_path):
    source = tmp_path / "module.js"
    source.write_text("for (a) {\n}\nif (b) {\n} else if (c) {\n}\nwhile (d) {\n}\n")
    assert function_lengths(source) == {}

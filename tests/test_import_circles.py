"""No two modules of `app` import each other, directly or through others, not even for types."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in ROOT.glob("app/**/*.py")
}
# `Classifier.inspect` returns a subclass, which it names for types only.
EXCEPTIONS = {"app.classifier.classifier": {"app.classifier.inspected_model"}}


def nodes_outside_functions(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
            yield from nodes_outside_functions(node)


def imported_modules(path: Path) -> set[str]:
    """Return the modules of `app` that a file imports at its top level, for types or to run."""
    names = set()
    for node in nodes_outside_functions(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                names.add(inner if inner in MODULES else str(node.module))
    return names & set(MODULES)


def test_modules_do_not_import_each_other():
    graph = {
        module: imported_modules(path) - EXCEPTIONS.get(module, set())
        for module, path in MODULES.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(reversed(error.args[1]))) from None

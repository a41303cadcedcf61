"""The floors of the house: a file imports only from floors below its own."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = {
    "app": 0, "app.errors": 0, "app.files": 0, "app.config": 0, "app.keras_startup": 0,
    "app.cache": 0, "app.names": 0, "app.reading": 0, "app.reporting": 0, "app.signals": 0,
    "app.metrics": 1, "app.lecture": 1, "app.layers": 1, "app.data": 1,
    "app.augmentation": 2, "app.image_sources": 2,
    "app.keras2": 3, "app.models": 3,
    "app.storage": 4,
    "app.classifier": 5, "app.insight": 5,
    "app.evaluate": 6, "app.samples": 6,
    "app.figures": 7,
    "app.figure_files": 8,
    "app.training": 9, "app.report": 9,
    "app.lab": 10,
    "app.cli": 11,
    "app.__main__": 12, "train": 12,
}  # fmt: skip
FILES = sorted([*ROOT.glob("app/**/*.py"), ROOT / "train.py"])


def room(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "app" else parts[0]


def all_imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            # `from app.cli import data` imports a module, `from app import x` too.
            found |= {node.module} | (
                {f"app.{alias.name}" for alias in node.names} if node.module == "app" else set()
            )
    return {name for name in found if name}


def imports(path: Path) -> set[str]:
    return {name for name in all_imports(path) if room(name) in FLOORS}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_come_from_lower_floors(path):
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    own = room(module)
    assert own in FLOORS, f"{own} has no floor"
    for name in imports(path):
        other = room(name)
        if other == own:
            continue
        lower = FLOORS[other] < FLOORS[own]
        ground = FLOORS[other] == FLOORS[own] == 0
        assert lower or ground, f"{module} (floor {FLOORS[own]}) imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_short(path):
    assert path.read_text("utf-8").count("\n") <= 300


def test_only_figures_import_matplotlib():
    for path in FILES:
        if "figures" not in path.parts:
            assert "matplotlib" not in path.read_text("utf-8"), path


def test_figures_know_neither_paths_nor_argparse():
    """Whatever shows a figure can call them: the command line, a report, a notebook, a page."""
    for path in ROOT.glob("app/figures/**/*.py"):
        modules = {name.split(".")[0] for name in all_imports(path)}
        assert not modules & {"argparse", "pathlib", "os", "shutil", "tempfile"}, path


def test_no_drawers():
    assert not {path.stem for path in FILES} & {"utils", "helpers", "common", "misc"}

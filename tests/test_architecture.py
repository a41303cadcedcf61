"""The architecture of `app`: imports go to lower layers, modules are short, figures only draw."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
LAYERS = {
    "app": 0, "app.errors": 0, "app.files": 0, "app.keras_startup": 0,
    "app.cache": 0, "app.names": 0, "app.processes": 0, "app.reading": 0, "app.references": 0,
    "app.registries": 0, "app.reporting": 0, "app.run_checks": 0, "app.setting": 0,
    "app.signals": 0, "app.statistics": 0,
    "app.metrics": 1, "app.lecture": 1, "app.layers": 1, "app.data": 1,
    "app.augmentation": 2, "app.config": 2, "app.multi_label": 2,
    "app.keras2": 3, "app.models": 3,
    "app.export": 4, "app.stack": 4,
    "app.storage": 5,
    "app.classifier": 6,
    "app.bulk": 7, "app.evaluate": 7, "app.insight": 7,
    "app.calibrate": 8, "app.compare": 8, "app.deploy": 8, "app.figures": 8,
    "app.figure_files": 9,
    "app.training": 10, "app.report": 10,
    "app.lab": 11, "app.label_errors": 11, "app.sweep": 11, "app.web": 11,
    "app.cli": 12,
    "app.__main__": 13, "train": 13,
}  # fmt: skip
FILES = sorted([*ROOT.glob("app/**/*.py"), ROOT / "train.py"])


def package(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "app" else parts[0]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> set[str]:
    modules = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # `from app.cli import data` imports a module, `from app import x` too.
            modules |= {"." * node.level + (node.module or "")}
            modules |= {f"app.{alias.name}" for alias in node.names if node.module == "app"}
    return modules


def test_imports_are_absolute_and_of_lower_layers():
    offenders = []
    for path in FILES:
        module = module_of(path)
        own = package(module)
        if own not in LAYERS:
            offenders.append(f"{own} has no layer: add it to LAYERS")
            continue
        for name in sorted(imports(path)):
            other = package(name)
            lowest = LAYERS.get(other) == LAYERS[own] == 0
            if name.startswith("."):
                offenders.append(f"{module}: relative import of {name}")
            elif other in LAYERS and other != own and LAYERS[other] >= LAYERS[own] and not lowest:
                offenders.append(
                    f"{module} (layer {LAYERS[own]}) imports {name} (layer {LAYERS[other]})"
                )
    assert not offenders, "\n" + "\n".join(offenders)


def test_modules_have_at_most_300_lines_and_a_name_that_says_what_they_hold():
    lengths = {path: path.read_text("utf-8").count("\n") for path in FILES}
    offenders = [
        f"{module_of(path)}: {count} lines" for path, count in lengths.items() if count > 300
    ]
    vague = {"utils", "helpers", "common", "misc"}
    offenders += [f"{module_of(path)}: a vague name" for path in FILES if path.stem in vague]
    assert not offenders, "\n" + "\n".join(offenders)


def test_only_figures_import_matplotlib():
    for path in FILES:
        if "figures" not in path.parts:
            assert "matplotlib" not in path.read_text("utf-8"), path


def test_figures_know_neither_paths_nor_argparse():
    """Whatever shows a figure can call them: the command line, a report, a notebook, a page."""
    for path in ROOT.glob("app/figures/**/*.py"):
        modules = {name.split(".")[0] for name in imports(path)}
        assert not modules & {"argparse", "pathlib", "os", "shutil", "tempfile"}, path


def test_functions_have_at_most_five_parameters():
    """Values that belong together are one value.

    Keras's own signatures are kept where users know them: the generator, its iterators and
    functions, locally connected layers, and `Batches`, which has the arguments of both `fit` and
    `PyDataset`.
    """
    like_keras = {
        ROOT / "app/layers/base_locally_connected.py",
        ROOT / "app/data/batches.py",
        *ROOT.glob("app/keras2/image_data_generator/*.py"),
    }
    offenders = []
    for path in FILES:
        if path in like_keras:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                names = [argument.arg for argument in given if argument.arg not in ("self", "cls")]
                if len(names) > 5:
                    offenders.append(f"{module_of(path)}.{node.name}: {', '.join(names)}")
    assert not offenders, "\n" + "\n".join(offenders)

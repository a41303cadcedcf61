"""Public API of `ImageDataGenerator`, ours against the legacy modules, name by name.

    python benchmarks/generator_api.py             # the differences, each with its reason
    python benchmarks/generator_api.py --all       # every row

The peers are `keras.src.legacy.preprocessing.image`, which Keras 3 still carries, and
`tf_keras.preprocessing.image` (Keras 2). The script inspects modules, classes, signatures, and the
attributes of one instance of each class.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import inspect
import io
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

LEGACY = "keras.src.legacy.preprocessing.image"
TF_KERAS = "tf_keras.src.preprocessing.image"
OURS = "app.keras2.image_data_generator"

# Private names that subclasses override or call.
_HOOKS = {
    "_flow_index", "_get_batches_of_transformed_samples", "_set_index_array", "_validation_split",
}  # fmt: skip
_ABSENT = "–"

# Pattern of a row's name → reason for the difference.
REASONS = {
    r".*\(legacy_quirks\)|ImageDataGenerator\.legacy_quirks":
        "added, keyword only: bugs of the legacy class, to reproduce old experiments",
    r".*\(workers\)": "added, keyword only: threads per batch",
    r"ImageDataGenerator\.flow_from_dataframe\(keep_aspect_ratio\)":
        "added, keyword only: Keras's iterator has it, but its method does not pass it on",
    r".*\.white_list_formats": "all file extensions that the loader reads, such as webp and gif",
    r"NumpyArrayIterator\.x": "images keep their type; each batch is converted on creation",
    r".*\.(epoch|batch_epoch|batch_of_epoch(\(.*\))?)":
        "added: order and transformations depend on (seed, epoch, sample)",
    r".*\.batch_filenames(\(.*\))?": "added: names of the files in a batch",
    r"ImageDataGenerator\.engine":
        "added: transforms of whole batches, and what `legacy_quirks` changes",
    r"NumpyArrayIterator\.subset": "added: in Keras 2 only iterators over files have it",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One name and its description in each of the three modules."""

    name: str
    legacy: str
    tf_keras: str
    ours: str

    @property
    def same(self) -> bool:
        """Whether ours equals one of the peers."""
        return self.ours in (self.legacy, self.tf_keras)

    @property
    def reason(self) -> str | None:
        """Reason for the difference, or `None`."""
        matches = (
            reason for pattern, reason in REASONS.items() if re.fullmatch(pattern, self.name)
        )
        return next(matches, None)


def rows() -> list[Row]:
    """Return one row per name of the three modules."""
    surfaces = [_surface(importlib.import_module(name)) for name in (LEGACY, TF_KERAS, OURS)]
    names = sorted(set().union(*surfaces))
    return [Row(name, *(surface.get(name, _ABSENT) for surface in surfaces)) for name in names]


def _surface(module: ModuleType) -> dict[str, str]:
    """Return the public names of a module with their descriptions."""
    surface: dict[str, str] = {}
    listed = getattr(module, "__all__", None)
    for name, value in vars(module).items():
        defined_in = getattr(value, "__module__", "")
        exported = name in listed if listed else defined_in == module.__name__
        if name.startswith("_") or not exported or defined_in.startswith(_PUBLIC_UTILS):
            continue
        if inspect.isclass(value):
            surface[name] = "class"
            surface |= dict(_members(name, value))
        else:
            surface[name] = "function"
            surface |= dict(_arguments(name, value))
    for name, instance in _instances(module):
        for attribute in dir(instance):
            key = f"{name}.{attribute}"
            if _public(attribute) and surface.get(key) is None:
                value = getattr(instance, attribute)
                if not callable(value):
                    surface[key] = _description(value)
    return surface


# `load_img` and similar functions are public in Keras 3.
_PUBLIC_UTILS = ("keras.src.utils", "tf_keras.src.utils")


def _members(name: str, kind: type) -> Iterator[tuple[str, str]]:
    yield from _arguments(name, kind)
    for member in dir(kind):
        value = inspect.getattr_static(kind, member)
        if not _public(member):
            continue
        if inspect.isfunction(value) or isinstance(value, staticmethod):
            yield f"{name}.{member}", "method"
            yield from _arguments(f"{name}.{member}", getattr(kind, member))
        elif isinstance(value, (tuple, set, frozenset)):
            yield f"{name}.{member}", _description(value)


def _arguments(name: str, function: Any) -> Iterator[tuple[str, str]]:
    for position, argument in enumerate(inspect.signature(function).parameters.values()):
        if argument.name == "self":
            continue
        default = "" if argument.default is argument.empty else f"={argument.default!r}"
        kind = f"{position}" if argument.kind is argument.POSITIONAL_OR_KEYWORD else "keyword"
        yield f"{name}({argument.name})", f"{kind}{default}"


def _instances(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield one instance of each class, created with the same arguments in all modules."""
    import pandas
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        for name in ("a", "b"):
            (Path(folder) / name).mkdir()
            Image.new("RGB", (8, 6)).save(Path(folder) / name / "1.png")
        frame = pandas.DataFrame({"filename": ["a/1.png", "b/1.png"], "class": ["a", "b"]})
        np.random.seed(0)
        generator = module.ImageDataGenerator(rescale=0.5, validation_split=0.5)
        images = np.zeros((4, 5, 6, 3), np.uint8)
        yield "ImageDataGenerator", generator
        yield "Iterator", module.Iterator(5, 2, False, 3)
        yield "NumpyArrayIterator", module.NumpyArrayIterator(images, np.arange(4), generator)
        yield "DirectoryIterator", module.DirectoryIterator(folder, generator, (4, 4))
        yield "DataFrameIterator", module.DataFrameIterator(frame, folder, generator)


def _public(name: str) -> bool:
    return not name.startswith("_") or name in _HOOKS


def _description(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"array {value.dtype} {value.shape}"
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(sorted(map(repr, value))) + "}"
    if value is None or isinstance(value, (bool, int, float, str, tuple, list, dict)):
        return re.sub(r"/\S*/tmp\w+|/tmp/tmp\w+", "…", repr(value))
    return type(value).__name__


def main() -> None:
    """Print the table and the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="also print rows without a difference")
    print_all = parser.parse_args().all
    from app.keras_startup import start_keras

    start_keras()
    table = rows()
    for row in table:
        if print_all or not row.same:
            mark = "" if row.same else f"  # {row.reason or 'UNEXPLAINED'}"
            print(f"{row.name}: {row.legacy} | {row.tf_keras} | {row.ours}{mark}")
    print(f"\n{summary(table)}")


def summary(table: list[Row]) -> str:
    """Return the numbers of equal, different, missing and added names."""
    legacy = [row for row in table if (row.legacy, row.tf_keras) != (_ABSENT, _ABSENT)]
    missing = [row for row in legacy if row.ours == _ABSENT]
    different = [row for row in legacy if not row.same and row not in missing]
    unexplained = [row for row in table if not row.same and row.reason is None]
    same = len(legacy) - len(missing) - len(different)
    return (
        f"{len(legacy)} names in the legacy modules: {same} the same here, "
        f"{len(different)} different, {len(missing)} missing; {len(table) - len(legacy)} added; "
        f"{len(unexplained)} differences unexplained"
    )


if __name__ == "__main__":
    main()

"""Names and references, such as `--model modern` and `--model my_package.my_module:build`.

A registry maps each name to a reference, `package.module:attribute`, and imports the module only
when the object is needed, so that the command line lists names without importing Keras. A user's
own reference is accepted wherever a name is; a user's module can also register names.
"""

from __future__ import annotations

import importlib
import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from traceback import extract_tb
from typing import Any, TypeVar

from app.errors import AppError, AppWarning
from app.keras_startup import hidden_native_messages
from app.names import did_you_mean

ENTRY_POINTS = "convlab"  # the group in which installed packages name modules of layers
REFERENCE = "package.module:attribute"
_EXAMPLES = "README has an example of each kind under 'Add your own'."
_IDENTIFIERS = r"[^\W\d]\w*(\.[^\W\d]\w*)*"
_REFERENCE = re.compile(f"{_IDENTIFIERS}:{_IDENTIFIERS}")

Entry = TypeVar("Entry")


class Registry(Mapping[str, Entry]):
    """Known names of one kind.

    Args:
        source: Flag or setting that takes such a name, such as `--model`.
        entries: Each name's entry: a reference, or an object that holds some.
    """

    def __init__(self, source: str, entries: Mapping[str, Entry]):
        self.source = source
        self._entries = dict(entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    def __str__(self) -> str:
        return ", ".join(self)

    def register(self, name: str, entry: Entry) -> None:
        """Add a name.

        Raises:
            AppError: If the name is taken, or reads like a reference.
        """
        if name in self or is_reference(name):
            raise AppError(
                f"{self.source} '{name}' is registered already."
                if name in self
                else f"{self.source} '{name}' reads like a reference.",
                "Expected a new name without a colon.",
            )
        self._entries[name] = entry

    def check(self, name: str, more: str = "") -> None:
        """Refuse what is neither a known name nor a reference; nothing is imported.

        Args:
            name: Name or reference.
            more: What else would be accepted, such as `, or a folder`.

        Raises:
            AppError: With the known names.
        """
        if name not in self and not is_reference(name):
            raise AppError(
                f"{self.source} is '{name}'.",
                f"Expected one of: {self}; or {REFERENCE}{more}.",
                did_you_mean(name, self),
            )

    def load(self, name: str) -> Any:
        """Return the object that a name or a reference stands for.

        Raises:
            AppError: If the name is unknown, or the reference cannot be imported.
        """
        self.check(name)
        return import_reference(str(self[name]) if name in self else name, self.source)


def is_reference(text: str) -> bool:
    """Return whether a text has the form `package.module:attribute`."""
    return _REFERENCE.fullmatch(text) is not None


def short_name(name: str) -> str:
    """Return a name for files: `my_module-build` for `my_package.my_module:build`."""
    return name.rpartition(".")[2].replace(":", "-") if is_reference(name) else name


def import_reference(reference: str, source: str) -> Any:
    """Import what `package.module:attribute` names.

    Args:
        reference: Reference to the object.
        source: Flag or setting that gave it, for the message, such as `--model`.

    Raises:
        AppError: If the module cannot be imported, or lacks the attribute.
    """
    module_name, _, path = reference.partition(":")
    if module_name.partition(".")[0] in sys.stdlib_module_names:  # a card is not to be trusted
        raise AppError(
            f"{source} '{reference}' names a module of Python itself.",
            f"Expected a reference {REFERENCE} to a module of your own.",
        )
    value: Any = import_module(module_name, f"{source} '{reference}'")
    for name in path.split("."):
        if not hasattr(value, name):
            public = [known for known in vars(value) if not known.startswith("_")]
            raise AppError(
                f"{source} '{reference}': the module '{module_name}' has no '{path}'.",
                f"Expected a reference {REFERENCE} to something that the module defines.",
                did_you_mean(name, public),
            )
        value = getattr(value, name)
    return value


def call_reference(
    function: Any, name: str, source: str, *arguments: Any, returns: type, **options: Any
) -> Any:
    """Call what a name or reference stands for, and check what it returns.

    Args:
        function: Object that `Registry.load` returned.
        name: Name or reference, for the message.
        source: Flag or setting that gave it, for the message, such as `--model`.
        *arguments: Arguments of the call.
        returns: Type that the function must return.
        **options: Keyword arguments of the call.

    Raises:
        AppError: If the object is not callable, raises an exception, or returns another type.
    """
    public_module = returns.__module__.partition(".src")[0]  # keras.Model is defined in keras.src
    expected = f"Expected a function that returns a {public_module}.{returns.__qualname__}."
    if not callable(function):
        kind = type(function).__name__
        raise AppError(
            f"{source} '{name}' is a {kind}, which cannot be called.", expected, _EXAMPLES
        )
    with reporting_errors_of(name, source, expected):
        value = function(*arguments, **options)
    if not isinstance(value, returns):
        kind = type(value).__name__
        raise AppError(f"{source} '{name}' returned a {kind}.", expected, _EXAMPLES)
    return value


@contextmanager
def reporting_errors_of(name: str, source: str, expected: str) -> Iterator[None]:
    """Report an exception of a user's own code as an error of the user, with its place.

    Args:
        name: Name or reference of the code; exceptions of this program's own code pass.
        source: Flag or setting that gave it, for the message, such as `--model`.
        expected: Expected behavior of the code, for the message.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, AppError) or not is_reference(name):
            raise
        file = getattr(sys.modules.get(name.partition(":")[0]), "__file__", None)
        lines = [
            frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == file
        ]
        place = f" in '{file}', line {lines[-1]}" if lines else ""
        reason = (str(error).strip() or "no message").splitlines()[0].rstrip(".")
        problem = f"raised {type(error).__name__}{place}: {reason}"
        raise AppError(f"{source} '{name}' {problem}.", expected, _EXAMPLES) from error


def import_module(name: str, source: str) -> Any:
    """Import a user's module; the current folder is searched last.

    Args:
        name: Name of the module.
        source: Flag that gave the name, for the message, such as `--import my_layers`.

    Raises:
        AppError: If the module is missing, or its code raises an exception.
    """
    if str(Path.cwd()) not in sys.path and "" not in sys.path:
        sys.path.append(str(Path.cwd()))
    try:
        with nullcontext() if name.startswith("app.") else hidden_native_messages():
            return importlib.import_module(name)
    except AppError:
        raise
    except (Exception, SystemExit) as error:
        missing = isinstance(error, ModuleNotFoundError) and f"{name}.".startswith(f"{error.name}.")
        raise AppError(
            f"{source}: the module '{name}' "
            + (
                f"is not there: {error}."
                if missing
                else f"cannot be imported: {type(error).__name__}: {error}."
            ),
            "Expected a module in the current folder, or one that is installed.",
            "Run the command in the folder that holds it."
            if missing
            else f'Try it alone: python -c "import {name}"',
        ) from error


@cache
def load_entry_points() -> None:
    """Import the modules that installed packages declare in the entry-point group `convlab`.

    One that cannot be imported is reported by a warning: most models do not need it.
    """
    from importlib.metadata import entry_points

    for entry in entry_points(group=ENTRY_POINTS):
        try:
            entry.load()
        except Exception as error:
            warnings.warn(
                f"The extension '{entry.name}' ({entry.value}) cannot be imported: {error}.",
                AppWarning,
                stacklevel=2,
            )


MODELS = Registry(
    "--model",
    {
        "dense": "app.models.dense:build_dense",
        "local": "app.models.local:build_local",
        "convnet": "app.models.convnet:build_convnet",
        "modern": "app.models.modern:build_modern",
        "large": "app.models.modern:build_large",
        "deep": "app.models.stacked:build_deep",
        "quick": "app.models.quick:build_quick",
        "mini": "app.models.stacked:build_mini",
    },
)
_PRESETS = (
    "none", "lecture", "digits", "photographs", "strong", "robust-digits", "robust-photographs",
    "auto",
)  # fmt: skip
AUGMENTATIONS = Registry(
    "--augment",
    {name: f"app.augmentation.presets:{name.replace('-', '_').upper()}" for name in _PRESETS},
)
OPTIMIZERS = Registry(
    "--optimizer",
    {
        "adamw": "app.training.optimizers:adamw",
        "sgd": "app.training.optimizers:sgd",
        "rmsprop": "app.training.optimizers:rmsprop",
    },
)
# By family of images; a dataset's entry says which is its own.
RECIPES = Registry(
    "--recipe",
    {
        "default": {
            "digits": "app.training.recipes.digits_default:RECIPE",
            "photographs": "app.training.recipes.photographs_default:RECIPE",
        },
        "lecture": {
            "digits": "app.training.recipes.digits_lecture:RECIPE",
            "photographs": "app.training.recipes.photographs_lecture:RECIPE",
        },
        "fast": {
            "digits": "app.training.recipes.digits_fast:RECIPE",
            "photographs": "app.training.recipes.photographs_fast:RECIPE",
        },
        "best": {
            "digits": "app.training.recipes.digits_best:RECIPE",
            "photographs": "app.training.recipes.photographs_best:RECIPE",
        },
        "tiny": {"digits": "app.training.recipes.digits_tiny:RECIPE"},
    },
)

"""References such as `--model my_package.my_module:build`: how they are imported and called.

What a user's own code does wrong is reported as an error of the user, with its place.
"""

from __future__ import annotations

import importlib
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from traceback import extract_tb
from typing import Any

from app.errors import AppError, AppWarning
from app.keras_startup import hidden_native_messages
from app.names import did_you_mean

ENTRY_POINTS = "convlab"  # the group in which installed packages name modules of layers
REFERENCE = "package.module:attribute"
_EXAMPLES = "README has an example of each kind under 'Add your own'."
_IDENTIFIERS = r"[^\W\d]\w*(\.[^\W\d]\w*)*"
_REFERENCE = re.compile(f"{_IDENTIFIERS}:{_IDENTIFIERS}")


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

"""What all doors share: flags, exit status, and errors without tracebacks."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import textwrap
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from app.errors import AppError, AppWarning

DATA_DIR_HELP = "folder of the datasets (default: $CONVLAB_DATA, else datasets/)"


class Parser(argparse.ArgumentParser):
    """A parser that takes no abbreviations, so that scripts survive new flags."""

    def __init__(self, **options: Any):
        super().__init__(**{**options, "allow_abbrev": False})


def pass_through(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    """Parse, run the chosen command, and return its exit status.

    Returns:
        0 for success, 2 for wrong usage or input, 1 for a failure, 130 for Ctrl-C.
    """
    parsed = parser.parse_args(arguments)
    warnings.showwarning = _show_warning
    try:
        status: int = parsed.run(parsed)
        sys.stdout.flush()
        return status
    except AppError as error:
        complain(f"error: {error}")
        return error.status
    except KeyboardInterrupt:
        complain("stopped.")
        return 130
    except BrokenPipeError:
        # The reader has gone (`… | head`): nothing is wrong. What is left must go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # A name that is too long, a folder that may not be read, a disk that has gone.
        where = f"'{error.filename}': " if error.filename else ""
        complain(f"error: {where}{error.strerror or error}.")
        return 2


def tell(message: str) -> None:
    """Show a message on standard output."""
    _show(message, sys.stdout)


def complain(message: str) -> None:
    """Show a message on standard error."""
    _show(message, sys.stderr)


def _show(message: str, stream: TextIO | None) -> None:
    if stream is None:  # closed by the caller (`2>&-`)
        return
    if stream.isatty():  # a terminal would break lines within words
        width = shutil.get_terminal_size().columns
        message = "\n".join(textwrap.fill(line, width) for line in message.splitlines())
    print(message, file=stream, flush=True)


def refuse_to_overwrite(target: Path, kinds: Sequence[str]) -> None:
    """Allow `-o` to replace only a file of the kind that the command writes.

    Raises:
        AppError: If `target` is a folder, or a file with another ending.
    """
    if target.is_dir() or target.suffix.lower() not in kinds:
        raise AppError(
            f"-o '{target}' is {'a folder' if target.is_dir() else 'of another kind'}.",
            f"Expected a file name ending in {', '.join(kinds)}.",
        )


def _show_warning(
    message: Warning | str, category: type[Warning], *_where: object, **_more: object
) -> None:
    """Show the project's own warnings in one line; those of libraries are for developers."""
    if issubclass(category, AppWarning):
        complain(f"warning: {message}")

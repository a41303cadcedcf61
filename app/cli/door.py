"""What all doors share: flags, exit status, and errors without tracebacks."""

from __future__ import annotations

import argparse
import errno
import io
import os
import shutil
import sys
import textwrap
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

from app.config import default_data_dir
from app.errors import AppError, AppWarning

PICTURES = (".png", ".svg", ".pdf")
# Of the world, not of what was asked for.
_FAILURES = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


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
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A file's name may hold what UTF-8 does not; in JSON this is an escape that reads back.
        sys.stdout.reconfigure(errors="backslashreplace")
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
        return 1 if error.errno in _FAILURES else 2


def add_commands(
    parser: argparse.ArgumentParser,
    commands: Mapping[str, tuple[ModuleType, str]],
    kind: str,
    action: str,
) -> None:
    """Give a parser commands, each a module with `add_arguments` and a function to be called.

    Args:
        parser: Gets the commands.
        commands: By name: the module, whose docstring is the description, and a line of help.
        kind: What they are, such as `command`.
        action: Name of the function, which the parsed arguments will hold under this name.
    """
    group = parser.add_subparsers(title=f"{kind}s", metavar=kind.upper(), required=True)
    for name, (module, help_text) in commands.items():
        command = group.add_parser(
            name,
            help=help_text,
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(**{action: getattr(module, action)})


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    """Declare `--data-dir`, which `data_dir_of` reads."""
    parser.add_argument(
        "--data-dir",
        metavar="FOLDER",
        help="folder of the datasets (default: $CONVLAB_DATA, else datasets/)",
    )


def data_dir_of(parsed: argparse.Namespace) -> Path:
    """Return where the datasets are kept."""
    return Path(parsed.data_dir) if parsed.data_dir else default_data_dir()


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


def chosen_folder(output: str) -> Path:
    """Return the folder that `-o` names, which need not be there yet.

    Raises:
        AppError: If it is a file.
    """
    folder = Path(output)
    if folder.exists() and not folder.is_dir():
        raise AppError(f"-o '{folder}' is a file.", "Expected a folder, which is made if need be.")
    return folder


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

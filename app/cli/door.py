"""What all doors share: flags, exit status, and errors without tracebacks."""

from __future__ import annotations

import argparse
import errno
import logging
import shutil
import sys
import textwrap
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TextIO

from app.cli.parser import Parser
from app.cli.streams import discard, safe_streams
from app.config import default_data_dir
from app.errors import AppError, AppWarning
from app.files import printable
from app.signals import stop_status, stopping

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".svg", ".pdf")
# Of the world, not of what was asked for.
_FAILURES = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF)


def pass_through(parser: Parser, arguments: Sequence[str] | None) -> int:
    """Parse, run the chosen command, and return its exit status.

    Returns:
        0 for success, 2 for wrong usage or input, 1 for a failure, 130 for Ctrl-C, 143 for
        SIGTERM, 129 for a terminal that was closed.
    """
    with safe_streams(), stopping(), _messages_of_libraries():
        try:
            parsed = parser.parse_args(arguments)
            status: int = parsed.run(parsed)
            sys.stdout.flush()
            return status
        except AppError as error:
            first, *others = filter(None, (error.received, error.expected, error.fix))
            complain(f"error: {first}", *others)
            return error.status
        except KeyboardInterrupt:
            complain("stopped.")
            return stop_status()
        except BrokenPipeError:
            # The reader has gone (`… | head`): nothing is wrong.
            discard(sys.stdout)
            return 0
        except OSError as error:
            # A name that is too long, a folder that may not be read, a disk that has gone.
            where = f"'{error.filename}': " if error.filename else ""
            complain(f"error: {where}{error.strerror or error}.")
            if error.errno not in _FAILURES:
                return 2
            discard(sys.stdout)
            return 1


@contextmanager
def _messages_of_libraries() -> Iterator[None]:
    """Show the project's own warnings and log messages inside the block."""
    logger = logging.getLogger("app")
    handler = _MessageHandler()
    before = warnings.showwarning, logger.level
    warnings.showwarning = _show_warning
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        warnings.showwarning, level = before
        logger.setLevel(level)
        logger.removeHandler(handler)


class _MessageHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        complain(record.getMessage())


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


def tell(*lines: str) -> None:
    """Print lines on standard output; line ends within one are escaped, as all of `printable`."""
    _show(lines, sys.stdout)


def complain(*lines: str) -> None:
    """Print lines on standard error, as `tell` does."""
    _show(lines, sys.stderr)


def _show(lines: Sequence[str], stream: TextIO | None) -> None:
    if stream is None:  # closed by the caller, and this is not the command line
        return
    safe = [printable(line) for line in lines]
    if stream.isatty():  # a terminal would break lines within words
        width = shutil.get_terminal_size().columns
        safe = [
            textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
            for line in safe
        ]
    print("\n".join(safe), file=stream, flush=True)


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
        ending = target.suffix or "without an ending"
        raise AppError(
            f"-o '{target}' is a folder."
            if target.is_dir()
            else f"-o '{target}': files {ending} are not written by this command.",
            f"Expected a file name ending in {', '.join(kinds)}.",
        )


def _show_warning(
    message: Warning | str, category: type[Warning], *_where: object, **_more: object
) -> None:
    """Show the project's own warnings in one line; those of libraries are for developers."""
    if issubclass(category, AppWarning):
        complain(f"warning: {message}")

"""Run commands: parse, call, report errors without tracebacks, return the exit status."""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType

from app.cli.console import discard, library_messages, safe_streams
from app.cli.parser import Parser
from app.errors import AppError
from app.references import import_module
from app.reporting import CONSOLE
from app.signals import stop_status, stopping

# Failures of the machine: the command itself was right.
_FAILURES = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF)


def run_command(parser: Parser, arguments: Sequence[str] | None) -> int:
    """Parse the arguments, run the command, and return its exit status.

    Returns:
        0 for success, 2 for wrong usage or input, 1 for a failure, 130 for Ctrl-C, 143 for
        SIGTERM, 129 for a terminal that was closed.
    """
    with safe_streams(), stopping(), library_messages():
        try:
            parsed = parser.parse_args(arguments)
            for name in getattr(parsed, "modules", ()):
                import_module(name, f"--import {name}")
            status: int = parsed.run(parsed)
            sys.stdout.flush()
            return status
        except AppError as error:
            first, *others = filter(None, (error.received, error.expected, error.fix))
            CONSOLE.warning(f"error: {first}", *others)
            return error.status
        except KeyboardInterrupt:
            CONSOLE.warning("stopped.")
            return stop_status()
        except BrokenPipeError:
            # The reader closed the pipe (`… | head`): not an error.
            discard(sys.stdout)
            return 0
        except OSError as error:
            # Such as a name that is too long, a folder without access, a missing disk.
            where = f"'{error.filename}': " if error.filename else ""
            CONSOLE.warning(f"error: {where}{error.strerror or error}.")
            if error.errno not in _FAILURES:
                return 2
            discard(sys.stdout)
            return 1


def add_commands(
    parser: argparse.ArgumentParser,
    commands: Mapping[str, tuple[ModuleType, str]],
    kind: str,
    action: str,
) -> None:
    """Add subcommands to a parser.

    Args:
        parser: Parser that gets them.
        commands: `{name: (module, help)}`. The module's docstring is the description; it has
            `add_arguments(parser)` and the function that `action` names.
        kind: Word for a subcommand in the help, such as `picture`.
        action: Name of the function to call; the parsed arguments hold it under this name.
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

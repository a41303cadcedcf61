"""Messages and progress of long work: one protocol, for the console, or discarded."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO

from app.files import printable

Update = Callable[[int, int], None]


class Reporter(Protocol):
    """Shows what a function is doing to whoever called it."""

    def info(self, *lines: str) -> None:
        """Show what is being done, or a line of the record of a run."""

    def warning(self, *lines: str) -> None:
        """Show something that must not be missed."""

    def progress(
        self, description: str, *, in_bytes: bool = False
    ) -> AbstractContextManager[Update]:
        """Return a context that gives `update(done, total)`; a total of 0 is unknown.

        Args:
            description: Work that is done, such as `decoding images`.
            in_bytes: Whether `done` and `total` count bytes instead of items.
        """


class ConsoleReporter:
    """Print messages and draw progress bars.

    Everything goes to standard error, so that standard output holds results only.

    Args:
        info_on_stdout: Print `info` on standard output, where it is the result.
    """

    def __init__(self, *, info_on_stdout: bool = False):
        self._info_on_stdout = info_on_stdout

    def info(self, *lines: str) -> None:
        """Print lines; control characters are escaped."""
        print_safely(lines, sys.stdout if self._info_on_stdout else sys.stderr)

    def warning(self, *lines: str) -> None:
        """Print lines on standard error; control characters are escaped."""
        print_safely(lines, sys.stderr)

    @contextmanager
    def progress(self, description: str, *, in_bytes: bool = False) -> Iterator[Update]:
        """Draw a bar with the time left, if standard error is a terminal; remove it at the end."""
        from rich import progress
        from rich.console import Console

        console = Console(stderr=True)
        count = (
            (progress.DownloadColumn(), progress.TransferSpeedColumn())
            if in_bytes
            else (progress.MofNCompleteColumn(),)
        )
        with progress.Progress(
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            *count,
            progress.TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        ) as bar:
            task = bar.add_task(description, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total or None)


class SilentReporter:
    """Show nothing."""

    def info(self, *lines: str) -> None:
        """Do nothing."""

    def warning(self, *lines: str) -> None:
        """Do nothing."""

    @contextmanager
    def progress(self, description: str, *, in_bytes: bool = False) -> Iterator[Update]:
        """Draw nothing."""
        yield lambda done, total: None


CONSOLE = ConsoleReporter()
SILENT = SilentReporter()


def print_safely(lines: Sequence[str], stream: TextIO | None) -> None:
    """Print lines without control characters, wrapped between words on a terminal."""
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


def counted(count: int, noun: str) -> str:
    """Return `1 file` or `2,000 files`; the plural of `noun` ends in s."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def format_duration(seconds: float) -> str:
    """Return a time such as `42s`, `3m 05s` or `2h 10m`."""
    whole = round(max(0.0, seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    return f"{whole // 3600}h {whole % 3600 // 60:02d}m"

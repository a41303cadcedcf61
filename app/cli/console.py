"""The console: safe standard streams, results on standard output, messages of libraries."""

from __future__ import annotations

import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast

from app.errors import AppWarning
from app.reporting import CONSOLE, print_safely


def print_lines(*lines: str) -> None:
    """Print lines on standard output; control characters are escaped."""
    print_safely(lines, sys.stdout)


@contextmanager
def library_messages() -> Iterator[None]:
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
        CONSOLE.warning(record.getMessage())


def _show_warning(
    message: Warning | str, category: type[Warning], *_where: object, **_more: object
) -> None:
    """Show warnings of the project in one line; those of libraries are for developers."""
    if issubclass(category, AppWarning):
        CONSOLE.warning(f"warning: {message}")


class LenientStream:
    """A stream for messages, which ignores errors of writing.

    Args:
        stream: Stream to write to.
    """

    def __init__(self, stream: TextIO):
        self._stream = stream

    def write(self, text: str) -> int:
        """Write if possible."""
        try:
            self._stream.write(text)
        except OSError:
            discard(self._stream)
        return len(text)

    def flush(self) -> None:
        """Flush if possible."""
        try:
            self._stream.flush()
        except OSError:
            discard(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def safe_streams() -> Iterator[None]:
    """Provide standard output and standard error inside the block.

    A closed one (`>&-`) becomes the null device, standard error never fails, and standard output
    escapes what it cannot encode. Closed standard input stays `None`.
    """
    _occupy_closed_descriptors()
    before = sys.stdout, sys.stderr
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123  no path on Windows
        sys.stdout = sys.stdout or nowhere
        sys.stderr = cast(TextIO, LenientStream(sys.stderr or nowhere))
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before


def discard(stream: TextIO) -> None:
    """Discard what a stream still holds; Python would fail when it flushes the stream at exit."""
    with suppress(OSError, ValueError, AttributeError):
        descriptor = stream.fileno()
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, descriptor)
        os.close(sink)


def _occupy_closed_descriptors() -> None:
    """Open the closed ones of descriptors 0 to 2.

    Otherwise the next file would get such a number, and native libraries, which write messages to
    descriptor 2, would write into it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest free number is this one.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)

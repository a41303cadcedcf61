"""Reading files that come from outside: regular ones only, and never more than a limit."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

_SPECIAL = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class Readable(Protocol):
    """A binary stream."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; fewer at the end only."""


class UnusableFile(Exception):
    """A file that is not read; its text says why, without naming it."""


def special_kind(mode: int) -> str | None:
    """Return what a file of this `st_mode` is, such as "a named pipe"; `None` if a regular one."""
    if stat.S_ISREG(mode):
        return None
    return next((kind for test, kind in _SPECIAL if test(mode)), "a special file")


def read_regular_file(path: Path, max_bytes: int) -> bytes:
    """Return the content of a regular file; a named pipe or a device is never waited for.

    Args:
        path: The file, or a link to it.
        max_bytes: Most bytes that it may have.

    Raises:
        UnusableFile: If it is no regular file, or has more bytes.
        OSError: If it cannot be opened or read.
    """
    with opened_regular_file(path, max_bytes) as (file, size):
        return read_at_most(file, max_bytes, size + 1)


@contextmanager
def opened_regular_file(path: Path, max_bytes: int) -> Iterator[tuple[BinaryIO, int]]:
    """Yield a regular file, open for reading, and its size in bytes.

    Args:
        path: The file, or a link to it.
        max_bytes: Most bytes that it may have.

    Raises:
        UnusableFile: If it is no regular file, or has more bytes.
        OSError: If it cannot be opened.
    """
    demand_regular_file(path, max_bytes)
    # Whatever takes the place of the file in between: opening it does not wait.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(path, "rb", opener=lambda name, _: os.open(name, flags)) as file:
        status = os.fstat(file.fileno())
        _demand_regular(status, max_bytes)
        yield file, status.st_size


def demand_regular_file(path: Path, max_bytes: int | None = None) -> os.stat_result:
    """Return the status of a regular file, which is not opened.

    Raises:
        UnusableFile: If it is no regular file, or has more than `max_bytes`.
        OSError: If there is none.
    """
    status = path.stat()
    _demand_regular(status, max_bytes)
    return status


def read_at_most(stream: Readable, max_bytes: int, chunk_bytes: int = 2**20) -> bytes:
    """Read a stream to its end.

    Args:
        stream: Binary stream that waits for what it is asked for.
        max_bytes: Most bytes that it may have.
        chunk_bytes: Bytes that are asked for at one time: Python reserves memory for them.

    Raises:
        UnusableFile: If it has more than `max_bytes`; no more than one further byte is read.
    """
    chunks, missing = list[bytes](), max_bytes + 1
    while missing > 0:
        asked = min(missing, chunk_bytes)
        chunks.append(stream.read(asked))
        missing -= len(chunks[-1])
        if len(chunks[-1]) < asked:
            return b"".join(chunks)
    raise UnusableFile(f"more than {max_bytes:,} bytes")


def _demand_regular(status: os.stat_result, max_bytes: int | None) -> None:
    kind = special_kind(status.st_mode)
    if kind is not None:
        raise UnusableFile(f"{kind}, not a regular file")
    if max_bytes is not None and status.st_size > max_bytes:
        raise UnusableFile(f"{status.st_size:,} bytes, more than {max_bytes:,}")

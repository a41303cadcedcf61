"""Read untrusted files: only regular files, and only up to a limit."""

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
    """A file that is not read; the text is the reason, without the name."""


def special_kind(mode: int) -> str | None:
    """Return the kind of a file with this `st_mode`, such as "a named pipe"; `None` if regular."""
    if stat.S_ISREG(mode):
        return None
    return next((kind for test, kind in _SPECIAL if test(mode)), "a special file")


def read_regular_file(path: Path, max_bytes: int) -> bytes:
    """Return the content of a regular file, without waiting for a named pipe or a device.

    Args:
        path: File, or a link to it.
        max_bytes: Maximum size in bytes.

    Raises:
        UnusableFile: If the file is not regular, or larger.
        OSError: If the file cannot be opened or read.
    """
    with opened_regular_file(path, max_bytes) as (file, size):
        return read_at_most(file, max_bytes, size + 1)


@contextmanager
def opened_regular_file(path: Path, max_bytes: int) -> Iterator[tuple[BinaryIO, int]]:
    """Yield a regular file, open for reading, and its size in bytes.

    Args:
        path: File, or a link to it.
        max_bytes: Maximum size in bytes.

    Raises:
        UnusableFile: If the file is not regular, or larger.
        OSError: If the file cannot be opened.
    """
    require_regular_file(path, max_bytes)
    # The file may be replaced in between: opening its replacement must not wait.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(path, "rb", opener=lambda name, _: os.open(name, flags)) as file:
        status = os.fstat(file.fileno())
        _require_regular(status, max_bytes)
        yield file, status.st_size


def require_regular_file(path: Path, max_bytes: int | None = None) -> os.stat_result:
    """Return the status of a regular file without opening it.

    Raises:
        UnusableFile: If the file is not regular, or larger than `max_bytes`.
        OSError: If the file does not exist.
    """
    status = path.stat()
    _require_regular(status, max_bytes)
    return status


def read_at_most(stream: Readable, max_bytes: int, chunk_bytes: int = 2**20) -> bytes:
    """Read a stream to its end.

    Args:
        stream: Binary stream whose `read` blocks until it has all bytes.
        max_bytes: Maximum size in bytes.
        chunk_bytes: Bytes per read, for which Python reserves memory.

    Raises:
        UnusableFile: If the stream is longer; at most one byte more than `max_bytes` is read.
    """
    chunks, missing = list[bytes](), max_bytes + 1
    while missing > 0:
        requested = min(missing, chunk_bytes)
        chunks.append(stream.read(requested))
        missing -= len(chunks[-1])
        if len(chunks[-1]) < requested:
            return b"".join(chunks)
    raise UnusableFile(f"more than {max_bytes:,} bytes")


def _require_regular(status: os.stat_result, max_bytes: int | None) -> None:
    kind = special_kind(status.st_mode)
    if kind is not None:
        raise UnusableFile(f"{kind}, not a regular file")
    if max_bytes is not None and status.st_size > max_bytes:
        raise UnusableFile(f"{status.st_size:,} bytes, more than {max_bytes:,}")

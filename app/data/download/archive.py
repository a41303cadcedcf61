"""Unpack a zip archive that is not trusted.

One suspicious entry condemns the whole archive before a byte is written: an honest archive has
none. What is unpacked appears all at once or not at all.
"""

from __future__ import annotations

import re
import stat
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from app.data.download.partial import require_free_space
from app.errors import AppError
from app.files import atomic_folder, reporting_disk_errors
from app.reading import UnusableFile, require_regular_file
from app.reporting import SILENT, Reporter

CHUNK_BYTES = 1 << 16

# Text shrinks about fourfold and photographs hardly; deflate's limit, 1032 times, is for bombs.
# An entry below the spared size may reach it honestly: a blank page, a table of zeros.
MAX_RATIO = 100
RATIO_SPARES_BYTES = 1 << 16

# Bits of an entry's flags: encrypted; strongly encrypted.
_ENCRYPTED = 0x01 | 0x40

# What zipfile raises on damaged or crafted content, in addition to OSError.
_DAMAGE = (
    BadZipFile, EOFError, RuntimeError, ValueError, OverflowError, UnusableFile, struct.error,
    zlib.error,
)  # fmt: skip


@dataclass(frozen=True)
class Contents:
    """Wanted entries of an archive.

    Attributes:
        accept: Function that returns whether an entry, such as `PetImages/Cat/1.jpg`, is wanted.
        max_bytes: Maximum total size of the wanted entries, unpacked.
        max_files: Maximum number of wanted entries.
    """

    accept: Callable[[str], bool]
    max_bytes: int
    max_files: int


def extract(archive: Path, target: Path, contents: Contents, reporter: Reporter = SILENT) -> int:
    """Unpack the wanted entries of `archive` into the folder `target`, replacing it completely.

    Args:
        archive: A zip file.
        target: Folder for the entries, under their own names.
        contents: The wanted entries and their limits.
        reporter: Reporter for messages and progress.

    Returns:
        The number of files.

    Raises:
        AppError: If `archive` is missing, damaged or no zip file; if any entry is encrypted, a
            link, a duplicate, or has a name that leads out of the folder; if no entry is wanted,
            or too many are; if they are too large or compressed implausibly far; if the disk is
            full.
            `target` is then as it was.
    """
    with _reporting_damage(archive):
        require_regular_file(archive)
        opened = ZipFile(archive)
    with opened:
        entries = opened.infolist()
        # First of all: zipfile itself cannot use an entry without a name.
        reason = next(filter(None, map(_unsafe_reason, entries)), None)
        if reason is not None:
            raise _archive_error(archive, reason)
        members = [
            entry for entry in entries if not entry.is_dir() and contents.accept(entry.filename)
        ]
        reason = _clash(entries) or _exceeded_limit(members, contents)
        if reason is not None:
            raise _archive_error(archive, reason)
        with reporting_disk_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            require_free_space(target.parent, sum(entry.file_size for entry in members))
        with (
            atomic_folder(target, flush=False) as folder,
            reporter.progress(f"Unpacking {archive.name}") as update,
        ):
            for done, entry in enumerate(members, start=1):
                path = folder / entry.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("xb") as file:
                    file.writelines(_content(opened, entry, archive))
                update(done, len(members))
    return len(members)


def _unsafe_reason(entry: ZipInfo) -> str | None:
    """Return the reason why `entry` is unsafe, or `None`."""
    # `filename` is what zipfile made of it: cut at a zero byte, separators exchanged.
    name = entry.orig_filename
    if re.search(r"[\x00-\x1f\x7f\\:]", name):
        return f"entry {name!r} has a backslash, a colon or a control character in its name"
    if not {"", ".", ".."}.isdisjoint(name.removesuffix("/").split("/")):
        return f"entry {name!r} has a name that leads out of the folder"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return f"entry {name!r} is a symbolic link"
    if entry.flag_bits & _ENCRYPTED:
        return f"entry {name!r} is encrypted"
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return f"entry {name!r} is compressed by method {entry.compress_type}, not by deflate"
    return None


def _clash(entries: Sequence[ZipInfo]) -> str | None:
    """Return which two entries would share one place, if any do.

    Capitals make no difference, since on Windows and macOS they make none to a file system.
    """
    files: set[str] = set()
    folders: set[str] = set()
    for entry in entries:
        path = PurePosixPath(entry.filename.casefold())
        folders.update(str(parent) for parent in path.parents)
        if entry.is_dir():
            folders.add(str(path))
        elif str(path) in files:
            return f"entry {entry.filename!r} is there twice"
        else:
            files.add(str(path))
    both = min(files & folders, default=None)
    return both and f"entry {both!r} is both a file and a folder"


def _exceeded_limit(members: Sequence[ZipInfo], contents: Contents) -> str | None:
    """Return the limit that the wanted entries exceed, or `None`."""
    if not 1 <= len(members) <= contents.max_files:
        return f"it has {len(members):,} of the wanted files instead of 1 to {contents.max_files:,}"
    total = sum(entry.file_size for entry in members)
    if total > contents.max_bytes:
        return f"it would unpack to {total:,} bytes, more than {contents.max_bytes:,}"
    for entry in members:
        if entry.file_size > RATIO_SPARES_BYTES + MAX_RATIO * entry.compress_size:
            return f"entry {entry.filename!r} is compressed more than {MAX_RATIO}-fold"
    return None


def _content(opened: ZipFile, entry: ZipInfo, archive: Path) -> Iterator[bytes]:
    """Yield the bytes of `entry`, never more than it declares, and fail if there are fewer."""
    remaining = entry.file_size
    with _reporting_damage(archive), opened.open(entry) as source:
        while chunk := source.read(CHUNK_BYTES):
            remaining -= len(chunk)
            if remaining < 0:
                break
            yield chunk
        if remaining:
            raise BadZipFile(f"entry {entry.filename!r} has another length than it declares")


@contextmanager
def _reporting_damage(archive: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _archive_error(archive, error.strerror or str(error)) from error
    except _DAMAGE as error:
        raise _archive_error(archive, str(error) or type(error).__name__) from error


def _archive_error(archive: Path, reason: str) -> AppError:
    return AppError(
        f"Cannot unpack '{archive}': {reason}.",
        "Expected a whole zip archive of plain files.",
        "Remove it and run the command again, so that it is fetched again.",
    )

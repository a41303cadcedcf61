"""Atomic writes of files and folders, locks, and file names that are safe to print.

Everything is first written next to its target under a name that starts with a dot. One rename then
moves it into place, which is atomic within a file system on POSIX and NTFS.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from app.errors import AppError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_ASIDE = ".convlab-old"
_ATTEMPTS = 5
_START = 4_096  # bytes that tell what a file is
_JOINERS = ("\u200c", "\u200d")
_FULL = (errno.ENOSPC, errno.EDQUOT)
_SEPARATORS = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))


@contextmanager
def atomic_file(target: Path) -> Iterator[Path]:
    """Yield a temporary path; on success move it over `target`, on failure remove it.

    The temporary name keeps the suffix of `target`, by which many writers choose their format.

    Raises:
        AppError: If the folder cannot be written or the disk is full.
    """
    with reporting_disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent
        )
        os.close(handle)
        # mkstemp makes files private; the user's files follow the umask.
        umask = os.umask(0)
        os.umask(umask)
        temporary = Path(name)
        try:
            temporary.chmod(0o666 & ~umask)
            yield temporary
            flush_to_disk(temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(target: Path, *, flush: bool = True) -> Iterator[Path]:
    """Yield an empty temporary folder; on success it replaces `target`.

    A folder cannot be renamed over a non-empty one, so an existing `target` is renamed first and
    removed last. A process that is killed in between leaves the old or the new folder complete,
    and `recover_folder` restores the old one.

    Args:
        target: Folder to replace.
        flush: Whether to flush the files to disk before the renames, so that a power failure
            leaves no partial file. It takes milliseconds per file: too long for thousands that can
            be downloaded again.

    Raises:
        AppError: If the parent cannot be written or the disk is full.
    """
    with reporting_disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.parent / f".{target.name}.convlab-new"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        try:
            yield temporary
            for path in temporary.rglob("*"):
                if flush and path.is_file():
                    flush_to_disk(path)
            _take_place(temporary, target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _take_place(new: Path, target: Path) -> None:
    backup = _backup_path(target)
    recover_folder(target)
    for attempt in range(_ATTEMPTS):
        if target.exists():
            shutil.rmtree(backup, ignore_errors=True)
            target.rename(backup)
        try:
            new.rename(target)
            break
        except OSError:
            # Between the two renames another process may have restored the old folder.
            if attempt == _ATTEMPTS - 1:
                raise
    shutil.rmtree(backup, ignore_errors=True)


def recover_folder(target: Path) -> None:
    """Restore the previous `target` if a process died while `atomic_folder` replaced it."""
    backup = _backup_path(target)
    if backup.is_dir() and not target.exists():
        backup.rename(target)


def unrecovered_folders(parent: Path) -> list[Path]:
    """Return the folders in `parent` that `recover_folder` may have to restore."""
    return [
        parent / path.name.removeprefix(".").removesuffix(_ASIDE)
        for path in parent.glob(f".*{_ASIDE}")
    ]


def refuse_existing(folder: Path) -> None:
    """Refuse to write a folder where something is.

    Raises:
        AppError: If the path exists.
    """
    if os.path.lexists(folder):
        raise AppError(
            f"'{folder}' exists.", "Expected a new folder.", "Choose another one with -o."
        )


def refuse_other_file(target: Path, is_own: Callable[[bytes], bool], kind: str) -> None:
    """Allow a file to be replaced only by a file of the same kind.

    Args:
        target: File that will be written.
        is_own: Says whether a file that starts with these bytes is of the kind.
        kind: Noun with its article, such as `an exported page`.

    Raises:
        AppError: If `target` exists and is something else.
    """
    if not os.path.lexists(target):
        return
    start = b""
    if target.is_file():
        with target.open("rb") as file:
            start = file.read(_START)
    if not is_own(start):
        raise AppError(
            f"'{target}' exists and is not {kind}.",
            "Expected the name of a new file, or of one that may be replaced.",
            "Choose another name, or remove the file first.",
        )


@contextmanager
def reporting_disk_errors(target: Path) -> Iterator[None]:
    """Turn an `OSError` raised while `target` is written into an `AppError`.

    Raises:
        AppError: With status 1 if the disk is full, 2 if the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        full = error.errno in _FULL
        reason = os.strerror(error.errno) if error.errno else str(error).splitlines()[0]
        raise AppError(
            f"Cannot write '{target}': {reason}.",
            "Expected free space on its disk." if full else "Expected a folder with write access.",
            "Free some space and repeat the command; nothing was replaced. train.py resumes with "
            "--resume, once an epoch is finished."
            if full
            else "Choose another place (--output, --data-dir or -o), or change its permissions.",
            status=1 if full else 2,
        ) from error


def lock_file(file: IO[Any], path: Path) -> bool:
    """Lock an open file until it is closed, however its process ends.

    Args:
        file: File that was just opened at `path`.
        path: Path by which other processes find it.

    Returns:
        Whether this process holds the lock; always on a system or drive without locks.
    """
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Between opening and locking, the other process may have moved or removed the file.
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except (BlockingIOError, FileNotFoundError):
        return False
    except OSError:
        return True  # a network drive without locks


def is_utf8(name: str) -> bool:
    """Return whether a name can be written as UTF-8: a file's may hold other bytes."""
    return name.encode(errors="ignore").decode() == name


def printable(name: str) -> str:
    """Return a name as text that is safe to print.

    Control characters, line breaks, characters that change the direction of text and bytes that are
    not UTF-8 become escapes, as in a Python string. Otherwise the name of a file could control the
    terminal.
    """
    if name.isprintable():
        return name
    return "".join(
        letter.encode("unicode_escape").decode() if _is_unsafe(letter) else letter
        for letter in name
    )


def folder_name(class_name: str) -> str:
    """Return a class's name as the name of a folder on any file system."""
    name = printable(class_name.translate(_SEPARATORS)).replace("\\", "_").strip()
    return f"_{name.lstrip('.')}" if name.startswith(".") else name.rstrip(". ") or "_"


def _is_unsafe(letter: str) -> bool:
    # Joiners are part of words and of emoji.
    category = unicodedata.category(letter)
    return category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and letter not in _JOINERS)


def flush_to_disk(path: Path) -> None:
    """Wait until the operating system has written the content of `path` to disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _backup_path(target: Path) -> Path:
    return target.parent / f".{target.name}{_ASIDE}"

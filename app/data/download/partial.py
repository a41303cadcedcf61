"""The file on disk that a download fills in pieces, perhaps over several runs.

`<target>.part` holds the bytes so far, `<target>.part.json` where they came from. Neither
outlives the download: they are removed once the file is whole and in its place.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.errors import AppError
from app.files import flush_to_disk, lock_file

# What a server says of a file so that a client notices when it has changed.
VALIDATORS = ("ETag", "Last-Modified")


class PartialFile:
    """The bytes of one file so far, open for more; a context manager.

    While it is open no second process can open it, so two downloads never mix.

    Args:
        target: Path of the complete file.

    Attributes:
        path: File that holds the bytes so far.
        url: Address that they came from; empty if unknown.
        size: Number of these bytes.
        stitched: Whether they came in several answers, perhaps of two versions of the file.

    Raises:
        AppError: On entering, if another process is filling the same file.
        OSError: If the folder cannot be written.
    """

    def __init__(self, target: Path):
        self.path = target.with_name(f"{target.name}.part")
        self._target = target
        self._note = target.with_name(f"{target.name}.part.json")
        self.url, self._validators = _read_note(self._note)
        self.size = 0
        self.stitched = False

    def __enter__(self) -> PartialFile:
        self._file = self.path.open("ab")
        try:
            self._lock()
        except BaseException:
            self._file.close()
            raise
        self.size = self._file.tell()
        self.stitched = self.size > 0
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        if not self.size:
            self.path.unlink(missing_ok=True)
            self._note.unlink(missing_ok=True)

    def size_from(self, url: str) -> int:
        """Return how many bytes came from `url`: all or none, since mirrors may differ."""
        return self.size if url == self.url else 0

    def preferred(self, urls: Sequence[str]) -> list[str]:
        """Return `urls` with the one that began this file in front."""
        return sorted(urls, key=lambda url: url != self.url)

    def range_headers(self, url: str) -> dict[str, str]:
        """Return the request headers that ask `url` for the missing rest, if any is here.

        `If-Range` makes a server send the whole file when it is no longer the same. It takes a
        strong validator only, and a weak ETag (`W/…`) is none.

        Source: RFC 9110, sections 13.1.5 and 14.2.
        """
        start = self.size_from(url)
        if not start:
            return {}
        etag, modified = (self._validators.get(name, "") for name in VALIDATORS)
        same = etag if etag and not etag.startswith("W/") else modified
        return {"Range": f"bytes={start}-"} | ({"If-Range": same} if same else {})

    def is_same_file(self, headers: Mapping[str, str]) -> bool:
        """Return whether no validator in response `headers` contradicts the noted ones."""
        return all(
            headers[name] == self._validators[name]
            for name in VALIDATORS
            if name in headers and name in self._validators
        )

    def begin(self, url: str, headers: Mapping[str, str]) -> None:
        """Drop what is here and note where the coming bytes are from."""
        self.clear()
        self.url = url
        self._validators = {name: headers[name] for name in VALIDATORS if name in headers}
        self._note.write_text(json.dumps({"url": url, "validators": self._validators}))

    def write(self, chunk: bytes) -> None:
        """Append bytes."""
        self._file.write(chunk)
        self.size += len(chunk)

    def clear(self) -> None:
        """Drop every byte, so that nothing of them is ever resumed."""
        self._file.seek(0)
        self._file.truncate()
        self.url, self._validators, self.size, self.stitched = "", {}, 0, False

    def flush(self) -> None:
        """Make every byte visible to readers of `path`."""
        self._file.flush()

    def move_into_place(self) -> None:
        """Replace the target by this file, atomically."""
        self.flush()
        flush_to_disk(self.path)
        if sys.platform == "win32":
            # Windows moves no open file. Elsewhere closing first would open the lock too early.
            self._file.close()
        self.path.replace(self._target)
        self._note.unlink(missing_ok=True)

    def _lock(self) -> None:
        if not lock_file(self._file, self.path):
            raise AppError(
                f"Cannot download '{self._target}': another process is downloading it.",
                "Expected one download of a file at a time.",
                "Wait until the other one has finished, then run the command again.",
                status=1,
            )


def require_free_space(folder: Path, needed_bytes: int) -> None:
    """Refuse to begin what would fill the disk.

    Raises:
        AppError: If the disk of the existing `folder` has fewer than `needed_bytes` free.
    """
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise AppError(
            f"Cannot write to '{folder}': its disk has {free / 1e6:,.0f} MB free.",
            f"Expected at least {needed_bytes / 1e6:,.0f} MB.",
            "Free some space, or choose a folder on another disk (--data-dir), and run the "
            "command again.",
            status=1,
        )


def _read_note(note: Path) -> tuple[str, dict[str, str]]:
    try:
        content = json.loads(note.read_text())
        return str(content["url"]), dict(content["validators"])
    except (OSError, ValueError, KeyError, TypeError):
        # None, or torn by a killed process: then nothing is known and the file starts over.
        return "", {}

"""One mirror's attempts to deliver one file: resuming, and noticing whatever a server does wrong.

A body is compared with the length that was announced, a resumed one with the validators of its
beginning, and the whole with a checksum. A body longer than its `Content-Length` cannot be seen
on the wire, where HTTP cuts it to that length: the checksum notices it.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from app.data.download.partial import PartialFile, require_free_space
from app.reporting import Update

CHUNK_BYTES = 1 << 16
# Of a compressed file; the largest that is known, MNIST's training images, has 47 MB.
MAX_INFLATED_BYTES = 1 << 28

# Seconds to wait before asking a mirror again that broke off; a mirror is given up when all
# of them have passed without one new byte.
PAUSES = (0.5, 1.0, 2.0)

# Answers that mean "later", not "never".
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class RemoteFile:
    """A file on the web and how to know it again.

    Attributes:
        name: Name in messages.
        urls: Addresses of the mirrors, the preferred one first.
        sha256: SHA-256 checksum, hexadecimal.
        size: Bytes as served; `None` where the mirrors differ or it is unknown.
        gzipped: Whether `sha256` is of the decompressed content. Mirrors often compress the same
            content again, with another level or time stamp.
        by_hand: Instructions for placing the file by hand; `None` names the first mirror and the
            path.
    """

    name: str
    urls: tuple[str, ...]
    sha256: str
    size: int | None = None
    gzipped: bool = False
    by_hand: str | None = None

    def matches(self, path: Path) -> bool:
        """Return whether `path` holds this file, whole; a missing or damaged one does not."""
        if not path.is_file() or self.size not in (None, path.stat().st_size):
            return False
        digest, size = hashlib.sha256(), 0
        try:
            with gzip.open(path) if self.gzipped else path.open("rb") as content:
                while chunk := content.read(CHUNK_BYTES):
                    digest.update(chunk)
                    size += len(chunk)
                    if self.gzipped and size > MAX_INFLATED_BYTES:
                        return False
        except (gzip.BadGzipFile, EOFError, zlib.error):
            return False
        return digest.hexdigest() == self.sha256


class MirrorFailed(Exception):
    """A mirror is given up; the text says what it did."""


class Unreachable(MirrorFailed):
    """A mirror never answered."""


class _Interrupted(Exception):
    """A mirror broke off; asking it again may help."""


@dataclass
class Transfer:
    """One mirror's attempts to fill one part."""

    file: RemoteFile
    part: PartialFile
    session: requests.Session
    timeouts: tuple[float, float]  # seconds: to connect, without a byte
    update: Update

    def run(self, url: str) -> None:
        """Fill the part with the whole, right file.

        Raises:
            MirrorFailed: If `url` does not give it.
        """
        # Pieces of two versions of a file make a wrong whole, which is no fault of the mirror:
        # then it deserves a second try, from the first byte on.
        for second_try in (False, True):
            self._receive_all(url)
            self.part.flush()
            if self.file.matches(self.part.path):
                return
            size, stitched = self.part.size, self.part.stitched
            self.part.clear()
            if second_try or not stitched:
                raise MirrorFailed(f"sent other content than expected ({size:,} bytes)")

    def _receive_all(self, url: str) -> None:
        furthest, pauses = self.part.size_from(url), iter(PAUSES)
        while True:
            try:
                return self._receive(url)
            except _Interrupted as interruption:
                if self.part.size > furthest:
                    furthest, pauses = self.part.size, iter(PAUSES)
                pause = next(pauses, None)
                if pause is None:
                    raise MirrorFailed(str(interruption)) from None
                time.sleep(pause)

    def _receive(self, url: str) -> None:
        """Ask once and take what comes; return when the mirror has no more to give."""
        start = self.part.size_from(url)
        if start and start == self.file.size:
            return
        # A compressed transfer would make lengths and ranges count other bytes than ours.
        headers = {"Accept-Encoding": "identity", **self.part.range_headers(url)}
        try:
            with self.session.get(
                url, headers=headers, stream=True, timeout=self.timeouts
            ) as response:
                if response.status_code == 416 and _range(response) == (None, start):
                    return
                self._take(response, self._total(url, response, start))
        except requests.exceptions.ProxyError as error:
            raise (_Interrupted if start else Unreachable)(f"proxy: {error}") from None
        except requests.exceptions.SSLError as error:
            raise MirrorFailed(f"has no valid certificate: {error}") from None
        except (requests.ReadTimeout, ReadTimeoutError):
            raise _Interrupted(
                f"sent nothing for {self.timeouts[1]:g} s, after {self.part.size:,} bytes"
            ) from None
        except (requests.ConnectionError, HTTPError):
            raise _Interrupted(f"broke off after {self.part.size:,} bytes") from None
        except requests.RequestException as error:
            raise MirrorFailed(str(error)) from None

    def _total(self, url: str, response: requests.Response, start: int) -> int | None:
        """Ready the part for the body of `response`; return the length of the whole file."""
        status, (first, total) = response.status_code, _range(response)
        if status in BUSY:
            raise _Interrupted(f"answered {status} {response.reason}")
        if start and status in (206, 416):
            if status == 416 or first != start or not self.part.is_same_file(response.headers):
                self.part.clear()
                raise _Interrupted("changed the file during the download")
        elif status == 200:
            length = re.fullmatch(r"\d{1,18}", response.headers.get("Content-Length", ""))
            total = int(length[0]) if length else None
        else:
            raise MirrorFailed(f"answered {status} {response.reason}")
        if total is None:
            total = self.file.size
        elif self.file.size not in (None, total):
            raise MirrorFailed(f"offers {total:,} bytes instead of {self.file.size:,}")
        if status == 200:
            self.part.begin(url, response.headers)
        else:
            self.part.stitched = True
        require_free_space(self.part.path.parent, (total or 0) - self.part.size)
        return total

    def _take(self, response: requests.Response, total: int | None) -> None:
        self.update(self.part.size, total or 0)
        for chunk in response.raw.stream(CHUNK_BYTES, decode_content=False):
            self.part.write(chunk)
            if total is not None and self.part.size > total:
                self.part.clear()
                raise MirrorFailed(f"sent more than the expected {total:,} bytes")
            self.update(self.part.size, total or 0)
        if total is not None and self.part.size < total:
            raise _Interrupted(f"broke off after {self.part.size:,} of {total:,} bytes")


def _range(response: requests.Response) -> tuple[int | None, int | None]:
    """Return the first byte and the whole length that `Content-Range` names, where it does."""
    content_range = response.headers.get("Content-Range", "")
    match = re.fullmatch(r"bytes (?:(\d{1,18})-\d+|\*)/(?:(\d{1,18})|\*)", content_range)
    first, total = match.groups() if match else (None, None)
    return (int(first) if first else None, int(total) if total else None)

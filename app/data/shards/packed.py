"""Images in shards: read one by one, at any position, without opening a file for each."""

from __future__ import annotations

import hashlib
import os
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TypeAlias, TypeVar, overload

import numpy as np

from app.data.image_files import IMAGE_ENDINGS
from app.reading import UnusableFile

_MOST_OPEN = 256  # files that stay open
_GAP = 65_536  # bytes between two images that are read ahead as one
# A row of the index. Offsets and sizes are bytes in the shard; `hash` and `name_hash` are of
# the file and of the name, by `hash_of`.
ROW = np.dtype(
    [
        ("shard", "<u4"), ("label", "<u4"), ("offset", "<u8"), ("size", "<u4"),
        ("name_size", "<u4"), ("name_offset", "<u8"), ("hash", "<u8"), ("name_hash", "<u8"),
    ]
)  # fmt: skip


def hash_of(content: bytes) -> int:
    """Return a number of 64 bits, the beginning of a file's BLAKE2b."""
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little")


class ShardFiles:
    """The tar files of a split, which stay open; threads may share them.

    Args:
        paths: Files, by their number in the index.
    """

    def __init__(self, paths: Sequence[Path]):
        self.paths = tuple(paths)
        self._lock = Lock()
        self._open: dict[int, int] = {}  # descriptors by shard

    def read(self, shard: int, offset: int, size: int) -> bytes:
        """Return `size` bytes of a shard, fewer if it ends before.

        Raises:
            OSError: If it cannot be read.
        """
        descriptor = self._descriptor(shard)
        if descriptor is not None and hasattr(os, "pread"):
            return os.pread(descriptor, size, offset)
        with self.paths[shard].open("rb") as file:
            file.seek(offset)
            return file.read(size)

    def read_ahead(self, shard: int, offset: int, size: int) -> None:
        """Ask the system to read `size` bytes of a shard soon, where it can be asked."""
        descriptor = self._descriptor(shard)
        if descriptor is not None and hasattr(os, "posix_fadvise"):
            os.posix_fadvise(descriptor, offset, size, os.POSIX_FADV_WILLNEED)

    def _descriptor(self, shard: int) -> int | None:
        """Return the descriptor of an open shard; `None` if too many are open."""
        with self._lock:
            descriptor = self._open.get(shard)
            if descriptor is None and len(self._open) < _MOST_OPEN:
                flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
                descriptor = self._open[shard] = os.open(self.paths[shard], flags)
            return descriptor

    def __del__(self) -> None:
        for descriptor in self._open.values():
            os.close(descriptor)


@dataclass(frozen=True)
class PackedImage:
    """One image file inside a shard; nothing is read before `read`.

    Attributes:
        files: Shards of its split.
        row: Its row of the index, of type `ROW`.
    """

    files: ShardFiles
    row: np.void

    def __str__(self) -> str:
        return f"{self.files.paths[self.row['shard']]}: {self.name}"

    @property
    def name(self) -> str:
        """Name of the image in the dataset that was packed."""
        row = self.row
        content = self.files.read(int(row["shard"]), int(row["name_offset"]), int(row["name_size"]))
        return content.decode("utf-8", "surrogateescape")

    @property
    def ending(self) -> str:
        """Ending of the image's name, such as `.jpg`; `.png` for a row of an array."""
        ending = Path(self.name).suffix.lower()
        return ending if ending in IMAGE_ENDINGS else ".png"

    @property
    def size(self) -> int:
        """Number of bytes."""
        return int(self.row["size"])

    def read(self, max_bytes: int = 2**32) -> bytes:
        """Return the bytes of the image file.

        Args:
            max_bytes: Maximum size in bytes.

        Raises:
            UnusableFile: If they are more, or not those that were packed.
            OSError: If the shard cannot be read.
        """
        if self.size > max_bytes:
            raise UnusableFile(f"it has {self.size:,} bytes, more than {max_bytes:,}")
        content = self.files.read(int(self.row["shard"]), int(self.row["offset"]), self.size)
        if len(content) < self.size:
            raise UnusableFile("its shard ends before the image does")
        if hash_of(content) != self.row["hash"]:
            raise UnusableFile("its shard has other content than when it was packed")
        return content


ImageFile: TypeAlias = Path | PackedImage


Item = TypeVar("Item")


class _OnDemand(Sequence[Item]):
    """A sequence whose items are made when they are asked for."""

    @abstractmethod
    def _item(self, position: int) -> Item:
        """Return the item at a position."""

    @overload
    def __getitem__(self, position: int) -> Item: ...

    @overload
    def __getitem__(self, position: slice) -> list[Item]: ...

    def __getitem__(self, position: int | slice) -> Item | list[Item]:
        if isinstance(position, slice):
            return [self._item(k) for k in range(*position.indices(len(self)))]
        return self._item(position)


class PackedImages(_OnDemand[PackedImage]):
    """The images of a split in shards; an image is found when it is asked for.

    Args:
        files: Shards of the split.
        rows: `(N,)` rows of the index, of type `ROW`.
    """

    def __init__(self, files: ShardFiles, rows: np.ndarray):
        self._files = files
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def _item(self, position: int) -> PackedImage:
        return PackedImage(self._files, self.rows[position])

    def take(self, indices: np.ndarray) -> PackedImages:
        """Return the images at `indices` `(M,)`, in that order."""
        return PackedImages(self._files, self.rows[indices])

    def read_ahead(self) -> None:
        """Ask the system to read all of them soon, neighbors at once."""
        rows = np.sort(self.rows, order=("shard", "offset"))
        starts, ends = rows["offset"].astype(np.int64), (rows["offset"] + rows["size"]).astype(int)
        # A gap of name and label, which have their own places in the tar file, ends no run.
        apart = (np.diff(rows["shard"].astype(np.int64)) != 0) | (starts[1:] - ends[:-1] > _GAP)
        first = np.flatnonzero(np.concatenate([[True], apart]))
        last = np.append(first[1:], len(rows)) - 1
        for one, other in zip(first.tolist(), last.tolist(), strict=True):
            start = int(starts[one])
            self._files.read_ahead(int(rows["shard"][one]), start, int(ends[other]) - start)


class PackedNames(_OnDemand[str]):
    """The names of images in shards, read when they are asked for."""

    def __init__(self, images: PackedImages):
        self._images = images

    def __len__(self) -> int:
        return len(self._images)

    def _item(self, position: int) -> str:
        return self._images[position].name

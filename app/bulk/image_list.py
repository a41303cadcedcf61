"""The list of all images of a run in a file, cut into pieces that processes read on their own."""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from app.bulk.sources import entries_of, image_of
from app.data.shards.packed import ImageFile
from app.files import atomic_file


class Piece(NamedTuple):
    """Neighbors in the list, which one process predicts at once.

    Attributes:
        number: Position among the pieces, from 0.
        first: Position of its first image in the list, from 0.
        images: Number of images.
        offset: Position of the first line in the file of the list, in bytes.
    """

    number: int
    first: int
    images: int
    offset: int

    def __str__(self) -> str:
        return f"images {self.first + 1:,} to {self.first + self.images:,}"


@dataclass(frozen=True)
class ImageList:
    """A list of images in a file.

    Attributes:
        count: Number of images.
        digest: 16 hexadecimal digits that change with the images or their order. Files count by
            path, images in shards by place and content.
        size: Images in each piece; the last may have fewer.
        offsets: Position of each piece in the file, in bytes; 8 bytes each.
    """

    count: int
    digest: str
    size: int
    offsets: array[int]

    def __len__(self) -> int:
        """Return the number of pieces."""
        return len(self.offsets)

    def piece(self, number: int) -> Piece:
        """Return a piece."""
        first = number * self.size
        return Piece(number, first, min(self.size, self.count - first), self.offsets[number])


def write_list(
    arguments: Sequence[str],
    file: Path,
    size: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> ImageList:
    """Find all images and write them into a file, an entry of JSON a line.

    Args:
        arguments: Files, folders, shards and patterns.
        file: File to write.
        size: Images in each piece.
        progress: Called with (found, 0), as their number is not known.

    Raises:
        AppError: If an argument names no image, or the file cannot be written.
    """
    digest = hashlib.sha256()
    offsets = array("Q")
    count = position = 0
    with atomic_file(file) as temporary, temporary.open("wb") as stream:
        for argument in arguments:
            for entry in entries_of(argument, file.parent):
                line = json.dumps(entry).encode("ascii") + b"\n"
                if count % size == 0:
                    offsets.append(position)
                    progress(count, 0)
                stream.write(line)
                digest.update(line)
                position += len(line)
                count += 1
    return ImageList(count, digest.hexdigest()[:16], size, offsets)


def read_piece(file: Path, piece: Piece) -> Iterator[tuple[str, ImageFile]]:
    """Yield name and file of each image of a piece.

    Raises:
        AppError: If shards have gone.
    """
    with file.open("rb") as stream:
        stream.seek(piece.offset)
        for _ in range(piece.images):
            entry = json.loads(stream.readline())
            yield image_of(entry if isinstance(entry, str) else tuple(entry))

"""Find the images that a command line names, one by one, in a fixed order.

An image is found as an `Entry`, which fits into a line of text: the path of a file, or the place of
an image in a folder of shards. `image_of` returns the image of an entry.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

from app.bulk.sorted_texts import sorted_texts
from app.data.dataset import SPLIT_NAMES
from app.data.image_files import IMAGE_ENDINGS, similar_folder, walk_files
from app.data.shards.layout import read_manifest
from app.data.shards.loading import is_sharded, load_shards, packed_images
from app.data.shards.packed import ImageFile, PackedImages
from app.errors import AppError

# The path of a file; or folder, split and position of an image in shards, and its file's hash.
Entry = str | tuple[str, str, int, int]

_ROWS = 4_096  # of an index, read at once
_Item = TypeVar("_Item")


def entries_of(argument: str, folder: Path | None = None) -> Iterator[Entry]:
    """Yield the images that an argument names; memory does not grow with their number.

    (Of a pattern, the names in one folder at a time are in memory.)

    Files come in the order of their paths, those in shards as they were packed. A file that cannot
    be used is an entry as well, so that it is reported with the rest.

    Args:
        argument: File, folder of images, folder of shards, or pattern.
        folder: Folder of temporary files.

    Raises:
        AppError: If it names no image.
    """
    path = Path(argument)
    if path.is_dir() and is_sharded(path):
        yield from _packed_entries(path)
    elif path.is_dir():
        files = (
            os.fspath(Path(file.path))
            for file in walk_files(path)
            if file.identity is not None or file.unusable
        )
        # As `Path` sorts, folder by folder: "a/1" before "a-b/1".
        yield from _one_or_more(
            sorted_texts(files, lambda name: name.replace(os.sep, "\0"), folder),
            AppError(
                f"The folder '{path}' holds no image.",
                f"Expected files ending in {', '.join(sorted(IMAGE_ENDINGS))}.",
            ),
        )
    elif path.exists() or not glob.has_magic(argument):
        yield argument
    else:
        matches = glob.iglob(argument, recursive=True)  # noqa: PTH207  also absolute ones
        yield from _one_or_more(
            sorted_texts(matches, str, folder),
            AppError(f"No file matches '{argument}'.", "Expected at least one image."),
        )


def refuse_missing(arguments: Sequence[str]) -> None:
    """Refuse a path that does not exist, if it is the only one; among others it is skipped.

    Raises:
        AppError: If there is no such file or folder.
    """
    if len(arguments) > 1 or arguments[0] == "-" or glob.has_magic(arguments[0]):
        return
    path = Path(arguments[0])
    if not (path.exists() or path.is_symlink()):
        raise AppError(
            f"There is no file or folder '{path}'.",
            "Expected an image, a folder of images, or a pattern such as 'photos/*.jpg'.",
            similar_folder(path) or f"Check the path: {path.absolute()}",
        )


def image_of(entry: Entry) -> tuple[str, ImageFile]:
    """Return the name and the file of an image.

    Raises:
        AppError: If the shards that hold it have gone.
    """
    if isinstance(entry, str):
        return entry, Path(entry)
    folder, split, position, _ = entry
    image = _opened(folder, split)[position]
    return image.name, image


@cache
def _opened(folder: str, split: str) -> PackedImages:
    return packed_images(Path(folder), read_manifest(Path(folder)), split)


def _packed_entries(folder: Path) -> Iterator[Entry]:
    load_shards(folder)  # checks its files
    for split in SPLIT_NAMES:
        rows = _opened(os.fspath(folder), split).rows
        for start in range(0, len(rows), _ROWS):
            hashes = rows["hash"][start : start + _ROWS].tolist()
            for position, content_hash in enumerate(hashes, start=start):
                yield os.fspath(folder), split, position, content_hash


def _one_or_more(items: Iterable[_Item], error: AppError) -> Iterator[_Item]:
    empty = True
    for item in items:
        empty = False
        yield item
    if empty:
        raise error

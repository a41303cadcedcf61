"""Write a dataset as shards."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
from PIL import Image

from app.data.dataset import SPLIT_NAMES, Dataset, Split
from app.data.decoding import UndecodableImage, file_content
from app.data.shards.layout import Manifest, Shard, index_path
from app.data.shards.packed import ROW, hash_of
from app.errors import AppError
from app.files import atomic_folder, refuse_existing

SHARD_BYTES = 256_000_000
_BLOCK = 512  # of a tar file
_DIGITS = 8  # of a key


def pack(
    dataset: Dataset,
    folder: Path,
    *,
    shard_bytes: int = SHARD_BYTES,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[str, ...]:
    """Write all images of a dataset; files are copied byte for byte, arrays become PNG.

    The folder is written completely or not at all, and the same dataset gives the same bytes.

    Args:
        dataset: Dataset to write.
        folder: New folder.
        shard_bytes: Size after which a shard ends.
        progress: Called with (done, total).

    Returns:
        Names of files that cannot be read, which are left out.

    Raises:
        AppError: If the folder exists or cannot be written, or a split has no readable file.
    """
    refuse_existing(folder)
    total = sum(len(dataset.split(name)) for name in SPLIT_NAMES)
    done = 0
    splits: dict[str, tuple[Shard, ...]] = {}
    unreadable: list[str] = []
    with atomic_folder(folder) as new:
        for split in SPLIT_NAMES:
            with closing(_Writer(new, split, shard_bytes)) as writer:
                for content, ending, label, name in _files(dataset.split(split), unreadable):
                    writer.add(content, ending, label, name)
                    done += 1
                    progress(done, total)
                splits[split] = writer.finish()
            if not splits[split]:
                raise AppError(
                    f"No file of the {split} images can be read.",
                    "Expected at least one.",
                    "Look at them: python -m app data check FOLDER",
                )
        Manifest(dataset.name, dataset.class_names, dataset.channels, dataset.source, splits).write(
            new
        )
    return tuple(unreadable)


def _files(split: Split, unreadable: list[str]) -> Iterator[tuple[bytes, str, int, str]]:
    """Yield content, ending, label and name of each image."""
    for image, label, name in zip(split.images, split.labels, split.names, strict=True):
        if isinstance(image, np.ndarray):
            yield _png(image), ".png", int(label), name
            continue
        try:
            with file_content(image) as content:
                ending = image.suffix if isinstance(image, Path) else image.ending
                yield content, ending.lower(), int(label), name
        except UndecodableImage:
            unreadable.append(name)


def _png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(stream, "PNG")
    return stream.getvalue()


class _Writer:
    """Writes the shards of a split one after the other, and its index at the end."""

    def __init__(self, folder: Path, split: str, shard_bytes: int):
        self._folder = folder
        self._split = split
        self._shard_bytes = shard_bytes
        self._shards: list[Shard] = []
        self._rows = bytearray()  # 48 bytes for each image
        self._count = 0
        self._first = 0
        self._tar: tarfile.TarFile | None = None

    def add(self, content: bytes, ending: str, label: int, name: str) -> None:
        """Append an image."""
        if self._tar is None:
            path = self._folder / f"{self._split}-{len(self._shards):06}.tar"
            self._tar = tarfile.TarFile(path, "w", format=tarfile.USTAR_FORMAT)
        key = f"{self._count:0{_DIGITS}}"
        text = name.encode("utf-8", "surrogateescape")
        name_offset = self._append(f"{key}.txt", text)
        self._append(f"{key}.cls", b"%d" % label)
        offset = self._append(f"{key}{ending}", content)
        row = np.array(
            (
                len(self._shards), label, offset, len(content), len(text), name_offset,
                hash_of(content), hash_of(text),
            ),
            ROW,
        )  # fmt: skip
        self._rows += row.tobytes()
        self._count += 1
        if self._tar.offset >= self._shard_bytes:
            self._end_shard()

    def finish(self) -> tuple[Shard, ...]:
        """Write the index, and return the shards."""
        self._end_shard()
        np.save(index_path(self._folder, self._split), np.frombuffer(self._rows, ROW))
        return tuple(self._shards)

    def close(self) -> None:
        """Close the file that is written, also after an error."""
        if self._tar is not None:
            self._tar.close()

    def _append(self, member: str, content: bytes) -> int:
        """Append a file, and return the position of its content."""
        assert self._tar is not None
        info = tarfile.TarInfo(member)
        info.size = len(content)
        self._tar.addfile(info, io.BytesIO(content))
        return self._tar.offset - -(-len(content) // _BLOCK) * _BLOCK

    def _end_shard(self) -> None:
        if self._tar is None:
            return
        path = Path(str(self._tar.name))
        self._tar.close()
        self._tar = None
        self._shards.append(Shard(path.name, path.stat().st_size, self._count - self._first))
        self._first = self._count

"""Load a folder of shards as a dataset, and check it."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from app.data.dataset import SPLIT_NAMES, Dataset, Split
from app.data.shards.layout import MANIFEST, Manifest, Shard, index_path, read_manifest
from app.data.shards.packed import ROW, PackedImages, ShardFiles, hash_of
from app.errors import AppError
from app.reading import UnusableFile

_MOST_LISTED = 20
_AGAIN = "Pack the images again, or restore the file from a copy."


def is_sharded(folder: Path) -> bool:
    """Return whether a folder holds shards."""
    return (folder / MANIFEST).is_file()


def load_shards(folder: Path) -> Dataset:
    """Return the dataset in a folder of shards; nothing but its indexes is read.

    Raises:
        AppError: If a file is missing, truncated, or disagrees with another.
    """
    manifest = read_manifest(folder)
    train, validation, test = (_load_split(folder, manifest, name) for name in SPLIT_NAMES)
    return Dataset(
        name=folder.resolve().name,
        train=train,
        validation=validation,
        test=test,
        class_names=manifest.class_names,
        channels=manifest.channels,
        source=f"shards {folder}, packed from {manifest.source}",
    )


def verify_shards(
    folder: Path, progress: Callable[[int, int], None] = lambda done, total: None
) -> int:
    """Read all images of a folder of shards, and compare them with its indexes.

    Args:
        folder: Folder of shards.
        progress: Called with (done, total).

    Returns:
        Number of images.

    Raises:
        AppError: With the images that are not what was packed.
    """
    dataset = load_shards(folder)
    total = sum(len(dataset.split(name)) for name in SPLIT_NAMES)
    done = 0
    faults: list[str] = []
    for split in SPLIT_NAMES:
        images = dataset.split(split).images
        assert isinstance(images, PackedImages)
        for position, image in enumerate(images):
            try:
                image.read()
            except (UnusableFile, OSError) as error:
                faults.append(f"{split} {position}: {error}")
            done += 1
            progress(done, total)
        shards = read_manifest(folder).splits[split]
        faults += _disagreements([folder / shard.file for shard in shards], images)
    if faults:
        more = f"\n… and {len(faults) - _MOST_LISTED:,} more" if len(faults) > _MOST_LISTED else ""
        listed = "\n".join(faults[:_MOST_LISTED])
        raise AppError(
            f"{len(faults):,} of {total:,} images in '{folder}' are not those that were packed:\n"
            f"{listed}{more}",
            "Expected the content that the index describes.",
            _AGAIN,
        )
    return total


def _load_split(folder: Path, manifest: Manifest, split: str) -> Split:
    shards = manifest.splits[split]
    for shard in shards:
        _check_size(folder / shard.file, shard)
    index = _read_index(index_path(folder, split))
    counts = np.bincount(index["shard"], minlength=len(shards)).tolist()
    sizes = np.array([shard.bytes for shard in shards], np.uint64)
    ends = index["offset"] + index["size"]
    agrees = counts == [shard.images for shard in shards] and len(index) > 0
    if (
        not agrees
        or bool((ends > sizes[index["shard"]]).any())
        or bool((index["name_offset"] + index["name_size"] > index["offset"]).any())
        or int(index["label"].max()) >= len(manifest.class_names)
    ):
        raise AppError(
            f"'{index_path(folder, split)}' disagrees with '{folder / MANIFEST}'.",
            f"Expected an index of {sum(s.images for s in shards):,} images in {len(shards)} "
            f"shards, with labels below {len(manifest.class_names)}.",
            _AGAIN,
        )
    return Split.of_shards(packed_images(folder, manifest, split))


def packed_images(folder: Path, manifest: Manifest, split: str) -> PackedImages:
    """Return the images of a split whose files `load_shards` has checked; nothing is read.

    Raises:
        AppError: If the index is missing or damaged.
    """
    files = ShardFiles([folder / shard.file for shard in manifest.splits[split]])
    return PackedImages(files, _read_index(index_path(folder, split)))


def _check_size(path: Path, shard: Shard) -> None:
    if not path.is_file():
        raise AppError(
            f"'{path}' is missing.", f"Expected the shard of {shard.images:,} images.", _AGAIN
        )
    size = path.stat().st_size
    if size != shard.bytes:
        raise AppError(
            f"'{path}' has {size:,} bytes.",
            f"Expected {shard.bytes:,}: it is truncated, or another file.",
            _AGAIN,
        )


def _read_index(path: Path) -> np.ndarray:
    try:
        index = np.load(path, mmap_mode="r", allow_pickle=False)
        if isinstance(index, np.ndarray) and index.dtype == ROW and index.ndim == 1:
            return index
        reason = f"it holds {getattr(index, 'dtype', type(index).__name__)}"
    except (OSError, ValueError, EOFError) as error:
        reason = str(error)
    raise AppError(
        f"'{path}' cannot be used: {reason}.", "Expected the index that `data pack` wrote.", _AGAIN
    )


def _disagreements(paths: Sequence[Path], images: PackedImages) -> Iterator[str]:
    """Yield the differences between the index of a split and what its tar files say."""
    rows = iter(images.rows)
    for path in paths:
        name = label = (0, b"")  # position and content
        try:
            with tarfile.open(path) as tar:
                for member in tar:
                    if member.name.endswith(".txt"):
                        name = _text(tar, member)
                    elif member.name.endswith(".cls"):
                        label = _text(tar, member)
                    else:
                        row = next(rows, None)
                        found = (
                            member.offset_data, member.size, label[1], name[0], len(name[1]),
                            hash_of(name[1]),
                        )  # fmt: skip
                        if row is None or found != (
                            row["offset"], row["size"], b"%d" % row["label"], row["name_offset"],
                            row["name_size"], row["name_hash"],
                        ):  # fmt: skip
                            yield f"{path.name}: {member.name} is not what the index has there"
        except tarfile.TarError as error:
            yield f"{path.name} is damaged: {error}"
    left = sum(1 for _ in rows)
    if left:
        yield f"{left:,} images of the index are in no readable part of a tar file"


def _text(tar: tarfile.TarFile, member: tarfile.TarInfo) -> tuple[int, bytes]:
    """Return the position and the content of a small file in a tar file."""
    file = tar.extractfile(member)
    return member.offset_data, file.read() if file else b""

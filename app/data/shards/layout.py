"""What a folder of shards holds.

    shards.json                   the dataset: classes, channels, splits, shards with their sizes
    train-000000.tar, …           image files and their labels, in WebDataset's naming:
        00000017.txt              the image's name in the dataset
        00000017.cls              its label, as text
        00000017.jpg              its file, byte for byte
    train.index.npy               a row of `packed.ROW` for each image

The tar files hold everything: `tar`, WebDataset and Hugging Face's `datasets` read them without the
index, which is what makes an image of any position as quick to find as the next one.
Source: https://github.com/webdataset/webdataset (naming); POSIX.1-1988 (ustar).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.data.dataset import SPLIT_NAMES
from app.errors import AppError
from app.reading import UnusableFile, read_regular_file

MANIFEST = "shards.json"
FORMAT = "convlab shards 1"
_MOST_MANIFEST_BYTES = 50_000_000


@dataclass(frozen=True)
class Shard:
    """A tar file: its name, its size in bytes, and how many images it holds."""

    file: str
    bytes: int
    images: int


@dataclass(frozen=True)
class Manifest:
    """What `shards.json` holds.

    Attributes:
        name: Name of the dataset.
        class_names: Names of its classes, by label.
        channels: 3 for RGB, 1 for gray.
        source: Origin of the images.
        splits: Shards of each split, in the order of its images.
    """

    name: str
    class_names: tuple[str, ...]
    channels: int
    source: str
    splits: Mapping[str, tuple[Shard, ...]]

    def write(self, folder: Path) -> None:
        """Write the file into a folder."""
        text = json.dumps({"format": FORMAT, **asdict(self)}, indent=1, ensure_ascii=False)
        (folder / MANIFEST).write_text(text + "\n", "utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Return what a folder of shards says that it holds.

    Raises:
        AppError: If its `shards.json` is damaged or of another version.
    """
    path = folder / MANIFEST
    try:
        content = json.loads(read_regular_file(path, _MOST_MANIFEST_BYTES))
        if content.get("format") != FORMAT:
            raise AppError(
                f"'{path}' has the format {content.get('format')!r}.",
                f"Expected '{FORMAT}'.",
                "Pack the images again: python -m app data pack FOLDER -o SHARDS",
            )
        return _manifest_of(content)
    except (OSError, UnusableFile, ValueError, LookupError, TypeError, AttributeError) as error:
        raise AppError(
            f"'{path}' cannot be used: {type(error).__name__}: {error}.",
            "Expected the file that `data pack` wrote.",
            "Pack the images again: python -m app data pack FOLDER -o SHARDS",
        ) from None


def _manifest_of(content: Mapping[str, Any]) -> Manifest:
    names = tuple(str(name) for name in content["class_names"])
    splits = {
        split: tuple(
            Shard(str(one["file"]), int(one["bytes"]), int(one["images"]))
            for one in content["splits"][split]
        )
        for split in SPLIT_NAMES
    }
    strange = [s.file for part in splits.values() for s in part if Path(s.file).name != s.file]
    if strange or len(set(names)) < max(2, len(names)) or content["channels"] not in (1, 3):
        raise ValueError(f"shards {strange}, classes {names}, channels {content['channels']}")
    return Manifest(
        str(content["name"]), names, int(content["channels"]), str(content["source"]), splits
    )


def index_path(folder: Path, split: str) -> Path:
    """Return the path of the index of a split."""
    return folder / f"{split}.index.npy"

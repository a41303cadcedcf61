"""Findings of an audit of a dataset, as frozen dataclasses that can be written as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Place:
    """Name, split and class of an image."""

    name: str
    split: str
    class_name: str


@dataclass(frozen=True)
class Unreadable:
    """A file without a usable image.

    Attributes:
        place: Name, split and class of the file.
        kind: `empty`, `truncated`, `not an image`, `too large`, `damaged`, `not allowed` (no
            permission) or `missing`.
        reason: Message of the decoder.
    """

    place: Place
    kind: str
    reason: str


@dataclass(frozen=True)
class Duplicates:
    """Copies of one picture.

    Attributes:
        members: At least two images, in the order of the dataset. A group of near duplicates
            has the first of each group of exact copies only.
        same_bytes: Whether the files, not only their pixels, are equal.
        correlation: Lowest correlation of the first thumbnail with another one.
        across_splits: Whether the members are in more than one split.
        across_classes: Whether the members are in more than one class.
    """

    members: tuple[Place, ...]
    same_bytes: bool
    correlation: float
    across_splits: bool = field(init=False)
    across_classes: bool = field(init=False)

    def __post_init__(self) -> None:
        # The dataclass is frozen, so `__setattr__` sets the derived fields, which `asdict` needs.
        splits = {place.split for place in self.members}
        classes = {place.class_name for place in self.members}
        object.__setattr__(self, "across_splits", len(splits) > 1)
        object.__setattr__(self, "across_classes", len(classes) > 1)


@dataclass(frozen=True)
class Small:
    """An image whose shorter side is below the limit; sides in pixels."""

    place: Place
    height: int
    width: int


@dataclass(frozen=True)
class Balance:
    """Images per class of one split.

    Attributes:
        counts: Number of readable images by class name, in the order of the labels.
        files: Number of all files by class name, as in `data info`.
        ratio: Largest count over smallest; `None` if a class has no image.
        unbalanced: Whether the ratio is above 1.5, or some classes have no image.
    """

    counts: dict[str, int]
    files: dict[str, int]
    ratio: float | None
    unbalanced: bool


@dataclass(frozen=True)
class AspectRatios:
    """Aspect ratios of the readable files, width over height.

    Attributes:
        low: Tenth percentile.
        median: Median.
        high: Ninetieth percentile.
        varied: Whether `high` is over 1.5 times `low`, so that squashing distorts one image much
            more than another.
    """

    low: float
    median: float
    high: float
    varied: bool


@dataclass(frozen=True)
class Audit:
    """Findings of an audit.

    Attributes:
        dataset: Name of the dataset.
        num_images: Readable images.
        unreadable: Files without a usable image.
        exact: Groups of images with equal pixels.
        near: Groups of images that look the same, but have different pixels.
        near_sought: False if there were too many images to compare them all.
        small: Files below `min_side`.
        min_side: Limit of the shorter side in pixels.
        odd: Unusual encodings by kind: `CMYK`, `palette`, `alpha`, `16-bit`, `animated`,
            `EXIF-rotated`; and `not named as an image`, where the content alone tells.
        balance: Images per class, by split.
        aspect_ratios: How they differ; `None` without a readable file.
        left_out: `(name, reason)` of pictures in other formats, broken links and special files.
    """

    dataset: str
    num_images: int
    unreadable: tuple[Unreadable, ...]
    exact: tuple[Duplicates, ...]
    near: tuple[Duplicates, ...]
    near_sought: bool
    small: tuple[Small, ...]
    min_side: int
    odd: dict[str, tuple[Place, ...]]
    balance: dict[str, Balance]
    aspect_ratios: AspectRatios | None
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def leaks(self) -> tuple[Duplicates, ...]:
        """Groups with members in several splits: what was trained on is also tested on."""
        return tuple(group for group in self.exact + self.near if group.across_splits)

    def to_json(self) -> dict[str, Any]:
        """Return the findings as dicts, lists, strings and numbers."""
        return asdict(self) | {"num_leaks": len(self.leaks)}

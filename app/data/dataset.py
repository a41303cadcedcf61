"""A dataset: three splits of images (paths or an array) with labels, and their source.

Contract: labels are `int64` indices into `class_names`, or of a multi-label dataset, whose images
have any number of labels, a row of booleans each; an image is a file that `app.data.decoding`
opens, of its own or in a shard, or a row of a `uint8 (N, H, W, C)` array. Nothing is decoded here.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from app.data.shards.packed import ImageFile, PackedImages, PackedNames
from app.errors import AppError
from app.names import caseless, listed

SPLIT_NAMES = ("train", "validation", "test")
# Classes are called unbalanced where the largest is this many times the smallest.
UNBALANCED_RATIO = 1.5


def display_name(name: str, *, stand_in: bool) -> str:
    """Return a dataset's display name, which marks a stand-in."""
    return f"{name} (stand-in)" if stand_in else name


def label_text(label: Any, class_names: Sequence[str]) -> str:
    """Return the class of a label; of a row of booleans `(K,)`, `cat|black` or an empty string."""
    if np.ndim(label) == 0:
        return class_names[int(label)]
    return "|".join(name for name, has in zip(class_names, label, strict=True) if has)


def members_of(labels: np.ndarray, label: int) -> np.ndarray:
    """Return which images have a label, `(N,)` booleans, from labels `(N,)` or `(N, K)`."""
    return labels == label if labels.ndim == 1 else labels[:, label]


def class_counts(labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Return the number of images `(K,)` of each class, from labels `(N,)` or `(N, K)`."""
    if labels.ndim == 2:
        return labels.sum(axis=0)
    return np.bincount(labels, minlength=num_classes)


def strata(labels: np.ndarray) -> np.ndarray:
    """Return one class `(N,)` for each image, to sample all classes alike.

    Args:
        labels: `(N,)`, which are returned; or `(N, K)` booleans, of which the class with the fewest
            images counts, and K where an image has no label.
    """
    if labels.ndim == 1:
        return labels
    rarest_first = np.argsort(labels.sum(axis=0), kind="stable")
    rarest = rarest_first[labels[:, rarest_first].argmax(axis=1)]
    return np.where(labels.any(axis=1), rarest, labels.shape[1])


@dataclass(frozen=True)
class Split:
    """Labeled images of one split.

    Attributes:
        images: `N` files, or a `uint8 (N, H, W, C)` array.
        labels: `(N,)` int64; `(N, K)` booleans of a multi-label dataset.
        names: Display names of the images, `N` strings.
    """

    images: Sequence[ImageFile] | np.ndarray
    labels: np.ndarray
    names: Sequence[str]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def pixels(self) -> np.ndarray:
        """The images `(N, H, W, C)` that are one array.

        Raises:
            TypeError: If they are files.
        """
        if not isinstance(self.images, np.ndarray):
            raise TypeError("The images are files, which have to be decoded first.")
        return self.images

    @property
    def in_files(self) -> bool:
        """Whether the images are files, rather than one array."""
        return not isinstance(self.images, np.ndarray)

    def take(self, indices: np.ndarray) -> Split:
        """Return the examples at `indices` `(M,)`, in that order."""
        images = self.images
        if isinstance(images, PackedImages):
            taken = images.take(indices)
            return Split(taken, self.labels[indices], PackedNames(taken))
        return Split(
            images[indices] if isinstance(images, np.ndarray) else [images[i] for i in indices],
            self.labels[indices],
            [self.names[i] for i in indices],
        )

    @staticmethod
    def of_shards(images: PackedImages) -> Split:
        """Return a split of images in shards, whose index has the labels."""
        return Split(images, images.rows["label"].astype(np.int64), PackedNames(images))

    @staticmethod
    def concatenate(parts: Sequence[Split]) -> Split:
        """Return all examples of several splits of one dataset, one after the other."""
        arrays = [part.images for part in parts if isinstance(part.images, np.ndarray)]
        return Split(
            np.concatenate(arrays) if arrays else [p for part in parts for p in part.images],
            np.concatenate([part.labels for part in parts]),
            [name for part in parts for name in part.names],
        )

    def take_balanced(self, count: int) -> Split:
        """Return the first `count` examples, as evenly spread over the classes as they allow."""
        rank = np.zeros(len(self), dtype=np.int64)
        classes = strata(self.labels)
        for label in np.unique(classes):
            members = classes == label
            rank[members] = np.arange(members.sum())
        # The i-th image of every class comes before the (i+1)-th of any.
        chosen = np.lexsort((np.arange(len(self)), rank))[:count]
        return self.take(np.sort(chosen))

    def fingerprint(self) -> str:
        """Return 16 hexadecimal digits that change with the images, their labels or their order.

        Files count by name and size; reading them all would take as long as decoding them. Those in
        shards count by their hashes.
        """
        digest = hashlib.sha256(np.ascontiguousarray(self.labels, dtype=np.int64).tobytes())
        if isinstance(self.images, np.ndarray):
            digest.update(np.ascontiguousarray(self.images).tobytes())
        elif isinstance(self.images, PackedImages):
            digest.update(self.images.rows["hash"].tobytes())
        else:
            for name, path in zip(self.names, self.images, strict=True):
                size = path.stat().st_size if isinstance(path, Path) else path.size
                digest.update(os.fsencode(name) + b":%d\n" % size)
        return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Dataset:
    """A dataset: three splits with the same classes.

    Attributes:
        name: `mnist`, `catsdogs`, … or the name of the folder.
        train: Training images.
        validation: Images for model selection.
        test: Images that are evaluated once, at the end.
        class_names: Names of the classes, in the order of the labels.
        channels: 3 for RGB, 1 for gray.
        source: Human-readable origin of the images.
        stand_in: Whether the images replace a dataset that was not available.
        left_out: `(name, reason)` of image files that cannot be used.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    class_names: tuple[str, ...]
    channels: int
    source: str
    stand_in: bool = False
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def display_name(self) -> str:
        """The display name."""
        return display_name(self.name, stand_in=self.stand_in)

    @property
    def multi_label(self) -> bool:
        """Whether an image has any number of labels, rather than one."""
        return self.train.labels.ndim == 2

    def require_one_label(self, use: str) -> None:
        """Refuse a multi-label dataset.

        Args:
            use: What needs one label per image.

        Raises:
            AppError: If images have any number of labels.
        """
        if self.multi_label:
            raise AppError(
                f"{use} with '{self.name}', whose images have any number of labels.",
                "Expected a dataset with one label per image.",
                "Give each image one label in the CSV file, or leave this out.",
            )

    def split(self, name: str) -> Split:
        """Return the split called `train`, `validation` or `test`."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]

    def counts(self, split: str) -> dict[str, int]:
        """Return `{class: number of images}` of a split."""
        counts = class_counts(self.split(split).labels, len(self.class_names))
        return dict(zip(self.class_names, counts.tolist(), strict=True))

    def with_classes_of(self, class_names: tuple[str, ...]) -> Dataset:
        """Return the same dataset with its classes in the order and spelling of a model's.

        Raises:
            AppError: If the classes are others.
        """
        if self.class_names == class_names:
            return self
        label_of = {caseless(name): label for label, name in enumerate(class_names)}
        own = [caseless(name) for name in self.class_names]
        if sorted(own) != sorted(label_of) or len(label_of) != len(class_names):
            missing = [name for name in class_names if caseless(name) not in own]
            extra = [name for name in self.class_names if caseless(name) not in label_of]
            faults = [
                f"it has no {listed(missing)}" if missing else "",
                f"the model does not know {listed(extra)}" if extra else "",
            ]
            which = "; ".join(filter(None, faults)) or "names differ by case alone"
            raise AppError(
                f"The classes of the dataset '{self.name}' are not the model's: {which}.",
                f"Expected the classes that the model knows: {listed(class_names)}.",
                "Name a dataset of the model's classes with --dataset, or rename its folders.",
            )
        new_labels = np.array([label_of[name] for name in own], dtype=np.int64)
        train, validation, test = (
            replace(
                part,
                labels=part.labels[:, np.argsort(new_labels)]
                if self.multi_label
                else new_labels[part.labels],
            )
            for part in (self.train, self.validation, self.test)
        )
        return replace(self, train=train, validation=validation, test=test, class_names=class_names)

    def with_training_limit(self, count: int) -> Dataset:
        """Return the same dataset with the first `count` training images, balanced."""
        return replace(self, train=self.train.take_balanced(count))

    def fingerprints(self) -> dict[str, str]:
        """Return `{split: fingerprint}`, by which a model's training images are recognized."""
        return {name: self.split(name).fingerprint() for name in SPLIT_NAMES}


def check_dataset(dataset: Dataset) -> None:
    """Refuse a dataset of a user's own that breaks the contract.

    Raises:
        AppError: With the first fault.
    """
    classes, channels = dataset.class_names, dataset.channels
    faults = {
        f"name is {dataset.name!r}": Path(dataset.name).name != dataset.name or not dataset.name,
        f"class_names are {classes}": not 2 <= len(classes) == len(set(classes)),
        f"channels are {channels}": channels not in (1, 3),
    }
    for name in SPLIT_NAMES:
        split = dataset.split(name)
        lengths = {len(split.images), len(split.labels), len(split.names)}
        faults[f"{name} has {sorted(lengths)} images, labels and names"] = (
            len(lengths) > 1 or 0 in lengths
        )
        labels = np.asarray(split.labels)
        faults[f"{name} has labels of type {labels.dtype} {labels.shape}"] = (
            labels.dtype.kind not in "iu" or labels.ndim != 1
        )
        faults[f"{name} has labels outside 0 to {len(classes) - 1}"] = bool(
            labels.size and not 0 <= labels.min() <= labels.max() < len(classes)
        )
        if isinstance(split.images, np.ndarray):
            images = split.images
            faults[f"{name} has images {images.shape} {images.dtype}"] = (
                images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] != channels
            )
    for fault, present in faults.items():
        if present:
            raise AppError(
                f"The dataset '{dataset.name}' cannot be used: {fault}.",
                "Expected a plain name, two or more class names, 1 or 3 channels; and in each "
                "split as many integer labels and names as images, which are paths or one "
                "uint8 array (N, H, W, C).",
            )

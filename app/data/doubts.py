"""What is questionable about a folder dataset.

Files left out, files under two labels, classes with nearly the same name, splits too small to
measure anything: one line each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from app.data.dataset import Dataset
from app.data.image_files import Identity, ImageFiles, names_alike
from app.files import printable
from app.reporting import counted

# With fewer images, one more or less that is right changes the accuracy by 5 points or more.
ENOUGH_IMAGES = 20
_MOST_NAMES = 3

# `{split: {class: files}}`
Listed = Mapping[str, Mapping[str, ImageFiles]]


def left_out(listed: Listed, root: Path) -> tuple[tuple[str, str], ...]:
    """Return `(name, reason)` of each picture, link and special file that is left out."""
    return tuple(
        (_name(path, root), reason)
        for by_class in listed.values()
        for files in by_class.values()
        for path, reason in files.unusable
    )


def doubtful_files(listed: Listed, root: Path) -> Iterator[str]:
    """Yield warnings about the files that were listed below `root`."""
    unusable = left_out(listed, root)
    if unusable:
        named = [f"{name} ({reason})" for name, reason in unusable]
        yield f"left out {counted(len(unusable), 'file')}: {_first(named)}."
    other: Counter[str] = Counter()
    for by_class in listed.values():
        for files in by_class.values():
            other.update(files.other)
    if other:
        kinds = [f"{count:,} {ending or 'without an extension'}" for ending, count in other.items()]
        total = other.total()
        none = "that is no image" if total == 1 else "that are no images"
        yield (
            f"ignored {counted(total, 'file')} {none}, by extension and content: "
            f"{', '.join(kinds)}."
        )
    names = next(iter(listed.values()))
    for one, second in names_alike(list(names)):
        yield (
            f"the classes '{one}' and '{second}' differ in upper and lower case only: probably one "
            "class, and one folder on macOS and Windows."
        )
    shared = list(_shared(listed, root))
    if shared:
        yield f"{counted(len(shared), 'file')} used twice, by way of links: {_first(shared)}."


def doubtful_splits(dataset: Dataset, derived: Collection[str]) -> Iterator[str]:
    """Yield warnings about the sizes of the splits.

    Args:
        dataset: Dataset to check.
        derived: Names of the splits that were taken from the training images.
    """
    for name in ("validation", "test"):
        count = len(dataset.split(name))
        if name in derived:
            yield (
                f"there is no folder of {name} images: {count:,} of the training images are used "
                "instead."
            )
        if count < ENOUGH_IMAGES:
            yield (
                f"only {counted(count, f'{name} image')}: one of them changes the accuracy by "
                f"{100 / count:.0f} percentage points. Expected at least {ENOUGH_IMAGES}."
            )


def _shared(listed: Listed, root: Path) -> Iterator[str]:
    """Yield files that are the same as one of another class or split."""
    seen: dict[Identity, tuple[Path, str, str]] = {}
    for split, by_class in listed.items():
        for class_name, files in by_class.items():
            for path, identity in zip(files.paths, files.identities, strict=True):
                first, *place = seen.setdefault(identity, (path, split, class_name))
                if place != [split, class_name]:
                    where = "two classes" if place[1] != class_name else "two splits"
                    yield f"{_name(path, root)} is {_name(first, root)} ({where})"


def _first(texts: list[str]) -> str:
    more = len(texts) - _MOST_NAMES
    return "; ".join(texts[:_MOST_NAMES]) + (f"; and {more:,} more" if more > 0 else "")


def _name(path: Path, root: Path) -> str:
    return printable(path.relative_to(root).as_posix())

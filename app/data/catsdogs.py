"""Cats vs dogs: Microsoft's 25,000 photographs, `PetImages/{Cat,Dog}/N.jpg`.

The *lecture* protocol takes numbers 0–999 for training, 1000–1499 for validation and 1500–2499
for test, cats and dogs alike (2,000 / 1,000 / 2,000 images). The *full* protocol adds every
number from 2500 up to training, except copies of test photographs.

Source: Chollet, Deep Learning with Python, section 5.2.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.data.dataset import Dataset, Split
from app.errors import AppError

CLASS_NAMES = ("cat", "dog")
_Numbers = tuple[int, int | None]
TRAIN: _Numbers = (0, 1000)
VALIDATION: _Numbers = (1000, 1500)
TEST: _Numbers = (1500, 2500)
EXTRA: _Numbers = (2500, None)
_FOLDERS = ("Cat", "Dog")
# Files with the same bytes as a test photograph: Cat/1930, 1639, 2339, Dog/2027, 1947. Found by
# `python -m app data check catsdogs` in 20,000 of the 25,000 photographs.
COPIES_OF_TEST = {"Cat": {10052, 10273, 12408}, "Dog": {3082, 8087}}


def has_catsdogs(data_dir: Path) -> bool:
    """Return whether the photographs are there."""
    return all((_root(data_dir) / folder).is_dir() for folder in _FOLDERS)


def load_catsdogs(data_dir: Path, protocol: str = "lecture") -> Dataset:
    """List the photographs in `data_dir/catsdogs/PetImages/`.

    Raises:
        AppError: If a split has no cats or no dogs.
    """
    numbered = [_numbered(_root(data_dir) / folder) for folder in _FOLDERS]
    training = [TRAIN] if protocol == "lecture" else [TRAIN, EXTRA]
    return Dataset(
        name="catsdogs",
        train=_examples(numbered, training, data_dir),
        validation=_examples(numbered, [VALIDATION], data_dir),
        test=_examples(numbered, [TEST], data_dir),
        class_names=CLASS_NAMES,
        channels=3,
        source=f"Microsoft's photographs, {protocol} protocol",
    )


def _root(data_dir: Path) -> Path:
    return data_dir / "catsdogs" / "PetImages"


def _numbered(folder: Path) -> dict[int, Path]:
    numbers = {int(path.stem): path for path in folder.glob("*.jpg") if path.stem.isdecimal()}
    return {n: path for n, path in numbers.items() if n not in COPIES_OF_TEST[folder.name]}


def _examples(numbered: list[dict[int, Path]], ranges: list[_Numbers], data_dir: Path) -> Split:
    paths: list[Path] = []
    labels: list[int] = []
    for label, of_class in enumerate(numbered):
        chosen = sorted(
            number
            for number in of_class
            if any(low <= number and (high is None or number < high) for low, high in ranges)
        )
        if not chosen:
            raise AppError(
                f"'{_root(data_dir) / _FOLDERS[label]}' has no image numbered "
                f"{ranges[0][0]} to {(ranges[0][1] or 12_500) - 1}.",
                "Expected the files of the official archive: 0.jpg to 12499.jpg.",
                "Run: python -m app data fetch catsdogs",
            )
        paths += [of_class[number] for number in chosen]
        labels += [label] * len(chosen)
    names = [f"{path.parent.name}/{path.name}" for path in paths]
    return Split(paths, np.array(labels, dtype=np.int64), names)

"""Cross-validation: training and validation images together, divided into stratified folds.

Each fold validates once, and the others train; the test images stay apart. The division depends on
the images alone, so that runs with other settings or seeds see the same folds. Nothing heavy is
imported before a dataset is divided.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from app.errors import AppError

if TYPE_CHECKING:
    import numpy as np

    from app.data.dataset import Dataset

_MOST = 1_000
_SEED = 0  # of the division


class Fold(NamedTuple):
    """One of several folds.

    Attributes:
        number: Number of the fold that validates, from 1.
        folds: Number of folds.
    """

    number: int
    folds: int

    def __str__(self) -> str:
        return f"{self.number}/{self.folds}"


def parse_fold(text: str) -> Fold:
    """Return the fold that a text such as `2/5` names.

    Raises:
        AppError: If it names none.
    """
    match = re.fullmatch(r"([1-9]\d{0,3})/([1-9]\d{0,3})", text)
    if match:
        fold = Fold(int(match[1]), int(match[2]))
        if fold.number <= fold.folds and 2 <= fold.folds <= _MOST:
            return fold
    raise AppError(
        f"--fold is '{text}'.",
        f"Expected NUMBER/COUNT with a number from 1 to the count, and from 2 to {_MOST:,} folds.",
        "Example: --fold 2/5",
    )


def with_fold(dataset: Dataset, fold: Fold) -> Dataset:
    """Return the same dataset with another division into training and validation images.

    Args:
        dataset: Dataset whose training and validation images are divided together; each class is
            spread evenly over the folds (scikit-learn's `StratifiedKFold`).
        fold: Fold that validates; the others train.

    Raises:
        AppError: If a class has fewer images than there are folds.
    """
    from app.data.dataset import Split

    check_folds(dataset, fold.folds)
    both = Split.concatenate([dataset.train, dataset.validation])
    train, validation = stratified(both.labels, fold.folds)[fold.number - 1]
    return replace(dataset, train=both.take(train), validation=both.take(validation))


def stratified(labels: np.ndarray, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the positions of the images that train, and of those held out, for each fold.

    Args:
        labels: Labels `(N,)`, each of which is spread evenly over the folds.
        count: Number of folds, at most the images of the smallest class.
    """
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    folds = StratifiedKFold(count, shuffle=True, random_state=_SEED)
    return list(folds.split(np.zeros(len(labels)), labels))


def check_folds(dataset: Dataset, count: int) -> None:
    """Refuse more folds than a class has training and validation images.

    Raises:
        AppError: With the smallest class.
    """
    import numpy as np

    labels = np.concatenate([dataset.train.labels, dataset.validation.labels])
    refuse_small_class(labels, dataset, count, "training and validation images")


def refuse_small_class(labels: np.ndarray, dataset: Dataset, count: int, kind: str) -> None:
    """Refuse more folds than a class has images.

    Args:
        labels: Labels `(N,)` of the images to divide.
        dataset: Dataset that they belong to.
        count: Number of folds.
        kind: What the images are, such as `training and validation images`.

    Raises:
        AppError: With the smallest class.
    """
    import numpy as np

    images = np.bincount(labels, minlength=len(dataset.class_names))
    smallest = int(images.argmin())
    if count > images[smallest]:
        raise AppError(
            f"{count:,} folds, but the class '{dataset.class_names[smallest]}' of "
            f"'{dataset.name}' has {images[smallest]:,} {kind}.",
            "Expected at most as many folds as the smallest class has images.",
            f"Choose at most {images[smallest]:,} folds, or add images."
            if images[smallest] > 1
            else "Add images.",
        )

"""Batches from a folder with a sub-folder per class."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.augmentation.generator.file_iterator import (
    ENDINGS,
    FileIterator,
    check_class_mode,
    class_targets,
)
from app.augmentation.generator.iterator import subset_bounds

if TYPE_CHECKING:
    from app.augmentation.generator.image_data_generator import ImageDataGenerator

CLASS_MODES = ("categorical", "binary", "sparse", "input", None)


class DirectoryIterator(FileIterator):
    """Batches from `directory/<class>/…`, searched recursively.

    Args:
        directory: The folder.
        generator: What transforms the images.
        classes: Names of the sub-folders to use, in the order of their labels; `None` takes all.
        follow_links: Whether to enter folders behind symbolic links.
        **options: Of `FileIterator` and `Iterator`.

    Raises:
        FileNotFoundError: If the folder, or one of `classes`, does not exist.
        NotADirectoryError: If it is a file.
        ValueError: If there are no images, or an argument is unknown.
    """

    def __init__(
        self,
        directory: str | Path,
        generator: ImageDataGenerator,
        *,
        classes: Sequence[str] | None,
        follow_links: bool,
        **options: Any,
    ):
        class_mode = options["class_mode"]
        check_class_mode(class_mode, CLASS_MODES)
        self.directory = directory
        root = Path(directory)
        if not root.is_dir():
            raise (NotADirectoryError if root.exists() else FileNotFoundError)(
                f"Received `directory`={str(directory)!r}, which is no folder. Expected a folder "
                "with a sub-folder of images per class."
            )
        present = sorted(path.name for path in root.iterdir() if path.is_dir())
        names = list(classes) if classes else present
        missing = [name for name in names if name not in present]
        if missing:
            raise FileNotFoundError(
                f"Received `classes` with {missing[0]!r}, but '{directory}' holds no such folder. "
                f"Expected some of: {', '.join(present) or 'none'}."
            )
        if class_mode == "binary" and len(names) != 2 and not generator.legacy_quirks:
            raise ValueError(
                f"Received `class_mode`='binary' with {len(names)} classes: {', '.join(names)}. "
                "Expected two. Use class_mode='sparse' or 'categorical'."
            )
        self.num_classes = len(names)
        self.class_indices = {name: label for label, name in enumerate(names)}
        first, last = subset_bounds(options["subset"], generator.validation_split)
        filenames: list[str] = []
        labels: list[int] = []
        for label, name in enumerate(names):
            found = _image_files(root / name, follow_links)
            part = found[int(first * len(found)) : int(last * len(found))]
            filenames += [os.path.relpath(path, root) for path in part]
            labels += [label] * len(part)
        if not filenames:
            raise ValueError(
                f"Received `directory`={str(directory)!r}, in whose {len(names)} sub-folders there "
                f"are no images for the subset. Expected files that end in {', '.join(ENDINGS)}."
            )
        self.classes = np.array(labels, np.int32)
        super().__init__(filenames, [str(root / name) for name in filenames], generator, **options)
        print(f"Found {self.samples} images belonging to {self.num_classes} classes.")

    @property
    def labels(self) -> np.ndarray:
        """`(N,)` class numbers."""
        return self.classes

    def targets(self, images: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Return what `class_mode` says of the samples `chosen` `(B,)`."""
        return class_targets(self.class_mode, images, self.classes[chosen], self.num_classes)


def _image_files(folder: Path, follow_links: bool) -> list[Path]:
    """Return the images below a folder, in the order that Keras listed them."""
    found = []
    for root, _, names in sorted(os.walk(folder, followlinks=follow_links)):
        found += [Path(root, name) for name in sorted(names)]
    return [path for path in found if path.name.lower().endswith(ENDINGS)]

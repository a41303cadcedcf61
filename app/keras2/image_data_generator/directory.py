"""Batches from a folder with a subfolder per class."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np

from app.errors import AppWarning
from app.keras2.image_data_generator.files import BatchFromFilesMixin, check_class_mode
from app.keras2.image_data_generator.iterator import Iterator
from app.reporting import counted

_MAX_NAMED = 3  # files in a warning


class DirectoryIterator(BatchFromFilesMixin, Iterator):
    """Batches from `directory/<class>/…`, searched recursively.

    Args:
        directory: Folder with a subfolder per class.
        image_data_generator: Generator that transforms the images, or `None`.
        target_size: `(height, width)` of the batches.
        color_mode: `rgb`, `rgba` or `grayscale`.
        classes: Names of the subfolders to use, in the order of their labels; `None` takes all.
        class_mode: `categorical`, `binary`, `sparse`, `input` or `None`. For the last two, a folder
            of images without subfolders will do.
        batch_size: Samples per batch.
        shuffle: Whether each pass has its own order.
        seed: Seed of order and transformations, or `None`.
        data_format: `channels_last` or `channels_first`; Keras's own by default.
        save_to_dir: Folder for a picture of every image, or `None`.
        save_prefix: Prefix of their names.
        save_format: Ending of their names.
        follow_links: Whether to follow symbolic links to folders.
        subset: `training`, `validation` or `None`; validation is not augmented.
        interpolation: Resampling filter: `nearest`, `bilinear`, `bicubic`, `lanczos`, `box` or
            `hamming`.
        keep_aspect_ratio: Crop the center to the target's shape before resizing.
        dtype: Type of the batches; Keras's own by default.
        workers: Threads that share the work of a batch; `None` for one per core.

    Raises:
        FileNotFoundError: If the folder, or one of `classes`, does not exist.
        NotADirectoryError: If it is a file.
        ValueError: If there are no images, or an argument is unknown.
    """

    allowed_class_modes: ClassVar[set[str | None]] = {
        "categorical", "binary", "sparse", "input", None,
    }  # fmt: skip

    def __init__(
        self,
        directory: str | os.PathLike[str],
        image_data_generator: Any,
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: Any = None,
        *,
        workers: int | None = None,
    ):
        self.set_processing_attrs(
            image_data_generator, target_size, color_mode, data_format, save_to_dir, save_prefix,
            save_format, subset, interpolation, keep_aspect_ratio,
        )  # fmt: skip
        check_class_mode(class_mode, self.allowed_class_modes)
        self._set_workers(workers)
        self.directory = directory
        self.class_mode = class_mode
        self.dtype = keras.config.floatx() if dtype is None else dtype
        names = self._class_names(classes)
        self.num_classes = len(names)
        self.class_indices = {name: label for label, name in enumerate(names)}
        self.filenames: list[str] = []
        labels: list[int] = []
        # Without subfolders, the images of the directory itself.
        for label, name in enumerate(names if names or self._engine.lenient else [""]):
            files = self._files_of_class(name, follow_links)
            if self.split is not None:
                first, last = self.split
                files = files[int(first * len(files)) : int(last * len(files))]
            self.filenames += files
            labels += [label] * len(files)
        self.samples = len(self.filenames)
        if not self.samples and not self._engine.lenient:
            raise ValueError(
                f"Received `directory`={str(directory)!r}. Its {len(names)} subfolders hold no "
                "images for the subset. Expected files that end in "
                f"{', '.join(self.white_list_formats)}."
            )
        self.classes = np.array(labels, np.int32)
        self._filepaths = [os.path.join(directory, name) for name in self.filenames]  # noqa: PTH118
        print(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        super().__init__(self.samples, batch_size, shuffle, seed)

    @property
    def filepaths(self) -> list[str]:
        """`N` paths of files."""
        return self._filepaths

    @property
    def labels(self) -> np.ndarray:
        """`(N,)` class numbers."""
        return self.classes

    @property
    def sample_weight(self) -> None:
        """`None`: folders have no weights."""
        return None

    def _class_names(self, classes: Sequence[str] | None) -> list[str]:
        """Return the names of the subfolders to use; none where the images have no subfolders."""
        root = Path(self.directory)
        if not root.is_dir():
            raise (NotADirectoryError if root.exists() else FileNotFoundError)(
                f"Received `directory`={str(root)!r}, which is not a folder. Expected a folder "
                "with a subfolder of images per class."
            )
        present = self._engine.class_names(root)
        names = list(classes) if classes else present
        missing = [name for name in names if not (root / name).is_dir()]
        if missing:
            raise FileNotFoundError(
                f"Received `classes` with {missing[0]!r}, but '{root}' holds no such folder. "
                f"Expected some of: {', '.join(present) or 'none'}."
            )
        if self.class_mode == "binary" and len(names) != 2 and not self._engine.lenient:
            raise ValueError(
                f"Received `class_mode`='binary' with {len(names)} classes: {', '.join(names)}. "
                "Expected two. Use class_mode='sparse' or 'categorical'."
            )
        if not names and self.class_mode not in ("input", None) and not self._engine.lenient:
            raise ValueError(
                f"Received `directory`={str(root)!r}, which holds no images in subfolders. "
                "Expected a subfolder per class; without labels, class_mode=None."
            )
        return names

    def _files_of_class(self, name: str, follow_links: bool) -> list[str]:
        """Return the images below a subfolder, relative to the directory, in Keras's order."""
        root = Path(self.directory)
        listed, unusable = self._engine.image_paths(root / name, follow_links)
        if unusable:
            _warn_unusable(unusable)
        paths = [path for path in listed if self._is_listed(path)]
        paths.sort(key=lambda path: (str(path.parent), path.name))
        return [os.path.join(name, os.path.relpath(path, root / name)) for path in paths]  # noqa: PTH118

    def _is_listed(self, path: Path) -> bool:
        formats = self.white_list_formats
        default = formats is Iterator.white_list_formats
        return default or path.name.lower().endswith(tuple(formats))


def _warn_unusable(unusable: Sequence[tuple[Path, str]]) -> None:
    named = "; ".join(f"'{path}': {reason}" for path, reason in unusable[:_MAX_NAMED])
    more = f"; and {len(unusable) - _MAX_NAMED} more" if len(unusable) > _MAX_NAMED else ""
    warnings.warn(
        f"left out {counted(len(unusable), 'file')}: {named}{more}.", AppWarning, stacklevel=5
    )

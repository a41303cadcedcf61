"""From sample numbers to a batch: load, transform, normalize, and save pictures of the result."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from app.keras2.image_data_generator.engine import Engine
from app.keras2.image_data_generator.threads import available_cores, share

_Load = Callable[[int], np.ndarray | None]


class TransformedBatches:
    """Base class of the iterators over arrays and over files.

    They have `image_data_generator`, `data_format`, `dtype`, `subset`, `save_to_dir`,
    `save_prefix` and `save_format` in addition to the attributes of `Iterator`.
    """

    image_data_generator: Any
    data_format: str
    dtype: Any
    subset: str | None
    save_to_dir: Any
    save_prefix: str
    save_format: str
    batch_epoch: int
    _drawn_seed: int
    _engine: Engine

    _num_threads: int | None = None  # all cores
    _rows_per_thread = 1  # fewer are not worth a thread
    _NAMES = 10_000_000  # numbers in the names of saved pictures

    def _set_workers(self, workers: int | None) -> None:
        if workers is not None and workers < 1:
            raise ValueError(
                f"Received `workers`={workers}. Expected at least 1, or None for all cores."
            )
        self._num_threads = workers

    def _set_saving(self, folder: Any, prefix: str, ending: str) -> None:
        if folder is not None and not Path(folder).is_dir():
            raise FileNotFoundError(
                f"Received `save_to_dir`={str(folder)!r}, which is not a folder. Create it first."
            )
        if folder is not None and _picture_format(ending) not in Image.SAVE:
            raise ValueError(
                f"Received `save_format`={ending!r}. Expected the extension of a format that "
                "Pillow writes, such as 'png' or 'jpeg'."
            )
        self.save_to_dir = folder
        self.save_prefix = prefix
        self.save_format = ending

    @property
    def _runs_user_code(self) -> bool:
        engine = self._engine
        return not (engine.transforms_batches and engine.standardizes_in_threads)

    def _transformed(
        self, index_array: np.ndarray, load: _Load, image_shape: tuple[int, ...]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Make a batch.

        Args:
            index_array: `(B,)` sample numbers.
            load: Returns the pixels of one sample, or `None` if they cannot be read.
            image_shape: Shape of one image.

        Returns:
            `(B', *image_shape)` images, and the `(B',)` samples that could be read.
        """
        batch = np.zeros((len(index_array), *image_shape), self.dtype)
        fill = self._fill_in_threads if self._engine.transforms_batches else self._fill_in_order
        readable = fill(batch, index_array, load)
        if not readable.all():
            batch, index_array = batch[readable], index_array[readable]
        if self.save_to_dir:
            for image, index in zip(batch, index_array, strict=True):
                self._save(image, int(index))
        return batch, index_array

    def _fill_in_order(self, batch: np.ndarray, index_array: np.ndarray, load: _Load) -> np.ndarray:
        """Call the public methods of the generator image by image, as Keras does.

        Returns:
            `(B,)` whether each sample could be read.
        """
        readable = np.ones(len(batch), bool)
        generator = self.image_data_generator
        augments = self.subset != "validation" or self._engine.augments_validation
        for row, index in enumerate(index_array):
            image = load(int(index))
            readable[row] = image is not None
            if image is not None:
                if augments:
                    parameters = generator.get_random_transform(image.shape)
                    image = generator.apply_transform(image, parameters)
                batch[row] = generator.standardize(image)
        return readable

    def _fill_in_threads(
        self, batch: np.ndarray, index_array: np.ndarray, load: _Load
    ) -> np.ndarray:
        """Let the engine transform parts of the batch at the same time.

        Returns:
            `(B,)` whether each sample could be read.
        """
        readable = np.ones(len(batch), bool)
        engine, epoch = self._engine, self.batch_epoch
        standardize = engine.standardize or (lambda image: image)
        # Whole numbers and halves are rounded once, at the end.
        precise = np.float64 if batch.dtype == np.float64 else np.float32
        in_threads = engine.standardizes_in_threads
        waiting = np.zeros(0 if in_threads else batch.shape, precise)

        def finish(rows: np.ndarray, images: np.ndarray) -> None:
            for row, image in zip(rows, images, strict=True):
                batch[row] = standardize(image)

        def work(rows: np.ndarray) -> None:
            if not len(rows):
                return
            part = batch[rows[0] : rows[-1] + 1]  # rows are consecutive
            images = part if part.dtype == precise else np.zeros(part.shape, precise)
            for k, row in enumerate(rows):
                pixels = load(int(index_array[row]))
                readable[row] = pixels is not None
                if pixels is not None:
                    images[k] = pixels
            if self.subset != "validation" or engine.augments_validation:
                images = engine.transform(images, index_array[rows], self._drawn_seed, epoch)
            if in_threads:
                finish(rows, images)
            else:
                waiting[rows] = images

        workers = self._num_threads or available_cores()
        share(work, len(index_array), workers, self._rows_per_thread)
        if not in_threads:  # user code, which may draw numbers: one image after another
            rows = np.flatnonzero(readable)
            finish(rows, waiting[rows])
        return readable

    def _save(self, image: np.ndarray, index: int) -> None:
        """Save a picture without overwriting another file."""
        picture = keras.utils.array_to_img(image, self.data_format, scale=True)
        if picture.mode == "RGBA" and self.save_format.lower() in ("jpg", "jpeg", "bmp"):
            picture = picture.convert("RGB")
        content = io.BytesIO()
        picture.save(content, _picture_format(self.save_format))
        for attempt in itertools.count():
            # A range that is nearly used up becomes wider.
            number = self._engine.name(self._NAMES * (1 + attempt // 1000))
            name = f"{self.save_prefix}_{index}_{number}.{self.save_format}"
            if _create(Path(self.save_to_dir) / name, content.getvalue()):
                return


def share_of_subset(subset: str | None, generator: Any) -> tuple[float, float] | None:
    """Return the part of the samples, from and to, that a subset takes: validation comes first.

    Args:
        subset: `training`, `validation` or `None`.
        generator: An `ImageDataGenerator`, which holds `validation_split`.

    Returns:
        Two numbers in [0, 1], or `None` for all samples.

    Raises:
        ValueError: If the subset is unknown.
    """
    if subset is None:
        return None
    if subset not in ("training", "validation"):
        raise ValueError(f"Received `subset`={subset!r}. Expected 'training' or 'validation'.")
    share = getattr(generator, "_validation_split", 0) or 0
    return (0, share) if subset == "validation" else (share, 1)


def _picture_format(ending: str) -> str:
    return Image.registered_extensions().get(f".{ending.lower()}", ending.upper())


def _create(path: Path, content: bytes) -> bool:
    """Write a whole file or none; return whether the name was free."""
    try:
        file = path.open("xb")
    except FileExistsError:
        return False
    try:
        with file:
            file.write(content)
    except BaseException:
        path.unlink()
        raise
    return True

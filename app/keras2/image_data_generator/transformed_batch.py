"""From sample numbers to a batch: load, augment, standardise, and save pictures of the result."""

from __future__ import annotations

import io
import itertools
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from app.keras2.image_data_generator.threads import available_cores, share

# Names are drawn apart from all streams that seeds set.
_NAMES = random.SystemRandom()


class TransformedBatches:
    """What iterators over arrays and over files share.

    They have `image_data_generator`, `data_format`, `dtype`, `subset`, `save_to_dir`,
    `save_prefix` and `save_format` beside the attributes of `Iterator`.
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

    _num_threads: int | None = None  # all cores
    _fewest_rows = 1  # of a batch, that are worth a thread of their own
    _HASHES = 10_000_000  # of the number in the name of a saved picture

    def _set_workers(self, workers: int | None) -> None:
        if workers is not None and workers < 1:
            raise ValueError(
                f"Received `workers`={workers}. Expected at least 1, or None for all cores."
            )
        self._num_threads = workers

    def _set_saving(self, folder: Any, prefix: str, ending: str) -> None:
        if folder is not None and not Path(folder).is_dir():
            raise FileNotFoundError(
                f"Received `save_to_dir`={str(folder)!r}, which is no folder. Create it first."
            )
        if folder is not None and _picture_format(ending) not in Image.SAVE:
            raise ValueError(
                f"Received `save_format`={ending!r}. Expected the ending of a format that Pillow "
                "writes, such as 'png' or 'jpeg'."
            )
        self.save_to_dir = folder
        self.save_prefix = prefix
        self.save_format = ending

    @property
    def _draws_globally(self) -> bool:
        generator = self.image_data_generator
        return generator is not None and not (
            getattr(generator, "augments_batches", False) and generator.standardizes_in_threads
        )

    def _transformed(
        self,
        index_array: np.ndarray,
        load: Callable[[int], np.ndarray | None],
        image_shape: tuple[int, ...],
    ) -> tuple[np.ndarray, np.ndarray]:
        """Make a batch.

        Args:
            index_array: `(B,)` sample numbers.
            load: Returns the pixels of one sample, or `None` if they cannot be read.
            image_shape: Of one image.

        Returns:
            `(B', *image_shape)` images, and the `(B',)` samples that could be read.
        """
        batch = np.zeros((len(index_array), *image_shape), self.dtype)
        readable = np.ones(len(index_array), bool)
        generator = self.image_data_generator
        if generator is None or getattr(generator, "augments_batches", False):
            self._fill_in_threads(batch, readable, index_array, load)
        else:
            self._fill_in_order(batch, readable, index_array, load)
        if not readable.all():
            batch, index_array = batch[readable], index_array[readable]
        if self.save_to_dir:
            for image, index in zip(batch, index_array, strict=True):
                self._save(image, int(index))
        return batch, index_array

    def _fill_in_order(
        self,
        batch: np.ndarray,
        readable: np.ndarray,
        index_array: np.ndarray,
        load: Callable[[int], np.ndarray | None],
    ) -> None:
        """Use the public methods of the generator, image by image, as Keras does."""
        generator = self.image_data_generator
        augments = self.subset != "validation" or getattr(generator, "legacy_quirks", True)
        for row, index in enumerate(index_array):
            image = load(int(index))
            readable[row] = image is not None
            if image is not None:
                if augments:
                    parameters = generator.get_random_transform(image.shape)
                    image = generator.apply_transform(image, parameters)
                batch[row] = generator.standardize(image)

    def _fill_in_threads(
        self,
        batch: np.ndarray,
        readable: np.ndarray,
        index_array: np.ndarray,
        load: Callable[[int], np.ndarray | None],
    ) -> None:
        generator, epoch = self.image_data_generator, self.batch_epoch
        # Whole numbers and halves are rounded once, at the end.
        precise = np.float64 if batch.dtype == np.float64 else np.float32
        in_threads = generator is None or generator.standardizes_in_threads
        waiting = np.zeros(0 if in_threads else batch.shape, precise)

        def finish(rows: np.ndarray, images: np.ndarray) -> None:
            for row, image in zip(rows, images, strict=True):
                batch[row] = image if generator is None else generator.standardize(image)

        def work(rows: np.ndarray) -> None:
            if not len(rows):
                return
            own = batch[rows[0] : rows[-1] + 1]  # rows are consecutive
            images = own if own.dtype == precise else np.zeros(own.shape, precise)
            for k, row in enumerate(rows):
                pixels = load(int(index_array[row]))
                readable[row] = pixels is not None
                if pixels is not None:
                    images[k] = pixels
            if generator is not None and self.subset != "validation":
                images = generator.augmented(images, index_array[rows], self._drawn_seed, epoch)
            if in_threads:
                finish(rows, images)
            else:
                waiting[rows] = images

        workers = self._num_threads or available_cores()
        share(work, len(index_array), workers, self._fewest_rows)
        if not in_threads:  # code of users, which may draw numbers: one image after another
            rows = np.flatnonzero(readable)
            finish(rows, waiting[rows])

    def _save(self, image: np.ndarray, index: int) -> None:
        """Save a picture under a name that no other file has."""
        picture = keras.utils.array_to_img(image, self.data_format, scale=True)
        if picture.mode == "RGBA" and self.save_format.lower() in ("jpg", "jpeg", "bmp"):
            picture = picture.convert("RGB")
        content = io.BytesIO()
        picture.save(content, _picture_format(self.save_format))
        quirks = getattr(self.image_data_generator, "legacy_quirks", False)
        for attempt in itertools.count():
            # A range that is nearly used up gets wider.
            span = self._HASHES * (1 + attempt // 1000)
            number = np.random.randint(span) if quirks else _NAMES.randrange(span)
            name = f"{self.save_prefix}_{index}_{number}.{self.save_format}"
            if _create(Path(self.save_to_dir) / name, content.getvalue()):
                return


def _picture_format(ending: str) -> str:
    return Image.registered_extensions().get(f".{ending.lower()}", ending.upper())


def _create(path: Path, content: bytes) -> bool:
    """Write a file whole or not at all; return whether there was none of that name."""
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

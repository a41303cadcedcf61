"""`ImageDataGenerator`, as Keras 2 had it and Keras 3 dropped it.

    from app.keras2 import ImageDataGenerator

Every argument and method is there under its old name. What the documentation promised and the
class got wrong is right: a height shift moves images up and down, images that are not square turn
about their centre, validation subsets are not augmented, brightness keeps fractions, and results
depend on the seed alone. `legacy_quirks=True` gives the old pixels and random stream instead.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from app.augmentation.shifts import Shift
from app.errors import AppWarning
from app.keras2.image_data_generator.array_iterator import check_channels
from app.keras2.image_data_generator.flows import Flows
from app.keras2.image_data_generator.standardization import (
    computing_type,
    fit_statistics,
    standardize,
    standardize_samples,
)
from app.keras2.image_data_generator.transforming import Transforming

_AXES = {"channels_first": (1, 2, 3), "channels_last": (3, 1, 2)}  # channels, rows, columns


class ImageDataGenerator(Transforming, Flows):
    """Batches of images with random transformations and normalisation, in real time.

    The ranges are those of `app.augmentation.augmentation.Augmentation`; angles are degrees.

    Args:
        featurewise_center: Subtract the data's mean, per channel (`fit` first).
        samplewise_center: Subtract each image's mean.
        featurewise_std_normalization: Divide by the data's standard deviation (`fit` first).
        samplewise_std_normalization: Divide by each image's standard deviation.
        zca_whitening: Whiten (`fit` first).
        zca_epsilon: Added to the singular values.
        rotation_range: Degrees to either side.
        width_shift_range: Fraction, pixels, or a list of either.
        height_shift_range: The same along the height.
        brightness_range: Two factors, or `None`.
        shear_range: Degrees to either side.
        zoom_range: Two scales, or `z` for (1 − z, 1 + z).
        channel_shift_range: Levels to either side.
        fill_mode: `nearest`, `constant`, `reflect` or `wrap`.
        cval: The constant.
        horizontal_flip: Mirror half of the images.
        vertical_flip: Turn half of the images upside down.
        rescale: Factor for all pixels after augmentation, or `None`.
        preprocessing_function: Called with each augmented image, before rescaling.
        data_format: `channels_last` or `channels_first`; Keras's own by default.
        validation_split: Share of the samples, the first ones, that `subset="validation"` takes.
        interpolation_order: 1 is bilinear; 0 and 2 to 5 as in SciPy.
        dtype: Of the batches; Keras's own by default.
        legacy_quirks: Behave as the old class did, faults included.

    Raises:
        ValueError: If an argument is out of its range or of the wrong kind.
    """

    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: Shift = 0.0,
        height_shift_range: Shift = 0.0,
        brightness_range: Sequence[float] | None = None,
        shear_range: float = 0.0,
        zoom_range: float | Sequence[float] = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable[[np.ndarray], np.ndarray] | None = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: str | None = None,
        *,
        legacy_quirks: bool = False,
    ):
        self.data_format = data_format or keras.config.image_data_format()
        if self.data_format not in _AXES:
            raise ValueError(
                f"Received `data_format`={data_format!r}. "
                "Expected 'channels_last' or 'channels_first'."
            )
        self.channel_axis, self.row_axis, self.col_axis = _AXES[self.data_format]
        if validation_split and not 0 < validation_split < 1:
            raise ValueError(
                f"Received `validation_split`={validation_split!r}. "
                "Expected a share strictly between 0 and 1."
            )
        self.featurewise_center = featurewise_center
        self.samplewise_center = samplewise_center
        self.featurewise_std_normalization = featurewise_std_normalization
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening = zca_whitening
        self.zca_epsilon = zca_epsilon
        self.rotation_range = rotation_range
        self.width_shift_range = width_shift_range
        self.height_shift_range = height_shift_range
        self.brightness_range = brightness_range
        self.shear_range = shear_range
        self.zoom_range: Any = zoom_range
        self.channel_shift_range = channel_shift_range
        self.fill_mode = fill_mode
        self.cval = cval
        self.horizontal_flip = bool(horizontal_flip)
        self.vertical_flip = bool(vertical_flip)
        self.rescale = rescale
        self.preprocessing_function = preprocessing_function
        self._validation_split = validation_split
        self.interpolation_order = interpolation_order
        self.zoom_range = list(self.augmentation.zooms)  # and checks all ranges
        self.dtype = keras.config.floatx() if dtype is None else dtype
        self.legacy_quirks = legacy_quirks
        self.mean: np.ndarray | None = None
        self.std: np.ndarray | None = None
        self.zca_whitening_matrix: np.ndarray | None = None
        self._imply()

    def standardize(self, x: np.ndarray) -> np.ndarray:
        """Normalise an image or a batch: preprocess, rescale, centre, whiten.

        Floating `x` is changed in place, as it always was.
        """
        return standardize(self, x)

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Compute mean, standard deviation and whitening from sample data.

        Args:
            x: `(N, H, W, C)` or `(N, C, H, W)`.
            augment: Whether to fit on transformed images.
            rounds: How often each is transformed.
            seed: Seed of the transformations.

        Raises:
            ValueError: If `x` is not of rank 4.
        """
        x = np.array(x, dtype=self.dtype if self.legacy_quirks else computing_type(self))
        if x.ndim != 4:
            raise ValueError(
                f"Received data of shape {x.shape} in `fit`. Expected rank 4: images, then axes."
            )
        check_channels(x, self.data_format)
        if seed is not None and not self.augments_batches:
            np.random.seed(seed)
        if self.legacy_quirks and self.rescale:  # transforming rescaled images is its fault
            x *= self.rescale
        if augment and self.augments_batches:
            drawn = int(np.random.randint(2**31)) if seed is None else seed
            rows = np.arange(len(x))
            x = np.concatenate([self.augmented(x, rows, drawn, turn) for turn in range(rounds)])
        elif augment:
            every = [self.random_transform(image) for _ in range(rounds) for image in x]
            x = np.ascontiguousarray(every)
        if not self.legacy_quirks:
            for k, image in enumerate(x):
                x[k] = standardize_samples(self, image)
        fit_statistics(self, x)

    @property
    def standardizes_in_threads(self) -> bool:
        """Whether normalising images runs no code of users, which might not allow threads."""
        own = type(self).standardize is ImageDataGenerator.standardize
        return own and self.preprocessing_function is None

    def _imply(self) -> None:
        """Turn on what an argument needs, and say so."""
        for asked, needs in (
            ("zca_whitening", "featurewise_center"),
            ("featurewise_std_normalization", "featurewise_center"),
            ("samplewise_std_normalization", "samplewise_center"),
        ):
            if getattr(self, asked) and not getattr(self, needs):
                setattr(self, needs, True)
                _warn(f"`{asked}` needs `{needs}`, which is now on.")
        if self.zca_whitening and self.featurewise_std_normalization:
            self.featurewise_std_normalization = False
            _warn("`zca_whitening` replaces `featurewise_std_normalization`, which is now off.")


def _warn(message: str) -> None:
    warnings.warn(message, AppWarning, stacklevel=4)

"""`ImageDataGenerator`, which Keras 3 deprecates and keeps outside its public API.

    from app.keras2 import ImageDataGenerator

It has every argument and method of the old class. What the old class got wrong is right: a height
shift moves images up and down, images that are not square rotate about their center, validation
subsets are not augmented, brightness keeps fractions, and results depend on the seed alone.
`legacy_quirks=True` reproduces the old pixels and random stream instead.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import keras
import numpy as np

from app.augmentation.transforms import Shift
from app.errors import AppWarning
from app.keras2.image_data_generator.arrays import check_channels
from app.keras2.image_data_generator.engine import Engine
from app.keras2.image_data_generator.flows import Flows
from app.keras2.image_data_generator.legacy_engine import LegacyEngine, LegacyStandardization
from app.keras2.image_data_generator.standardization import Standardization

_AXES = {"channels_first": (1, 2, 3), "channels_last": (3, 1, 2)}  # channels, rows, columns
_RANGES = (
    "rotation_range", "width_shift_range", "height_shift_range", "brightness_range", "shear_range",
    "zoom_range", "channel_shift_range", "fill_mode", "cval", "horizontal_flip", "vertical_flip",
    "interpolation_order",
)  # fmt: skip
_STANDARDIZATION = tuple(field.name for field in fields(Standardization))
_STATISTICS = ("mean", "std", "zca_whitening_matrix")


class ImageDataGenerator(Flows):
    """Batches of images, randomly transformed and normalized on the fly.

    The ranges are those of `app.augmentation.augmentation.Augmentation`; angles are degrees.

    Args:
        featurewise_center: Subtract the data's mean, per channel (`fit` first).
        samplewise_center: Subtract each image's mean.
        featurewise_std_normalization: Divide by the data's standard deviation (`fit` first).
        samplewise_std_normalization: Divide by each image's standard deviation.
        zca_whitening: Whiten (`fit` first).
        zca_epsilon: Number added to the singular values.
        rotation_range: Degrees to either side.
        width_shift_range: Fraction, pixels, or a list of either.
        height_shift_range: The same along the height.
        brightness_range: Two factors, or `None`.
        shear_range: Degrees to either side.
        zoom_range: Two scales, or `z` for (1 − z, 1 + z).
        channel_shift_range: Levels to either side.
        fill_mode: `nearest`, `constant`, `reflect` or `wrap`.
        cval: Pixel value for `fill_mode="constant"`.
        horizontal_flip: Flip half of the images left to right.
        vertical_flip: Flip half of the images upside down.
        rescale: Factor of all pixels after augmentation, or `None`.
        preprocessing_function: Function of each augmented image, called before rescaling.
        data_format: `channels_last` or `channels_first`; Keras's own by default.
        validation_split: Fraction of the samples, the first ones, in `subset="validation"`.
        interpolation_order: 1 is bilinear; 0 and 2 to 5 as in SciPy.
        dtype: Type of the batches; Keras's own by default.
        legacy_quirks: Reproduce the old class, faults included.

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
                "Expected a fraction strictly between 0 and 1."
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
        self.dtype = keras.config.floatx() if dtype is None else dtype
        self.legacy_quirks = legacy_quirks
        self.mean: np.ndarray | None = None
        self.std: np.ndarray | None = None
        self.zca_whitening_matrix: np.ndarray | None = None
        self.zoom_range = list(self.engine.augmentation.zooms)  # checks all ranges, too
        self._turn_on_required()

    @property
    def engine(self) -> Engine:
        """What iterators use; it follows the attributes, which may change after construction."""
        ranges = {name: getattr(self, name) for name in _RANGES}
        if self.legacy_quirks:
            return LegacyEngine(ranges, self.data_format)
        plain = not self._is_overridden("standardize")
        return Engine(
            ranges,
            self.data_format,
            standardize=self._standardization if plain else self.standardize,
            transforms_batches=not self._is_overridden(
                "get_random_transform", "apply_transform", "random_transform"
            ),
            standardizes_in_threads=plain and self.preprocessing_function is None,
        )

    def get_random_transform(
        self, img_shape: Sequence[int], seed: int | None = None
    ) -> dict[str, Any]:
        """Draw the parameters of one image of shape `(H, W, C)` or `(C, H, W)`.

        Returns:
            `theta` and `shear` in degrees, `tx` (along the width) and `ty` (along the height) in
            pixels, `zx`, `zy`, `flip_horizontal`, `flip_vertical`, `channel_shift_intensity`,
            `brightness`; `tx` moves the content to the left, `ty` up.
        """
        height, width = img_shape[self.row_axis - 1], img_shape[self.col_axis - 1]
        return self.engine.draw(height, width, seed)

    def apply_transform(self, x: np.ndarray, transform_parameters: dict[str, Any]) -> np.ndarray:
        """Transform one image by parameters as `get_random_transform` returns them.

        Args:
            x: `(H, W, C)` or `(C, H, W)`, uint8 or floating.
            transform_parameters: Any of them; missing ones change nothing.
        """
        _check_image(x)
        return self.engine.apply(x, transform_parameters)

    def random_transform(self, x: np.ndarray, seed: int | None = None) -> np.ndarray:
        """Transform one image `(H, W, C)` or `(C, H, W)` at random."""
        _check_image(x)
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def standardize(self, x: np.ndarray) -> np.ndarray:
        """Normalize an image or a batch: preprocess, rescale, center, whiten.

        Floating `x` is changed in place, as Keras does.
        """
        return self._standardization(x)

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Compute mean, standard deviation and whitening from sample data.

        Args:
            x: `(N, H, W, C)` or `(N, C, H, W)`.
            augment: Whether to fit on transformed images.
            rounds: How often each image is transformed.
            seed: Seed of the transformations.

        Raises:
            ValueError: If `x` is not of rank 4.
        """
        standardization = self._standardization
        x = standardization.prepare(x)
        if x.ndim != 4:
            raise ValueError(
                f"Received data of shape {x.shape} in `fit`. Expected rank 4: images, then axes."
            )
        check_channels(x, self.data_format)
        engine = self.engine
        if seed is not None and not engine.transforms_batches:
            np.random.seed(seed)
        if augment and engine.transforms_batches:
            seed, rows = engine.seed_of(seed), np.arange(len(x))
            x = np.concatenate([engine.transform(x, rows, seed, turn) for turn in range(rounds)])
        elif augment:
            transformed = [self.random_transform(image) for _ in range(rounds) for image in x]
            x = np.ascontiguousarray(transformed)
        standardization.fit(x)
        for name in _STATISTICS:
            setattr(self, name, getattr(standardization, name))

    @property
    def _standardization(self) -> Standardization:
        kind = LegacyStandardization if self.legacy_quirks else Standardization
        return kind(**{name: getattr(self, name) for name in _STANDARDIZATION})

    def _is_overridden(self, *names: str) -> bool:
        """Return whether a subclass or this instance overrides one of these methods."""
        functions = [getattr(getattr(self, name), "__func__", None) for name in names]
        return functions != [getattr(ImageDataGenerator, name) for name in names]

    def _turn_on_required(self) -> None:
        """Turn on what an argument requires, with a warning."""
        for name, required in (
            ("zca_whitening", "featurewise_center"),
            ("featurewise_std_normalization", "featurewise_center"),
            ("samplewise_std_normalization", "samplewise_center"),
        ):
            if getattr(self, name) and not getattr(self, required):
                setattr(self, required, True)
                _warn(f"`{name}` needs `{required}`, which is now on.")
        if self.zca_whitening and self.featurewise_std_normalization:
            self.featurewise_std_normalization = False
            _warn("`zca_whitening` replaces `featurewise_std_normalization`, which is now off.")


def _check_image(x: np.ndarray) -> None:
    if x.ndim != 3:
        raise ValueError(
            f"Received an image of shape {x.shape}. Expected rank 3: rows, columns and channels."
        )


def _warn(message: str) -> None:
    warnings.warn(message, AppWarning, stacklevel=4)

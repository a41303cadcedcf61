"""The methods of `ImageDataGenerator` that transform single images and batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from app.augmentation.augmentation import Augmentation
from app.augmentation.transforms import Transforms
from app.keras2.image_data_generator import legacy

if TYPE_CHECKING:
    from app.keras2.image_data_generator.image_data_generator import ImageDataGenerator

_RANGES = (
    "rotation_range",
    "width_shift_range",
    "height_shift_range",
    "brightness_range",
    "shear_range",
    "zoom_range",
    "channel_shift_range",
    "fill_mode",
    "cval",
    "horizontal_flip",
    "vertical_flip",
    "interpolation_order",
)
# Those that are off where they are zero, empty or false.
_SIMPLE_RANGES = (
    "rotation_range",
    "width_shift_range",
    "height_shift_range",
    "shear_range",
    "channel_shift_range",
    "horizontal_flip",
    "vertical_flip",
)
_LEGACY_NAMES = {
    "theta": "rotation",
    "tx": "shift_x",
    "ty": "shift_y",
    "shear": "shear",
    "zx": "zoom_x",
    "zy": "zoom_y",
    "flip_horizontal": "flip_horizontal",
    "flip_vertical": "flip_vertical",
    "channel_shift_intensity": "channel_shift",
    "brightness": "brightness",
}


class Transforming:
    """Draw parameters and apply them, on the engine or, with `legacy_quirks`, as Keras did."""

    data_format: str
    legacy_quirks: bool
    row_axis: int
    col_axis: int

    @property
    def augmentation(self) -> Augmentation:
        """What the attributes say at this moment: they may change after construction."""
        return Augmentation(**{name: getattr(self, name) for name in _RANGES})

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
        if self.legacy_quirks:
            if seed is not None:
                np.random.seed(seed)
            return legacy.draw(cast("ImageDataGenerator", self), height, width)
        if seed is None:
            seed = int(np.random.randint(2**31))
        drawn = self.augmentation.draw(np.zeros(1, np.int64), seed, 0, height, width)
        single = {name: None if value is None else value[0] for name, value in vars(drawn).items()}
        return {old: single[new] for old, new in _LEGACY_NAMES.items()}

    def apply_transform(self, x: np.ndarray, transform_parameters: dict[str, Any]) -> np.ndarray:
        """Transform one image by parameters as `get_random_transform` returns them.

        Args:
            x: `(H, W, C)` or `(C, H, W)`, uint8 or floating.
            transform_parameters: Any of them; what is missing changes nothing.
        """
        _check_image(x)
        if self.legacy_quirks:
            return legacy.apply(cast("ImageDataGenerator", self), x, transform_parameters)
        changed = vars(Transforms.identity(1)).copy()
        for old, new in _LEGACY_NAMES.items():
            value = transform_parameters.get(old)
            if value is not None:
                changed[new] = np.array([value])
        images = self._channels_last(x[np.newaxis])
        return self._own_format(self.augmentation.apply(images, Transforms(**changed)))[0]

    def random_transform(self, x: np.ndarray, seed: int | None = None) -> np.ndarray:
        """Transform one image `(H, W, C)` or `(C, H, W)` at random."""
        _check_image(x)
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def augmented(
        self, images: np.ndarray, positions: np.ndarray, seed: int, epoch: int
    ) -> np.ndarray:
        """Transform a batch in the generator's own data format; see `Augmentation`."""
        if not self._moves:
            return images
        last = self._channels_last(images)
        return self._own_format(self.augmentation(last, positions, seed, epoch))

    @property
    def augments_batches(self) -> bool:
        """Whether `augmented` does what the public methods of this class do, many images at once.

        It does not with `legacy_quirks`, and where a subclass has its own transformation.
        """
        return not self.legacy_quirks and all(
            getattr(type(self), name) is getattr(Transforming, name)
            for name in ("get_random_transform", "apply_transform", "random_transform")
        )

    @property
    def _moves(self) -> bool:
        augmentation = self.augmentation
        return (
            any(getattr(augmentation, name) for name in _SIMPLE_RANGES)
            or augmentation.zooms != (1, 1)
            or augmentation.brightness_range is not None
        )

    def _channels_last(self, images: np.ndarray) -> np.ndarray:
        if self.data_format == "channels_first":
            images = images.transpose(0, 2, 3, 1)
        wanted = images.dtype if images.dtype == np.uint8 else np.float32
        return np.ascontiguousarray(images, wanted)

    def _own_format(self, images: np.ndarray) -> np.ndarray:
        return images.transpose(0, 3, 1, 2) if self.data_format == "channels_first" else images


def _check_image(x: np.ndarray) -> None:
    if x.ndim != 3:
        raise ValueError(
            f"Received an image of shape {x.shape}. Expected rank 3: rows, columns and channels."
        )

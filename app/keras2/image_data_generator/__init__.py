"""Keras 2's `keras.preprocessing.image`, its classes and functions, for Keras 3.

    from app.keras2.image_data_generator import DirectoryIterator, random_rotation

`load_img`, `img_to_array`, `array_to_img`, `save_img` and `smart_resize` are those of Keras 3, in
`keras.utils` and `keras.preprocessing.image`.
"""

from keras.preprocessing.image import smart_resize
from keras.utils import array_to_img, img_to_array, load_img, save_img

from app.keras2.image_data_generator import endless_adapter  # noqa: F401  any number of steps
from app.keras2.image_data_generator.affine_transformations import (
    apply_affine_transform,
    apply_brightness_shift,
    apply_channel_shift,
    flip_axis,
    random_brightness,
    random_channel_shift,
    random_rotation,
    random_shear,
    random_shift,
    random_zoom,
    transform_matrix_offset_center,
)
from app.keras2.image_data_generator.arrays import NumpyArrayIterator
from app.keras2.image_data_generator.dataframe import DataFrameIterator, validate_filename
from app.keras2.image_data_generator.directory import DirectoryIterator
from app.keras2.image_data_generator.files import BatchFromFilesMixin
from app.keras2.image_data_generator.generator import ImageDataGenerator
from app.keras2.image_data_generator.iterator import Iterator

__all__ = [
    "BatchFromFilesMixin",
    "DataFrameIterator",
    "DirectoryIterator",
    "ImageDataGenerator",
    "Iterator",
    "NumpyArrayIterator",
    "apply_affine_transform",
    "apply_brightness_shift",
    "apply_channel_shift",
    "array_to_img",
    "flip_axis",
    "img_to_array",
    "load_img",
    "random_brightness",
    "random_channel_shift",
    "random_rotation",
    "random_shear",
    "random_shift",
    "random_zoom",
    "save_img",
    "smart_resize",
    "transform_matrix_offset_center",
    "validate_filename",
]

"""Random transformations of training images, and Keras 2's `ImageDataGenerator` for Keras 3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.augmentation.generator.image_data_generator import ImageDataGenerator

__all__ = ["ImageDataGenerator"]


def __getattr__(name: str) -> Any:
    # Its iterators need Keras, which takes seconds to import; the engine does not.
    if name != "ImageDataGenerator":
        raise AttributeError(f"module 'app.augmentation' has no attribute '{name}'")
    from app.augmentation.generator.image_data_generator import ImageDataGenerator

    return ImageDataGenerator

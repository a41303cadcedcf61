"""Random transformations of training images, in NumPy and OpenCV."""

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    """Return `ImageDataGenerator` from its present place, `app.keras2`."""
    if name != "ImageDataGenerator":
        raise AttributeError(f"module 'app.augmentation' has no attribute '{name}'")
    return import_module("app.keras2").ImageDataGenerator

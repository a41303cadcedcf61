"""Everything needed to migrate from Keras 2; see the README of this package.

    from app.keras2 import ImageDataGenerator, load_keras2_model, load_keras2_weights

Importing the package alone is cheap: each name is imported on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.keras2.image_data_generator import ImageDataGenerator as ImageDataGenerator
    from app.keras2.model_files import load_keras2_model as load_keras2_model
    from app.keras2.model_files import load_keras2_weights as load_keras2_weights

_MODULES = {
    "ImageDataGenerator": "app.keras2.image_data_generator",
    "load_keras2_model": "app.keras2.model_files",
    "load_keras2_weights": "app.keras2.model_files",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'app.keras2' has no attribute '{name}'")
    return getattr(import_module(_MODULES[name]), name)

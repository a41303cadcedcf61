"""Models and weights that Keras 2 saved, opened by Keras 3 with the same outputs.

The README of this package describes the way of a file through its modules.
"""

from importlib import import_module
from types import ModuleType

_REGISTERED = (
    "application_layers",
    "hard_sigmoid",
    "random_crop",
    "tensor_operation",
    "thresholded_relu",
)


def register(_keras: ModuleType) -> None:
    """Make Keras know the layers and functions that stand in for Keras 2's.

    Called once Keras has been imported, so that a translated model that was saved again opens
    with a plain `keras.models.load_model`.
    """
    for module in _REGISTERED:
        import_module(f"app.keras2.{module}")

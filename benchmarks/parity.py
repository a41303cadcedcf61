"""Pixel differences of our `ImageDataGenerator` from the legacy class that Keras 3 still carries.

    python benchmarks/parity.py

Images are float32 noise from 0 to 255. `quirks` is the largest difference with `legacy_quirks=True`
and the same seed. `engine` is that of the default on square images, with the parameters that the
legacy class drew. `> 0.02` is the fraction of pixels that differ by more: a coordinate exactly on
the edge can fall to either side, where `constant` and `wrap` are discontinuous.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

_PARAMETERS: dict[str, dict[str, Any]] = {
    "rotation": {"rotation_range": 40},
    "width shift": {"width_shift_range": 0.2},
    "height shift": {"height_shift_range": 0.2},
    "shear": {"shear_range": 20},
    "zoom": {"zoom_range": 0.3},
    "flips": {"horizontal_flip": True, "vertical_flip": True},
    "channel shift": {"channel_shift_range": 50},
    "brightness": {"brightness_range": (0.5, 1.5)},
}
_LECTURE = {
    "rotation_range": 40, "width_shift_range": 0.2, "height_shift_range": 0.2,
    "shear_range": 0.2, "zoom_range": 0.2, "horizontal_flip": True,
}  # fmt: skip
_IMAGES = 20


def main() -> None:
    """Print the table."""
    from app.keras_startup import start_keras

    start_keras()
    warnings.filterwarnings("ignore", message=".*scipy.ndimage.interpolation.*")
    print(f"{'parameter':16}{'fill mode':11}{'shape':13}{'quirks':>9}{'engine':>11}{'> 0.02':>9}")
    for name, arguments in _PARAMETERS.items():
        line(name, arguments, (64, 64, 3))
    for mode in ("nearest", "reflect", "constant", "wrap"):
        for shape in ((64, 64, 3), (28, 28, 1), (40, 64, 3)):
            line("lecture", {**_LECTURE, "fill_mode": mode}, shape)


def line(name: str, arguments: dict[str, Any], shape: tuple[int, int, int]) -> None:
    """Print a row of the table."""
    from keras.src.legacy.preprocessing.image import ImageDataGenerator as Legacy

    from app.keras2 import ImageDataGenerator

    images = np.random.default_rng(0).integers(0, 256, (_IMAGES, *shape)).astype(np.float32)
    old, ours = Legacy(**arguments), ImageDataGenerator(**arguments)
    quirks = ImageDataGenerator(**arguments, legacy_quirks=True)
    repeated, engine = [], []
    for seed, image in enumerate(images):
        expected = old.random_transform(image, seed)
        repeated.append(np.abs(quirks.random_transform(image, seed) - expected).max())
        drawn = old.get_random_transform(shape, seed)
        engine.append(np.abs(ours.apply_transform(image, drawn) - expected))
    # The legacy class does not rotate non-square images about their center.
    square = shape[0] == shape[1]
    cells = f"{np.max(engine):11.4f}{np.mean(np.array(engine) > 0.02):9.2%}"
    print(
        f"{name:16}{arguments.get('fill_mode', 'nearest'):11}{'×'.join(map(str, shape)):13}"
        f"{max(repeated):9.4f}{cells if square else f'{chr(8211):>11}{chr(8211):>9}'}"
    )


if __name__ == "__main__":
    main()

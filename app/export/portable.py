"""A network for other programs: uint8 images in, the probability of every class out.

Preprocessing is inside (pixels from 0 to 255 go in), and so are the class names. A single sigmoid
unit, which gives only the probability of the second of two classes, becomes two outputs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.errors import AppError
from app.files import printable
from app.keras_startup import quiet_stderr

if TYPE_CHECKING:
    import keras

INPUT, OUTPUT, CLASSES = "images", "probabilities", "classes"
_SMALLEST = 1e-12  # before the logarithm, as in `app.statistics.temperature`
Outputs = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Portable:
    """A network in the form in which it is exported.

    Attributes:
        network: Maps `(B, H, W, C)` uint8 to `(B, K)` float32.
        class_names: `K` classes in the order of the outputs, without line breaks.
    """

    network: keras.Model
    class_names: tuple[str, ...]

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """`(H, W, C)` of an image."""
        return tuple(self.network.inputs[0].shape[1:])


def portable(
    model: keras.Model,
    image_shape: tuple[int, int, int],
    class_names: tuple[str, ...],
    temperature: float = 1.0,
) -> Portable:
    """Return a network in the form in which it is exported.

    Args:
        model: Maps float32 `(B, H, W, C)`, or `(B, H, W)`, with pixels from 0 to 255 to
            probabilities `(B, K)`, or `(B, 1)` of the second of two classes. Those of a
            multi-label model are independent, and the temperature is 1.
        image_shape: `(H, W, C)` of an image.
        class_names: Classes in the order of the outputs.
        temperature: Temperature of the probabilities; see `app.statistics.temperature`.

    Raises:
        AppError: If Keras does not run on TensorFlow, which writes the files.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        raise AppError(
            f"Keras runs on {keras.backend.backend()}.",
            "Expected TensorFlow, which writes the files of other programs.",
            "Repeat the command with KERAS_BACKEND=tensorflow.",
        )
    images = keras.Input(image_shape, dtype="uint8", name=INPUT)
    pixels = keras.ops.cast(images, "float32")
    if len(model.inputs[0].shape) == 3:
        pixels = pixels[..., 0]
    outputs = keras.ops.cast(model(pixels, training=False), "float32")
    if outputs.shape[-1] < len(class_names):
        outputs = keras.ops.concatenate([1 - outputs, outputs], axis=-1)
    if temperature != 1:
        logits = keras.ops.log(keras.ops.maximum(outputs, _SMALLEST)) / temperature
        outputs = keras.ops.softmax(logits, axis=-1)
    return Portable(keras.Model(images, outputs), tuple(map(printable, class_names)))


def write_saved_model(exported: Portable, folder: Path, *, with_classes: bool = True) -> None:
    """Write a TensorFlow SavedModel.

    Its signature `serving_default` takes `images` and returns `probabilities` `(B, K)`, and
    `classes` `(B, K)`, the names in each row, as TensorFlow Serving's signature of a classifier.

    Args:
        exported: Network to write.
        folder: Folder that it becomes.
        with_classes: Whether the signature also returns the names.
    """
    import keras
    import tensorflow as tf

    network, names = exported.network, list(exported.class_names)

    def serve(images: Any) -> dict[str, Any]:
        outputs = {OUTPUT: network(images, training=False)}
        if with_classes:
            outputs[CLASSES] = tf.repeat([tf.constant(names)], tf.shape(images)[0], axis=0)
        return outputs

    archive = keras.export.ExportArchive()
    archive.track(network)
    shape = (None, *exported.image_shape)
    archive.add_endpoint("serve", serve, [tf.TensorSpec(shape, tf.uint8, INPUT)])
    with quiet_stderr():
        archive.write_out(str(folder), verbose=False)


def open_saved_model(folder: Path) -> Outputs:
    """Return the function that TensorFlow makes of a SavedModel, on all cores."""
    import tensorflow as tf

    serve = tf.saved_model.load(str(folder)).signatures["serving_default"]
    return lambda images: serve(**{INPUT: tf.constant(images)})[OUTPUT].numpy()


def conversion_error(name: str, other: str, error: Exception) -> AppError:
    """Return the error of a converter, which may raise anything.

    Args:
        name: Name of the format.
        other: Another format of `export` to try, beside `saved_model`.
        error: What the converter raised.
    """
    return AppError(
        f"The {name} converter failed: {(str(error) or repr(error)).splitlines()[0]}",
        f"Expected a network of operations that {name} has.",
        f"Try --format saved_model or --format {other}.",
        status=1,
    )

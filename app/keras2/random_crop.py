"""Keras 2's `RandomCrop`, which resizes at inference; Keras 3's passes the image unchanged."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="convlab")
class Keras2RandomCrop(keras.layers.RandomCrop):
    """Crop at a random place in training; at inference cut to the aspect ratio and resize.

    Source: tf_keras 2.21, `layers.RandomCrop`.
    """

    def transform_images(self, images: Any, transformation: Any, training: bool = True) -> Any:
        """Return images of the size of the layer."""
        if training:
            return super().transform_images(images, transformation, training=True)
        size = (self.height, self.width)
        return self.backend.cast(
            self.backend.image.resize(
                images, size, crop_to_aspect_ratio=True, data_format=self.data_format
            ),
            self.compute_dtype,
        )

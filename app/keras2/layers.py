"""Layers and functions that stand in for those of Keras 2 that Keras 3 dropped or redefined.

Importing this module registers all of them, so that `keras.models.load_model` opens a translated
model that was saved again.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from app.keras2.tensor_operation import TensorOperation as TensorOperation


@keras.saving.register_keras_serializable(package="convlab")
def keras2_hard_sigmoid(x: Any) -> Any:
    """Return `clip(0.2 x + 0.5, 0, 1)`; the slope of Keras 3's `hard_sigmoid` is 1/6.

    Source: tf_keras 2.21, `backend.hard_sigmoid`.
    """
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)


@keras.saving.register_keras_serializable(package="convlab")
class ThresholdedReLU(keras.layers.Layer):
    """Pass values above a threshold and set all others to zero.

    Args:
        theta: Threshold, at least 0.

    Raises:
        ValueError: If `theta` is negative.

    Source: tf_keras 2.21, `layers.ThresholdedReLU`.
    """

    def __init__(self, theta: float = 1.0, **kwargs: Any):
        super().__init__(**kwargs)
        if theta < 0:
            raise ValueError(f"Argument `theta` must be at least 0. Received: theta={theta}")
        self.theta = float(theta)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """Return `inputs` where they exceed `theta`, elsewhere 0."""
        return inputs * ops.cast(inputs > self.theta, inputs.dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the configuration of the layer."""
        return {**super().get_config(), "theta": self.theta}


@keras.saving.register_keras_serializable(package="convlab")
class Keras2RandomCrop(keras.layers.RandomCrop):
    """Crop at a random place in training; at inference crop to the aspect ratio and resize.

    Keras 3's `RandomCrop` passes images unchanged at inference.

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


@keras.saving.register_keras_serializable(package="convlab")
class LayerScale(keras.layers.Layer):
    """Multiply each channel by a weight.

    Args:
        init_values: Value that all weights start with.
        projection_dim: Number of channels.

    Source: tf_keras 2.21, `applications.convnext.LayerScale`.
    """

    def __init__(self, init_values: float, projection_dim: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.init_values = init_values
        self.projection_dim = projection_dim

    def build(self, input_shape: Any) -> None:
        """Create the weights, `(projection_dim,)`."""
        self.gamma = self.add_weight(
            name="gamma",
            shape=(self.projection_dim,),
            initializer=keras.initializers.Constant(self.init_values),
        )

    def call(self, inputs: Any) -> Any:
        """Return the scaled inputs."""
        return inputs * self.gamma

    def get_config(self) -> dict[str, Any]:
        """Return the configuration of the layer."""
        return {
            **super().get_config(),
            "init_values": self.init_values,
            "projection_dim": self.projection_dim,
        }


@keras.saving.register_keras_serializable(package="convlab")
class StochasticDepth(keras.layers.Layer):
    """Drop a residual branch for whole images at random in training.

    Args:
        drop_path_rate: Probability of dropping, in [0, 1).

    Source: tf_keras 2.21, `applications.convnext.StochasticDepth`.
    """

    def __init__(self, drop_path_rate: float, **kwargs: Any):
        super().__init__(**kwargs)
        self.drop_path_rate = drop_path_rate
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Return the inputs, in training with some images zero and the rest scaled up."""
        if not training:
            return inputs
        kept = 1 - self.drop_path_rate
        shape = (ops.shape(inputs)[0], *(1,) * (len(inputs.shape) - 1))
        random = keras.random.uniform(shape, seed=self.seed_generator)
        return inputs / kept * ops.floor(kept + random)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration of the layer."""
        return {**super().get_config(), "drop_path_rate": self.drop_path_rate}


@keras.saving.register_keras_serializable(package="convlab")
class CustomScaleLayer(keras.layers.Layer):
    """Add a scaled residual branch, the second input, to the first.

    Args:
        scale: Factor of the second input.

    Source: tf_keras 2.21, `applications.inception_resnet_v2.CustomScaleLayer`.
    """

    def __init__(self, scale: float, **kwargs: Any):
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, inputs: Any) -> Any:
        """Return `inputs[0] + scale · inputs[1]`."""
        return inputs[0] + inputs[1] * self.scale

    def get_config(self) -> dict[str, Any]:
        """Return the configuration of the layer."""
        return {**super().get_config(), "scale": self.scale}

"""Layers of `keras.applications` (ConvNeXt, InceptionResNetV2) that Keras does not export."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


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

"""Layers of your own take part by their type or by attributes."""

import keras
import numpy as np
import pytest

from app.classifier.inspected_model import InspectedModel
from app.classifier.layer_kinds import role_of, window_of
from app.insight.activations import response_maps
from app.insight.architecture import volumes
from app.insight.receptive_fields import receptive_fields
from app.layers import BlurPooling2D, L2NormPooling2D, LocallyConnected2D, ResidualBlock
from app.layers.sliding_window import SlidingWindow

layers = keras.layers


class MyDensityNet(layers.Layer):
    """A layer with a misleading name."""

    def call(self, inputs):
        return inputs


class MedianOfFour(layers.Layer):
    """Pooling by a layer of one's own."""

    role = "pooling"
    window = SlidingWindow((2, 2), (2, 2), (1, 1), "valid")

    def call(self, inputs):
        return keras.ops.average_pool(inputs, 2, 2)


class EdgeConv(layers.Conv2D):
    """A subclass, whatever its name."""


@pytest.mark.parametrize(
    ("layer", "role"),
    [
        (layers.MaxPooling2D(), "pooling"),
        (layers.GlobalAveragePooling2D(), "pooling"),
        (L2NormPooling2D(), "pooling"),
        (BlurPooling2D(), "pooling"),
        (MedianOfFour(), "pooling"),
        (layers.Conv2DTranspose(2, 3), "convolution"),
        (layers.SeparableConv2D(2, 3), "convolution"),
        (EdgeConv(2, 3), "convolution"),
        (LocallyConnected2D(2, 3), "locally connected"),
        (layers.Dense(2), "dense"),
        (ResidualBlock(2), "block"),
        (MyDensityNet(), "other"),
        (layers.Flatten(), "other"),
        (keras.Sequential([keras.Input((4, 4, 1)), layers.Flatten()]), "other"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_role_of_a_layer_follows_its_type_or_its_attribute(layer, role):
    if isinstance(layer, ResidualBlock):
        layer.build((None, 8, 8, 2))
    assert role_of(layer) == role


def test_window_of_a_layer_without_one_is_none():
    assert window_of(layers.Flatten()) is None
    assert window_of(layers.Conv1D(2, 3)) is None
    assert window_of(EdgeConv(2, 3)).sizes == (3, 3)


def test_a_layer_with_role_and_window_takes_part_in_every_insight():
    model = keras.Sequential([
        keras.Input((12, 12, 3)),
        EdgeConv(4, 3, name="edges"),
        MedianOfFour(name="median"),
        layers.Flatten(),
        layers.Dense(2, activation="softmax"),
    ])  # fmt: skip
    inspected = InspectedModel.wrap(model, class_names=("a", "b"), image_shape=(12, 12, 3))
    assert inspected.last_conv_layer.path == "edges"
    assert receptive_fields(inspected)["median"].size == (4, 4)
    assert [volume.role for volume in volumes(inspected)][:3] == ["input", "convolution", "pooling"]
    image = np.zeros((12, 12, 3), np.uint8)
    assert [maps.path for maps in response_maps(inspected, image)] == ["edges", "median"]

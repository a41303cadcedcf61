"""The fused layer against Keras's own: results, gradients, moving statistics, and files."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.layers import FusedBatchNormalization
from tests.layers.references import EXAMPLES, array, gradients


def pair(shape, **arguments):
    """Return our layer and Keras's with the same random weights."""
    rng = np.random.default_rng(0)
    both = [
        FusedBatchNormalization(**arguments),
        keras.layers.BatchNormalization(**arguments),
    ]
    for layer in both:
        layer.build(shape)
    values = [rng.uniform(0.5, 1.5, w.shape).astype("float32") for w in both[0].weights]
    for layer in both:
        layer.set_weights(values)
    return both


@settings(max_examples=EXAMPLES)
@given(
    batch=st.integers(1, 5),
    height=st.integers(2, 9),
    width=st.integers(1, 9),
    channels=st.integers(1, 6),
    momentum=st.floats(0, 1),
    offset=st.floats(-20, 20),
)
def test_training_is_keras_to_rounding(batch, height, width, channels, momentum, offset):
    shape = (batch, height, width, channels)
    ours, theirs = pair(shape, momentum=momentum)
    images = np.random.default_rng(1).normal(offset, 3, shape).astype("float32")
    outputs = [array(layer(images, training=True)) for layer in (ours, theirs)]
    np.testing.assert_allclose(*outputs, atol=2e-4)
    for one, other in zip(ours.weights, theirs.weights, strict=True):
        np.testing.assert_allclose(array(one), array(other), rtol=1e-4, atol=1e-4)
    # Inference goes by the moving statistics.
    outputs = [array(layer(images)) for layer in (ours, theirs)]
    np.testing.assert_allclose(*outputs, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    "arguments", [{}, {"scale": False}, {"center": False}, {"axis": 1}, {"axis": 3}]
)
def test_fused_batch_normalization_gradients_match_keras(arguments):
    shape = (4, 5, 6, 3)
    images = np.random.default_rng(2).normal(1, 2, shape).astype("float32")
    weighting = np.random.default_rng(3).normal(size=shape).astype("float32")
    found = []
    for layer in pair(shape, **arguments):
        found.append(gradients(_Training(layer), images, weighting))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=2e-4)


class _Training(keras.layers.Layer):
    """Calls a layer as training does."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.built = True

    def call(self, inputs):
        return self.layer(inputs, training=True)


def test_bfloat16_is_keras_to_its_digits():
    shape = (8, 6, 6, 4)
    images = np.random.default_rng(4).normal(0, 2, shape).astype("float32")
    ours, theirs = pair(shape, dtype="mixed_bfloat16")
    outputs = [
        array(keras.ops.cast(layer(images, training=True), "float32")) for layer in (ours, theirs)
    ]
    np.testing.assert_allclose(*outputs, atol=0.03)
    np.testing.assert_allclose(array(ours.moving_mean), array(theirs.moving_mean), atol=0.01)


@pytest.mark.parametrize(
    ("shape", "arguments"),
    [((5, 7), {}), ((2, 5, 7), {}), ((2, 3, 4, 5, 2), {}), ((4, 4, 4, 2), {"renorm": True})],
)
def test_fused_batch_normalization_of_other_inputs_uses_keras(shape, arguments):
    ours, theirs = pair(shape, **arguments)
    images = np.random.default_rng(5).normal(size=shape).astype("float32")
    outputs = [array(layer(images, training=True)) for layer in (ours, theirs)]
    np.testing.assert_allclose(*outputs, atol=1e-5)


def test_frozen_fused_batch_normalization_runs_inference():
    ours, _ = pair((2, 3, 3, 2))
    ours.trainable = False
    before = [array(w) for w in ours.weights]
    ours(np.ones((2, 3, 3, 2), "float32"), training=True)
    for old, new in zip(before, ours.weights, strict=True):
        np.testing.assert_array_equal(old, array(new))


def test_saved_and_opened_again(tmp_path):
    model = keras.Sequential([keras.Input((4, 4, 3)), pair((2, 4, 4, 3))[0]])
    images = np.random.default_rng(6).normal(size=(2, 4, 4, 3)).astype("float32")
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(again.layers[0], FusedBatchNormalization)
    np.testing.assert_array_equal(array(model(images)), array(again(images)))

import subprocess
import sys

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.layers.residual_block import ResidualBlock


@given(
    st.integers(1, 9), st.integers(1, 9), st.integers(1, 4), st.integers(1, 5), st.integers(1, 3)
)
@settings(deadline=None, max_examples=15)
def test_residual_block_basics(height, width, channels, filters, strides):
    block = ResidualBlock(filters, strides)
    inputs = np.random.default_rng(0).normal(size=(2, height, width, channels)).astype("float32")
    outputs = block(inputs)
    expected = (2, -(-height // strides), -(-width // strides), filters)
    assert tuple(outputs.shape) == expected == tuple(block.compute_output_shape(inputs.shape))
    assert (block.shortcut is None) == (strides == 1 and channels == filters)


def test_it_adds_its_input_to_two_convolutions():
    """Against the same sum made of Keras's own layers."""
    block = ResidualBlock(4, 2)
    inputs = np.random.default_rng(0).normal(size=(2, 7, 6, 3)).astype("float32")
    block(inputs)
    for weight in block.weights:
        rng = np.random.default_rng(len(weight.path))
        weight.assign(rng.uniform(0.2, 1.0, weight.shape))
    x = block.conv_1(inputs)
    for norm in (block.norm_1, block.norm_2):
        scale = norm.gamma / keras.ops.sqrt(norm.moving_variance + norm.epsilon)
        x = (x - norm.moving_mean) * scale + norm.beta
        if norm is block.norm_1:
            x = block.conv_2(keras.ops.maximum(x, 0))
    expected = keras.ops.maximum(x + block.shortcut(inputs), 0)
    np.testing.assert_allclose(block(inputs, training=False), expected, rtol=1e-4, atol=1e-5)


def test_save_and_load(tmp_path):
    model = keras.Sequential([keras.Input((8, 8, 3)), ResidualBlock(5, 2), ResidualBlock(5)])
    inputs = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype("float32")
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(model(inputs), loaded(inputs))
    assert loaded.layers[0].get_config()["strides"] == 2


@pytest.mark.parametrize("arguments", [{"filters": 0}, {"filters": 3, "strides": 0}])
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match="Received"):
        ResidualBlock(**arguments)


def test_a_plain_load_model_works_after_import_app(tmp_path):
    model = keras.Sequential([keras.Input((8, 8, 3)), ResidualBlock(5, 2)])
    path = tmp_path / "m.keras"
    model.save(path)
    for first, second in (("app", "keras"), ("keras", "app")):
        code = f"import {first}, {second}; print(keras.models.load_model(r'{path}').name)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == model.name

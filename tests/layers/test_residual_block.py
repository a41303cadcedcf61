import subprocess
import sys

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from app.layers.residual_block import ResidualBlock
from tests.layers.references import array


@given(
    st.integers(2, 9), st.integers(2, 9), st.integers(1, 4), st.integers(1, 5), st.integers(1, 3)
)
@settings(max_examples=15)
def test_residual_block_basics(height, width, channels, filters, residuals):
    block = ResidualBlock(filters, residuals)
    inputs = np.random.default_rng(0).normal(size=(2, height, width, channels)).astype("float32")
    expected = (2, height // 2, width // 2, filters)
    assert tuple(block(inputs).shape) == expected == tuple(block.compute_output_shape(inputs.shape))
    kernels = 9 * channels * filters + residuals * 9 * filters * filters
    assert block.count_params() == kernels + (1 + residuals) * 4 * filters


@pytest.mark.parametrize("residuals", [1, 2])
def test_residual_block_adds_convolutions(residuals):
    """Against the same sum written out in NumPy and SciPy."""
    rng = np.random.default_rng(0)
    block = ResidualBlock(4, residuals)
    inputs = rng.normal(size=(1, 8, 6, 3)).astype("float32")
    block(inputs)
    for weight in block.weights:
        weight.assign(rng.uniform(0.2, 1.0, weight.shape))

    def convolve(image, kernel):
        return np.stack(
            [
                sum(
                    signal.correlate2d(image[..., c], kernel[..., c, k], mode="same")
                    for c in range(image.shape[-1])
                )
                for k in range(kernel.shape[-1])
            ],
            axis=-1,
        )

    def normalize(image, norm):
        gamma, beta, mean, variance = norm.get_weights()
        return np.maximum((image - mean) / np.sqrt(variance + norm.epsilon) * gamma + beta, 0)

    x = convolve(inputs[0], block.conv_1.get_weights()[0])
    x = normalize(x.reshape(4, 2, 3, 2, 4).max(axis=(1, 3)), block.norm_1)
    added = [(block.conv_2, block.norm_2)]
    if residuals == 2:
        added.append((block.conv_3, block.norm_3))
    for convolution, norm in added:
        x = x + normalize(convolve(x, convolution.get_weights()[0]), norm)
    np.testing.assert_allclose(array(block(inputs, training=False))[0], x, rtol=1e-4, atol=1e-4)


def test_save_and_load(tmp_path):
    model = keras.Sequential([keras.Input((8, 8, 3)), ResidualBlock(5), ResidualBlock(6, 2)])
    inputs = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype("float32")
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(array(model(inputs)), array(loaded(inputs)))
    assert [block.filters for block in loaded.layers] == [5, 6]
    assert [block.residuals for block in loaded.layers] == [1, 2]


def test_bad_arguments():
    with pytest.raises(ValueError, match="Received: filters=0"):
        ResidualBlock(0)
    with pytest.raises(ValueError, match="Received: residuals=0"):
        ResidualBlock(1, 0)


@pytest.mark.slow
def test_load_model_after_import_app_layers_opens_the_block(tmp_path):
    model = keras.Sequential([keras.Input((8, 8, 3)), ResidualBlock(5)])
    path = tmp_path / "m.keras"
    model.save(path)
    for first, second in (("app.layers", "keras"), ("keras", "app.layers")):
        code = f"import {first}, {second}; print(keras.models.load_model(r'{path}').name)"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == model.name


def test_residual_block_frozen_keeps_all_weights_also_when_loaded(tmp_path):
    """As a frozen `BatchNormalization` of Keras: in inference mode, with the moments it has."""
    inputs = np.random.default_rng(0).normal(3, 2, (8, 8, 8, 3)).astype("float32")
    model = keras.Sequential([keras.Input((8, 8, 3)), ResidualBlock(4), keras.layers.Flatten(),
                              keras.layers.Dense(1)])  # fmt: skip
    model.layers[0].trainable = False
    model.compile("sgd", "mse")
    model.save(tmp_path / "frozen.keras")
    for network in (model, keras.models.load_model(tmp_path / "frozen.keras")):
        block = network.layers[0]
        assert not block.norm_1.trainable
        assert len(network.trainable_variables) == 2
        before = [weight.copy() for weight in block.get_weights()]
        network.fit(inputs, np.ones(8), epochs=2, verbose=0)
        for ours, theirs in zip(block.get_weights(), before, strict=True):
            np.testing.assert_array_equal(ours, theirs)
        np.testing.assert_array_equal(block(inputs, training=True), block(inputs, training=False))

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.layers import LocallyConnected1D, LocallyConnected2D, share, unshare
from tests.layers.references import EXAMPLES, array, randomized


@pytest.mark.slow
@given(
    st.integers(1, 4), st.integers(1, 4), st.sampled_from(["valid", "same"]),
    st.sampled_from([{}, {"strides": 2}, {"strides": (1, 3)}, {"dilation_rate": 2}]),
    st.booleans(),
)  # fmt: skip
@settings(max_examples=EXAMPLES)
def test_share_after_unshare_returns_the_convolution(height, width, padding, step, use_bias):
    shared = keras.layers.Conv2D(
        3, (height, width), padding=padding, use_bias=use_bias, activation="tanh", **step
    )
    images = np.random.default_rng(0).normal(size=(2, 9, 10, 2)).astype("float32")
    randomized(shared, images.shape)
    local = unshare(shared)
    assert (local.name, local.activation) == (shared.name, shared.activation)
    np.testing.assert_allclose(array(local(images)), array(shared(images)), atol=1e-5)
    back, residual = share(local)
    assert residual < 1e-6
    for mine, original in zip(back.get_weights(), shared.get_weights(), strict=True):
        np.testing.assert_allclose(mine, original, atol=1e-6)


def test_one_dimension():
    sequences = np.random.default_rng(0).normal(size=(2, 9, 2)).astype("float32")
    shared = randomized(keras.layers.Conv1D(3, 3, padding="same"), sequences.shape)
    local = unshare(shared)
    assert type(local) is LocallyConnected1D
    np.testing.assert_allclose(array(local(sequences)), array(shared(sequences)), atol=1e-5)
    assert share(local).residual < 1e-6


def test_share_returns_the_closest_convolution():
    """Least squares by NumPy on white inputs: no other kernel comes nearer."""
    local = randomized(LocallyConnected2D(2, 3, padding="same"), (None, 5, 5, 1))
    shared, residual = share(local)
    images = np.random.default_rng(1).normal(size=(20_000, 5, 5, 1)).astype("float32")
    outputs = array(local(images)).astype(np.float64)
    padded = np.pad(images[..., 0], ((0, 0), (1, 1), (1, 1)))
    patches = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    design = patches.reshape(-1, 9)
    design = np.hstack([design, np.ones((len(design), 1))])
    best, *_ = np.linalg.lstsq(design, outputs.reshape(-1, 2), rcond=None)
    kernel, bias = shared.get_weights()
    np.testing.assert_allclose(kernel.reshape(9, 2), best[:9], atol=0.05)
    np.testing.assert_allclose(bias, best[9], atol=0.05)
    error = outputs - array(shared(images))
    assert residual == pytest.approx(np.sqrt((error**2).mean() / (outputs**2).mean()), abs=0.01)


def test_share_residual_of_unrelated_and_of_zero_weights():
    local = LocallyConnected2D(2, 3, bias_initializer="zeros")
    local.build((None, 20, 20, 4))
    assert share(local).residual == pytest.approx(1, abs=0.01)
    empty = LocallyConnected2D(2, 3, kernel_initializer="zeros")
    empty.build((None, 8, 8, 1))
    assert share(empty).residual == 0


def test_in_a_trained_model():
    """The recipe of the docstring."""
    trained = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(2, 3, name="conv_1"),
            keras.layers.Conv2D(3, 3, activation="relu", kernel_regularizer="l2", name="conv_2"),
            keras.layers.Flatten(),
            keras.layers.Dense(2),
        ]
    )
    loose = keras.Sequential([keras.Input((8, 8, 1))])
    for layer in trained.layers:
        loose.add(unshare(layer) if layer.name == "conv_2" else layer)
    images = np.random.default_rng(0).normal(size=(3, 8, 8, 1)).astype("float32")
    np.testing.assert_allclose(array(loose(images)), array(trained(images)), atol=1e-5)
    assert loose.count_params() > trained.count_params()
    assert loose.get_layer("conv_2").kernel_regularizer is not None


def test_an_image_of_unknown_size_needs_its_shape():
    shared = keras.layers.Conv2D(2, 3)
    shared(keras.Input((None, None, 3)))
    with pytest.raises(ValueError, match="all sizes but the batch's must be known"):
        unshare(shared)
    assert unshare(shared, (None, 6, 6, 3)).kernel.shape == (16, 27, 2)


def test_centered_padding_is_shared_where_a_convolution_has_it():
    odd = randomized(LocallyConnected2D(2, 3, padding="centered"), (None, 6, 6, 1))
    assert share(odd).layer.padding == "same"
    even = randomized(LocallyConnected2D(2, 2, padding="centered"), (None, 6, 6, 1))
    with pytest.raises(ValueError, match=r"padding='centered'.*no padding of a convolution"):
        share(even)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: keras.layers.Conv2D(2, 3), "a built Conv1D or Conv2D. Received: <Conv2D"),
        (lambda: keras.layers.Dense(2), "a built Conv1D or Conv2D. Received: <Dense"),
        (lambda: randomized(keras.layers.Conv2D(2, 3, groups=2), (None, 6, 6, 4)), "groups=2"),
        (
            lambda: randomized(keras.layers.Conv1D(2, 3, padding="causal"), (None, 6, 4)),
            "padding='causal'",
        ),
    ],
)
def test_unshare_of_unsupported_layers_raises(make, words):
    with pytest.raises(ValueError, match=words):
        unshare(make())


def test_an_input_of_other_channels():
    shared = randomized(keras.layers.Conv2D(2, 3), (None, 6, 6, 4))
    with pytest.raises(ValueError, match=r"built for 4 channels.*\(None, 6, 6, 3\)"):
        unshare(shared, (None, 6, 6, 3))


def test_share_of_unsupported_layers_raises():
    with pytest.raises(ValueError, match="a built LocallyConnected1D or LocallyConnected2D"):
        share(LocallyConnected2D(2, 3))
    with pytest.raises(ValueError, match="Received: <Conv2D"):
        share(keras.layers.Conv2D(2, 3))

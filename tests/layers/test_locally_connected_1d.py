import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.layers import LocallyConnected1D, LocallyConnected2D
from tests.layers.references import EXAMPLES, array


@given(
    st.integers(1, 12),
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(1, 3),
    st.sampled_from([(1, 1), (2, 1), (3, 1), (1, 2), (1, 3)]),
    st.sampled_from(["valid", "same", "centered"]),
)
@settings(max_examples=EXAMPLES)
def test_locally_connected_1d_equals_2d_of_one_row(
    length, channels, kernel, filters, steps, padding
):
    stride, dilation = steps
    if padding == "valid":
        length = max(length, (kernel - 1) * dilation + 1)
    layer = LocallyConnected1D(
        filters, kernel, stride, padding, dilation_rate=dilation, bias_initializer="random_normal"
    )
    sequences = np.random.default_rng(0).normal(size=(2, length, channels)).astype("float32")
    outputs = array(layer(sequences))
    image = LocallyConnected2D(
        filters, (1, kernel), (1, stride), padding, dilation_rate=(1, dilation)
    )
    image.build((None, 1, length, channels))
    kernel_, bias = layer.get_weights()
    image.set_weights([kernel_, bias[np.newaxis]])
    expected = array(image(sequences[:, np.newaxis]))[:, 0]
    np.testing.assert_allclose(outputs, expected, atol=1e-5)
    assert layer.compute_output_shape(sequences.shape) == outputs.shape


@pytest.mark.parametrize("steps", [{}, {"strides": 2}, {"dilation_rate": 2}], ids=str)
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_locally_connected_1d_with_equal_kernels_is_conv1d(steps, padding):
    sequences = np.random.default_rng(0).normal(size=(2, 9, 3)).astype("float32")
    shared = keras.layers.Conv1D(4, 3, padding=padding, bias_initializer="ones", **steps)
    expected = array(shared(sequences))
    layer = LocallyConnected1D(4, 3, padding=padding, **steps)
    layer.build(sequences.shape)
    kernel, bias = shared.get_weights()
    layer.set_weights(
        [
            np.broadcast_to(kernel.reshape(-1, 4), layer.kernel.shape),
            np.broadcast_to(bias, layer.bias.shape),
        ]
    )
    np.testing.assert_allclose(array(layer(sequences)), expected, atol=1e-5)


def test_parameters_and_saving(tmp_path):
    model = keras.Sequential(
        [keras.Input((10, 3)), LocallyConnected1D(4, 3, activation="relu", name="local")]
    )
    assert model.count_params() == 8 * (3 * 3 * 4 + 4)
    sequences = np.random.default_rng(0).normal(size=(2, 10, 3)).astype("float32")
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(array(model(sequences)), array(loaded(sequences)))
    assert loaded.layers[0].get_config() == model.layers[0].get_config()


def test_channels_first():
    sequences = np.random.default_rng(0).normal(size=(2, 9, 3)).astype("float32")
    last = LocallyConnected1D(4, 3, bias_initializer="random_normal")
    expected = array(last(sequences))
    first = LocallyConnected1D(4, 3, data_format="channels_first")
    first.build((None, 3, 9))
    first.set_weights(last.get_weights())
    found = array(first(sequences.swapaxes(1, 2)))
    np.testing.assert_allclose(found.swapaxes(1, 2), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "shape", "words"),
    [
        ({"kernel_size": (3, 3)}, (9, 3), r"positive integer. Received: kernel_size=\(3, 3\)"),
        ({"kernel_size": 3}, (9, 9, 3), "rank 3: a batch of sequences"),
        ({"kernel_size": 3}, (None, 3), "keras.Input of a fixed shape"),
        ({"kernel_size": 10}, (9, 3), "does not fit"),
    ],
)
def test_bad_input(arguments, shape, words):
    with pytest.raises(ValueError, match=words):
        LocallyConnected1D(2, **arguments)(keras.Input(shape))

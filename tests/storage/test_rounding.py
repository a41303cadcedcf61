"""Rounded weights: as float16 rounds, without its range, and files half as large."""

import zipfile

import keras
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.storage.rounding import round_weights, rounded

NORMAL = st.floats(2.0**-13, 65000, width=32) | st.floats(-65000, -(2.0**-13), width=32)


@given(arrays(np.float32, 20, elements=NORMAL))
def test_it_rounds_as_half_precision_does(values):
    np.testing.assert_array_equal(rounded(values), values.astype(np.float16).astype(np.float32))


@given(
    arrays(
        np.float32, 20, elements=st.floats(-(2.0**100), 2.0**100, width=32, allow_subnormal=False)
    )
)
def test_it_has_the_range_of_float32(values):
    found = rounded(values)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, values, rtol=2**-11, atol=0)
    np.testing.assert_array_equal(rounded(found), found)


def test_a_model_keeps_its_answers():
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((12, 12, 1)), layers.Conv2D(8, 3, activation="relu"),
        layers.BatchNormalization(), layers.Flatten(), layers.Dropout(0.5), layers.Dense(64),
        layers.Dense(4, activation="softmax"),
    ])  # fmt: skip
    images = np.random.default_rng(0).uniform(0, 1, (20, 12, 12, 1)).astype(np.float32)
    before = model.predict(images, verbose=0)
    round_weights(model)
    np.testing.assert_allclose(model.predict(images, verbose=0), before, atol=2e-3)
    kernel = model.layers[0].get_weights()[0]
    np.testing.assert_array_equal(kernel, kernel.astype(np.float16).astype(np.float32))


def test_a_saved_model_is_compressed(shapes_model):
    folder, _ = shapes_model
    with zipfile.ZipFile(folder / "model.keras") as archive:
        infos = archive.infolist()
        assert all(info.compress_type == zipfile.ZIP_DEFLATED for info in infos)
        weights = max(infos, key=lambda info: info.file_size)
        assert weights.compress_size < 0.65 * weights.file_size
    assert keras.models.load_model(folder / "model.keras", compile=False).count_params() > 0

import json
import warnings
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
import tf_keras

from app.cli import main
from app.errors import AppError
from app.keras2 import load_keras2_model, load_keras2_weights
from app.layers import LocallyConnected2D
from app.storage.loading import open_keras


def array(value) -> np.ndarray:
    return keras.ops.convert_to_numpy(value)


def old_model(implementation: int = 1, data_format: str = "channels_last") -> tf_keras.Model:
    """An image classifier of Keras 2 with two locally connected layers among others."""
    layers = tf_keras.layers
    padding = "valid" if implementation == 1 else "same"
    local = {
        "padding": padding, "data_format": data_format, "implementation": implementation,
        "activation": "relu", "bias_initializer": "random_normal",
        "kernel_initializer": "random_normal",
    }  # fmt: skip
    image = layers.Input((10, 9, 3))
    x = layers.Conv2D(4, 3, activation="relu")(image)
    x = layers.BatchNormalization()(x)
    if data_format == "channels_first":
        x = layers.Permute((3, 1, 2))(x)
    x = layers.LocallyConnected2D(5, (3, 2), **local)(x)
    x = layers.LocallyConnected2D(3, 2, strides=2, trainable=False, **local)(x)
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    model = tf_keras.Model(image, layers.Dense(4, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    images = np.random.default_rng(0).normal(size=(8, 10, 9, 3))
    model.fit(images, np.arange(8) % 4, verbose=0)
    return model


def save(model: tf_keras.Model, path: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tf_keras advises against its own format
        model.save(path)
    return path


IMAGES = np.random.default_rng(1).normal(size=(6, 10, 9, 3)).astype("float32")


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("implementation", [1, 2, 3])
def test_load_keras2_model_and_weights_keep_the_outputs(implementation, data_format, tmp_path):
    old = old_model(implementation, data_format)
    expected = old(IMAGES, training=False).numpy()
    model = load_keras2_model(save(old, tmp_path / "old.h5"))
    np.testing.assert_allclose(array(model(IMAGES, training=False)), expected, atol=1e-5)
    assert [type(layer) for layer in model.layers].count(LocallyConnected2D) == 2

    for layer in model.layers:
        layer.set_weights([np.zeros_like(weight) for weight in layer.get_weights()])
    old.save_weights(tmp_path / "weights.h5")
    load_keras2_weights(model, tmp_path / "weights.h5")
    np.testing.assert_allclose(array(model(IMAGES, training=False)), expected, atol=1e-5)

    model.save(tmp_path / "new.keras")
    again = keras.models.load_model(tmp_path / "new.keras")
    np.testing.assert_allclose(array(again(IMAGES, training=False)), expected, atol=1e-5)


def test_load_model_after_import_app_layers_opens_a_plain_keras2_file(tmp_path):
    old = old_model()
    model = keras.models.load_model(save(old, tmp_path / "old.h5"), compile=False)
    expected = old(IMAGES, training=False).numpy()
    np.testing.assert_allclose(array(model([IMAGES], training=False)), expected, atol=1e-5)


def test_sequential_and_nested(tmp_path):
    layers = tf_keras.layers
    inner = tf_keras.Sequential(
        [
            layers.Input((10, 9, 3)),
            layers.Conv2D(2, 3),
            layers.LocallyConnected2D(3, 3, implementation=3, bias_initializer="ones"),
        ]
    )
    old = tf_keras.Sequential([layers.Input((10, 9, 3)), inner, layers.Flatten(), layers.Dense(2)])
    model = load_keras2_model(save(old, tmp_path / "old.h5"))
    np.testing.assert_allclose(array(model(IMAGES)), old(IMAGES).numpy(), atol=1e-5)


@pytest.mark.parametrize("implementation", [1, 3])
def test_inside_a_wrapper(implementation, tmp_path):
    layers = tf_keras.layers
    order = {"data_format": "channels_first", "implementation": implementation}
    inner = layers.LocallyConnected2D(4, 3, bias_initializer="random_normal", **order)
    old = tf_keras.Sequential([layers.Input((2, 3, 6, 5)), layers.TimeDistributed(inner)])
    model = load_keras2_model(save(old, tmp_path / "old.h5"))
    frames = np.random.default_rng(0).normal(size=(2, 2, 3, 6, 5)).astype("float32")
    np.testing.assert_allclose(array(model(frames)), old(frames).numpy(), atol=1e-5)


def test_load_keras2_model_of_a_keras_3_file_keeps_its_weights(tmp_path):
    """Its .h5 files look alike, but hold our own layout."""
    model = keras.Sequential(
        [
            keras.Input((3, 6, 5)),
            LocallyConnected2D(
                4, 3, data_format="channels_first", bias_initializer="random_normal"
            ),
        ]
    )
    images = np.random.default_rng(0).normal(size=(2, 3, 6, 5)).astype("float32")
    expected = array(model(images))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras advises against its own format
        model.save(tmp_path / "new.h5")
    np.testing.assert_array_equal(array(load_keras2_model(tmp_path / "new.h5")(images)), expected)
    model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])
    load_keras2_weights(model, tmp_path / "new.h5")
    np.testing.assert_array_equal(array(model(images)), expected)


def test_a_damaged_file(tmp_path):
    path = save(old_model(), tmp_path / "old.h5")
    with h5py.File(path, "r+") as file:
        weights = file["model_weights"]
        del weights[next(name for name in weights if name.startswith("conv2d"))]
    with pytest.raises(AppError, match="is damaged"):
        load_keras2_model(path)
    with h5py.File(path, "r+") as file:
        del file["model_weights"]
    with pytest.raises(AppError, match="both the configuration and the weights"):
        load_keras2_model(path)


def test_long_lists_of_names_are_in_pieces(tmp_path):
    """HDF5 holds 64 KB of attributes; Keras splits longer lists of names."""
    old = old_model(2)
    path = save(old, tmp_path / "old.h5")
    with h5py.File(path, "r+") as file:
        for group, attribute in [
            (file["model_weights"], "layer_names"),
            *((g, "weight_names") for g in file["model_weights"].values()),
        ]:
            names = group.attrs.get(attribute)
            if names is not None and len(names) > 1:
                del group.attrs[attribute]
                group.attrs[f"{attribute}0"] = names[:1]
                group.attrs[f"{attribute}1"] = names[1:]
    model = load_keras2_model(path)
    expected = old(IMAGES, training=False).numpy()
    np.testing.assert_allclose(array(model(IMAGES, training=False)), expected, atol=1e-5)


def test_load_keras2_model_without_local_layers_keeps_the_outputs(tmp_path):
    old = tf_keras.Sequential([tf_keras.layers.Input((4, 4, 1)), tf_keras.layers.Flatten(),
                               tf_keras.layers.Dense(2)])  # fmt: skip
    model = load_keras2_model(save(old, tmp_path / "old.h5"))
    images = np.ones((1, 4, 4, 1), "float32")
    np.testing.assert_allclose(array(model(images)), old(images).numpy(), atol=1e-6)


@pytest.mark.parametrize("implementation", [1, 2, 3])
def test_predict_takes_the_file(implementation, tmp_path, capsys):
    image = keras.utils.array_to_img(np.random.default_rng(0).integers(0, 256, (10, 9, 3)))
    image.save(tmp_path / "image.png")
    old = old_model(implementation)
    path = save(old, tmp_path / "old.h5")
    with warnings.catch_warnings():
        warnings.simplefilter("default")  # the command prints the one about the missing card
        assert main(["predict", str(path), str(tmp_path / "image.png"), "--json"]) == 0
    shown = capsys.readouterr()
    assert "has no card" in shown.err
    assert "app.storage" not in shown.err
    (found,) = json.loads(shown.out)
    pixels = keras.utils.img_to_array(image)[np.newaxis]
    expected = old(pixels, training=False).numpy()[0]
    for number, probability in enumerate(expected):
        assert found["probabilities"][f"class {number}"] == pytest.approx(probability, abs=1e-4)


def test_code_in_a_file_does_not_run(tmp_path):
    layers = tf_keras.layers
    old = tf_keras.Sequential([layers.Input((6, 6, 3)), layers.LocallyConnected2D(2, 3)])
    old.add(layers.Lambda(lambda x: x + 1))
    path = save(old, tmp_path / "old.h5")
    with pytest.raises(ValueError, match="arbitrary code execution"):
        load_keras2_model(path)
    with pytest.raises(AppError, match="cannot be loaded"):
        open_keras(path)


def test_weights_that_fit_in_part_change_nothing(tmp_path):
    layers = tf_keras.layers
    old = tf_keras.Sequential([layers.Input((6, 6, 3)), layers.LocallyConnected2D(2, 3),
                               layers.Flatten(), layers.Dense(3)])  # fmt: skip
    old.save_weights(tmp_path / "weights.h5")
    model = keras.Sequential([keras.Input((6, 6, 3)), LocallyConnected2D(2, 3),
                              keras.layers.Flatten(), keras.layers.Dense(4)])  # fmt: skip
    before = model.get_weights()
    with pytest.raises(AppError, match=r"'dense\w*'.*do not fit: received shapes \[\(32, 3\)"):
        load_keras2_weights(model, tmp_path / "weights.h5")
    for value, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(value, kept)


def test_files_that_do_not_fit_are_explained(tmp_path):
    old = old_model()
    old.save_weights(tmp_path / "weights.h5")
    with pytest.raises(AppError, match=r"configuration[\s\S]*load_keras2_weights"):
        load_keras2_model(tmp_path / "weights.h5")
    other = keras.Sequential([keras.Input((10, 9, 3)), LocallyConnected2D(5, 3)])
    with pytest.raises(AppError, match="5 layers; 1 layers"):
        load_keras2_weights(other, tmp_path / "weights.h5")
    small = tf_keras.Sequential([tf_keras.layers.Input((10, 9, 3)),
                                 tf_keras.layers.LocallyConnected2D(4, 3)])  # fmt: skip
    small.save_weights(tmp_path / "small.h5")
    before = other.get_weights()
    with pytest.raises(AppError, match=r"do not fit.*received shapes"):
        load_keras2_weights(other, tmp_path / "small.h5")
    for value, kept in zip(other.get_weights(), before, strict=True):
        np.testing.assert_array_equal(value, kept)
    with pytest.raises(OSError, match="h5"):
        load_keras2_model(tmp_path / "missing.h5")

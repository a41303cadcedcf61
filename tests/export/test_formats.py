"""Exported networks compared with Keras: outputs, input, and the class names in the file."""

import json
import zipfile

import numpy as np
import pytest

from app.errors import AppError
from app.export import formats
from app.export.formats import FORMATS
from app.export.portable import portable
from app.statistics.temperature import with_temperature

pytestmark = pytest.mark.slow

CLASSES = ("a cat", "Hündin\n|")
PLAIN = ["a cat", "Hündin\\n|"]
# Largest difference of a probability; float16 and int8 round weights.
ATOL = {"litert": 1e-6, "litert-float16": 2e-3, "litert-int8": 0.05, "onnx": 1e-6,
        "saved_model": 1e-6}  # fmt: skip


@pytest.fixture(scope="module")
def sigmoid(keras):
    """A network of two classes with one output, and images."""
    layers = keras.layers
    network = keras.Sequential([
        keras.Input((8, 8, 3)), layers.Rescaling(1 / 255), layers.Conv2D(4, 3, activation="relu"),
        layers.GlobalAveragePooling2D(), layers.Dense(1, "sigmoid", kernel_initializer="normal"),
    ])  # fmt: skip
    images = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 3), np.uint8)
    return network, images


@pytest.mark.parametrize("name", FORMATS)
def test_export_gives_the_probabilities_of_keras_for_both_classes(sigmoid, tmp_path, name):
    form = FORMATS[name]
    for module in form.modules:
        pytest.importorskip(module)
    network, images = sigmoid
    target = tmp_path / form.file
    form.write(portable(network, (8, 8, 3), CLASSES), target, images)
    second = network.predict(images.astype(np.float32), verbose=0)[:, 0]
    outputs = form.open(target)
    for batch in (images[:1], images):  # any number of images
        found = outputs(batch)
        assert found.dtype == np.float32
        expected = np.stack([1 - second, second], axis=1)[: len(batch)]
        np.testing.assert_allclose(found, expected, atol=ATOL[name])
    assert _names(name, target, images[:2]) == PLAIN


def _names(name, target, images):
    if name == "onnx":
        import onnx

        (entry,) = onnx.load(str(target)).metadata_props
        return json.loads(entry.value)
    if name == "saved_model":
        import tensorflow as tf

        serve = tf.saved_model.load(str(target)).signatures["serving_default"]
        rows = serve(images=tf.constant(images))["classes"].numpy()
        assert rows.shape == (2, 2)
        return [text.decode() for text in rows[1]]
    return zipfile.ZipFile(target).read("labels.txt").decode().split("\n")


@pytest.mark.parametrize(("name", "atol"), [("litert", 1e-5), ("litert-int8", 0.1)])
def test_export_holds_the_temperature(sigmoid, tmp_path, name, atol):
    network, images = sigmoid
    form, target = FORMATS[name], tmp_path / "model.tflite"
    form.write(portable(network, (8, 8, 3), CLASSES, 0.5), target, images)
    second = network.predict(images.astype(np.float32), verbose=0)
    expected = with_temperature(np.concatenate([1 - second, second], axis=1), 0.5)
    np.testing.assert_allclose(form.open(target)(images), expected, atol=atol)


def test_portable_adds_the_channel_axis_that_a_network_lacks(keras):
    layers = keras.layers
    network = keras.Sequential([keras.Input((4, 4)), layers.Flatten(), layers.Dense(3, "softmax")])
    images = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 1), np.uint8)
    exported = portable(network, (4, 4, 1), ("a", "b", "c"))
    expected = network(images[..., 0].astype(np.float32))
    np.testing.assert_allclose(exported.network(images), expected, atol=1e-6)


def test_format_without_its_package_names_the_extra(monkeypatch):
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    with pytest.raises(AppError, match="needs onnx, tf2onnx, onnxruntime, which are not") as caught:
        FORMATS["onnx"].require()
    assert "pip install -e '.[onnx]'" in caught.value.fix


def test_converter_that_fails_says_so_and_leaves_no_file(keras, tmp_path, monkeypatch):
    import tensorflow as tf

    def fail(*_):
        raise RuntimeError("no kernel\nat line 7")

    monkeypatch.setattr(tf.lite.TFLiteConverter, "from_saved_model", lambda _: type(
        "Converter", (), {"convert": fail}
    )())  # fmt: skip
    network = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])
    target = tmp_path / "model.tflite"
    with pytest.raises(AppError, match="converter failed: no kernel") as caught:
        FORMATS["litert"].write(portable(network, (4, 4, 1), tuple("abcd" * 4)), target, None)
    assert caught.value.status == 1
    assert not target.exists()

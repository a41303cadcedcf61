"""Layers at any depth, and taps that leave nothing behind."""

import keras
import numpy as np
import pytest

from app.classifier.hooks import hooked, layer_output, layer_outputs, layers_by_path, to_numpy
from app.errors import AppError
from tests.insight.networks import SIDE, functional, nested, opened, sequential, shared


def test_list_layers_of_a_nested_model_gives_paths():
    model = opened(nested(), 2)
    paths = [part.path for part in model.layers]
    assert paths[:3] == ["rescaling", "base/inner_conv", "base/inner_block/conv_1"]
    assert paths[-4:] == ["base/inner_block", "base", "top", "probability"]
    assert model.layer("base/inner_block").is_composite
    assert model.layer("base/inner_conv").output_shape == (1, 11, 11, 4)


def test_layer_outputs_equal_those_of_a_truncated_model(image):
    """Against Keras's own way to look inside."""
    for keras_model, names in (
        (sequential(), ("conv_1", "pool_1", "conv_2", "flatten")),
        (functional(), ("stem", "left", "sum", "relu", "average")),
    ):
        model = opened(keras_model)
        batch = image[np.newaxis].astype(np.float32)
        parts = [model.layer(name) for name in names]
        found = layer_outputs(keras_model, batch, parts)
        for part in parts:
            cut = keras.Model(keras_model.inputs[0], keras_model.get_layer(part.path).output)
            expected = to_numpy(cut(batch, training=False))
            np.testing.assert_allclose(found[part.path], expected, atol=1e-5)
            np.testing.assert_array_equal(
                to_numpy(layer_output(keras_model, batch, part)), found[part.path]
            )


def test_hooked_removes_hooks_after_an_error(model, image):
    layers = layers_by_path(model.keras_model)
    before = to_numpy(model.keras_model(image[np.newaxis], training=False))

    def fail(path, outputs):
        raise RuntimeError(path)

    with pytest.raises(RuntimeError), hooked(layers, fail):
        model.keras_model(image[np.newaxis], training=False)
    assert not any("call" in vars(layer) for layer in layers.values())
    after = to_numpy(model.keras_model(image[np.newaxis], training=False))
    np.testing.assert_array_equal(before, after)


def test_hooked_can_replace_outputs(image):
    model = opened(sequential())
    part = model.layer("conv_2")
    with hooked({part.path: part.layer}, lambda path, outputs: 0 * outputs):
        outputs = to_numpy(model.keras_model(image[np.newaxis], training=False))
    np.testing.assert_allclose(outputs, 1 / 3, atol=1e-6)  # only the bias, zero, is left


def test_layer_by_its_last_name_and_with_a_typo():
    model = opened(nested(), 2)
    assert model.layer("inner_conv").path == "base/inner_conv"
    with pytest.raises(AppError, match=r"no layer 'conv_9'.*\n?.*Expected one of") as error:
        model.layer("conv_9")
    assert "base/inner_conv" in str(error.value)
    with pytest.raises(AppError, match="spatial axes") as error:
        model.spatial_layer("probability")
    assert "base/inner_block/conv_2" in str(error.value)


def test_last_conv_layer_comes_before_pooling(model):
    paths = {part.path for part in model.layers}
    expected = {"base": "base/inner_block", "pool_1": "conv_2", "relu": "relu"}
    assert model.last_conv_layer.path == next(
        last for path, last in expected.items() if path in paths
    )


def test_last_conv_layer_without_filters_raises():
    dense = keras.Sequential([
        keras.Input((SIDE, SIDE, 3)), keras.layers.RandomRotation(0.1), keras.layers.Flatten(),
        keras.layers.Dense(3, activation="softmax"),
    ])  # fmt: skip
    with pytest.raises(AppError, match="no layer with filters"):
        _ = opened(dense).last_conv_layer


def test_layer_output_of_a_shared_layer_is_that_of_its_last_use(image):
    model = opened(shared())
    part = model.layer("relu")
    assert part.uses == 2
    batch = image[np.newaxis].astype(np.float32)
    network = model.keras_model
    cut = keras.Model(network.inputs[0], network.get_layer("flatten").input)
    expected = to_numpy(cut(batch))
    np.testing.assert_allclose(to_numpy(layer_output(network, batch, part)), expected, atol=1e-5)
    found = layer_outputs(network, batch, [part])["relu"]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_linear_output_gives_the_inputs_of_softmax_and_sigmoid(model, image):
    batch = image[np.newaxis]
    probabilities = model.probabilities(batch)[0]
    with model.linear_output():
        outputs = model.keras_model(batch, training=False)
        scores = np.array([
            to_numpy(model.score_of(k)(outputs))[0] for k in range(len(model.class_names))
        ])  # fmt: skip
    if len(scores) == 2:
        np.testing.assert_allclose(scores[0], -scores[1])
        np.testing.assert_allclose(1 / (1 + np.exp(-scores)), probabilities, atol=1e-6)
    else:
        shares = np.exp(scores - scores.max())
        np.testing.assert_allclose(shares / shares.sum(), probabilities, atol=1e-6)
    np.testing.assert_allclose(model.probabilities(batch)[0], probabilities)


def test_class_index_of_an_unknown_class_lists_the_known(model, image):
    with pytest.raises(AppError, match="no class 'cow'"):
        model.class_index("cow", image)
    assert model.class_index("class 1", image) == model.class_index("Class 1", image) == 1
    assert model.class_index(None, image) == model.probabilities(image[np.newaxis])[0].argmax()


def test_values_that_are_not_finite_raise(image):
    model = opened(sequential())
    layer = model.keras_model.get_layer("output")
    layer.kernel.assign(np.full(layer.kernel.shape, np.nan))
    with pytest.raises(AppError, match="outputs are not finite"):
        model.class_index(None, image)

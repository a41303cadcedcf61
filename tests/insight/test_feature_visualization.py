"""Patterns: grown for one cell, before its activation, and measured there."""

from pathlib import Path

import cv2
import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

from app.classifier import load
from app.classifier.hooks import layer_output, to_numpy
from app.insight.feature_visualization import center_cell, visualize_classes, visualize_filters
from app.insight.receptive_fields import receptive_fields
from app.insight.top_patches import crop
from tests.insight.networks import SIDE, opened, sequential

ROOT = Path(__file__).parent.parent.parent


def answers_in(model, part, found):
    """Return `(F, N)`: every filter's largest answer to every image."""
    maps = to_numpy(layer_output(model.keras_model, found, part))
    return maps.max(axis=(1, 2)).T


def gated(gate):
    layers = keras.layers
    model = opened(keras.Sequential([
        keras.Input((SIDE, SIDE, 3)),
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.Conv2D(8, 5, name="first"), layers.ReLU(name="first_relu"),
        layers.Conv2D(12, 3, padding="same", name="second"), gate,
        layers.GlobalAveragePooling2D(), layers.Dense(3),
    ]))  # fmt: skip
    return model, model.layer(gate.name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mnist-tiny", "mnist-best"])
def test_visualize_filters_activates_the_central_cell(name):
    model = load(ROOT / "saved_models" / name).inspect()
    part = model.layer("relu_5")
    filters = range(20)
    found = visualize_filters(model, part, filters)
    maps = to_numpy(layer_output(model.keras_model, np.stack([p.image for p in found]), part))
    row, column = center_cell(part)
    measured = maps[np.arange(20), row, column, np.arange(20)]
    np.testing.assert_allclose([p.activation for p in found], measured, rtol=1e-3, atol=1e-3)
    assert [p.cell for p in found] == [(row, column)] * 20
    assert (measured > 0).all()
    assert not any(p.is_dead for p in found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "layer"),
    [("mnist-tiny", "relu_3"), ("mnist-tiny", "relu_4"), ("mnist-convnet", "conv_3")],
)
def test_visualize_filters_activates_more_than_any_of_100_digits(name, layer):
    model = load(ROOT / "saved_models" / name).inspect()
    part = model.layer(layer)
    data = load_digits()
    images = np.stack([
        cv2.resize((image * (255 / 16)).astype(np.uint8), (28, 28)) for image in data.images[:100]
    ])[..., np.newaxis]  # fmt: skip
    count = part.output_shape[-1]
    found = visualize_filters(model, part, range(count))
    best = answers_in(model, part, images).max(axis=1)
    above = [p.activation > other for p, other in zip(found, best, strict=True)]
    assert np.mean(above) == 1, np.flatnonzero(~np.array(above))


@pytest.mark.parametrize("last", ["softmax", "sigmoid"])
def test_visualize_classes_beats_random_images(last):
    model = opened(sequential(last, 1 if last == "sigmoid" else 3), 2 if last == "sigmoid" else 3)
    images = np.random.default_rng(0).integers(0, 256, (100, SIDE, SIDE, 3)).astype(np.uint8)
    classes = range(len(model.class_names))
    found = visualize_classes(model, classes)
    assert found.dtype == np.uint8
    assert (np.diag(model.logits(found)) > model.logits(images).max(axis=0)).all()


GATES = {
    "ReLU": lambda: keras.layers.ReLU(name="gate"),
    "ReLU6": lambda: keras.layers.ReLU(max_value=6, threshold=0.1, name="gate"),
    "LeakyReLU": lambda: keras.layers.LeakyReLU(name="gate"),
    "Activation": lambda: keras.layers.Activation("relu6", name="gate"),
}


@pytest.mark.parametrize("kind", list(GATES))
def test_visualize_filters_behind_an_activation_beats_random_images(kind):
    model, part = gated(GATES[kind]())
    # The gate is shut for gray and for most noise.
    bias = model.layer("second").layer.bias
    bias.assign(np.full(12, -0.3, np.float32))
    config = part.layer.get_config()
    filters = range(part.output_shape[-1])
    found = visualize_filters(model, part, filters)
    assert part.layer.get_config() == config  # put back
    images = np.random.default_rng(0).integers(0, 256, (200, SIDE, SIDE, 3)).astype(np.uint8)
    best = answers_in(model, part, images).max(axis=1)
    assert not any(p.is_dead for p in found)
    assert all(p.activation > other for p, other in zip(found, best, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(("size", "channels"), [(3, 1), (5, 1), (3, 3), (5, 3)])
def test_visualize_filters_of_a_linear_layer_shows_its_kernels(size, channels):
    layers = keras.layers
    model = opened(keras.Sequential([
        keras.Input((64, 64, channels)), layers.Rescaling(1 / 255),
        layers.Conv2D(10, size, padding="same", activation="relu", name="conv"),
        layers.GlobalMaxPooling2D(), layers.Dense(3),
    ]), channels=channels)  # fmt: skip
    part = model.layer("conv")
    field = receptive_fields(model)["conv"]
    kernel = to_numpy(part.layer.kernel)
    found = visualize_filters(model, part, range(10))
    alike = [
        np.corrcoef(crop(p.image, field, *p.cell).ravel(), kernel[..., p.filter].ravel())[0, 1]
        for p in found
    ]
    assert np.median(alike) > (0.8 if channels == 1 else 0.7)
    assert min(alike) > 0.5
    # No input can do better than white where the kernel is positive and black elsewhere.
    bounds = np.maximum(kernel, 0).sum(axis=(0, 1, 2))
    shares = [p.activation / bounds[p.filter] for p in found]
    assert np.median(shares) > 0.85


def test_visualize_filters_is_dead_only_without_any_activation():
    model = opened(sequential())
    layer = model.layer("conv_1").layer
    kernel, bias = layer.get_weights()
    kernel[..., 2], bias[2] = -np.abs(kernel[..., 2]), -0.01  # nothing is darker than black
    kernel[..., 3], bias[3] = np.abs(kernel[..., 3]), -0.9 * np.abs(kernel[..., 3]).sum()
    layer.set_weights([kernel, bias])
    found = visualize_filters(model, model.layer("conv_1"), [2, 3])
    assert [p.is_dead for p in found] == [True, False]
    assert found[0].activation <= 0 < found[1].activation

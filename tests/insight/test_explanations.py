"""Grad-CAM, saliency, occlusion and their faithfulness, against definitions written out."""

import itertools

import keras
import numpy as np
import pytest

from app.classifier.hooks import to_numpy
from app.errors import AppError
from app.insight.faithfulness import center_map, controls, faithfulness, random_map
from app.insight.grad_cam import grad_cam
from app.insight.gradients import input_gradients
from app.insight.integrated_gradients import attribute, baseline_image
from app.insight.occlusion import Occluder, border_color, occlusion, occlusion_parts
from app.insight.saliency import saliency, smooth_gradient
from tests.insight.networks import SIDE, local, opened, sequential, shared


def score(model, batch, k):
    with model.linear_output():
        return to_numpy(model.score_of(k)(model.keras_model(batch, training=False)))


@pytest.mark.parametrize(("last", "units", "classes"), [("softmax", 3, 3), ("sigmoid", 1, 2)])
def test_grad_cam_equals_the_formula_of_the_paper(image, last, units, classes):
    """Above the maps of this network all is linear: the gradient is the kernel itself."""
    model = opened(sequential(last, units), classes)
    network = model.keras_model
    below = keras.Model(network.inputs[0], network.get_layer("conv_2").output)
    maps = to_numpy(below(image[np.newaxis].astype(np.float32)))  # (1, H', W', F)
    dense = network.get_layer("output")
    kernel = to_numpy(dense.kernel)
    for k in range(classes):
        weights = kernel[:, k] if units > 1 else kernel[:, 0] * (1 if k == 1 else -1)
        gradient = weights.reshape(maps.shape)
        expected = np.maximum((gradient.mean(axis=(1, 2)) * maps).sum(axis=-1), 0)[0]
        found = grad_cam(model, image, k, "conv_2", full_size=False)
        np.testing.assert_allclose(found, expected, atol=1e-5)
        assert grad_cam(model, image, k, "conv_2").shape == (SIDE, SIDE)


def test_grad_cam_of_every_kind_of_model_is_finite(model, image):
    heats = [grad_cam(model, image, k) for k in range(len(model.class_names))]
    assert all(np.isfinite(heat).all() and (heat >= 0).all() for heat in heats)
    assert any(heat.max() > 0 for heat in heats)
    black = np.zeros_like(image)
    assert np.isfinite(grad_cam(model, black)).all()


def test_grad_cam_depends_on_the_parameters(image):
    """The sanity check of Adebayo et al., 2018: other weights above, another map."""
    model = opened(sequential())
    before = grad_cam(model, image, 0).ravel()
    correlations = []
    for seed in range(5):
        layer = model.keras_model.get_layer("output")
        random = np.random.default_rng(seed)
        layer.kernel.assign(random.normal(0, 1, layer.kernel.shape))
        after = grad_cam(model, image, 0).ravel()
        if before.std() > 0 and after.std() > 0:
            correlations.append(abs(np.corrcoef(before, after)[0, 1]))
    assert np.mean(correlations) < 0.7


@pytest.mark.parametrize("method", ["gradient", "smoothgrad", "integrated"])
def test_saliency_depends_on_the_parameters(image, method):
    model = opened(sequential())
    before = saliency(model, image, 0, method=method).ravel()
    for layer in model.keras_model.layers:
        for variable in layer.trainable_variables:
            shape = variable.shape
            variable.assign(np.random.default_rng(len(shape)).normal(0, 0.2, shape))
    after = saliency(model, image, 0, method=method).ravel()
    assert abs(np.corrcoef(before, after)[0, 1]) < 0.5


def test_input_gradients_equal_finite_differences(model, image):
    pixels = image.astype(np.float32)
    gradient = input_gradients(model, pixels[np.newaxis], 0)[0]
    direction = np.sign(gradient)  # in which the score grows most
    step = 0.05 * direction
    change = score(model, (pixels + step)[np.newaxis], 0) - score(
        model, (pixels - step)[np.newaxis], 0
    )
    # A kink of a ReLU within the step moves it by a little.
    assert change[0] / 0.1 == pytest.approx(float(np.abs(gradient).sum()), rel=0.05)


def test_smooth_gradient_without_noise_is_the_gradient(model, image, monkeypatch):
    monkeypatch.setattr("app.insight.saliency.NOISE", 0.0)
    pixels = image.astype(np.float32)
    plain = input_gradients(model, pixels[np.newaxis], 1)[0]
    smooth = smooth_gradient(model, pixels, 1, samples=3)
    np.testing.assert_allclose(smooth, plain, atol=1e-6)
    assert saliency(model, np.full_like(image, 7), 1).shape == (SIDE, SIDE)  # no range of values


@pytest.mark.parametrize("baseline", ["border", "black", "white", "mean", "blur"])
def test_attribute_sums_to_the_difference_of_scores(model, image, baseline):
    """Completeness: their sum is the difference between the scores of both images."""
    found = attribute(model, image, 0, baseline)
    pixels = image.astype(np.float32)
    plain = baseline_image(pixels, baseline)
    scores = score(model, np.stack([pixels, plain]), 0)
    assert (found.score, found.baseline_score) == pytest.approx(tuple(scores), rel=1e-4, abs=1e-5)
    assert found.total == pytest.approx(scores[0] - scores[1], rel=0.02, abs=1e-3)
    assert f"Baseline {baseline}: f(x₀) = " in found.summary
    assert "-" not in found.summary
    assert ("Warning" in found.summary) == (abs(scores[1]) > 0.2 * abs(scores[0]))


def test_attribute_of_a_linear_model_is_exact(image):
    layers = keras.layers
    shape = image.shape
    linear = opened(keras.Sequential([
        keras.Input(shape), layers.Flatten(), layers.Dense(3, activation="softmax", name="output")
    ]))  # fmt: skip
    kernel = to_numpy(linear.keras_model.get_layer("output").kernel)[:, 2].reshape(shape)
    backgrounds = np.random.default_rng(0).integers(0, 256, (64, *shape)).astype(np.uint8)
    black = attribute(linear, image, 2, "black")
    np.testing.assert_allclose(black.values, kernel * image, rtol=1e-3, atol=1e-3)
    assert black.steps == 32
    expected = attribute(linear, image, 2, "expected", backgrounds)
    mean = backgrounds.astype(np.float64).mean(axis=0)
    assert expected.baseline_score == pytest.approx((kernel * mean).sum(), abs=1e-2)
    correlation = np.corrcoef(expected.values.ravel(), (kernel * (image - mean)).ravel())[0, 1]
    assert correlation > 0.99


def test_linear_output_of_a_saturated_probability_has_a_gradient(image):
    model = opened(shared())
    layer = model.keras_model.get_layer("scores")
    layer.kernel.assign(200 * to_numpy(layer.kernel))
    k = model.class_index(None, image)
    assert model.probabilities(image[np.newaxis])[0, k] > 0.999
    assert np.abs(input_gradients(model, image[np.newaxis].astype(np.float32), k)).max() > 0


def test_unknown_methods_raise(model, image):
    with pytest.raises(ValueError, match="smoothgrad"):
        saliency(model, image, 0, method="magic")
    with pytest.raises(ValueError, match="black"):
        attribute(model, image, 0, "magic")
    with pytest.raises(ValueError, match="backgrounds"):
        attribute(model, image, 0, "expected")


def looks_at(row, column, side=20):
    """A network whose first class is the brightness of a 4×4 place, and of nothing else."""
    model = keras.Sequential([
        keras.Input((side, side, 1)),
        keras.layers.Flatten(),
        keras.layers.Dense(1, activation="sigmoid", name="probability"),
    ])  # fmt: skip
    kernel = np.zeros((side, side, 1), np.float32)
    kernel[row : row + 4, column : column + 4] = -0.002
    model.layers[-1].kernel.assign(kernel.reshape(-1, 1))
    return opened(model, 2, channels=1)


def test_occlusion_finds_the_decisive_patch():
    model = looks_at(4, 12)
    image = np.full((20, 20, 1), 200, np.uint8)
    image[0], image[-1], image[:, 0], image[:, -1] = 0, 0, 0, 0
    lost = occlusion(model, image, 0, Occluder(5, 4))
    assert np.unravel_index(lost.argmax(), lost.shape) == (1, 3)  # rows 4–7, columns 12–15
    assert lost.max() == pytest.approx(16 * 200 * 0.002, rel=1e-4)
    np.testing.assert_allclose(lost.sum(), lost.max(), rtol=1e-4)
    np.testing.assert_allclose(occlusion(model, image, 1, Occluder(5, 4)), -lost, atol=1e-4)


def test_occlusion_comes_coarse_to_fine(model, image):
    parts = list(occlusion_parts(model, image, 0, Occluder(7, 3)))
    first = np.zeros((7, 7), bool)
    first[1::2, 1::2] = True
    np.testing.assert_array_equal(np.isfinite(parts[0]), first)
    for before, after in itertools.pairwise(parts):
        known = np.isfinite(before)
        np.testing.assert_array_equal(before[known], after[known])
        assert np.isfinite(after).sum() > known.sum()
    np.testing.assert_array_equal(parts[-1], occlusion(model, image, 0, Occluder(7, 3)))


def test_occlusion_equals_a_naive_loop(model, image):
    patch, cells = 6, 4
    found = occlusion(model, image, 0, Occluder(cells, patch))
    color = np.round(border_color(image)).astype(np.uint8)
    whole = score(model, image[np.newaxis], 0)[0]
    for row in range(cells):
        for column in range(cells):
            covered = image.copy()
            top, left = row * SIDE // cells, column * SIDE // cells
            covered[top : top + patch, left : left + patch] = color
            expected = whole - score(model, covered[np.newaxis], 0)[0]
            assert found[row, column] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("settings", [{"cells": 0}, {"cells": 25}, {"side": 0}, {"side": 25}])
def test_occlusion_of_a_patch_that_does_not_fit_raises(model, image, settings):
    with pytest.raises(AppError, match="Expected a whole number from 1 to 24"):
        occlusion(model, image, 0, Occluder(**settings))


def test_faithfulness_of_a_true_map_is_better():
    model = looks_at(4, 12)
    image = np.full((20, 20, 1), 200, np.uint8)
    image[0], image[-1], image[:, 0], image[:, -1] = 0, 0, 0, 0
    true = np.zeros((20, 20), np.float32)
    true[4:8, 12:16] = 1
    good, bad = (faithfulness(model, image, heat, 0) for heat in (true, -true))
    assert good.deletion_area < bad.deletion_area
    assert good.insertion_area > bad.insertion_area
    probability = model.probabilities(image[np.newaxis])[0, 0]
    assert good.deletion[0] == good.insertion[-1] == pytest.approx(probability)
    assert good.deletion[-1] == pytest.approx(0.5)  # all black: a score of zero
    assert good.shares[0] == 0
    assert good.shares[-1] == 1


def test_grad_cam_of_a_dense_network_raises():
    dense = keras.Sequential([
        keras.Input((6, 6, 1)), keras.layers.Flatten(), keras.layers.Dense(2, name="output"),
    ])  # fmt: skip
    model = opened(dense, 2, channels=1)
    with pytest.raises(AppError, match="no layer with filters and spatial axes"):
        grad_cam(model, np.zeros((6, 6, 1), np.uint8), 0)


def test_grad_cam_of_a_locally_connected_network_works():
    model = opened(local(), 3, channels=1)
    image = np.random.default_rng(0).integers(0, 256, (12, 10, 1)).astype(np.uint8)
    assert model.last_conv_layer.path == "local_2"
    assert grad_cam(model, image, 1).shape == (12, 10)


def test_controls_know_nothing_of_the_image(model, image):
    found = controls(model, image, 0)
    assert list(found) == ["center", "random"]
    heat = center_map(image.shape[:2])
    same = faithfulness(model, image, heat, 0)
    np.testing.assert_allclose(found["center"].deletion, same.deletion)
    # Symmetric, largest in the middle, and a Gaussian of a quarter of the side.
    np.testing.assert_allclose(heat, heat[::-1, ::-1])
    assert heat.argmax() // SIDE in (SIDE // 2 - 1, SIDE // 2)
    assert center_map((101, 101))[50, 75] == pytest.approx(np.exp(-0.5))
    noise = random_map((60, 60), 1)
    assert (random_map((60, 60), 1) == noise).all()
    assert abs(np.corrcoef(noise.ravel(), random_map((60, 60), 2).ravel())[0, 1]) < 0.6

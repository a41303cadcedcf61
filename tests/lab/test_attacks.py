"""Steps along the gradient: inside what is allowed, and toward a larger loss."""

import keras
import numpy as np
import pytest

from app.classifier import load
from app.lab.attacks import (
    ProjectedGradient,
    fast_gradient_sign,
    loss_gradient,
    random_signs,
)


@pytest.fixture(scope="module", params=["softmax", "sigmoid"])
def model(request, tmp_path_factory):
    keras.utils.set_random_seed(0)
    units = 3 if request.param == "softmax" else 1
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(4, 3, activation="tanh"),
            layers.Flatten(),
            layers.Dense(units, activation=request.param),
        ]
    )
    path = tmp_path_factory.mktemp("models") / "m.keras"
    network.save(path)
    with pytest.warns(UserWarning, match="card"):
        return load(path).inspect()


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(1).integers(0, 256, (40, 12, 12, 1)).astype(np.uint8)


@pytest.fixture
def labels(model):
    return np.random.default_rng(2).integers(0, len(model.class_names), 40)


def loss(model, pixels, labels):
    rows = model.probabilities(pixels.astype(np.float32))
    return -np.log(rows[np.arange(len(labels)), labels])


def test_the_gradient_is_that_of_the_loss(model, images, labels):
    pixels = images[:3].astype(np.float32)
    gradient = loss_gradient(model, pixels, labels[:3])
    for place in ((0, 4, 5), (1, 0, 0), (2, 11, 7)):
        shift = np.zeros_like(pixels)
        shift[place] = 2.0
        above, below = (loss(model, pixels + sign * shift, labels[:3]) for sign in (1, -1))
        slope = (above - below)[place[0]] / 4
        assert gradient[place][0] == pytest.approx(slope, rel=0.02, abs=2e-6)


def test_one_step_goes_as_far_as_it_may(model, images, labels):
    changed = fast_gradient_sign(model, images, labels, 8)
    assert changed.dtype == np.uint8
    moved = changed.astype(float) - images
    free = (images >= 8) & (images <= 247)
    assert (np.abs(moved[free]) == 8).all()
    sign = np.sign(loss_gradient(model, images.astype(np.float32), labels))
    assert (np.sign(moved[free]) == sign[free]).all()


def pgd(model, images, labels, levels, steps=20):
    random = np.random.default_rng(0)
    return ProjectedGradient(steps, random).attack(model, images, labels, levels)


@pytest.mark.parametrize("levels", [1, 16])
def test_several_steps_stay_inside_and_do_more(model, images, labels, levels):
    changed = pgd(model, images, labels, levels)
    assert np.abs(changed.astype(int) - images).max() == levels
    before = loss(model, images, labels).mean()
    once = loss(model, fast_gradient_sign(model, images, labels, levels), labels).mean()
    assert before < once <= loss(model, changed, labels).mean() + 1e-3


@pytest.mark.parametrize("reach", [0.25, 0.5])
def test_reach_is_the_length_of_all_steps_together(model, images, labels, reach):
    start = np.clip(images + np.random.default_rng(0).uniform(-40, 40, images.shape), 0, 255)
    attack = ProjectedGradient(1, np.random.default_rng(0), reach)
    moved = attack.attack(model, images, labels, 40) - start
    inside = (np.abs(start - images) < 15) & (images >= 40) & (images <= 215)
    assert np.abs(np.abs(moved[inside]) - 40 * reach).max() <= 0.51  # rounded to 8 bits


def test_an_unbounded_attack_always_succeeds(model, images, labels):
    predicted = model.probabilities(images.astype(np.float32)).argmax(axis=1)
    changed = pgd(model, images, predicted, 255)
    assert (model.probabilities(changed.astype(np.float32)).argmax(axis=1) != predicted).all()


def test_random_signs_are_as_large_as_the_attacks(images):
    changed = random_signs(images, 8, np.random.default_rng(0)).astype(int) - images
    free = (images >= 8) & (images <= 247)
    assert (np.abs(changed[free]) == 8).all()
    assert abs(changed[free].mean()) < 0.5

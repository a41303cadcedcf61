"""Networks trained on attacked images resist attacks that deceive those trained without."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from app.data.dataset import Split
from app.lab.adversarial_training import AdversarialTraining
from app.lab.attacks import ProjectedGradient

LEVELS = 40


@pytest.fixture(scope="module")
def digits():
    """Return 800 images of 24×24, to train with, and 100 others."""
    data = load_digits()
    pixels = np.kron(data.images, np.ones((3, 3)))[..., np.newaxis] * 255 / 16
    everything = Split(pixels.astype(np.uint8), data.target.astype(np.int64), [""] * len(pixels))
    return everything.take(np.arange(800)), everything.take(np.arange(800, 900))


def trained(training, **settings):
    settings = {"levels": 0, "epochs": 1, "seed": 0, **settings}
    return AdversarialTraining(**settings).train(training, tuple("0123456789"))


def accuracy(model, images, labels):
    return (model.logits(images).argmax(axis=1) == labels).mean()


@pytest.mark.slow
def test_training_on_attacked_images_makes_a_network_robust(digits):
    training, held_out = digits
    robust = {}
    for levels in (0, LEVELS):
        model = trained(training, levels=levels, epochs=12)
        assert accuracy(model, held_out.pixels, held_out.labels) > 0.85
        attack = ProjectedGradient(20, np.random.default_rng(0))
        attacked = attack.attack(model, held_out.pixels, held_out.labels, LEVELS)
        robust[levels] = accuracy(model, attacked, held_out.labels)
    assert robust[LEVELS] > robust[0] + 0.2


@pytest.mark.slow
def test_train_with_the_same_seed_returns_the_same_network(digits):
    few = digits[0].take(np.arange(70))  # the last batch is not full
    first, second, other = (
        trained(few, levels=LEVELS, seed=seed).keras_model.get_weights() for seed in (0, 0, 1)
    )
    for one, same, different in zip(first, second, other, strict=True):
        np.testing.assert_array_equal(one, same)
        assert (one != different).any()


def test_train_of_two_classes_ends_in_one_unit(digits):
    training, _ = digits
    two = training.take(np.flatnonzero(training.labels < 2)[:40])
    model = AdversarialTraining(LEVELS, 1, 0).train(two, ("0", "1"))
    assert model.keras_model.output_shape == (None, 1)

"""The arithmetic of the experiments, against known numbers."""

import numpy as np
import pytest

from app.data.dataset import Split
from app.lab.examples import ExampleImages
from app.lab.hierarchy import probe_accuracy
from app.lab.invariance import kept
from app.lab.locality import permuted
from app.lab.sharing import network_of, shifted
from app.lab.small_run import small_run
from app.lab.transformations import TRANSFORMATIONS

pytestmark = pytest.mark.slow


def examples(images):
    return Split(images, np.arange(len(images)) % 2, [str(i) for i in range(len(images))])


def test_permuted_uses_one_order_for_all_images():
    images = np.arange(2 * 5 * 4 * 3, dtype=np.uint8).reshape(2, 5, 4, 3)
    mixed = permuted(examples(images)).images
    assert (mixed != images).any()
    pixels, moved = images.reshape(2, 20, 3), mixed.reshape(2, 20, 3)
    order = [pixels[0].tolist().index(pixel.tolist()) for pixel in moved[0]]
    assert sorted(order) == list(range(20))
    assert (pixels[1][order] == moved[1]).all()


def test_network_of_differs_only_in_weight_sharing():
    shared, unshared = (network_of(kind, (28, 28, 1), 10) for kind in ("shared", "unshared"))
    assert [layer.output.shape for layer in shared.layers] == [
        layer.output.shape for layer in unshared.layers
    ]
    positions = 12 * 12, 5 * 5
    for place, count in zip((1, 2), positions, strict=True):
        kernel, bias = (variable.shape for variable in shared.layers[place].weights)
        own = unshared.layers[place].count_params()
        assert own == count * (np.prod(kernel) + np.prod(bias))


def test_shifted_moves_each_image_independently():
    images = np.zeros((200, 28, 28, 1), np.uint8)
    images[:, 14, 14] = 255
    moved = shifted(examples(images), 0).images
    _, rows, columns, _ = np.nonzero(moved)
    assert (moved.reshape(200, -1).max(axis=1) == 255).all()
    for places in (rows, columns):
        assert (places.min(), places.max()) == (7, 21)
    assert (shifted(examples(images), 1).images != moved).any()


def test_probe_accuracy_is_high_only_for_linear_features():
    random = np.random.default_rng(0)
    labels = np.sort(random.integers(0, 2, 400))
    features = random.normal(size=(400, 5))
    assert probe_accuracy(features, labels) < 0.65
    features[:, 2] += 6 * labels
    assert probe_accuracy(features, labels) > 0.97


def test_kept_is_relative_to_the_neutral_level():
    shift = TRANSFORMATIONS[0]
    found = {shift.name: [[0.4, 0.0] for _ in shift.levels]}
    found[shift.name][shift.levels.index(shift.neutral)] = [0.8, 0.0]
    assert kept(found, shift) == pytest.approx(0.5)


def test_small_run_learns_and_is_reproducible():
    random = np.random.default_rng(0)
    labels = np.arange(200) % 2
    images = random.integers(0, 60, (200, 28, 28, 1)).astype(np.uint8)
    images[labels == 1, :, 14:] += 150
    everything = Split(images, labels, [""] * 200)
    images = ExampleImages("digits", "digits", "", ("dark", "bright"), everything, everything, "")
    run = small_run(images, model="dense", epochs=12, augment="none")
    network, history = run.train(everything, everything)
    assert history["val_accuracy"][-1] > 0.95
    assert len(history["loss"]) == 12
    again, repeated = run.train(everything, everything)
    assert repeated["loss"] == pytest.approx(history["loss"], rel=1e-3)
    assert again is not network

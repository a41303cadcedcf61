import keras
import numpy as np
import pytest

from app.augmentation.domain_randomization import LIMITS, DomainRandomization
from app.data.batches import Batches
from app.data.dataset import Split
from app.data.pixels import DecodedSplit
from app.training.callbacks.domain_randomization import DomainRandomizationCallback


def watcher(model, images, labels):
    """A callback whose model is as it stands, without any training."""
    batches = Batches(images, labels, 8, augment=None)
    validation = DecodedSplit(images, Split(images, labels, [""] * len(labels)), ())
    callback = DomainRandomizationCallback(
        batches, validation, DomainRandomization.beginning(), num_classes=2
    )
    callback.set_model(model)
    return callback, batches


def by_brightness(sharpness):
    """A network that calls images brighter than 128 the second class."""
    model = keras.Sequential(
        [keras.Input((12, 12, 3)), keras.layers.Flatten(), keras.layers.Dense(1, "sigmoid")]
    )
    weights = np.full((12 * 12 * 3, 1), sharpness / (12 * 12 * 3))
    model.set_weights([weights, np.array([-128.0 * sharpness])])
    return model


@pytest.fixture
def flat():
    labels = np.arange(64) % 2
    return np.repeat(40 + 176 * labels, 12 * 12 * 3).reshape(64, 12, 12, 3).astype(np.uint8), labels


def test_ranges_grow_where_the_network_copes_only(flat):
    callback, batches = watcher(by_brightness(1.0), *flat)
    for epoch in range(10):
        callback.on_epoch_end(epoch)
    row = callback.row()
    # Flat images look the same however they are turned or moved; dark ones are another class.
    for name in ("rotation", "width_shift", "height_shift", "shear", "zoom_in", "zoom_out"):
        assert row[f"range_{name}"] == pytest.approx(LIMITS[name][0])
    assert row["range_darker"] < LIMITS["darker"][0]
    assert batches.augment == callback.randomization.augmentation()


def test_nothing_moves_while_the_network_guesses(flat):
    images, labels = flat
    callback, _ = watcher(by_brightness(0.0), images, labels)
    callback.on_epoch_end(0)
    assert set(callback.row().values()) == {0.0}

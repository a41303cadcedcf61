import numpy as np
import pytest

from app.augmentation.presets import LECTURE
from app.data.batches import Batches, EnterEpoch

IMAGES = np.random.default_rng(0).integers(0, 256, (23, 12, 12, 3), np.uint8)
LABELS = np.arange(23)


def epoch(batches):
    images, labels = zip(*batches, strict=True)
    return np.concatenate(images), np.concatenate(labels)


def test_an_epoch_holds_every_image_once():
    batches = Batches(IMAGES, LABELS, 5, shuffle=True)
    assert batches.num_batches == 5
    images, labels = epoch(batches)
    assert sorted(labels) == list(range(23))
    np.testing.assert_array_equal(images, IMAGES[labels])
    assert images.dtype == np.uint8


def test_epochs_differ_and_can_be_entered_anywhere():
    batches = Batches(IMAGES, LABELS, 5, shuffle=True, augment=LECTURE, seed=3)
    first = epoch(batches)
    batches.enter_epoch(1)
    second = epoch(batches)
    assert not np.array_equal(first[1], second[1])
    resumed = Batches(IMAGES, LABELS, 5, shuffle=True, augment=LECTURE, seed=3)
    resumed.enter_epoch(1)
    np.testing.assert_array_equal(epoch(resumed)[0], second[0])
    resumed.enter_epoch(0)
    np.testing.assert_array_equal(epoch(resumed)[0], first[0])
    other_seed = epoch(Batches(IMAGES, LABELS, 5, shuffle=True, seed=4))
    assert not np.array_equal(other_seed[1], first[1])


def classifier():
    import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(23),
        ]
    )
    model.compile(
        keras.optimizers.SGD(0.5), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    return model


@pytest.mark.parametrize("workers", [1, 3])
def test_fit_meets_the_same_batches_whatever_the_workers(workers):
    settings = {"shuffle": True, "augment": LECTURE, "seed": 1}
    model = classifier()
    batches = Batches(IMAGES, LABELS, 5, workers=workers, **settings)
    model.fit(batches, epochs=3, initial_epoch=1, shuffle=False, verbose=0,
              callbacks=[EnterEpoch(batches)])  # fmt: skip
    by_hand = classifier()
    batches = Batches(IMAGES, LABELS, 5, **settings)
    for number in (1, 2):
        batches.enter_epoch(number)
        for images, labels in batches:
            by_hand.train_on_batch(images, labels)
    for ours, theirs in zip(model.get_weights(), by_hand.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)

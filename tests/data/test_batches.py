import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.augmentation.augmentation import Augmentation
from app.augmentation.presets import LECTURE
from app.data.balance import Balance
from app.data.batches import Batches, EnterEpoch
from app.data.share import Share

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


@given(
    count=st.integers(1, 5),
    images=st.integers(5, 23),
    size=st.integers(1, 4),
    mixup=st.booleans(),
    weights=st.booleans(),
)
def test_shares_of_processes_are_the_batches_of_one(count, images, size, mixup, weights):
    """Put together they are its batches, without the rows of the last one that are left over."""
    labels = np.eye(2, dtype=np.float32)[np.arange(images) % 2]
    settings = {
        "batch_size": size * count, "shuffle": True, "seed": 1,
        "augment": Augmentation(rotation_range=10, mixup=0.2 if mixup else 0.0),
        "balance": Balance("weights" if weights else "none", np.arange(images) % 2, 2),
    }  # fmt: skip
    whole = Batches(IMAGES[:images], labels, **settings)
    parts = [
        Batches(IMAGES[:images], labels, **settings, share=Share(index, count))
        for index in range(count)
    ]
    assert {part.num_batches for part in parts} == {parts[0].num_batches}
    left_over = images % (size * count) % count
    assert parts[0].num_batches == -(-(images - left_over) // (size * count))
    for index in range(parts[0].num_batches):
        rows = [np.concatenate(part) for part in zip(*(p[index] for p in parts), strict=True)]
        for own, expected in zip(rows, whole[index], strict=True):
            if mixup and len(own) != len(expected):  # partners are drawn among the rows that stay
                continue
            np.testing.assert_array_equal(own, expected[: len(own)])


@given(count=st.integers(2, 5), images=st.integers(1, 23), size=st.integers(1, 4))
def test_padding_of_shares_does_not_count(count, images, size):
    parts = [
        Batches(IMAGES[:images], LABELS[:images], size * count, share=Share(index, count))
        for index in range(count)
    ]
    shown, weighed, rows = [], 0.0, 0
    for index in range(parts[0].num_batches):
        _, labels, weights = (
            np.concatenate(part) for part in zip(*(p[index] for p in parts), strict=True)
        )
        shown += labels[weights > 0].tolist()
        weighed += float((weights * labels).sum())
        rows += len(labels)
    assert shown == list(range(images))
    # Keras divides the weighted sum of losses by all rows, padding included.
    assert weighed / rows == pytest.approx(np.mean(range(images)), rel=1e-5)

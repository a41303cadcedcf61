import keras
import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from app.augmentation.augmentation import Augmentation
from app.augmentation.presets import LECTURE
from app.data.balance import Balance, is_unbalanced
from app.data.batches import Batches

LABELS = np.repeat([0, 1, 2], [100, 7, 30])
IMAGES = np.random.default_rng(0).integers(0, 256, (137, 8, 8, 3), np.uint8)


def balance(method="sampling", labels=LABELS, num_classes=3):
    return Balance.chosen(method, labels, num_classes)


@pytest.mark.parametrize(
    ("counts", "unbalanced"),
    [([3, 2], False), ([16, 10], True), ([5, 5, 0], False), ([1, 1000], True), ([10], False)],
)
def test_is_unbalanced(counts, unbalanced):
    assert is_unbalanced(np.array(counts)) == unbalanced


def test_auto_samples_unbalanced_classes_only():
    assert balance("auto").method == "sampling"
    assert balance("auto", np.repeat([0, 1, 2], 9)).method == "none"
    assert balance("weights").method == "weights"


def test_order_has_every_class_equally_often():
    places = balance().order(seed=3, epoch=5)
    assert len(places) == len(LABELS)
    np.testing.assert_array_equal(np.bincount(LABELS[places % 137]), [45, 46, 46])
    # No two augmentations are the same.
    assert len(np.unique(places)) == len(places)
    often = np.bincount(places % 137, minlength=137)
    assert set(often[LABELS == 0]) == {0, 1}
    assert set(often[LABELS == 1]) == {6, 7}
    assert set(often[LABELS == 2]) == {1, 2}


def test_order_depends_on_seed_and_epoch_alone():
    again = balance().order(1, 2)
    np.testing.assert_array_equal(balance().order(1, 2), again)
    for other in ((1, 3), (2, 2)):
        assert not np.array_equal(balance().order(*other), again)


def test_order_covers_the_largest_class_over_the_epochs():
    seen = np.concatenate([balance().order(0, epoch) for epoch in range(20)]) % 137
    assert set(seen) == set(range(137))


def test_order_one_image_against_a_thousand():
    labels = np.repeat([0, 1], [1000, 1])
    places = balance("sampling", labels, 2).order(0, 0)
    np.testing.assert_array_equal(np.bincount(labels[places % 1001]), [500, 501])


def test_weighted_labels_have_the_weights_of_scikit_learn():
    labels, weights = balance("weights").weighted(LABELS)
    expected = compute_class_weight("balanced", classes=np.arange(3), y=LABELS)
    np.testing.assert_array_equal(labels, LABELS)
    np.testing.assert_allclose(weights, expected[LABELS], rtol=1e-6)
    assert weights.mean() == pytest.approx(1)


@pytest.mark.parametrize("num_classes", [2, 3])
def test_weighted_mixed_targets_have_the_loss_of_two_weighted_images(num_classes):
    """Keras's own loss of each image, label smoothing included, times weight and share."""
    rng = np.random.default_rng(0)
    labels = LABELS[np.isin(LABELS, range(num_classes))]
    first, second = rng.integers(0, num_classes, (2, 40))
    share = rng.uniform(size=40).astype(np.float32)
    logits = rng.normal(size=(40, num_classes)).astype(np.float32)
    if num_classes == 2:
        outputs = 1 / (1 + np.exp(-logits[:, :1]))
        one_hot = np.array([[0.0], [1.0]], np.float32)
        loss = keras.losses.BinaryCrossentropy(label_smoothing=0.1, reduction="none")
    else:
        outputs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        one_hot = np.eye(3, dtype=np.float32)
        loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1, reduction="none")
    weights = compute_class_weight("balanced", classes=np.arange(num_classes), y=labels)

    def of(chosen):
        return weights[chosen] * np.asarray(loss(one_hot[chosen], outputs))

    expected = share * of(first) + (1 - share) * of(second)
    mixed = share[:, None] * one_hot[first] + (1 - share[:, None]) * one_hot[second]
    if num_classes == 2:
        mixed = mixed[:, 0]
    targets, factors = balance("weights", labels, num_classes).weighted(mixed)
    shown = targets[:, None] if num_classes == 2 else targets
    np.testing.assert_allclose(factors * np.asarray(loss(shown, outputs)), expected, rtol=2e-4)


def test_weights_of_mixed_batches_have_the_mean_1():
    shares = np.eye(3, dtype=np.float32)[LABELS]
    batches = Batches(
        IMAGES, shares, 137, shuffle=True, augment=Augmentation(mixup=0.4),
        balance=balance("weights"),
    )  # fmt: skip
    found = []
    for epoch in range(40):
        batches.enter_epoch(epoch)
        _, targets, weights = batches[0]
        np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-5)
        found.append(weights.mean())
    assert np.mean(found) == pytest.approx(1, abs=0.02)


def test_batches_of_sampling_augment_each_repetition_in_its_own_way():
    settings = {"shuffle": True, "augment": LECTURE, "seed": 1, "balance": balance()}
    batches = Batches(IMAGES, LABELS, 137, **settings)
    images, labels = batches[0]
    positions = batches.positions(0)
    np.testing.assert_array_equal(labels, LABELS[positions])
    rare = images[positions == 100]
    assert len(rare) >= 6
    assert len(np.unique(rare.reshape(len(rare), -1), axis=0)) == len(rare)
    resumed = Batches(IMAGES, LABELS, 137, workers=3, **settings)
    resumed.enter_epoch(7)
    batches.enter_epoch(7)
    np.testing.assert_array_equal(resumed[0][0], batches[0][0])

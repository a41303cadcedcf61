import numpy as np

from app.augmentation.mixing import cutmix, draw_erasing, erase, mixing_draws, mixup

ONES = np.repeat(np.arange(8, dtype=np.uint8), 20 * 20 * 3).reshape(8, 20, 20, 3) * 30
SHARES = np.eye(8, dtype=np.float32)
FIRST, LATER = np.arange(8), np.arange(8, 16)


def test_mixup_blends_images_and_targets_equally():
    mixing = mixup(0.4, mixing_draws(FIRST, 0, 3))
    images, targets = mixing.images(ONES), mixing.targets(SHARES)
    assert images.dtype == np.uint8
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-6)
    # Image k is all 30·k, so that its mixture tells the shares.
    expected = targets @ (30.0 * np.arange(8))
    np.testing.assert_allclose(images[:, 0, 0, 0], expected, atol=0.51)
    assert (images == images[:, :1, :1]).all()


def test_cutmix_mixes_targets_by_area():
    mixing = cutmix(1.0, mixing_draws(FIRST, 0, 1), (20, 20))
    images, targets = mixing.images(ONES), mixing.targets(SHARES)
    for k in range(8):
        kept = (images[k] == ONES[k]).mean()
        np.testing.assert_allclose(targets[k, k], kept, atol=1e-6)


def test_mixup_of_two_classes_has_one_soft_target():
    labels = np.array([0, 1, 0, 1, 1, 0, 0, 1], np.float32)
    draws = mixing_draws(FIRST, 0, 0)
    for mixing in (mixup(1.0, draws), cutmix(1.0, draws, (20, 20))):
        targets = mixing.targets(labels)
        assert targets.shape == (8,)
        assert ((targets >= 0) & (targets <= 1)).all()


def test_batches_and_epochs_differ_but_repeat():
    first = mixup(1.0, mixing_draws(FIRST, 0, 0)).shares
    np.testing.assert_array_equal(first, mixup(1.0, mixing_draws(FIRST, 0, 0)).shares)
    for draws in (mixing_draws(FIRST, 0, 1), mixing_draws(LATER, 0, 0)):
        assert not np.array_equal(first, mixup(1.0, draws).shares)


def test_erase_covers_a_rectangle_of_some_images():
    images = np.zeros((400, 20, 24, 1), np.uint8)
    erased = erase(images, *draw_erasing(0.25, np.arange(400), 0, 0, (20, 24)))
    touched = (erased > 0).any(axis=(1, 2, 3))
    assert 0.17 < touched.mean() < 0.33
    for image in erased[touched]:
        rows, columns = np.nonzero(image[..., 0])
        box = (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
        assert box <= 0.35 * 20 * 24
        assert (image[..., 0] > 0).sum() > 0.8 * box
    assert not draw_erasing(0.0, np.arange(400), 0, 0, (20, 24))[0].any()

"""Shuffled patches, and fur that is swapped."""

import itertools

import numpy as np

from app.data.drawn.coat import PATTERNS
from app.data.drawn.dataset import SEED, Change, draw_animal
from app.lab.texture_shape import shuffled_patches


def test_shuffled_patches_keep_every_patch_and_lose_their_order():
    images = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3)).astype(np.uint8)
    mixed = shuffled_patches(images, 4)
    assert (mixed != images).any()

    def patches(image):
        rows = np.split(image, 4, axis=0)
        return sorted(tile.tobytes() for row in rows for tile in np.split(row, 4, axis=1))

    for image, other in zip(images, mixed, strict=True):
        assert patches(image) == patches(other)
    twice = shuffled_patches(np.stack([images[0]] * 2), 4)
    assert (twice[0] != twice[1]).any()


def test_a_pattern_changes_the_fur():
    images = [draw_animal("cat", SEED, 3, 64, Change(pattern=name)) for name in PATTERNS[3:]]
    for first, second in itertools.combinations(images[1:], 2):  # the first two are stripes
        assert (first != second).any(axis=-1).mean() > 0.02
    np.testing.assert_array_equal(images[0], images[1])

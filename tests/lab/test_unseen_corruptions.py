"""Families of corruptions, of which one at a time is in no training."""

import numpy as np
import pytest

from app.augmentation.degradations import DEGRADATIONS
from app.augmentation.presets import DIGITS
from app.lab.corruptions import CORRUPTIONS
from app.lab.unseen_corruptions import FAMILIES, augmentation_of


def test_every_corruption_belongs_to_one_family():
    assert sorted(name for names in FAMILIES.values() for name in names) == sorted(CORRUPTIONS)


def test_no_family_trains_what_another_one_trains():
    trained = [set(augmentation_of((family,)).strengths) for family in FAMILIES]
    assert sum(map(len, trained)) == len(set.union(*trained))
    assert set.union(*trained) <= set(DEGRADATIONS)
    assert augmentation_of(()) == augmentation_of(("compression",)) == DIGITS


@pytest.mark.parametrize("family", ["noise", "blur", "light", "occlusion"])
def test_a_family_changes_pictures(family):
    images = np.random.default_rng(0).integers(0, 256, (60, 28, 28, 1), np.uint8)
    plain, degraded = (
        augmentation_of(families)(images, np.arange(60), 0, 0) for families in ((), (family,))
    )
    changed = (plain != degraded).any(axis=(1, 2, 3))
    assert 5 < changed.sum() < 50  # 60% of the images, each with a chance of 30%

"""Labels that mean nothing, but as many of each."""

import numpy as np
from sklearn.metrics import adjusted_mutual_info_score

from app.data.dataset import Split
from app.lab.random_labels import shuffled


def test_shuffled_keeps_the_classes_and_loses_their_meaning():
    labels = np.repeat(np.arange(10), 100)
    images = Split(np.zeros((1000, 2, 2, 1), np.uint8), labels, [""] * 1000)
    mixed = shuffled(images, 0)
    np.testing.assert_array_equal(np.bincount(mixed.labels), np.bincount(labels))
    assert abs(adjusted_mutual_info_score(labels, mixed.labels)) < 0.02
    assert mixed.images is images.images
    assert (shuffled(images, 1).labels != mixed.labels).any()

"""Where the parts of drawings are, and whether a point hits them."""

import keras
import numpy as np
import pytest

from app.data.drawn.dataset import TELLING_PARTS
from app.errors import AppError
from app.lab.drawings import drawings, require_drawings
from app.lab.drawn_truth import DrawnTruth, most_important_parts
from app.lab.options import ExperimentOptions
from app.lab.saliency_truth import pointing_game
from app.reporting import SILENT


@pytest.fixture(scope="module")
def truth():
    return DrawnTruth(4)


def test_masks_are_on_the_animal_and_apart_from_each_other(truth):
    assert list(truth.labels) == [0] * 4 + [1] * 4
    assert all(truth.masks["eyes"].any(axis=(1, 2)))
    areas = np.stack(list(truth.masks.values()))
    # A tolerance of one pixel around each part lies beside the animal.
    near = np.stack([np.pad(one, 1) for one in truth.animal])
    wide = np.zeros_like(near)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            wide |= np.roll(near, (down, right), axis=(1, 2))
    # Where a part has the color of what is behind it, leaving it out changes nothing.
    assert (areas.any(axis=0) & ~wide[:, 1:-1, 1:-1]).mean() < 0.001
    assert areas.any(axis=0).mean() < truth.animal.mean()


def test_without_all_parts_only_the_parts_differ(truth):
    changed = (truth.without_all != truth.images).any(axis=-1)
    assert not (changed & ~np.any(list(truth.masks.values()), axis=0)).any()


def test_pointing_game_counts_any_part_and_the_most_important_one():
    masks = {part: np.zeros((4, 4), bool) for part in TELLING_PARTS}
    masks["ears"][0, 0] = masks["tail"][3, 3] = True
    assert list(pointing_game((0, 0), masks, "ears").values()) == [1, 1]
    assert list(pointing_game((3, 3), masks, "ears").values()) == [1, 0]
    assert list(pointing_game((1, 2), masks, "ears").values()) == [0, 0]


def test_most_important_part_of_a_network_that_adds_up_the_pixels_of_the_ears():
    truth = DrawnTruth(1)
    ears = truth.masks["ears"][1]  # of the dog
    change = truth.without["ears"][1].astype(float) - truth.images[1]
    weights = (-np.sign(change) * ears[..., np.newaxis]).reshape(-1, 1) / 255
    network = keras.Sequential(
        [keras.Input((64, 64, 3)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    bias = -(weights * truth.images[1].reshape(-1, 1)).sum()
    network.layers[-1].set_weights([weights, np.array([bias])])
    network.add(keras.layers.Activation("sigmoid"))
    assert most_important_parts(network, truth)[1] == "ears"


def test_other_datasets_are_refused(tmp_path):
    options = ExperimentOptions("saliency_truth", tmp_path, (), "mnist", tmp_path, True, SILENT)
    with pytest.raises(AppError, match="cannot use the dataset 'mnist'"):
        require_drawings(options)


def test_drawings_are_cats_then_dogs_of_the_dataset():
    from app.data.drawn.dataset import SEED, draw_animal

    split = drawings([3, 7])
    np.testing.assert_array_equal(split.pixels[1], draw_animal("cat", SEED, 7, 64))
    np.testing.assert_array_equal(split.pixels[2], draw_animal("dog", SEED, 3, 64))
    assert split.names[2] == "drawn/dog/3"

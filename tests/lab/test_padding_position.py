"""What a linear readout knows of positions."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from app.errors import AppError
from app.lab.options import ExperimentOptions
from app.lab.padding_position import explained_position, layer_maps, padding_position
from app.reporting import SILENT

RANDOM = np.random.default_rng(0)


def test_explained_position_is_one_for_coordinates_and_zero_for_noise():
    rows, columns = np.indices((8, 9))
    maps = np.stack([rows + 2.0 * columns, rows - columns], axis=-1)[np.newaxis].repeat(4, axis=0)
    assert explained_position(maps, maps) == pytest.approx(1, abs=1e-3)
    noise = RANDOM.normal(size=(2, 40, 8, 9, 2))
    assert abs(explained_position(noise[0], noise[1])) < 0.01


def test_explained_position_is_the_r2_of_a_linear_regression():
    maps = RANDOM.normal(size=(2, 6, 8, 9, 3)) + np.indices((8, 9)).sum(axis=0)[..., np.newaxis]
    places = np.tile(np.indices((8, 9)).reshape(2, -1).T, (6, 1))
    first, second = maps.reshape(2, -1, 3)
    expected = r2_score(places, LinearRegression().fit(first, places).predict(second))
    assert explained_position(maps[0], maps[1]) == pytest.approx(expected, abs=1e-3)


def test_padding_changes_the_border_alone():
    images = RANDOM.random((2, 24, 24, 1), np.float32)
    none = layer_maps(images, None, 2, 0)
    for mode in ("constant", "reflect"):
        padded = layer_maps(images, mode, 2, 0)
        assert [one.shape[1] for one in (*none, *padded)] == [22, 20, 24, 24]
        for depth, (one, other) in enumerate(zip(none, padded, strict=True), start=1):
            np.testing.assert_allclose(other[:, depth:-depth, depth:-depth], one, atol=1e-5)


def test_a_dataset_is_refused(tmp_path):
    options = ExperimentOptions("padding_position", tmp_path, (), "mnist", tmp_path, True, SILENT)
    with pytest.raises(AppError, match="cannot use the dataset 'mnist'"):
        padding_position(options)

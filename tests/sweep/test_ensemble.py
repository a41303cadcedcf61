"""One network that averages others."""

import numpy as np
import pytest

from app.errors import AppError
from app.storage.folder import MODEL
from app.sweep.ensemble import averaged, ensemble_folder


def saved(keras, folder, units, activation):
    folder.mkdir()
    model = keras.Sequential(
        [keras.Input((6, 6, 1)), keras.layers.Flatten(), keras.layers.Dense(units, activation)]
    )
    model.save(folder / MODEL)
    return model


@pytest.mark.parametrize(("units", "activation"), [(3, "softmax"), (1, "sigmoid")])
def test_averaged_is_the_mean_of_the_outputs(keras, tmp_path, units, activation):
    folders = [tmp_path / "one", tmp_path / "two", tmp_path / "three"]
    models = [saved(keras, folder, units, activation) for folder in folders]
    network = averaged(folders)
    network.save(tmp_path / "mean.keras")
    again = keras.models.load_model(tmp_path / "mean.keras")
    images = np.random.default_rng(0).integers(0, 256, (5, 6, 6, 1)).astype(np.float32) / 255
    expected = np.mean([np.asarray(model(images)) for model in models], axis=0)
    np.testing.assert_allclose(np.asarray(network(images)), expected, atol=1e-6)
    np.testing.assert_allclose(np.asarray(again(images)), expected, atol=1e-6)


def test_ensemble_folder_refuses_names_that_are_taken_and_models_of_folds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = ensemble_folder("mine", tmp_path, 0)
    folder.mkdir(parents=True)
    with pytest.raises(AppError, match="'mine' is taken"):
        ensemble_folder("mine", tmp_path, 0)
    with pytest.raises(AppError, match="--name is 'a/b'"):
        ensemble_folder("a/b", tmp_path, 0)
    with pytest.raises(AppError, match="those of 5 folds"):
        ensemble_folder("other", tmp_path, 5)

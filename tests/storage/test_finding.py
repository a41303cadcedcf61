"""Models by name, from any folder."""

import os
import shutil
from pathlib import Path

import pytest

from app.errors import AppError
from app.storage.finding import find_model, model_folders
from app.storage.loading import open_keras

ROOT = Path(__file__).parents[2]
TINY = ROOT / "saved_models" / "mnist-tiny"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONVLAB_MODELS", raising=False)
    return tmp_path


def test_find_model_finds_the_checkout_s_from_any_folder(elsewhere):
    assert find_model(Path("mnist-tiny")).resolve() == TINY.resolve()


def test_find_model_prefers_path_then_working_folder_then_environment(elsewhere, monkeypatch):
    monkeypatch.setenv("CONVLAB_MODELS", str(elsewhere / "mine"))
    for place in ("mine", "saved_models", "."):
        shutil.copytree(TINY, elsewhere / place / "mnist-tiny")
        found = find_model(Path("mnist-tiny")).resolve()
        assert found == (elsewhere / place / "mnist-tiny").resolve()


def test_model_folders_lists_each_place_once(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CONVLAB_MODELS", str(ROOT / "saved_models"))
    assert model_folders() == [Path("saved_models")]


def test_find_model_unknown_name_lists_absolute_folders_and_a_suggestion(elsewhere):
    with pytest.raises(AppError) as error:
        find_model(Path("Mnist_tinny"))
    assert str(elsewhere / "saved_models") in error.value.expected
    assert str(ROOT / "saved_models") in error.value.expected
    assert "Did you mean 'mnist-tiny'?" in error.value.fix


def test_find_model_without_any_models_says_where_it_looked(elsewhere, monkeypatch):
    # As installed from a wheel: there is nothing beside the package.
    monkeypatch.setattr("app.__file__", str(elsewhere / "site-packages" / "app" / "__init__.py"))
    with pytest.raises(AppError, match="does not exist") as error:
        find_model(Path("mnist-best"))
    assert str(elsewhere / "saved_models") in error.value.expected
    assert "Did you mean" not in error.value.fix


def test_open_keras_judges_a_file_by_its_content(elsewhere):
    shutil.copy(ROOT / "datasets" / "examples" / "keras2.h5", elsewhere / "model.dat")
    assert open_keras(find_model(Path("model.dat"))).input_shape == (None, 64, 64, 3)


@pytest.mark.parametrize(
    ("content", "what"), [(b"GIF89a", "another kind"), (b"", "empty"), (b"\0\0\0\0TFL3", "TFLite")]
)
def test_open_keras_of_another_kind_of_file_names_the_kind(content, what, elsewhere):
    (elsewhere / "model.keras").write_bytes(content)
    with pytest.raises(AppError, match=what):
        open_keras(find_model(Path("model.keras")))


def test_find_model_of_a_saved_model_folder_says_how_to_convert_it(elsewhere):
    (elsewhere / "exported").mkdir()
    (elsewhere / "exported" / "saved_model.pb").touch()
    with pytest.raises(AppError, match=r"(?s)SavedModel.*tf_keras"):
        find_model(Path("exported"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are of POSIX")
def test_find_model_of_a_named_pipe_is_refused_at_once(elsewhere):
    os.mkfifo(elsewhere / "model.h5")
    with pytest.raises(AppError, match="not a regular file"):
        find_model(Path("model.h5"))

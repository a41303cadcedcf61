"""Models by name, from any folder."""

import shutil
from pathlib import Path

import pytest

from app.errors import AppError
from app.storage.finding import find_model, model_folders

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

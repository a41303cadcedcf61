import pytest

from app.augmentation.presets import PRESETS
from app.config import AUGMENTATIONS, DATASETS, MODELS, RunConfig, settings
from app.errors import AppError
from app.models import BUILDERS


def test_names_agree_with_the_registries():
    assert set(MODELS) == set(BUILDERS)
    assert set(AUGMENTATIONS) == set(PRESETS)


@pytest.mark.parametrize("dataset", [*DATASETS, "some/folder"])
@pytest.mark.parametrize("model", [None, *MODELS])
def test_resolved_leaves_nothing_open(dataset, model):
    resolved = RunConfig(dataset=dataset, model=model).resolved()
    optional = {"limit", "early_stopping", "name"}
    assert not [
        f.name for f in settings() if getattr(resolved, f.name) is None and f.name not in optional
    ]
    assert resolved.resolved() == resolved


def test_given_values_win_over_defaults():
    given = RunConfig(dataset="catsdogs", epochs=3, dropout=0.0, image_size=64).resolved()
    assert (given.epochs, given.dropout, given.image_size) == (3, 0.0, 64)


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ({"epochs": 0}, "--epochs is 0"),
        ({"batch_size": -1}, "--batch-size is -1"),
        ({"image_size": -5}, "--image-size"),
        ({"learning_rate": 0.0}, "--learning-rate"),
        ({"learning_rate": float("nan")}, "--learning-rate"),
        ({"dropout": 1.0}, "--dropout"),
        ({"seed": -1}, "--seed"),
        ({"limit": 1}, "--limit"),
        ({"model": "vgg"}, "--model is 'vgg'"),
        ({"protocol": "full", "dataset": "mnist"}, "--protocol full"),
        ({"name": "a/b"}, "--name is 'a/b'"),
        ({"name": ".."}, "--name"),
        ({"name": "x.unfinished"}, "--name"),
        ({"seed": 2**32}, "--seed"),
        ({"workers": 10**6}, "--workers"),
        ({"image_size": 10**6}, "--image-size"),
    ],
)
def test_bad_values_are_refused(setting, text):
    with pytest.raises(AppError) as caught:
        RunConfig(**setting)
    assert text in str(caught.value)
    assert "Expected" in str(caught.value)


def test_every_setting_has_help():
    assert all(setting.metadata["help"] for setting in settings())


def test_a_stand_in_has_its_own_defaults():
    for dataset, other in (("mnist", "digits"), ("catsdogs", "drawn")):
        of_stand_in = RunConfig(dataset=dataset).resolved(stand_in=True)
        assert of_stand_in.epochs == RunConfig(dataset=other).resolved().epochs
        assert of_stand_in.dataset == dataset
    assert RunConfig(dataset="mnist", epochs=2).resolved(stand_in=True).epochs == 2

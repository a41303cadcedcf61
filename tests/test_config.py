import pytest

from app.augmentation.parsing import parse_augmentation
from app.config import RunSettings, settings
from app.data.registry import DATASETS, source_of
from app.errors import AppError
from app.registries import AUGMENTATIONS, MODELS, OPTIMIZERS, RECIPES
from app.training.recipes import recipe_name, resolve


def test_registries_name_what_can_be_imported():
    for registry in (MODELS, OPTIMIZERS):
        for name in registry:
            assert callable(registry.load(name)), name
    for name in AUGMENTATIONS:
        augmentation = AUGMENTATIONS.load(name)
        assert augmentation is None or callable(augmentation), name


@pytest.mark.parametrize("dataset", [*DATASETS, "some/folder"])
@pytest.mark.parametrize("model", [None, *MODELS])
@pytest.mark.parametrize("recipe", RECIPES)
def test_resolved_leaves_nothing_open(dataset, model, recipe):
    run = RunSettings(dataset=dataset, model=model, recipe=recipe)
    if recipe == "tiny" and source_of(dataset).recipes != "digits":
        with pytest.raises(AppError, match="--recipe tiny"):
            resolve(run)
        return
    resolved = resolve(run)
    optional = {"from_", "limit", "fold", "early_stopping", "name", "watch"}
    assert not [
        f.name for f in settings() if getattr(resolved, f.name) is None and f.name not in optional
    ]
    assert resolve(resolved) == resolved
    parse_augmentation(resolved.augment)


def test_shuffled_blocks_with_sampling_are_refused():
    with pytest.raises(AppError, match="--shuffle blocks with --balance sampling"):
        RunSettings(shuffle="blocks", balance="sampling")
    assert RunSettings(shuffle="blocks", balance="weights").shuffle == "blocks"


def test_given_values_win_over_defaults():
    given = resolve(RunSettings(dataset="catsdogs", epochs=3, dropout=0.0, image_size=64))
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
        ({"weight_decay": -1.0}, "--weight-decay"),
        ({"label_smoothing": 1.0}, "--label-smoothing"),
        ({"start_size": 64, "image_size": 32}, "--start-size is 64"),
        ({"start_size": 10, "image_size": 32}, "--start-size is 10"),
        ({"final_size": 31, "image_size": 32}, "--final-size is 31"),
        ({"final_size": 65, "image_size": 32}, "--final-size is 65"),
        (
            {"final_size": 40, "image_size": 32, "model": "convnet"},
            "--final-size with the network 'convnet'",
        ),
        ({"recipe": "quick"}, "--recipe is 'quick'"),
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
        RunSettings(**setting)
    assert text in str(caught.value)
    assert "Expected" in str(caught.value)


def test_every_setting_has_help():
    assert all(setting.metadata["help"] for setting in settings())


def test_a_stand_in_has_its_own_defaults():
    for dataset, other in (("mnist", "digits"), ("catsdogs", "drawn")):
        of_stand_in = resolve(RunSettings(dataset=dataset), stand_in=True)
        assert of_stand_in.epochs == resolve(RunSettings(dataset=other)).epochs
        assert of_stand_in.dataset == dataset
    assert resolve(RunSettings(dataset="mnist", epochs=2), stand_in=True).epochs == 2
    # Its images are as many under either protocol.
    full = RunSettings(dataset="catsdogs", recipe="best", protocol="full")
    of_stand_in = resolve(full, stand_in=True)
    assert (of_stand_in.model, of_stand_in.epochs) == ("modern", 180)
    assert recipe_name(of_stand_in, stand_in=True) == "best-full"


def test_another_size_has_other_first_and_final_ones():
    best = resolve(RunSettings(dataset="catsdogs", recipe="best", image_size=96))
    assert (best.start_size, best.final_size) == (48, 106)
    grown = resolve(RunSettings(dataset="catsdogs", image_size=96, start_size=48))
    assert (grown.start_size, grown.image_size) == (48, 96)
    fixed = resolve(RunSettings(dataset="catsdogs", recipe="best", model="convnet"))
    assert fixed.start_size == fixed.image_size == fixed.final_size
    plain = resolve(RunSettings(dataset="mnist"))
    assert plain.final_size == plain.image_size


def test_the_best_recipe_is_another_for_all_photographs():
    flags = {"dataset": "catsdogs", "recipe": "best"}
    few = resolve(RunSettings(**flags))
    many = resolve(RunSettings(**flags, protocol="full"))
    assert (few.model, few.start_size, many.model, many.start_size) == ("modern", 80, "large", 160)
    assert (few.image_size, few.final_size) == (many.image_size, many.final_size)
    # The smaller network, named, has settings of its own, whatever else is named.
    smaller = resolve(RunSettings(**flags, protocol="full", model="modern", epochs=3))
    assert (smaller.epochs, smaller.batch_size, smaller.start_size) == (3, 32, 80)


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        ({}, "modern"),
        ({"model": "convnet"}, "convnet"),
        ({"recipe": "best"}, "best"),
        ({"recipe": "best", "model": "modern"}, "best-modern"),
        ({"recipe": "tiny"}, "tiny"),
        ({"dataset": "catsdogs", "recipe": "best", "protocol": "full"}, "best-full"),
        (
            {"dataset": "catsdogs", "recipe": "best", "protocol": "full", "model": "modern"},
            "best-modern-full",
        ),
    ],
)
def test_runs_are_named_after_their_recipe(flags, name):
    assert recipe_name(resolve(RunSettings(**flags))) == name


def test_a_run_s_command_is_short_and_whole():
    assert RunSettings().command() == "python train.py --dataset mnist"
    run = RunSettings(
        dataset="my cats", recipe="best", tta=False, learning_rate=1e-3, seed=2, workers=1, name="x"
    )
    assert run.command() == (
        "python train.py --dataset 'my cats' --recipe best --learning-rate 0.001 --no-tta --seed 2"
    )
    assert RunSettings(deterministic=True).command(stand_in=True) == (
        "python train.py --dataset mnist --deterministic --stand-in always"
    )

"""Runs that begin with the weights of a saved model."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from app.config import RunSettings
from app.errors import AppError
from app.storage.card import read_card
from app.storage.folder import file_hash
from app.training.adopt import adopt, freeze
from app.training.events import Events
from app.training.plan import make_plan
from app.training.recipes import defaults_of, resolve
from app.training.run import train
from app.training.source import Source, read_source
from tests.conftest import write_shapes


def settings(data, source, output, **changes):
    return RunSettings(
        **{
            "dataset": str(data), "from_": str(source), "epochs": 2, "batch_size": 8,
            "learning_rate": 3e-3, "augment": "none", "tta": False, "precision": "float32",
            "output": str(output), "deterministic": True, **changes,
        }
    )  # fmt: skip


def saved(folder):
    return keras.models.load_model(folder / "model.keras")


@pytest.mark.slow
def test_settings_are_those_of_the_source(shapes_model, tmp_path):
    folder, data = shapes_model
    run = settings(data, folder, tmp_path)
    config = resolve(run)
    assert (config.model, config.image_size, config.final_size) == ("modern", 32, 32)
    assert defaults_of(run)["image_size"].origin == f"model {folder.name}"
    assert resolve(replace(run, image_size=40)).image_size == 40
    assert f"--from {folder}" in run.command()


def test_adopt_the_same_classes_keeps_every_weight(shapes_model, tmp_path):
    folder, data = shapes_model
    plan = make_plan(settings(data, folder, tmp_path), Events())
    model = plan.build()
    adopt(plan, model)
    for ours, theirs in zip(model.get_weights(), saved(folder).get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_adopt_other_classes_keeps_the_outputs_of_those_with_the_same_name(shapes_model, tmp_path):
    folder, _ = shapes_model
    data = write_shapes(tmp_path / "data")
    (data / "across").rename(data / "zebra")
    plan = make_plan(settings(data, folder, tmp_path), Events())
    assert plan.dataset.class_names == ("disc", "down", "zebra")
    model = plan.build()
    adopt(plan, model)
    ours, theirs = model.get_weights(), saved(folder).get_weights()
    np.testing.assert_array_equal(ours[0], theirs[0])
    np.testing.assert_array_equal(ours[-2][:, :2], theirs[-2][:, 1:])
    assert not np.allclose(ours[-2][:, 2], theirs[-2][:, 0])


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        (("a", "b"), ("a", "b"), {0: 0, 1: 1}),
        (("a", "b"), ("B", "A"), {0: 1, 1: 0}),
        (("a", "b"), ("a", "c"), {}),
        (("a", "b", "c"), ("a", "c"), {}),
        (("a", "b"), ("a", "b", "c"), {}),
        (("a", "b", "c"), ("d", "c", "a", "e"), {1: 2, 2: 0}),
    ],
)
def test_kept_classes(shapes_model, old, new, kept):
    card = replace(read_card(shapes_model[0] / "card.json"), class_names=old)
    assert Source(shapes_model[0], card).kept_classes(new) == kept


def test_freeze_counts_layers_with_weights_and_their_normalization():
    from app.models.modern import build_modern

    model = build_modern((64, 64, 3), 2, 0.0)
    assert freeze(model, 2) == ["stem", "stem_norm", "block_1"]
    assert {layer.name for layer in model.layers if layer.weights and layer.trainable} == {
        "block_2", "probability",
    }  # fmt: skip
    with pytest.raises(AppError, match="weights are stem, block_1, block_2, probability"):
        freeze(model, 4)


@pytest.mark.slow
def test_train_frozen_resumed_keeps_the_frozen_layers_and_records_the_source(
    shapes_model, tmp_path
):
    from tests.training.test_run import StopIn

    folder, _ = shapes_model
    data = write_shapes(tmp_path / "data")
    (data / "across").rename(data / "zebra")
    run = settings(data, folder, tmp_path / "whole", freeze=1, name="m", epochs=3)
    whole = train(run, listeners=[])
    parts = replace(run, output=str(tmp_path / "parts"))
    train(parts, listeners=[StopIn(2)])
    resumed = train(replace(parts, resume=True), listeners=[])
    given = saved(folder).get_layer("block_1").get_weights()
    for outcome in (whole, resumed):
        found = saved(outcome.folder).get_layer("block_1").get_weights()
        for ours, theirs in zip(found, given, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-3)  # saved weights are rounded
    for ours, theirs in zip(
        saved(whole.folder).get_weights(), saved(resumed.folder).get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    assert whole.card.training["from"] == {
        "model": folder.name,
        "sha256": file_hash(folder / "model.keras"),
        "frozen_layers": 1,
        "kept_classes": ["disc", "down"],
    }


@pytest.mark.slow
def test_train_goes_on_under_another_name_and_does_not_replace_its_source(shapes_model, tmp_path):
    folder, data = shapes_model
    run = settings(data, folder, folder.parent, name=folder.name, epochs=1)
    with pytest.raises(AppError, match="is the model that training begins with"):
        train(run, listeners=[])
    outcome = train(replace(run, output=str(tmp_path)), listeners=[])
    assert outcome.card.configuration["from_"] == str(folder)


def test_errors_say_what_does_not_fit(shapes_model, tmp_path):
    folder, data = shapes_model
    with pytest.raises(AppError, match="--freeze 2 without --from"):
        RunSettings(freeze=2)
    with pytest.raises(AppError, match="does not exist"):
        resolve(settings(data, tmp_path / "none", tmp_path))
    with pytest.raises(AppError, match="a file without a card"):
        read_source(str(folder / "model.keras"))
    with pytest.raises(AppError, match="takes gray images, with RGB images"):
        make_plan(settings(data, "mnist-tiny", tmp_path), Events())
    with pytest.raises(AppError, match="images that validate now"):
        make_plan(settings(data, folder, tmp_path, fold="1/2"), Events())
    for changes in ({"image_size": 96}, {"model": "convnet"}):
        plan = make_plan(settings(data, folder, tmp_path, **changes), Events())
        with pytest.raises(AppError, match="do not fit the network") as raised:
            adopt(plan, plan.build())
        assert "modern, 32" in str(raised.value)
    plan = make_plan(settings(data, folder, tmp_path, freeze=9), Events())
    with pytest.raises(AppError, match="--freeze is 9"):
        adopt(plan, plan.build())

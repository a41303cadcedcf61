"""Recipes: each one trains, with the settings and the command that it documents."""

import importlib
import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from app.augmentation.parsing import parse_augmentation
from app.classifier import load
from app.cli import main
from app.config import RunSettings
from app.data.batches import Batches
from app.data.digits import load_digits
from app.errors import AppError
from app.models import build_model
from app.registries import OPTIMIZERS, RECIPES
from app.training.callbacks.recorder import Recorder
from app.training.checkpoint import Checkpoint, State
from app.training.compile import Targets, compile_model
from app.training.events import Events
from app.training.listeners import Console
from app.training.plan import Optimization
from app.training.recipes import adapted, resolve
from app.training.run import train
from tests.reporters import RecordingReporter


def quietly(config: RunSettings):
    return train(config, listeners=[])


# JAX compiles each network and size again, which takes half a minute, so only two are tested there.
KINDS = [(kind, name) for name in RECIPES for kind in RECIPES[name]]
TRAINED = (
    KINDS
    if keras.backend.backend() == "tensorflow"
    else [("digits", "fast"), ("photographs", "best")]
)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), TRAINED)
def test_train_every_recipe_saves_a_finished_model(kind, name, shapes, tmp_path):
    dataset = {"digits": "digits", "photographs": str(shapes)}[kind]
    size = {} if kind == "digits" else {"image_size": 32}
    outcome = quietly(
        RunSettings(
            dataset=dataset, recipe=name, epochs=1, limit=30, precision="float32",
            output=str(tmp_path), **size,
        )
    )  # fmt: skip
    assert outcome.card.finished
    assert outcome.card.configuration["recipe"] == name
    expected = f"-{name}" if name != "default" else f"-{outcome.card.configuration['model']}"
    assert outcome.folder.name.endswith(expected)


@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_recipe_docstring_has_its_command(kind, name):
    text = importlib.import_module(f"app.training.recipes.{kind}_{name}").__doc__
    flag = "" if name == "default" else f" --recipe {name}"
    dataset = {"digits": "mnist", "photographs": "catsdogs"}[kind]
    assert f"python train.py --dataset {dataset}{flag}\n" in text


@pytest.mark.parametrize(("kind", "name", "protocol"), [("photographs", "best", "full")])
def test_recipe_docstring_of_a_protocol_has_its_command(kind, name, protocol):
    text = importlib.import_module(f"app.training.recipes.{kind}_{name}_{protocol}").__doc__
    command = f"python train.py --dataset catsdogs --recipe {name} --protocol {protocol}"
    for flags in ("", " --model modern"):
        assert f"{command}{flags}\n" in text


def test_build_model_of_tiny_and_best_stays_below_the_parameter_limit():
    for name, most in (("tiny", 10_000), ("best", 1_000_000)):
        config = resolve(RunSettings(dataset="mnist", recipe=name))
        assert build_model(config.model, (28, 28, 1), 10, config.dropout).count_params() <= most


def test_resolve_lecture_recipe_has_the_settings_of_the_slide():
    config = resolve(RunSettings(dataset="catsdogs", recipe="lecture"))
    assert config.augment == "lecture"
    assert (config.epochs, config.batch_size, config.image_size) == (100, 20, 150)
    network = build_model(config.model, (150, 150, 3), 2, config.dropout)
    assert [layer.rate for layer in network.layers if hasattr(layer, "rate")] == [0.5]
    compile_model(network, Optimization.of(config), Targets(2), steps=10)
    assert isinstance(network.optimizer, keras.optimizers.RMSprop)
    assert float(network.optimizer.learning_rate) == pytest.approx(1e-4)
    assert network.optimizer.weight_decay is None


@pytest.mark.parametrize("classes", [2, 10])
def test_compile_model_soft_labels_uses_label_smoothing_of_keras(classes):
    config = resolve(RunSettings(label_smoothing=0.2))
    network = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(classes if classes > 2 else 1)]
    )
    compile_model(network, Optimization.of(config), Targets(classes, soft=True), steps=10)
    assert network.loss.get_config()["label_smoothing"] == 0.2


@pytest.mark.slow
def test_train_label_smoothing_finishes(tmp_path):
    run = RunSettings(
        dataset="digits", epochs=1, limit=40, label_smoothing=0.1, output=str(tmp_path)
    )
    assert quietly(run).card.finished


@pytest.mark.slow
def test_train_tta_averages_views_in_evaluation_and_prediction(tmp_path, capsys):
    run = RunSettings(
        dataset="digits", model="dense", epochs=2, limit=300, tta=True, augment="shear_range=10",
        output=str(tmp_path),
    )  # fmt: skip
    outcome = quietly(run)
    images = load_digits().test.images
    averaged = replace(load(outcome.folder, raw=True), temperature=1.0)
    plain = replace(averaged, views=averaged.views[:1])
    assert len(averaged.views) == 5
    moved = [np.roll(images, shift, axis) for shift, axis in ((1, 1), (-1, 1), (1, 2), (-1, 2))]
    wanted = np.mean([plain.probabilities(view) for view in (images, *moved)], axis=0)
    # Digits have empty borders, so rolling is shifting.
    assert np.abs(averaged.probabilities(images) - wanted).max() < 1e-5

    def measured(*flags: str) -> float:
        assert main(["evaluate", str(outcome.folder), "--json", *flags]) == 0
        return json.loads(capsys.readouterr().out)["loss"]

    loss = outcome.card.metrics["test"]["loss"]
    assert measured() == pytest.approx(loss, rel=1e-4)
    assert measured("--tta") == pytest.approx(loss, rel=1e-4)
    assert measured("--no-tta") != pytest.approx(loss, rel=1e-4)


@pytest.mark.slow
def test_train_photographs_are_evaluated_by_four_views(shapes, tmp_path, capsys):
    run = RunSettings(
        dataset=str(shapes), image_size=48, start_size=48, epochs=1, batch_size=8,
        precision="float32", output=str(tmp_path),
    )  # fmt: skip
    outcome = quietly(run)
    assert len(load(outcome.folder).views) == 4
    assert main(["evaluate", str(outcome.folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["loss"] == pytest.approx(
        outcome.card.metrics["test"]["loss"], rel=1e-3
    )


def weights_of(folder):
    return keras.models.load_model(folder / "model.keras", compile=False).get_weights()


def test_resolve_unknown_recipe_lists_the_known_ones():
    with pytest.raises(AppError, match="Expected one of: default, lecture, fast, best"):
        resolve(RunSettings(dataset="catsdogs", recipe="tiny"))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("decay", [0.0, 0.01])
def test_compile_model_every_optimizer_has_the_weight_decay(optimizer, decay):
    config = resolve(RunSettings(optimizer=optimizer, weight_decay=decay))
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    compile_model(network, Optimization.of(config), Targets(2), steps=10)
    assert (network.optimizer.weight_decay or 0.0) == decay


@pytest.mark.slow
def test_train_stand_in_uses_the_settings_it_reports(no_data, no_network, tmp_path, monkeypatch):
    from app.training import plan

    seen = []
    monkeypatch.setattr(
        plan, "parse_augmentation", lambda text: seen.append(text) or parse_augmentation(text)
    )
    reporter = RecordingReporter()
    config = RunSettings(dataset="mnist", model="dense", limit=30, output=str(tmp_path))
    outcome = train(config, listeners=[Console(reporter)])
    assert outcome.card.stand_in
    assert seen[-1] == outcome.card.configuration["augment"]
    assert "The stand-in has defaults of its own: epochs 15." in reporter.lines
    assert outcome.card.command.endswith("--stand-in always")


def test_train_start_size_for_a_fixed_size_network_raises_and_writes_nothing(shapes, tmp_path):
    models = tmp_path / "m"
    run = RunSettings(dataset=str(shapes), image_size=32, start_size=16, output=str(models))
    with pytest.raises(AppError, match="--start-size"):
        quietly(replace(run, model="convnet"))
    assert not models.exists()


@pytest.mark.slow
def test_train_final_size_evaluates_and_saves_for_larger_images(shapes, tmp_path, capsys):
    run = RunSettings(dataset=str(shapes), image_size=32, epochs=2, output=str(tmp_path / "m"))
    plain = quietly(replace(run, name="plain"))
    larger = quietly(replace(run, name="larger", final_size=40))
    assert (plain.card.image_size, larger.card.image_size) == ((32, 32), (40, 40))
    # Both were trained in the same way; only the size at evaluation differs.
    for ours, theirs in zip(*(weights_of(one.folder) for one in (plain, larger)), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=5e-3)  # threads add in any order
    loss = larger.card.metrics["test"]["loss"]
    assert loss != plain.card.metrics["test"]["loss"]
    assert main(["evaluate", str(larger.folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["loss"] == pytest.approx(loss, rel=1e-4)
    # A card without `final_size` means the training size; such a model is not overwritten.
    card = plain.folder / "card.json"
    written = json.loads(card.read_text("utf-8"))
    del written["configuration"]["final_size"]
    card.write_text(json.dumps(written), "utf-8")
    with pytest.raises(AppError, match="final-size 32, not 40"):
        quietly(replace(run, name="plain", final_size=40))


def test_should_stop_early_progressive_resizing_counts_from_full_size(tmp_path):
    sides = [8, 8, 16, 16, 16]
    given_up = []
    batches = Batches(np.zeros((8, 16, 16, 1), np.uint8), np.arange(8) % 2, 4, sides=sides)
    checkpoint = Checkpoint(tmp_path)
    for epoch in range(1, 6):
        checkpoint.start(State({}, {}, "float32", epoch=epoch, best_epoch=1))
        recorder = Recorder(checkpoint, batches, 2, Events())
        given_up.append(recorder.should_stop_early)
    assert given_up == [False, False, False, True, True]


@pytest.mark.parametrize(
    ("changes", "images", "epochs"),
    [
        ({}, 28, 600),  # one step each
        ({}, 65, 200),  # three
        ({}, 1_400, 100),  # the recipe's epochs have more than 600 steps
        ({"batch_size": 8}, 65, 100),
        ({"epochs": 5}, 28, 5),
        ({"recipe": "fast"}, 28, 600),
        ({"recipe": "fast"}, 1_400, 45),
    ],
)
def test_few_images_get_more_epochs_unless_they_are_given(changes, images, epochs):
    given = RunSettings(dataset="folder", **changes)
    config = resolve(given)
    assert adapted(given, config, images) == replace(config, epochs=epochs)

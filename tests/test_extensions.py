"""A user's own model, layer, augmentation, dataset, optimizer, recipe and experiment."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from app.augmentation.parsing import parse_augmentation
from app.cli import main
from app.config import RunSettings
from app.data.registry import load_dataset
from app.errors import AppError
from app.models import build_model
from app.references import import_module, import_reference, load_entry_points
from app.registries import MODELS, Registry
from app.training.recipes import resolve

ROOT = Path(__file__).parent.parent
MODULE = """
import keras
import numpy as np

from app.augmentation.augmentation import Augmentation
from app.data.dataset import Dataset, Split
from app.training.recipes.recipe import Recipe

CLASSES = ("row", "column", "empty")


@keras.saving.register_keras_serializable("garden")
class Halve(keras.layers.Layer):
    def call(self, x):
        return x / 2


def build(input_shape, num_classes, dropout):
    layers = [
        keras.Input(input_shape), keras.layers.Rescaling(1 / 255), Halve(name="halve"),
        keras.layers.Conv2D(4, 3, activation="relu", name="conv"), keras.layers.Flatten(),
        keras.layers.Dense(num_classes, activation="softmax"),
    ]
    return keras.Sequential(layers)


def upside_down(images, positions, seed, epoch):
    return images[:, ::-1]


MILD = Augmentation(width_shift_range=0.1)


def load():
    random = np.random.default_rng(0)
    images = random.integers(0, 60, (60, 12, 12, 1)).astype(np.uint8)
    labels = np.arange(60) % 3
    for image, label in zip(images, labels):
        position = random.integers(12)
        if label == 0:
            image[position] = 255
        elif label == 1:
            image[:, position] = 255
    def split(first, last):
        names = [f"lines/{i}" for i in range(first, last)]
        return Split(images[first:last], labels[first:last], names)
    return Dataset("lines", split(0, 36), split(36, 48), split(48, 60), CLASSES, 1, "generated")


def sgd(rate, weight_decay):
    return keras.optimizers.SGD(rate)


RECIPE = Recipe({
    "model": "garden.plants:build", "image_size": 12, "augment": "garden.plants:upside_down",
    "tta": False, "dropout": 0.0, "epochs": 2, "batch_size": 12, "optimizer": "garden.plants:sgd",
    "learning_rate": 0.01, "schedule": "constant", "weight_decay": 0.0, "label_smoothing": 0.0,
})


def count(options):
    from app.lab.result import ExperimentResult
    return ExperimentResult("Three classes were counted.", [{"dataset": "lines", "classes": 3}])


NUMBER = 7


def wrong(*arguments):
    return "a text"


def wrong_shape(images, positions, seed, epoch):
    return images[:, 1:]


def wrong_output(input_shape, num_classes, dropout):
    layers = [keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(7)]
    return keras.Sequential(layers)


def empty():
    dataset = load()
    return Dataset("a/b", dataset.train, dataset.validation, dataset.test, CLASSES, 1, "generated")


INCOMPLETE = Recipe({"model": "dense"})
"""


def write_garden(folder: Path) -> Path:
    """Write the package `garden`; return the folder."""
    package = folder / "garden"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "plants.py").write_text(MODULE, "utf-8")
    (package / "broken.py").write_text("1 / 0", "utf-8")
    return folder


@contextmanager
def garden_not_imported() -> Iterator[None]:
    """Within: as in a process that has not imported `garden`, and has not got its layer."""
    registered = keras.saving.get_custom_objects()

    def forget() -> None:
        for name in [name for name in sys.modules if name.partition(".")[0] == "garden"]:
            del sys.modules[name]
        registered.pop("garden>Halve", None)

    forget()
    yield
    forget()


@pytest.fixture
def garden(tmp_path, monkeypatch):
    """A folder with the module `garden.plants`, as the current one."""
    monkeypatch.chdir(write_garden(tmp_path))
    monkeypatch.setattr(sys, "path", [*sys.path])
    with garden_not_imported():
        yield tmp_path


def in_new_process(folder: Path, *command: str) -> str:
    """Return the standard output of a command that a new interpreter runs in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CONVLAB_CACHE": str(folder / "cache")}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def trained_garden(tmp_path_factory) -> Path:
    """The folder of `garden` after `python train.py` with its parts there, in a new process."""
    folder = write_garden(tmp_path_factory.mktemp("trained_garden"))
    in_new_process(
        folder, str(ROOT / "train.py"), "--dataset", "garden.plants:load", "--recipe",
        "garden.plants:RECIPE", "--name", "own", "--precision", "float32",
    )  # fmt: skip
    Image.new("L", (12, 12)).save(folder / "empty.png")
    return folder


@pytest.fixture
def trained(trained_garden, monkeypatch):
    """`trained_garden` as the current folder, nothing of it imported."""
    monkeypatch.chdir(trained_garden)
    monkeypatch.setattr(sys, "path", [*sys.path])
    with garden_not_imported():
        yield trained_garden


MODEL = "saved_models/own"
IMPORT = ("--import", "garden.plants")
DATASET = ("--dataset", "garden.plants:load")


def read_own_card(folder: Path) -> dict:
    return json.loads((folder / MODEL / "card.json").read_text("utf-8"))


@pytest.mark.slow
def test_train_own_parts_are_in_the_card(trained):
    card = read_own_card(trained)
    assert card["class_names"] == ["row", "column", "empty"]
    assert card["dataset"] == "garden.plants:load"
    for name, value in (
        ("model", "garden.plants:build"), ("augment", "garden.plants:upside_down"),
        ("optimizer", "garden.plants:sgd"), ("recipe", "garden.plants:RECIPE"),
    ):  # fmt: skip
        assert card["configuration"][name] == value
    assert "--dataset garden.plants:load" in card["command"]


@pytest.mark.slow
def test_predict_own_model(trained, capsys):
    assert main(["predict", MODEL, "empty.png", "--json", *IMPORT]) == 0
    (prediction,) = json.loads(capsys.readouterr().out)
    assert set(prediction["probabilities"]) == set(read_own_card(trained)["class_names"])


@pytest.mark.slow
def test_evaluate_own_model_in_a_new_process_gives_the_accuracy_of_the_card(trained):
    output = in_new_process(trained, "-m", "app", "evaluate", MODEL, "--json", *DATASET, *IMPORT)
    expected = read_own_card(trained)["metrics"]["test"]["accuracy"]
    assert json.loads(output)["accuracy"] == pytest.approx(expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "file"),
    [
        (["plot", "filters", MODEL, "-o", "{}", *IMPORT], "filters.png"),
        (["report", MODEL, "-o", "{}", *DATASET, *IMPORT], "report.html"),
    ],
)
def test_own_model_is_drawn(trained, tmp_path, words, file):
    assert main([word.format(tmp_path / file) for word in words]) == 0
    assert (tmp_path / file).stat().st_size > 1000


@pytest.mark.slow
def test_lab_own_experiment_writes_its_table(garden):
    assert main(["lab", "garden.plants:count", "-o", "lab"]) == 0
    assert "classes" in (garden / "lab/count.csv").read_text("utf-8")


@pytest.mark.slow
def test_evaluate_own_dataset_has_to_be_named(trained, capsys):
    """A card does not decide which code runs."""
    assert main(["evaluate", MODEL, *IMPORT]) == 2
    assert "garden.plants:load" in capsys.readouterr().err


@pytest.mark.slow
def test_plot_own_layer_without_import_is_refused(trained, tmp_path, capsys):
    assert main(["plot", "filters", MODEL, "-o", str(tmp_path / "filters.png")]) == 2
    assert "--import" in capsys.readouterr().err


def test_build_model_of_a_reference(garden):
    network = build_model("garden.plants:build", (12, 12, 1), 3, 0.0)
    assert network.get_layer("halve").__class__.__name__ == "Halve"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("garden.plants:NUMBER", "is a int, which cannot be called"),
        ("garden.plants:wrong", "returned a str"),
        ("garden.plants:wrong_output", r"returned a network from .* to \(None, 7\)"),
        ("garden.plants:bild", r"has no 'bild'[\s\S]*Did you mean 'build'"),
        ("garden.roses:build", "is not there"),
        ("nowhere:build", "is not there"),
        ("garden.broken:build", "cannot be imported: ZeroDivisionError"),
        ("os:abort", "a module of Python itself"),
    ],
)
def test_build_model_refuses(garden, name, message):
    with pytest.raises(AppError, match=message) as caught:
        build_model(name, (12, 12, 1), 3, 0.0)
    assert caught.value.received
    assert caught.value.expected.startswith("Expected")


def test_parse_augmentation_of_a_reference(garden):
    images = np.arange(2 * 4 * 4 * 1, dtype=np.uint8).reshape(2, 4, 4, 1)
    augment = parse_augmentation("garden.plants:upside_down")
    np.testing.assert_array_equal(augment(images, np.arange(2), 0, 0), images[:, ::-1])
    assert not augment.mixes
    assert str(augment) == "garden.plants:upside_down"
    assert parse_augmentation("garden.plants:MILD").width_shift_range == 0.1
    with pytest.raises(AppError, match=r"returned a ndarray of shape \(2, 3, 4, 1\)"):
        parse_augmentation("garden.plants:wrong_shape")(images, np.arange(2), 0, 0)


@pytest.mark.parametrize("name", ["NUMBER", "Halve"])
def test_parse_augmentation_refuses_an_invalid_reference(garden, name):
    with pytest.raises(AppError, match="cannot transform images"):
        parse_augmentation(f"garden.plants:{name}")


def test_load_dataset_of_a_reference(garden):
    dataset = load_dataset("garden.plants:load", garden)
    assert (dataset.name, len(dataset.train), dataset.channels) == ("lines", 36, 1)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("NUMBER", "is a int, which cannot be called"),
        ("wrong", r"returned a str[\s\S]*Expected a function that returns a app.data.dataset.Dat"),
        ("empty", "name is 'a/b'"),
    ],
)
def test_load_dataset_refuses(garden, name, message):
    with pytest.raises(AppError, match=message):
        load_dataset(f"garden.plants:{name}", garden)


def test_resolve_recipe_of_a_reference(garden):
    config = resolve(RunSettings(dataset="digits", recipe="garden.plants:RECIPE", epochs=9))
    assert (config.model, config.epochs, config.batch_size) == ("garden.plants:build", 9, 12)
    assert config.start_size == config.final_size == 12


@pytest.mark.parametrize(
    ("name", "message"),
    [("NUMBER", "is a int"), ("INCOMPLETE", "lacks epochs, batch_size")],
)
def test_resolve_refuses_an_invalid_recipe(garden, name, message):
    with pytest.raises(AppError, match=message):
        resolve(RunSettings(recipe=f"garden.plants:{name}"))


def test_resolve_unknown_model_keeps_the_values_of_the_recipe(garden):
    config = resolve(RunSettings(dataset="catsdogs", model="garden.plants:build"))
    assert (config.epochs, config.start_size) == (20, config.image_size)


def test_registry_register_refuses_a_duplicate():
    registry = Registry("--model", {"dense": "app.models.dense:build_dense"})
    registry.register("own", "garden.plants:build")
    assert list(registry) == ["dense", "own"]
    with pytest.raises(AppError, match="'own' is registered already"):
        registry.register("own", "garden.plants:build")
    with pytest.raises(AppError, match="reads like a reference"):
        registry.register("a:b", "garden.plants:build")


RAISING = """
def build(input_shape, num_classes, dropout):
    return {}["x"]


def two(input_shape, num_classes):
    return None


def augment(images, positions, seed, epoch):
    return images.nothing


def load():
    raise FileNotFoundError("no file here: data.npz")
"""


def test_user_function_that_raises_is_an_error_with_its_line(garden):
    (garden / "raising.py").write_text(RAISING, "utf-8")
    module = garden / "raising.py"
    images = np.zeros((2, 4, 4, 1), np.uint8)
    augmentation = parse_augmentation("raising:augment")
    cases = [
        (lambda: build_model("raising:build", (4, 4, 1), 3, 0.0), "KeyError", 3),
        (lambda: build_model("raising:two", (4, 4, 1), 3, 0.0), "TypeError", None),
        (lambda: augmentation(images, np.arange(2), 0, 0), "AttributeError", 11),
        (lambda: load_dataset("raising:load", garden), "FileNotFoundError", 15),
    ]
    for call, kind, line in cases:
        with pytest.raises(AppError) as caught:
            call()
        message = str(caught.value)
        assert f"raised {kind}" in message
        assert "Expected a" in message
        assert "Add your own" in message
        if line is not None:
            assert f"in '{module}', line {line}" in message
    del sys.modules["raising"]


def test_plot_augment_dataset_of_a_reference(garden):
    output = garden / "samples.png"
    assert main(["plot", "augment", "garden.plants:load", "-o", str(output)]) == 0
    assert output.stat().st_size > 1000


def test_registry_load_unknown_name_lists_the_known():
    with pytest.raises(AppError) as caught:
        MODELS.load("modren")
    assert caught.value.expected.startswith("Expected one of: dense, local")
    assert caught.value.expected.endswith("or package.module:attribute.")
    assert caught.value.fix == "Did you mean 'modern'?"


def test_import_module_passes_on_an_app_error(garden):
    (garden / "strict.py").write_text(
        "from app.errors import AppError\nraise AppError('No license.')", "utf-8"
    )
    with pytest.raises(AppError, match="No license"):
        import_module("strict", "--import strict")


def test_import_reference_of_a_nested_attribute(garden):
    assert import_reference("garden.plants:Halve.call", "--model").__name__ == "call"


def test_load_entry_points_broken_one_warns(garden, monkeypatch):
    from importlib import metadata

    (garden / "fine.py").write_text("", "utf-8")
    points = [
        metadata.EntryPoint("fine", "fine", "convlab"),
        metadata.EntryPoint("broken", "garden.broken", "convlab"),
    ]
    monkeypatch.setattr(metadata, "entry_points", lambda group: points)
    monkeypatch.syspath_prepend(garden)
    load_entry_points.cache_clear()
    with pytest.warns(UserWarning, match="'broken' .* cannot be imported: division by zero"):
        load_entry_points()
    assert "fine" in sys.modules
    load_entry_points.cache_clear()

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from app.classifier import load
from app.errors import AppError, AppWarning
from app.export.litert import TOLERANCE, LiteRTModel
from app.layers import ResidualBlock
from app.storage.card import read_card
from app.storage.finding import find_model
from app.storage.folder import file_hash, list_models, read_history


@pytest.fixture
def model(shapes_model, tmp_path) -> Path:
    """A copy of the trained model that a test may damage."""
    return Path(shutil.copytree(shapes_model[0], tmp_path / "model"))


def batch(count=5, side=32):
    return np.random.default_rng(1).integers(0, 256, (count, side, side, 3), np.uint8)


@pytest.mark.parametrize("count", [1, 5, 33])
def test_litert_model_gives_the_outputs_of_keras(model, count):
    twin = LiteRTModel(model / "model.tflite")
    expected = keras.models.load_model(model / "model.keras")(batch(count), training=False)
    assert twin.input_shape == (32, 32, 3)
    assert twin.num_outputs == 3
    assert np.abs(twin(batch(count)) - keras.ops.convert_to_numpy(expected)).max() <= TOLERANCE
    assert "differs from Keras by" in read_card(model / "card.json").twin


def test_load_uses_litert_only_if_the_file_belongs_to_the_model(model):
    assert load(model).engine == "litert"
    twin = model / "model.tflite"
    twin.write_bytes(twin.read_bytes() + b"x")
    assert load(model).engine == "keras"
    twin.unlink()
    assert load(model).engine == "keras"


def test_load_of_a_changed_model_uses_it_with_a_warning(model):
    network = keras.models.load_model(model / "model.keras")
    network.set_weights([w * 0 for w in network.get_weights()])
    network.save(model / "model.keras")
    with pytest.warns(AppWarning, match="not the file that its card describes"):
        loaded = load(model)
    assert loaded.engine == "keras"
    np.testing.assert_allclose(loaded.outputs(batch()), 1 / 3, atol=1e-6)


def test_predict_gives_the_same_with_litert_and_keras(model, shapes_model):
    images = sorted(shapes_model[1].glob("*/*.png"))[::5]
    fast = load(model).predict(images)
    (model / "model.tflite").unlink()
    slow = load(model).predict(images)
    for one, other in zip(fast, slow, strict=True):
        assert one.label == other.label
        assert one.probability == pytest.approx(other.probability, abs=1e-5)


@pytest.mark.parametrize(
    "change",
    [{"class_names": ["a", "b", "c", "d"]}, {"image_size": [30, 32]}, {"channels": 1}],
    ids=str,
)
@pytest.mark.parametrize("engine", ["litert", "keras"])
def test_load_with_a_card_that_disagrees_is_refused(model, change, engine):
    card = json.loads((model / "card.json").read_text())
    (model / "card.json").write_text(json.dumps({**card, **change}))
    if engine == "keras":
        (model / "model.tflite").unlink()
    with pytest.raises(AppError, match="disagrees"):
        load(model)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"class_names": 3}', "\x00", '{"name": "x"'],
)
def test_read_card_of_a_damaged_file_is_explained(model, content):
    (model / "card.json").write_text(content)
    with pytest.raises(AppError, match=r"card\.json"):
        load(model)


def test_read_card_of_impossible_values_is_refused(model):
    card = json.loads((model / "card.json").read_text())
    for change in (
        {"class_names": ["one"]},
        {"image_size": [0, 3]},
        {"channels": 2},
        {"metrics": {}},
        {"metrics": {"validation": {"accuracy": "high"}, "test": None}},
        {"parameters": "many"},
        {"created": 5},
        {"files": None},
        {"configuration": "x"},
    ):
        (model / "card.json").write_text(json.dumps({**card, **change}))
        with pytest.raises(AppError, match="cannot be used as a model's card"):
            read_card(model / "card.json")


def test_read_card_of_a_newer_program_ignores_unknown_fields(model):
    card = json.loads((model / "card.json").read_text())
    (model / "card.json").write_text(json.dumps({**card, "new_field": 1}))
    assert read_card(model / "card.json").name == card["name"]


def test_load_of_a_keras_file_warns_of_the_missing_card(model, tmp_path):
    bare = tmp_path / "bare.keras"
    shutil.copy(model / "model.keras", bare)
    with pytest.warns(AppWarning, match="no card"):
        network = load(bare)
    assert network.class_names == ("class 0", "class 1", "class 2")
    np.testing.assert_allclose(network.outputs(batch()), load(model).outputs(batch()), atol=1e-5)


def test_load_of_a_keras_2_file_warns_of_the_missing_card(tmp_path):
    import tf_keras

    layers = tf_keras.layers
    old = tf_keras.Sequential(
        [
            layers.InputLayer((20, 20, 3)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tf_keras advises against its own format
        old.save(tmp_path / "old.h5")
    images = batch(side=20)
    expected = old.predict(images.astype("float32"), verbose=0)
    with pytest.warns(AppWarning, match="no layer rescales"):
        network = load(tmp_path / "old.h5")
    assert network.class_names == ("class 0", "class 1")
    np.testing.assert_allclose(network.outputs(images), expected, atol=1e-4)


@pytest.mark.parametrize("damage", ["truncated", "text", "foreign zip", "no image"])
def test_load_of_an_unusable_file_is_explained(model, damage, tmp_path):
    path = tmp_path / "m.keras"
    whole = (model / "model.keras").read_bytes()
    if damage == "truncated":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "text":
        path.write_text("hello")
    elif damage == "foreign zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.txt", "hello")
    else:
        keras.Sequential([keras.Input((5,)), keras.layers.Dense(2)]).save(path)
    with pytest.raises(AppError, match="Expected"):
        load(path)


def test_load_of_an_unsafe_lambda_is_refused(tmp_path):
    network = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Lambda(lambda x: x * 2), keras.layers.Flatten()]
    )
    network.save(tmp_path / "lambda.keras")
    with pytest.raises(AppError, match="cannot be loaded"):
        load(tmp_path / "lambda.keras")


def test_find_model_takes_a_folder_a_name_or_a_file(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "saved_models").mkdir()
    model.rename(tmp_path / "saved_models" / "mine")
    assert find_model(Path("mine")) == Path("saved_models/mine")
    assert find_model(Path("saved_models/mine")) == Path("saved_models/mine")
    for bad, text in (("none", "does not exist"), ("saved_models", "holds no model")):
        with pytest.raises(AppError, match=text):
            find_model(Path(bad))


def test_list_models_with_a_damaged_card_returns_its_error(model):
    damaged = model.parent / "damaged"
    damaged.mkdir()
    (damaged / "card.json").write_text("{")
    found = dict(list_models(model.parent))
    assert isinstance(found[damaged], AppError)
    assert found[model] == read_card(model / "card.json")


def test_read_history_of_a_cut_file_drops_the_last_row(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("epoch,loss\n1,0.5\n2,0.4\n3")
    assert read_history(path) == [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.4}]


@pytest.mark.slow
def test_save_model_with_a_wrong_litert_file_drops_it(model, tmp_path, monkeypatch):
    from app.storage import saving

    class Liar(LiteRTModel):
        def __call__(self, images):
            return super().__call__(images) + 0.5

    monkeypatch.setattr("app.export.litert.LiteRTModel", Liar)
    network = keras.models.load_model(model / "model.keras")
    card = replace(read_card(model / "card.json"), name="liar")
    history = read_history(model / "history.csv")
    saved = saving.save_model(
        tmp_path / "liar", card, saving.TrainedModel(network, history, batch())
    )
    assert saved.twin.startswith("none: it differed")
    assert not (tmp_path / "liar" / "model.tflite").exists()
    assert load(tmp_path / "liar").engine == "keras"


def test_save_model_with_a_failing_converter_keeps_the_model(model, tmp_path, monkeypatch):
    from app.storage import saving

    def fail(*_arguments):
        raise RuntimeError("unsupported operation")

    monkeypatch.setattr("app.export.litert._convert", fail)
    if keras.backend.backend() != "tensorflow":
        pytest.skip("elsewhere the converter runs in a process of its own")
    network = keras.models.load_model(model / "model.keras")
    history = read_history(model / "history.csv")
    card = read_card(model / "card.json")
    saved = saving.save_model(
        tmp_path / "plain", card, saving.TrainedModel(network, history, batch())
    )
    assert saved.twin == "none: the converter failed: unsupported operation"
    assert load(tmp_path / "plain").engine == "keras"


@pytest.mark.slow
def test_saved_model_loads_on_the_other_backend(model):
    other = {"tensorflow": "jax", "jax": "tensorflow"}[keras.backend.backend()]
    if importlib.util.find_spec(other) is None:
        pytest.skip(f"{other} is not installed")
    code = (
        "import app.layers, keras, numpy as np, sys;"
        f"m = keras.models.load_model(r'{model / 'model.keras'}');"
        "x = np.random.default_rng(1).integers(0, 256, (5, 32, 32, 3), np.uint8);"
        "print(keras.ops.convert_to_numpy(m(x, training=False)).tolist())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"KERAS_BACKEND": other},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    ours = LiteRTModel(model / "model.tflite")(batch())
    np.testing.assert_allclose(json.loads(done.stdout.splitlines()[-1]), ours, atol=1e-5)


def test_save_model_without_a_converter_writes_no_litert_file(model, tmp_path, monkeypatch):
    from app.storage import saving

    monkeypatch.setattr("app.export.litert.convert", lambda model, target: "no TensorFlow here")
    network = keras.models.load_model(model / "model.keras")
    history = read_history(model / "history.csv")
    card = read_card(model / "card.json")
    saved = saving.save_model(
        tmp_path / "plain", card, saving.TrainedModel(network, history, batch())
    )
    assert saved.twin == "none: no TensorFlow here"
    assert load(tmp_path / "plain").engine == "keras"


@pytest.mark.slow
def test_saved_model_without_the_package_names_what_to_import(tmp_path):
    """Keras imports no module that a file names; its message is all that its reader gets."""
    keras.Sequential([keras.Input((8, 8, 3)), ResidualBlock(4)]).save(tmp_path / "ours.keras")
    code = (
        "import sys, keras\n"
        "try:\n"
        f"    keras.models.load_model(r'{tmp_path / 'ours.keras'}')\n"
        "except TypeError as error:\n"
        "    print(error)\n"
        "assert not [name for name in sys.modules if name.partition('.')[0] == 'app']\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Could not locate class 'ResidualBlock'" in done.stdout
    assert "make sure they are all imported" in done.stdout
    assert "'module': 'app.layers.residual_block'" in done.stdout  # to import
    assert "'registered_name': 'convlab>ResidualBlock'" in done.stdout  # to install


def test_load_with_an_unreadable_litert_file_uses_keras(model, monkeypatch):
    expected = load(model).outputs(batch())
    (model / "model.tflite").write_bytes(b"no twin")
    card = json.loads((model / "card.json").read_text())
    card["files"]["model.tflite"] = file_hash(model / "model.tflite")
    (model / "card.json").write_text(json.dumps(card))
    with pytest.warns(AppWarning, match=r"cannot be loaded as a LiteRT model.*Keras is used"):
        network = load(model)
    assert network.engine == "keras"
    np.testing.assert_allclose(network.outputs(batch()), expected, atol=1e-5)

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("app.storage.loading.LiteRTModel", refuse)
    with pytest.warns(AppWarning, match=r"Permission denied\. Keras is used"):
        assert load(model).engine == "keras"


def test_litert_model_that_fails_while_running_is_explained(model, monkeypatch):
    twin = LiteRTModel(model / "model.tflite")

    class Broken:
        def __getattr__(self, name):
            raise RuntimeError("node 3 failed to invoke")

    monkeypatch.setattr(twin, "_interpreter", Broken())
    with pytest.raises(AppError, match="cannot be run by LiteRT: node 3 failed") as caught:
        twin(batch())
    assert caught.value.status == 1


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (np.nan, "not finite"),
        (-0.5, "gave -0.5 as a probability"),
        (2.5, r"gave 2\.5 as a probability"),
        (0.9, "add up to"),
    ],
)
def test_predict_with_invalid_outputs_reports_an_error_per_image(model, monkeypatch, wrong, text):
    from app.evaluate import evaluate

    class Damaged(LiteRTModel):
        def __call__(self, images):
            rows = super().__call__(images)
            rows[0] = [wrong, 0.5, 0.5]
            return rows

    monkeypatch.setattr("app.storage.loading.LiteRTModel", Damaged)
    classifier = load(model)
    data = classifier.card.dataset
    first, second = sorted(Path(data).glob("disc/*.png"))[:2]
    bad, good = classifier.predict([first, second])
    assert re.search(text, bad.error)
    assert not bad.probabilities
    assert good.label == "disc"
    with pytest.raises(AppError, match=f"cannot classify 1 of(.|\n)*{text}"):
        evaluate(classifier)

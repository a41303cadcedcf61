"""`python train.py`: flags, output and names of models."""

import json

import pytest

from app.cli.settings import read_settings
from app.cli.train import describe
from app.cli.train import main as train_main
from app.config import RunSettings
from app.storage.card import read_card
from app.training.recipes import resolve
from tests.shipped import MODELS, SHIPPED


def test_train_unknown_model_lists_the_known(run):
    status, _, err = run("--model", "denze", entry_point=train_main)
    assert status == 2
    assert "Expected one of: dense," in err
    assert "Did you mean 'dense'?" in err


@pytest.mark.slow
def test_train_prints_the_configuration_first(run, shapes, tmp_path):
    status, out, err = run(
        "--dataset", shapes, "--epochs", 1, "--image-size", 16, "--batch-size", 8,
        "--precision", "float32", "--output", tmp_path / "models", entry_point=train_main,
    )  # fmt: skip
    assert status == 0, err
    assert out.startswith("dataset")
    assert out.index("learning-rate") < out.index("epoch   accuracy")
    assert "Test accuracy" in out
    assert "python -m app predict" in out
    paths = (str(tmp_path), str(shapes))  # as long as they are
    assert max(len(one) for one in out.splitlines() if not any(p in one for p in paths)) <= 80
    # Only a terminal breaks messages into lines.
    assert {line.partition(": ")[0] for line in err.splitlines()} == {"warning"}


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (["--dataset", "nowhere"], "neither a dataset nor a folder"),
        (["--dataset", "{shapes}/disc"], "no class folders"),
        (["--dataset", "{shapes}/disc/0.png"], "is a file"),
        (["--dataset", "{shapes}", "--model", "convnet", "--image-size", "9"], "is too small for"),
        (["--dataset", "{shapes}", "--model", "modern", "--image-size", "3"], "too small"),
        (["--dataset", "{shapes}", "--resume"], "no unfinished run"),
        (["--dataset", "{shapes}", "--labels", "none.csv"], "'none.csv' cannot be read"),
        (["--labels", "none.csv"], "--labels with the dataset 'mnist'"),
        (["--epochs", "0"], "--epochs is 0"),
        (["--dataset", "mnist", "--stand-in", "never"], "network"),
        (["--dataset", "{shapes}", "--output", "{shapes}/disc/0.png"], "is a file"),
    ],
)  # fmt: skip
def test_train_user_errors(run, shapes, no_data, no_network, flags, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, _, err = run(*(f.format(shapes=shapes) for f in flags), entry_point=train_main)
    assert status in (1, 2)
    assert status == 2 or "--stand-in" in flags
    assert text in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "flags",
    [
        ["--epochs", "many"],
        ["--learning-rate", "fast"],
        ["--nonsense"],
        ["--epoch", "3"],
    ],
)
def test_train_wrong_usage(run, flags):
    status, _, err = run(*flags, entry_point=train_main)
    assert status == 2
    assert "usage:" in err


@pytest.mark.slow
def test_train_refuses_a_taken_name_and_numbers_a_default_one(run, shapes, tmp_path):
    flags = ["--dataset", shapes, "--model", "dense", "--image-size", 16]
    flags += ["--precision", "float32", "--output", tmp_path]
    assert run(*flags, "--epochs", 1, "--name", "mine", entry_point=train_main)[0] == 0
    before = (tmp_path / "mine" / "model.keras").read_bytes()
    status, _, err = run(*flags, "--epochs", 2, "--name", "mine", entry_point=train_main)
    assert status == 2
    assert "epochs 1, not 2" in err
    assert (tmp_path / "mine" / "model.keras").read_bytes() == before
    assert (
        run(*flags, "--epochs", 2, "--name", "mine", "--overwrite", entry_point=train_main)[0] == 0
    )
    assert run(*flags, "--epochs", 1, entry_point=train_main)[0] == 0
    assert run(*flags, "--epochs", 2, entry_point=train_main)[0] == 0
    assert {p.name for p in tmp_path.iterdir()} >= {"mine", "shapes-dense", "shapes-dense-2"}


def test_a_long_augmentation_fits_the_terminal():
    text = "rotation_range=15,zoom_range=[0.9,1.1],width_shift_range=0.1,horizontal_flip=true"
    asked = RunSettings(augment=text)
    shown = describe(asked, resolve(asked))
    assert max(map(len, shown)) <= 80
    assert text in "".join("".join(shown).split())


def test_train_show_config_says_where_each_value_comes_from(run, tmp_path):
    file = tmp_path / "settings.json"
    file.write_text('{"epochs": 4, "dropout": 0.1}', "utf-8")
    flags = ["--dataset", "digits", "--config", str(file), "--dropout", "0.2", "--show-config"]
    status, out, _ = run(*flags, entry_point=train_main)
    assert status == 0
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line.split()}
    assert rows["dataset"] == ["digits", "flag"]
    assert rows["dropout"] == ["0.2", "flag"]
    assert rows["epochs"][:3] == ["4", "config", "file"]
    assert rows["batch-size"] == ["128", "recipe", "default"]
    assert rows["learning-rate"] == ["0.004", "recipe", "default,", "model", "modern"]
    assert rows["seed"] == ["0", "default"]


def test_train_show_config_says_that_few_images_get_more_epochs(run):
    out = run("--dataset", "catsdogs", "--show-config", entry_point=train_main)[1]
    row = next(line for line in out.splitlines() if line.split()[:1] == ["epochs"])
    assert "; more for" in row
    out = run("--dataset", "catsdogs", "--epochs", 9, "--show-config", entry_point=train_main)[1]
    assert "; more for" not in out


def test_train_config_of_a_card_repeats_the_model_but_replaces_nothing(run, tmp_path):
    card = json.loads((MODELS / "mnist-convnet" / "card.json").read_text("utf-8"))
    assert card["configuration"]["overwrite"]  # of that run
    file = tmp_path / "card.json"
    for stand_in in (False, True):
        file.write_text(json.dumps(card | {"stand_in": stand_in}), "utf-8")
        out = run("--config", file, "--epochs", 2, "--show-config", entry_point=train_main)[1]
        rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line.split()}
        assert rows["model"][:3] == ["convnet", "config", "file"]
        assert rows["epochs"] == ["2", "flag"]
        assert rows["learning-rate"][0] == "0.002"
        assert rows["name"] == ["None", "default"]
        assert rows["overwrite"] == ["no", "default"]
        assert rows["stand-in"][0] == ("always" if stand_in else "auto")

    file.write_text(json.dumps({"overwrite": True, "epochs": 3}), "utf-8")  # the user's own wish
    assert read_settings(file) == {"overwrite": True, "epochs": 3}


@pytest.mark.parametrize("name", SHIPPED)
def test_train_config_accepts_the_card_of_each_shipped_model(name):
    card = read_card(MODELS / name / "card.json")
    chosen = read_settings(MODELS / name / "card.json")
    assert "overwrite" not in chosen
    assert "name" not in chosen
    resolved = resolve(RunSettings(**chosen)).model_settings()
    kept = {n: v for n, v in card.configuration.items() if n in resolved}
    assert {n: resolved[n] for n in kept} == kept


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read"),
        ("[1]", "holds a list"),
        ('{"epoch": 4}', "sets 'epoch', which is unknown"),
        ('{"epochs": "four"}', "sets epochs to 'four'"),
        ('{"epochs": true}', "sets epochs to True"),
    ],
)
def test_train_config_refuses_a_file(run, tmp_path, text, message):
    file = tmp_path / "settings.json"
    file.write_text(text, "utf-8")
    status, _, err = run("--config", str(file), entry_point=train_main)
    assert status == 2
    assert message in err
    assert "Expected an object of settings" in err

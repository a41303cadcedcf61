"""Commands, run in this process, or in one of their own where that matters."""

import argparse
import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from app.cli import build_parser, main
from app.cli.train import build_parser as build_train_parser
from app.cli.train import describe
from app.cli.train import main as train_main
from app.config import RunSettings
from app.training.recipes import resolve

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(capsys):
    """Run a command; return exit status, standard output and standard error."""

    def call(*arguments, entry_point=main):
        capsys.readouterr()
        try:
            status = entry_point([str(argument) for argument in arguments])
        except SystemExit as error:
            status = error.code
        return status, *capsys.readouterr()

    return call


# --- predict


def test_predict_table_json_csv(run, shapes_model):
    folder, data = shapes_model
    image = data / "disc" / "0.png"
    status, out, err = run("predict", folder, image)
    assert (status, err) == (0, "")
    assert "probability" in out

    status, out, _ = run("predict", folder, image, data / "down", "--json")
    found = json.loads(out)
    assert status == 0
    assert len(found) == 13
    assert set(found[0]) == {"image", "label", "probability", "probabilities"}
    assert found[0]["image"] == str(image)
    assert set(found[0]["probabilities"]) == {"across", "disc", "down"}
    assert found[0]["probability"] == max(found[0]["probabilities"].values())

    status, out, _ = run("predict", folder, data / "d*" / "1.png", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [Path(row["image"]).parent.name for row in rows] == ["disc", "down"]
    assert sum(float(rows[0][name]) for name in ("across", "disc", "down")) == pytest.approx(
        1, abs=1e-5
    )


def test_predict_reads_standard_input(shapes_model):
    folder, data = shapes_model
    done = subprocess.run(
        [sys.executable, "-m", "app", "predict", str(folder), "-", "--json"],
        input=(data / "disc" / "0.png").read_bytes(),
        capture_output=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr == b""
    assert json.loads(done.stdout)[0]["image"] == "-"


def test_predict_does_the_rest_after_a_bad_file(run, shapes_model, tmp_path):
    folder, data = shapes_model
    bad = tmp_path / "bad.jpg"
    bad.write_text("hello")
    status, out, err = run("predict", folder, bad, data / "disc" / "0.png", "--json")
    assert status == 1
    failed, good = json.loads(out)
    assert failed["image"] == str(bad)
    assert failed["error"].startswith("not an image")
    assert (failed["label"], failed["probability"], failed["probabilities"]) == (None, 0, {})
    assert good["label"] == "disc"
    assert "error" not in good
    assert f"skipped '{bad}': not an image" in err

    _, out, _ = run("predict", folder, bad, data / "disc" / "0.png", "--csv")
    failed, good = csv.DictReader(io.StringIO(out))
    assert failed["error"].startswith("not an image")
    assert failed["label"] == ""
    assert (good["label"], good["error"]) == ("disc", "")


def test_predict_top(run, shapes_model):
    folder, data = shapes_model
    for top in (1, 2, 3):
        _, out, _ = run("predict", folder, data / "disc" / "0.png", "--top", top)
        assert out.count("%") == top


def test_predict_names_a_long_folder_once(run, shapes_model, tmp_path, monkeypatch):
    folder, data = shapes_model
    place = tmp_path / "a folder whose name would leave the table no room"
    shutil.copytree(data, place)
    status, out, _ = run("predict", folder, place / "disc" / "0.png", place / "down" / "1.png")
    assert status == 0
    assert out.startswith(f"images in {place}\n")
    assert [row.split()[0] for row in out.splitlines() if "%" in row] == [
        str(Path("disc", "0.png")), str(Path("down", "1.png")),
    ]  # fmt: skip

    monkeypatch.chdir(data)  # a relative and an absolute path share no folder
    _, out, _ = run("predict", folder, "disc/0.png", place / "down" / "1.png")
    assert "images in" not in out
    assert "disc/0.png" in out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["predict", "no-model", "x.png"], "does not exist"),
        (["predict", "{model}", "{empty}"], "holds no image"),
        (["predict", "{model}", "{empty}/*.png"], "No file matches"),
        (["predict", "{model}", "x.png", "--top", "0"], "--top is 0"),
        (["predict", "{data}/disc/0.png", "x.png"], "file of another kind"),
        (["evaluate", "{model}", "--dataset", "{empty}"], "no class folders"),
        (["evaluate", "{model}", "--dataset", "digits"], "the model knows"),
        (["evaluate", "{model}", "-o", "{data}/disc/0.png"], "is a file"),
        (["models", "--output", "{empty}/none"], "There is no folder"),
        (["data", "info", "nowhere"], "neither a dataset nor a folder"),
        (["data", "check", "{data}/disc/0.png"], "is a file"),
        (["data", "fetch", "digits"], "has no download"),
        (["data", "info", "{data}", "-o", "sheet.txt"], "files .txt are not written"),
    ],
)
def test_user_errors_exit_2_without_a_traceback(run, shapes_model, tmp_path, arguments, text):
    folder, data = shapes_model
    (tmp_path / "empty").mkdir()
    places = {"model": folder, "data": data, "empty": tmp_path / "empty"}
    status, out, err = run(*(a.format(**places) for a in arguments))
    assert status == 2
    assert text in err
    assert out == ""
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["predict"],
        ["data"],
        ["evaluate", "m", "--split", "x"],
        ["predict", "m", "i", "--t", "3"],
        ["plot", "filters", "m", "-o=--"],
    ],
)
def test_wrong_usage_exits_2(run, arguments):
    status, _, err = run(*arguments)
    assert status == 2
    assert "usage:" in err


def test_train_unknown_model_lists_the_known(run):
    status, _, err = run("--model", "denze", entry_point=train_main)
    assert status == 2
    assert "Expected one of: dense," in err
    assert "Did you mean 'dense'?" in err


# --- evaluate, models, data


def test_evaluate_json_and_pictures(run, shapes_model, tmp_path):
    folder, _ = shapes_model
    status, out, err = run(
        "evaluate", folder, "--split", "all", "--json", "-o", tmp_path / "report"
    )
    assert status == 0, err
    found = json.loads(out)
    assert found["n"] == 36
    assert found["split"] == "all"
    assert 0 <= found["accuracy"] <= 1
    assert sum(map(sum, found["confusion_matrix"])) == 36
    assert found["per_class"]["disc"]["n"] == 12
    with Image.open(tmp_path / "report" / "confusion.png") as picture:
        assert picture.width == 1200
    assert (tmp_path / "report" / "worst_errors.png").exists() == (found["accuracy"] < 1)
    low, high = found["accuracy_interval"]
    assert low <= found["accuracy"] <= high
    with (tmp_path / "report" / "predictions.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(found["predictions"]) == 36
    for row, one in zip(rows, found["predictions"], strict=True):
        assert (row["image"], row["true"]) == (one["image"], one["true"])
        assert row["true"] == row["image"].split("/")[0]
        probabilities = {name: float(row[name]) for name in found["class_names"]}
        assert probabilities == pytest.approx(one["probabilities"])
        assert row["predicted"] == max(probabilities, key=probabilities.get)
        assert float(row["probability"]) == max(probabilities.values())
    wrong = {row["image"] for row in rows if row["true"] != row["predicted"]}
    assert {error["image"] for error in found["errors"]} == wrong
    assert len(wrong) == round(36 * (1 - found["accuracy"]))


def test_evaluate_gives_the_card_s_numbers(run, shapes_model):
    folder, _ = shapes_model
    card = json.loads((folder / "card.json").read_text())
    for split in ("validation", "test"):
        _, out, err = run("evaluate", folder, "--split", split, "--json")
        found = json.loads(out)
        assert err == f"evaluating {folder} …\n"  # no note: the images are those of the card
        assert found["accuracy"] == pytest.approx(card["metrics"][split]["accuracy"])
        assert found["loss"] == pytest.approx(card["metrics"][split]["loss"], rel=1e-3)


def test_evaluate_maps_classes_by_name_whatever_their_case(run, shapes_model, tmp_path):
    folder, data = shapes_model
    renamed = tmp_path / "shapes"
    for name, other in (("across", "across"), ("disc", "DISC"), ("down", "DOWN")):
        shutil.copytree(data / name, renamed / other)
    found = [
        json.loads(run("evaluate", folder, "--dataset", place, "--split", "all", "--json")[1])
        for place in (data, renamed)
    ]
    assert found[0]["per_class"] == found[1]["per_class"]
    assert found[0]["accuracy"] == found[1]["accuracy"]


def test_evaluate_table_and_tta(run, shapes_model):
    folder, data = shapes_model
    status, out, _ = run("evaluate", folder, "--dataset", data, "--tta")
    assert status == 0
    assert "accuracy" in out
    assert "most often confused with" in out
    assert "mean over several views" in out
    assert "several views" not in run("evaluate", folder, "--dataset", data)[1]


def test_evaluate_says_that_no_view_is_fair(run, shapes_model, monkeypatch):
    folder, data = shapes_model
    monkeypatch.setattr("app.augmentation.tta._SMALL_SIDE", 0)
    monkeypatch.setattr("app.augmentation.tta._LARGEST_CROP", 0)
    command = ["evaluate", folder, "--dataset", data]
    assert "--tta changes nothing" in run(*command, "--tta")[2]
    assert "--tta" not in run(*command)[2]


def test_who_names_a_dataset_means_no_stand_in(run, tmp_path, no_data, no_network):
    flags = ["--limit", "20", "--epochs", "1", "--model", "quick", "--output", tmp_path]
    assert run("--dataset", "mnist", "--stand-in", "always", *flags, entry_point=train_main)[0] == 0
    (folder,) = tmp_path.glob("*-standin")
    status, out, err = run("evaluate", folder)
    assert status == 0
    assert "(stand-in)" in out
    assert "STAND-IN: " in err
    status, _, err = run("evaluate", folder, "--dataset", "mnist")
    assert status == 1
    assert "--dataset digits" in err


def test_evaluate_says_when_images_have_changed(run, shapes_model, tmp_path):
    import shutil

    folder, data = shapes_model
    card = json.loads((folder / "card.json").read_text())
    copy = Path(shutil.copytree(folder, tmp_path / "model"))
    card["fingerprints"]["test"] = "0" * 16
    (copy / "card.json").write_text(json.dumps(card))
    _, _, err = run("evaluate", copy)
    assert "not those of the model's card" in err


def test_models_lists_table_and_json(run, shapes_model):
    folder, _ = shapes_model
    status, out, _ = run("models", "--output", folder.parent)
    assert status == 0
    assert folder.name in out
    status, out, _ = run("models", "--output", folder.parent, "--json")
    assert json.loads(out)[0]["metrics"]["test"] is not None


def test_models_are_listed_by_the_names_that_predict_takes(run, shapes_model, tmp_path):
    shutil.copytree(shapes_model[0], tmp_path / "renamed")
    _, out, _ = run("models", "--output", tmp_path, "--commands")
    assert "renamed is reproduced by" in out
    assert shapes_model[0].name not in out.split(" is reproduced by")[0]
    assert "is reproduced by" not in run("models", "--output", tmp_path)[1]


def test_a_full_disk_behind_standard_output_is_a_failure_of_the_world():
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "app", "models"],
            stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_an_advice_can_be_pasted(run, shapes, tmp_path):
    for path in shapes.rglob("*.png"):
        path.write_text("no image")
    status, _, err = run("data", "info", shapes, "-o", tmp_path / "sheet.png")
    assert status == 2
    assert f"python -m app data check {shapes}" in err


def test_data_info_check_and_sheet(run, shapes, tmp_path):
    (shapes / "disc" / "5.png").write_text("no image")
    status, out, err = run("data", "info", shapes, "-o", tmp_path / "sheet.png")
    assert status == 0, err
    assert "Height 40 to 40" in out
    with Image.open(tmp_path / "sheet.png") as picture:
        assert picture.width == 1200
    status, out, _ = run("data", "info", shapes, "--json")
    assert json.loads(out)["class_names"] == ["across", "disc", "down"]
    status, out, _ = run("data", "check", shapes)
    assert status == 0
    assert "disc/5.png" in out
    assert "In short: 1 unreadable" in out
    status, out, _ = run("data", "check", shapes, "--json")
    assert json.loads(out)["unreadable"][0]["kind"] == "not an image"


def test_data_fetch_without_a_network(run, no_data, no_network):
    status, out, err = run("data", "fetch", "mnist")
    assert status == 1
    assert "network" in err or "reach" in err
    assert out == ""


# --- train


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
    assert max(len(line) for line in out.splitlines() if str(tmp_path) not in line) <= 80
    # Only a terminal breaks messages into lines.
    assert [line.partition(": ")[0] for line in err.splitlines()] == ["warning"] * 3


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (["--dataset", "nowhere"], "neither a dataset nor a folder"),
        (["--dataset", "{shapes}/disc"], "no class folders"),
        (["--dataset", "{shapes}/disc/0.png"], "is a file"),
        (["--dataset", "{shapes}", "--model", "convnet", "--image-size", "9"], "is too small for"),
        (["--dataset", "{shapes}", "--model", "modern", "--image-size", "3"], "too small"),
        (["--dataset", "{shapes}", "--resume"], "no unfinished run"),
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


def test_a_taken_name_is_refused_and_a_default_one_numbered(run, shapes, tmp_path):
    flags = [
        "--dataset",
        shapes,
        "--image-size",
        16,
        "--precision",
        "float32",
        "--output",
        tmp_path,
    ]
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
    assert {p.name for p in tmp_path.iterdir()} >= {"mine", "shapes-modern", "shapes-modern-2"}


# --- all commands


def _helps(parser):
    """Yield the help texts of a parser and of all commands below it."""
    yield parser.format_help()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _helps(command)


def test_every_help_fits_80_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    helps = [*_helps(build_parser()), *_helps(build_train_parser())]
    assert len(helps) > 30
    assert [line for text in helps for line in text.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize(
    "command",
    [
        ["train.py"], ["-m", "app"], ["-m", "app", "predict"], ["-m", "app", "evaluate"],
        ["-m", "app", "models"], ["-m", "app", "data"], ["-m", "app", "data", "check"],
    ],
)  # fmt: skip
def test_help_imports_nothing_heavy_and_fits_80_columns(command):
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command, "--help"],
        capture_output=True, text=True, cwd=ROOT, check=False, env={"COLUMNS": "80", "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0
    assert "usage:" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "app.cli.command" in imported
    assert not imported & {
        "keras",
        "tensorflow",
        "jax",
        "numpy",
        "matplotlib",
        "PIL",
        "cv2",
        "rich",
    }


def test_a_long_augmentation_fits_the_terminal():
    text = "rotation_range=15,zoom_range=[0.9,1.1],width_shift_range=0.1,horizontal_flip=true"
    asked = RunSettings(augment=text)
    shown = describe(asked, resolve(asked))
    assert max(map(len, shown)) <= 80
    assert text in "".join("".join(shown).split())


def test_a_model_of_unknown_augmentation_is_evaluated(run, shapes_model, tmp_path):
    folder, data = shapes_model
    copy = tmp_path / "later"
    shutil.copytree(folder, copy)
    card = json.loads((copy / "card.json").read_text("utf-8"))
    card["configuration"]["augment"] = "of a later program"
    (copy / "card.json").write_text(json.dumps(card), "utf-8")
    status, out, _ = run("evaluate", copy, "--dataset", data, "--tta", "--json")
    assert status == 0
    assert json.loads(out)["tta"]


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

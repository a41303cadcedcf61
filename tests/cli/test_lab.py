"""`python -m app lab`: every experiment, on any folder, resumed, and what it refuses."""

import csv
import json
import shutil
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from app.lab.corruptions import CORRUPTIONS
from app.lab.transformations import TRANSFORMATIONS
from app.training.small_run import SmallRun


@pytest.fixture
def run(program):
    return partial(program, "lab")


def read(folder, name):
    content = json.loads((folder / f"{name}.json").read_text("utf-8"))
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return content, rows


def check_pictures(folder, *names):
    for name in names:
        with Image.open(folder / f"{name}.png") as picture:
            assert picture.width == 1200
            assert np.asarray(picture.convert("L")).std() > 5


# What trains networks, on a folder of three classes; with the columns of its table.
TRAINING = {
    "locality": ("model", "shuffled", "block", "seed", "accuracy", "epochs", "quick"),
    "sharing": (
        "weights", "images", "training_images", "learning_rate", "seed", "steps", "plateau",
        "accuracy", "quick",
    ),
    "pooling": ("pooling", "parameters", "seed", "accuracy", "consistency", "quick"),
    "data_efficiency": ("model", "images", "training_images", "seed", "accuracy", "quick"),
    "shortcut": ("training", "cue", "test", "seed", "accuracy", "quick"),
    "robust_features": (
        "training", "seed", "accuracy", "robust_accuracy", "alignment", "alignment_other_class",
        "quick",
    ),
    "random_labels": ("setting", "seed", "accuracy", "validation_accuracy", "quick"),
    "unseen_corruptions": ("training", "family", "seed", "error", "quick"),
    "shift_consistency": ("downsampling", "shift", "seed", "consistency", "accuracy", "quick"),
    "overfitting": (
        "setting", "seed", "epoch", "accuracy", "loss", "val_accuracy", "val_loss", "quick",
    ),
    "invariance": (
        "model", "transformation", "unit", "level", "accuracy", "low", "high", "consistency",
        "quick",
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINING)
def test_what_trains_networks(run, shapes, tmp_path, monkeypatch, name):
    output = tmp_path / "lab"
    command = (name, "--dataset", shapes, "-o", output, "--quick")
    status, out, err = run(*command)
    assert status == 0, err
    assert max(map(len, out.splitlines())) <= 80
    content, rows = read(output, name)
    assert content["quick"] is True
    assert content["finding"] is None
    assert " ".join(out.split()) == content["no_finding"]
    assert "demonstration run (--quick)" in content["no_finding"]
    assert {row["quick"] for row in rows} == {"True"}
    assert tuple(rows[0]) == TRAINING[name]
    assert len(rows) == len(content["rows"])
    for row in rows:
        assert 0 <= float(row.get("accuracy") or row["error"]) <= 1
    check_pictures(output, name)

    def again(*_arguments, **_more):
        raise AssertionError("trained again")

    monkeypatch.setattr(SmallRun, "train", again)
    assert run(*command)[:2] == (0, out)


@pytest.mark.slow
def test_invariance_of_saved_models(run, shapes_model, tmp_path):
    folder, _ = shapes_model
    other = shutil.copytree(folder, tmp_path / "other")
    status, out, err = run("invariance", folder, other, "-o", tmp_path / "lab", "--quick")
    assert status == 0, err
    _, rows = read(tmp_path / "lab", "invariance")
    assert len(rows) == 2 * sum(len(one.levels) for one in TRANSFORMATIONS)
    by_model = {str(path): [row["accuracy"] for row in rows if row["model"] == str(path)]
                for path in (folder, other)}  # fmt: skip
    assert by_model[str(folder)] == by_model[str(other)]
    before = (tmp_path / "lab" / "invariance.json").read_bytes()
    status, _, err = run("invariance", folder, "-o", tmp_path / "lab", "--quick")
    assert status == 2
    assert "measurements with other settings: models" in err
    assert (tmp_path / "lab" / "invariance.json").read_bytes() == before


def test_robustness_of_saved_models(run, shapes_model, tmp_path):
    folder, _ = shapes_model
    other = shutil.copytree(folder, tmp_path / "other")
    status, out, err = run("robustness", folder, other, "-o", tmp_path / "lab", "--quick")
    assert status == 0, err
    assert "demonstration run" in " ".join(out.split())
    _, rows = read(tmp_path / "lab", "robustness")
    assert {row["change"] for row in rows} == {"clean", *CORRUPTIONS}
    assert len(rows) == 2 * (1 + 15 * 5)
    check_pictures(tmp_path / "lab", "robustness")


@pytest.mark.slow
def test_adversarial_images_of_saved_models(run, shapes_model, tmp_path):
    folder, _ = shapes_model
    other = shutil.copytree(folder, tmp_path / "other")
    status, out, err = run("adversarial", folder, other, "-o", tmp_path / "lab", "--quick")
    assert status == 0, err
    assert "demonstration run" in " ".join(out.split())
    content, rows = read(tmp_path / "lab", "adversarial")
    assert len(rows) == 2 * 3 * (1 + 2)
    for row in rows:
        assert float(row["low"]) <= float(row["robust_accuracy"]) <= float(row["high"])
    for name in ("random noise", "PGD"):
        for outcomes in (
            found for key, found in content["measurements"].items() if key.endswith(f": {name}")
        ):
            pairs = pairwise(outcomes["correct"])
            assert all((np.array(after) <= before).all() for before, after in pairs)
    check_pictures(tmp_path / "lab", "adversarial")


@pytest.mark.slow
def test_hierarchy_of_a_saved_model(run, shapes_model, tmp_path):
    folder, _ = shapes_model
    status, out, err = run("hierarchy", folder, "-o", tmp_path / "lab", "--quick")
    assert status == 0, err
    _, rows = read(tmp_path / "lab", "hierarchy")
    assert [row["layer"] for row in rows] == ["block_1", "block_2", "block_3"]
    sees = [int(row["sees"]) for row in rows]
    assert sees == sorted(sees)
    assert "demonstration run" in " ".join(out.split())
    check_pictures(tmp_path / "lab", "hierarchy", "depth")


def test_double_descent_on_digits(run, no_data, no_network, tmp_path):
    command = ("double_descent", "-o", tmp_path / "lab", "--quick")
    status, out, err = run(*command)
    assert status == 0, err
    content, rows = read(tmp_path / "lab", "double_descent")
    assert len(rows) == 2 * 3 * 14
    assert all(0 <= float(row["error"]) <= 1 for row in rows)
    fitted = [row for row in rows if row["fit"].endswith("labels") and int(row["features"]) > 40]
    assert {row["error"] for row in fitted} == {"0.0"}
    assert " ".join(out.split()) == content["no_finding"]
    check_pictures(tmp_path / "lab", "double_descent")
    assert run(*command)[:2] == (0, out)


@pytest.mark.slow
def test_uncertain_rotation_on_digits(run, no_data, no_network, tmp_path):
    status, out, err = run("uncertain_rotation", "-o", tmp_path / "lab", "--quick")
    assert status == 0, err
    _, rows = read(tmp_path / "lab", "uncertain_rotation")
    assert len(rows) == 4 * 7
    assert all(0 <= float(row["value"]) <= 1 for row in rows)
    check_pictures(tmp_path / "lab", "uncertain_rotation")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("robustness", "-o", "OUT"), "required: MODEL"),
        (("hierarchy", "MODEL", "MODEL", "-o", "OUT"), "unexpected arguments"),
        (("robustness", "no-such-model", "-o", "OUT"), "does not exist"),
        (("robustness", "MODEL", "MODEL", "-o", "OUT"), "named twice"),
        (("invariance", "MODEL", "mnist-tiny", "-o", "OUT"), "models of the same classes"),
        (("invariance", "MODEL", "--dataset", "digits", "-o", "OUT"), "Expected the classes"),
        (("locality", "--dataset", "no-such-folder", "-o", "OUT"), "no-such-folder"),
        (("locality", "-o", "FILE"), "is a file"),
        (("sharing",), "required: -o"),
        (("nothing",), "'nothing' is unknown"),
    ],
)
def test_slips(run, shapes_model, tmp_path, arguments, message):
    file = tmp_path / "file"
    file.write_text("x")
    places = {"MODEL": shapes_model[0], "OUT": tmp_path / "out", "FILE": file}
    status, _, err = run(*(places.get(word, word) for word in arguments))
    assert status == 2
    assert message in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_stand_in_is_named(run, no_data, no_network, tmp_path):
    status, _, err = run("locality", "-o", tmp_path / "lab", "--quick")
    assert status == 0
    assert "STAND-IN" in err
    content, _ = read(tmp_path / "lab", "locality")
    assert content["settings"]["dataset"].startswith("stand-in for mnist")


@pytest.mark.slow
def test_without_data_and_network_others_are_named(run, no_data, no_network, tmp_path):
    status, _, err = run("robustness", "mnist-tiny", "-o", tmp_path / "lab", "--quick")
    assert status == 1
    assert "--dataset digits" in err
    command = ("hierarchy", "mnist-tiny", "--dataset", "digits", "-o", tmp_path / "lab", "--quick")
    assert run(*command)[0] == 0


def test_a_probe_needs_images_of_every_class(run, shapes_model, tmp_path):
    for kind in ("across", "down", "disc"):
        for number in range(4):
            target = tmp_path / "few" / kind / f"{number}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(shapes_model[1] / kind / f"{number}.png", target)
    few = tmp_path / "few"
    command = ("hierarchy", shapes_model[0], "--dataset", few, "-o", tmp_path / "lab", "--quick")
    status, _, err = run(*command)
    assert status == 2
    assert "Expected at least 2 of each class" in err


def test_padding_position_needs_no_images(run, no_data, no_network, tmp_path):
    status, out, err = run("padding_position", "-o", tmp_path / "lab", "--quick")
    assert status == 0, err
    assert "demonstration run" in " ".join(out.split())
    _, rows = read(tmp_path / "lab", "padding_position")
    assert {row["padding"] for row in rows} == {"zeros", "mirrored", "none"}
    check_pictures(tmp_path / "lab", "padding_position")
    status, _, err = run("padding_position", "-o", tmp_path / "lab", "--dataset", "mnist")
    assert status == 2
    assert "Leave --dataset out" in err


# What trains networks on the drawn animals; with the columns of its table.
DRAWN = {
    "texture_shape": ("training", "drawings", "seed", "accuracy", "quick"),
    "saliency_truth": (
        "method", "seed", "hits_telling_part", "hits_top_part", "accuracy",
        "accuracy_without_parts", "quick",
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWN)
def test_what_needs_drawings(run, no_network, tmp_path, name):
    status, out, err = run(name, "-o", tmp_path / "lab", "--quick")
    assert status == 0, err
    content, rows = read(tmp_path / "lab", name)
    assert " ".join(out.split()) == content["no_finding"]
    assert tuple(rows[0]) == DRAWN[name]
    check_pictures(tmp_path / "lab", name)
    status, _, err = run(name, "-o", tmp_path / "other", "--dataset", "mnist")
    assert status == 2
    assert "Expected the drawn animals" in err


@pytest.mark.slow
def test_normalization_of_a_saved_model(run, shapes_model, tmp_path):
    command = ("normalization", shapes_model[0], "-o", tmp_path / "lab", "--quick")
    status, out, err = run(*command)
    assert status == 0, err
    _, rows = read(tmp_path / "lab", "normalization")
    assert {row["corruption"] for row in rows} == {"none", *CORRUPTIONS}
    assert len({row["statistics"] for row in rows}) == 3
    check_pictures(tmp_path / "lab", "normalization")
    command = ("normalization", "mnist-convnet", "--dataset", "digits", "-o", tmp_path / "out")
    status, _, err = run(*command)
    assert status == 2
    assert "has no batch normalization" in err


def test_a_dense_model_has_no_hierarchy(run, tmp_path):
    status, _, err = run("hierarchy", "mnist-dense", "--dataset", "digits", "-o", tmp_path / "out",
                         "--quick")  # fmt: skip
    assert status == 2
    assert "no layer with filters and spatial axes" in err


def test_lab_with_a_reference_runs_an_experiment_of_the_user(run, tmp_path, monkeypatch):
    (tmp_path / "my_lab.py").write_text(
        "from app.lab.result import ExperimentResult\n\n\n"
        "def counting(options):\n"
        "    return ExperimentResult('Three it is.', [{'number': 3}])\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    status, out, err = run("my_lab:counting", "-o", tmp_path / "lab")
    assert (status, out) == (0, "Three it is.\n"), err
    assert (tmp_path / "lab" / "counting.csv").is_file()

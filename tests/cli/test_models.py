"""`python -m app models`: the list of saved models."""

import json
import re
import shutil


def test_models_lists_table_and_json(run, shapes_model):
    folder, _ = shapes_model
    status, out, _ = run("models", "--output", folder.parent)
    assert status == 0
    assert folder.name in out
    assert "val.*" in out
    assert "* Selected on: " in out
    assert max(map(len, out.splitlines())) <= 80
    status, out, _ = run("models", "--output", folder.parent, "--json")
    assert json.loads(out)[0]["metrics"]["test"] is not None


def test_models_are_listed_by_the_names_that_predict_takes(run, shapes_model, tmp_path):
    shutil.copytree(shapes_model[0], tmp_path / "renamed")
    _, out, _ = run("models", "--output", tmp_path, "--commands")
    assert "renamed is reproduced by" in out
    assert shapes_model[0].name not in out.split(" is reproduced by")[0]
    assert "is reproduced by" not in run("models", "--output", tmp_path)[1]


def test_models_with_layers_prints_training_and_layers(run, shapes_model):
    folder, _ = shapes_model
    status, out, _ = run("models", "--output", folder.parent, "--layers")
    assert status == 0
    assert max(map(len, out.splitlines())) <= 80
    flat = " ".join(out.split("model", 2)[-1].split())
    assert re.search(r"\d+ images", flat)
    assert "global average, dense 3" in flat

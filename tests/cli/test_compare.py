"""`python -m app compare`: what it prints, writes and refuses."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def copy_of(folder: Path, target: Path, **changes) -> Path:
    """Copy a model with another name; change values of its card's configuration."""
    shutil.copytree(folder, target)
    card = json.loads((target / "card.json").read_text("utf-8"))
    card["name"] = target.name
    card["configuration"] |= changes
    (target / "card.json").write_text(json.dumps(card), "utf-8")
    return target


def test_compare_of_a_model_with_its_copy_finds_no_difference(
    program, shapes_model, tmp_path, monkeypatch
):
    folder, _ = shapes_model
    other = copy_of(folder, tmp_path / "other")
    words = ["compare", folder, other, "--split", "all"]
    status, out, err = program(*words, "-o", tmp_path / "report")
    assert status == 0
    assert "the same 36 images for every model" in out
    assert out.endswith(f"{folder.name} and other are not told apart (p = 1).\n")
    assert max(map(len, out.splitlines()[1:])) <= 80  # the first has a long path
    assert "evaluating other …" in err
    assert " balanced accuracy " in out
    for name in ("ranking", "reliability"):
        with Image.open(tmp_path / "report" / f"{name}.png") as drawn:
            assert np.asarray(drawn).std() > 5
    lines = (tmp_path / "report" / "predictions.csv").read_text("utf-8").splitlines()
    assert len(lines) == 1 + 2 * 36
    assert lines[0] == "model,repeat,image,true,predicted,probability,across,disc,down"
    found = json.loads(program(*words, "--json")[1])
    first, second = found["models"]
    assert {**first, "model": "other"} == second
    assert first["errors"] == round(36 * (1 - first["accuracy"]))
    (pair,) = found["pairs"]
    assert pair["difference_interval"] == [0, 0]
    assert (pair["only_first_wrong"], pair["only_second_wrong"], pair["p_value"]) == (0, 0, 1)


def test_compare_of_recipes_names_their_seeds(program, shapes_model, tmp_path):
    folder, _ = shapes_model
    copies = [copy_of(folder, tmp_path / name) for name in "abc"]
    words = ["compare", f"one={folder},{copies[0]}", f"two={copies[1]},{copies[2]}"]
    status, out, _ = program(*words, "--split", "all")
    assert status == 0
    assert " recipe (seeds) " in out
    assert " one (2) " in out
    assert "p: bootstrap over seeds and images, as are" in out
    assert out.endswith("one and two are not told apart (p = 1).\n")
    assert "one wrong" not in out
    found = json.loads(program(*words, "--split", "all", "--json")[1])
    assert [one["seeds"] for one in found["models"]] == [2, 2]
    assert found["pairs"][0]["only_first_wrong"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["MODEL"], "1 model cannot be compared.\nExpected from 2 to 8"),
        (["MODEL", "MODEL"], "is named twice"),
        (["MODEL", "again=MODEL"], "is named twice"),
        (["a=MODEL,MODEL", "b=OTHER,LIMITED"], "is named twice"),
        (["MODEL", "two=OTHER,LIMITED"], "A single model cannot be compared with several seeds"),
        (["a=MODEL"] + [f"m{k}=OTHER" for k in range(8)], "9 models cannot be compared"),
        (["MODEL", "mnist-tiny"], "mnist-tiny has 0, 1"),
        (["MODEL", "OTHER"], "has 6 images: too few"),
        (["MODEL", "OTHER", "-o", "MODEL/card.json"], "card.json' is a file"),
        (["MODEL", "no-such-model"], "does not exist"),
        (["MODEL", "LIMITED", "--split", "all"], "Name the dataset for all of them"),
    ],
)
def test_compare_refuses_what_cannot_be_compared(program, shapes_model, tmp_path, words, message):
    folder, _ = shapes_model
    places = {
        "MODEL": folder,
        "OTHER": copy_of(folder, tmp_path / "other"),
        "LIMITED": copy_of(folder, tmp_path / "limited", limit=10),
    }
    words = [re.sub("[A-Z]{5,}", lambda found: str(places[found[0]]), word) for word in words]
    status, out, err = program("compare", *words)
    assert status == 2
    assert out == ""
    assert message in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_compare_of_shipped_models_gives_the_readme_s_numbers(program, real_data):
    """The numbers of the table of shipped models, on 10,000 digits."""
    words = ["compare", "mnist-best", "mnist-tiny", "mnist-convnet", "--json"]
    status, out, _ = program(*words, "--data-dir", real_data)
    assert status == 0
    found = json.loads(out)
    assert [one["errors"] for one in found["models"]] == [22, 33, 105]
    alone = [(one["only_first_wrong"], one["only_second_wrong"]) for one in found["pairs"]]
    assert alone[:2] == [(7, 18), (8, 91)]
    p_values = [one["p_value"] for one in found["pairs"]]
    assert p_values[0] == pytest.approx(0.0433, abs=1e-4)
    assert p_values[1] < 1e-13

"""`python -m app predict`: tables, JSON and CSV, and images that cannot be used."""

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


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


def test_predict_continues_after_a_bad_file(run, shapes_model, tmp_path):
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


def test_predict_a_path_that_does_not_exist_is_an_error_if_it_is_the_only_one(
    run, shapes_model, tmp_path
):
    folder, data = shapes_model
    status, out, err = run("predict", folder, data.parent / "shape")
    assert (status, out) == (2, "")
    assert f"There is no file or folder '{data.parent / 'shape'}'.\nExpected an image" in err
    assert f"Did you mean '{data}'?" in err
    status, _, err = run("predict", folder, tmp_path / "none", "-o", tmp_path / "found.csv")
    assert status == 2
    assert f"Check the path: {tmp_path / 'none'}" in err
    status, out, err = run("predict", folder, tmp_path / "none", data / "disc" / "0.png")
    assert status == 1
    assert "No such file" in err
    assert "disc" in out


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


def test_predict_sort_into_gives_each_class_a_folder_and_leaves_the_rest(
    run, shapes_model, tmp_path
):
    model, data = shapes_model
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    for name in ("across", "down", "disc"):
        shutil.copy(data / name / "0.png", mixed / f"{name}.png")
    (mixed / "bad.jpg").write_text("hello")
    for wrote in ("3", "0, already there with the same name and content: 3"):
        status, out, err = run("predict", model, mixed, "--sort-into", tmp_path / "out", "--csv")
        assert status == 1
        assert "sorted 3 of 4 images into" in err
        assert err.rstrip().endswith(f"; files written: {wrote}; 1 not sorted")
        found = {Path(row["image"]).name: row["label"] for row in csv.DictReader(io.StringIO(out))}
        sorted_files = {p.name: p.parent.name for p in (tmp_path / "out").glob("*/*")}
        assert sorted_files == {name: label for name, label in found.items() if label}
    assert len(list(mixed.iterdir())) == 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-", "--sort-into", "out"), "has no name"),
        (("--sort-into", "out", "--all"), "several labels"),
        (("--link", "hard"), "--link without --sort-into"),
        (("--columns", "id,lable"), "Did you mean 'label'?"),
        (("--columns", "id,label,id"), "different headings"),
        (("--columns", ""), "different headings"),
        (("--columns", "id=wolf"), "'wolf', which is unknown"),
    ],
)
def test_predict_refuses_columns_and_sorting(
    run, shapes_model, tmp_path, monkeypatch, words, message
):
    monkeypatch.chdir(tmp_path)
    model, data = shapes_model
    status, out, err = run("predict", model, data / "disc" / "0.png", *words)
    assert (status, out) == (2, "")
    assert message in err
    assert list(tmp_path.iterdir()) == []


def test_predict_columns_are_those_that_are_named(run, shapes_model, tmp_path):
    model, data = shapes_model
    bad = tmp_path / "bad.jpg"
    bad.write_text("hello")
    images = (data / "disc" / "0.png", data / "down" / "1.png", bad)
    status, out, _ = run("predict", model, *images, "--columns", "id,label")
    assert status == 1
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [list(row) for row in rows] == [["id", "label"]] * 3
    assert [row["id"] for row in rows] == ["0", "1", "bad"]

    chosen = "filename=file, class=index, p=disc, probability, error"
    _, out, _ = run("predict", model, *images, "--columns", chosen)
    named = list(csv.DictReader(io.StringIO(out)))
    assert list(named[0]) == ["filename", "class", "p", "probability", "error"]
    full = list(csv.DictReader(io.StringIO(run("predict", model, *images, "--csv")[1])))
    assert [row["p"] for row in named] == [row["disc"] for row in full]
    assert [row["probability"] for row in named] == [row["probability"] for row in full]
    classes = ["across", "disc", "down"]
    assert [classes[int(row["class"])] for row in named[:2]] == [r["label"] for r in full[:2]]
    assert named[2]["error"] == full[2]["error"] != ""


def test_predict_unknown_below_says_so_in_every_output(run, shapes_model, tmp_path):
    folder, data = shapes_model
    plain = json.loads(run("predict", folder, data, "--json")[1])
    threshold = sorted(one["probability"] for one in plain)[len(plain) // 2]
    words = ["predict", folder, data, "--unknown-below", repr(threshold)]
    status, out, err = run(*words, "--json")
    assert status == 0, err
    expected = [p["label"] if p["probability"] >= threshold else "unknown" for p in plain]
    assert "unknown" in expected
    found = json.loads(out)
    assert [one["label"] for one in found] == expected
    assert [one["probabilities"] for one in found] == [one["probabilities"] for one in plain]
    rows = list(csv.DictReader(io.StringIO(run(*words, "--csv")[1])))
    assert [row["label"] for row in rows] == expected
    assert [float(row["probability"]) for row in rows] == [one["probability"] for one in plain]
    rows = list(csv.DictReader(io.StringIO(run(*words, "--columns", "image,index")[1])))
    assert [row["index"] == "" for row in rows] == [label == "unknown" for label in expected]
    assert run(*words)[1].count(" unknown ") == expected.count("unknown")
    assert run(*words, "--sort-into", tmp_path / "sorted")[0] == 0
    sorted_away = list((tmp_path / "sorted" / "unknown").iterdir())
    assert len(sorted_away) == expected.count("unknown")
    _, _, err = run("predict", folder, data, "--sort-into", tmp_path / "sorted")
    assert f"also in the folder of another class, from before: {len(sorted_away)} of these" in err
    assert str(tmp_path / "sorted" / "unknown") in err
    assert len(list((tmp_path / "sorted").glob("*/*"))) == len(plain) + len(sorted_away)


def test_predict_unknown_below_a_guess_is_refused(run, shapes_model):
    status, out, err = run("predict", *shapes_model, "--unknown-below", "0.2")
    assert (status, out) == (2, "")
    assert "Expected more than 1/3" in err
    assert "--coverage 0.9" in err

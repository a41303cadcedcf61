"""`python -m app evaluate`: numbers, figures, and images that have changed."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import sklearn.metrics
from PIL import Image

from app.cli.train import main as train_main


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
    for name in ("confusion", "ranking", "reliability", "risk_coverage"):
        with Image.open(tmp_path / "report" / f"{name}.png") as picture:
            assert picture.width == 1200
            assert np.asarray(picture).std() > 5  # something is drawn
    assert (tmp_path / "report" / "worst_errors.png").exists() == (found["accuracy"] < 1)
    low, high = found["accuracy_interval"]
    assert low <= found["accuracy"] <= high
    labels = [found["class_names"].index(one["true"]) for one in found["predictions"]]
    probabilities = np.array([list(p["probabilities"].values()) for p in found["predictions"]])
    predicted = probabilities.argmax(axis=1)
    probabilities /= probabilities.sum(axis=1, keepdims=True)  # of float32
    for key, expected in {
        "balanced_accuracy": sklearn.metrics.balanced_accuracy_score(labels, predicted),
        "macro_f1": sklearn.metrics.f1_score(labels, predicted, average="macro"),
        "loss": sklearn.metrics.log_loss(labels, probabilities),
        "auroc": sklearn.metrics.roc_auc_score(labels, probabilities, multi_class="ovr"),
        "average_precision": sklearn.metrics.average_precision_score(labels, probabilities),
        "brier_score": sklearn.metrics.brier_score_loss(labels, probabilities),
        "mean_confidence": probabilities.max(axis=1).mean(),
    }.items():
        assert found[key] == pytest.approx(expected, rel=1e-3), key
    assert sum(one["n"] for one in found["calibration"]) == 36
    gaps = [one["n"] * abs(one["accuracy"] - one["confidence"]) for one in found["calibration"]]
    assert found["expected_calibration_error"] == pytest.approx(sum(gaps) / 36)
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


def test_evaluate_with_labels_of_a_file_gives_the_same_numbers(run, shapes_model, tmp_path):
    folder, data = shapes_model
    rows = [f"{path.relative_to(data)},{path.parent.name}" for path in sorted(data.glob("*/*.png"))]
    (tmp_path / "labels.csv").write_text("\n".join(["image,label", *rows]), encoding="utf-8")
    found = {}
    for labels in ([], ["--labels", tmp_path / "labels.csv"]):
        status, out, err = run("evaluate", folder, "--dataset", data, *labels, "--json")
        assert status == 0, err
        found[len(labels)] = json.loads(out)
    assert found[2]["predictions"] == found[0]["predictions"]
    status, _, err = run("evaluate", folder, "--labels", tmp_path / "labels.csv")
    assert status == 2
    assert "without --dataset" in err


def test_evaluate_table_and_tta(run, shapes_model):
    folder, data = shapes_model
    status, out, _ = run("evaluate", folder, "--dataset", data, "--tta")
    assert status == 0
    assert "accuracy" in out
    assert "The interval (Wilson)" in out
    for metric in ("balanced accuracy", "macro F1", "AUROC", "average precision",
                   "negative log-likelihood", "Brier score", "calibration error (ECE)",
                   "error at 90% coverage"):  # fmt: skip
        assert f"\n {metric} " in out
    assert max(map(len, out.splitlines()[1:])) <= 80  # the first has a long path
    assert "most often confused with" in out
    assert "mean over several views" in out
    assert "several views" not in run("evaluate", folder, "--dataset", data)[1]


def test_evaluate_with_temperature_changes_no_prediction(run, shapes_model, tmp_path, monkeypatch):
    folder, _ = shapes_model
    # Too few images to fit; a wrong one among them.
    monkeypatch.setattr("app.statistics.temperature.fit_temperature", lambda values, labels: 2.0)
    words = ["evaluate", folder, "--temperature", "-o", tmp_path]
    status, out, err = run(*words)
    assert status == 0, err
    assert "Temperature 2.000, fitted on 6 validation images, changes no prediction." in out
    plain = json.loads(run("evaluate", folder, "--json")[1])
    found = json.loads(run(*words, "--json")[1])
    scaled = found.pop("temperature_scaling")
    assert found == plain
    probabilities = np.array([list(p["probabilities"].values()) for p in found["predictions"]])
    roots = np.sqrt(probabilities)
    roots /= roots.sum(axis=1, keepdims=True)
    assert scaled["mean_confidence"] == pytest.approx(roots.max(axis=1).mean(), rel=1e-4)
    labels = [found["class_names"].index(one["true"]) for one in found["predictions"]]
    assert scaled["loss"] == pytest.approx(sklearn.metrics.log_loss(labels, roots), rel=1e-3)


def test_evaluate_with_temperature_of_the_validation_images_is_refused(run, shapes_model):
    status, _, err = run("evaluate", shapes_model[0], "--temperature", "--split", "validation")
    assert status == 2
    assert "--temperature is fitted on validation images" in err


@pytest.mark.parametrize("option", ["--coverage", "--max-error"])
def test_evaluate_finds_the_threshold_that_predict_uses(run, shapes_model, option):
    folder, data = shapes_model
    status, out, err = run("evaluate", folder, option, "0.5")
    assert status == 0, err
    assert f"python -m app predict {folder} IMAGE... --unknown-below 0." in out
    found = json.loads(run("evaluate", folder, option, "0.5", "--json")[1])
    threshold = found["threshold"]
    sure = [one for one in found["predictions"] if one["probability"] >= threshold["unknown_below"]]
    assert threshold["test"]["coverage"][0] == pytest.approx(len(sure) / found["n"])
    validation = json.loads(run("evaluate", folder, "--split", "validation", "--json")[1])
    kept = [
        one["predicted"] == one["true"]
        for one in validation["predictions"]
        if one["probability"] >= threshold["unknown_below"]
    ]
    if option == "--coverage":
        assert 0.5 <= len(kept) / validation["n"] == threshold["validation"]["coverage"][0]
    else:
        assert 1 - np.mean(kept) == pytest.approx(threshold["validation"]["error"][0])
        assert np.mean(kept) >= 0.5


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--coverage", "0"], "--coverage is 0.\nExpected a share above 0"),
        (["--max-error", "1.5"], "--max-error is 1.5."),
        (["--coverage", "0.9", "--split", "all"], "--coverage is fitted on validation images"),
    ],
)
def test_evaluate_refuses_thresholds_out_of_range(run, shapes_model, words, message):
    status, _, err = run("evaluate", shapes_model[0], *words)
    assert status == 2
    assert message in err


def test_evaluate_with_tta_warns_if_there_is_one_view(run, shapes_model, monkeypatch):
    folder, data = shapes_model
    monkeypatch.setattr("app.augmentation.tta._SMALL_SIDE", 0)
    monkeypatch.setattr("app.augmentation.tta._LARGEST_CROP", 0)
    command = ["evaluate", folder, "--dataset", data]
    assert "--tta changes nothing" in run(*command, "--tta")[2]
    assert "--tta" not in run(*command)[2]


def test_evaluate_with_a_dataset_takes_no_stand_in(run, tmp_path, no_data, no_network):
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
    assert "the test images are not those of the model's card" in err
    assert "may have been trained on some of them" in err

    card["fingerprints"]["train"] = "0" * 16
    (copy / "card.json").write_text(json.dumps(card))
    _, _, err = run("evaluate", copy, "--split", "train")
    assert "it was not trained on exactly these" in err


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

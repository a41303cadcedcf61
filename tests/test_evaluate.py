"""What `evaluate` found, as JSON and CSV."""

import csv
import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.data.dataset import Split
from app.data.pixels import DecodedSplit
from app.evaluate import EvaluationResult, evaluate
from app.files import printable
from app.metrics import evaluate_probabilities
from tests.reporters import RecordingReporter

NAMES = ("cat", 'dog, "big"', "hen\r\nhouse")


def measured(image_names: list[str], seed: int = 0) -> EvaluationResult:
    """Return made-up predictions for images of these names."""
    rng = np.random.default_rng(seed)
    count = len(image_names)
    labels = rng.integers(0, len(NAMES), count)
    probabilities = rng.dirichlet(np.ones(len(NAMES)), count)
    images = np.zeros((count, 4, 4, 1), np.uint8)
    return EvaluationResult(
        model="model",
        dataset="mnist",
        split="test",
        source="made up",
        stand_in=True,
        averaged=False,
        temperature=1.0,
        evaluation=evaluate_probabilities(probabilities, labels, NAMES),
        probabilities=probabilities,
        decoded=DecodedSplit(images, Split(images, labels, image_names), ()),
    )


@given(st.lists(st.text() | st.text(st.characters(categories=["Cs"])), min_size=1, max_size=8))
def test_write_csv_keeps_every_prediction(tmp_path_factory, image_names):
    found = measured(image_names)
    path = tmp_path_factory.mktemp("csv") / "predictions.csv"
    found.write_csv(path)
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8"), newline="")))
    names = ["cat", 'dog, "big"', r"hen\r\nhouse"]
    assert rows[0] == ["image", "true", "predicted", "probability", *names]
    assert len(rows) == 1 + len(image_names)
    for row, (image, true, predicted, probabilities) in zip(
        rows[1:], found.predictions(), strict=True
    ):
        assert row[:3] == [printable(text) for text in (image, true, predicted)]
        np.testing.assert_array_equal([float(value) for value in row[4:]], probabilities)
        assert float(row[3]) == probabilities.max()


def test_to_json_has_every_prediction_and_the_requested_errors():
    found = measured([f"cat/{number}.png" for number in range(40)])
    content = json.loads(json.dumps(found.to_json(), allow_nan=False))
    wrong = [one for one in content["predictions"] if one["true"] != one["predicted"]]
    assert len(content["predictions"]) == content["n"] == 40
    assert sorted(e["image"] for e in content["errors"]) == sorted(e["image"] for e in wrong)
    confidences = [e["probability"] for e in content["errors"]]
    assert confidences == sorted(confidences, reverse=True)
    assert found.to_json(3)["errors"] == content["errors"][:3]
    assert found.to_json(0)["errors"] == []
    assert content["stand_in"] is True


def test_auroc_of_images_of_one_class_is_undefined():
    found = measured(["a.png"])
    assert found.auroc is None
    assert json.loads(json.dumps(found.to_json()))["auroc"] is None


def test_caption_of_a_misclassification_has_both_classes_and_the_name():
    (error, *_) = measured([f"folder/{number}.png" for number in range(20)]).errors()
    true, predicted, name = error.caption.splitlines()
    assert true == f"true {printable(error.true)}"
    assert predicted == f"predicted {printable(error.predicted)} {error.probability:.0%}"
    assert name == error.image.removeprefix("folder/")


def test_evaluate_of_the_training_folder_repeats_no_warnings(shapes_model, tmp_path):
    from app.classifier import load

    folder, data = shapes_model
    reporter = RecordingReporter()
    evaluate(load(folder), dataset=None, split="test", data_dir=tmp_path, reporter=reporter)
    assert (reporter.lines, reporter.warnings) == ([], [])
    evaluate(
        load(folder),
        dataset=str(data) + "/.",
        split="test",
        data_dir=tmp_path,
        reporter=reporter,
    )
    assert (reporter.lines, reporter.warnings) == (
        [],
        [],
    )  # the same folder, written in another way


@pytest.mark.parametrize("errors", [0, 3, 1000])
def test_errors_returns_at_most_the_requested_number(errors):
    found = measured([str(number) for number in range(30)])
    assert len(found.errors(errors)) == min(errors, len(found.evaluation.worst))

"""Training on images with any number of labels, and what a multi-label model does."""

import asyncio
import csv
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
import pytest
import sklearn.metrics as sk
from PIL import Image

from app.classifier import load
from app.cli import main
from app.config import RunSettings
from app.deploy.deploy import Request, export_model
from app.errors import AppError
from app.insight.gradients import input_gradients
from app.storage.card import read_card
from app.training.plan import make_plan
from app.training.run import train
from app.web.errors import PublicError
from app.web.models import Models
from app.web.samples import Samples
from app.web.served import open_served
from app.web.wanted import parse_wanted
from tests.reporters import RecordingReporter

CLASSES = ("across", "bright", "down")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Gray images with bars across, bars down, both, or none, on a dark or bright ground."""
    root = tmp_path_factory.mktemp("several")
    (root / "images").mkdir()
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:24, :24]
    lines = ["image,labels"]
    for i in range(90):
        across, bright, down = rng.random(3) < 0.5
        pixels = 100 * bright + 60 * across * (rows // 3 % 2) + 60 * down * (columns // 3 % 2)
        noisy = pixels + rng.normal(10, 4, pixels.shape)
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(root / "images" / f"{i}.png")
        has = zip(CLASSES, (across, bright, down), strict=True)
        lines.append(f"{i},{' '.join(name for name, there in has if there)}")
    (root / "labels.csv").write_text("\n".join(lines), encoding="utf-8")
    return root


def settings(data, **changes):
    values = {
        "dataset": f"{data / 'images'}::{data / 'labels.csv'}",
        "model": "convnet",
        "image_size": 24,
        "epochs": 10,
        "batch_size": 16,
        "learning_rate": 3e-3,
        "augment": "none",
        "tta": False,
        "precision": "float32",
        "output": str(data / "models"),
        "name": "several",
    }
    return RunSettings(**{**values, **changes})


@pytest.fixture(scope="module")
def outcome(data):
    return train(settings(data), listeners=[])


@pytest.fixture
def run(capsys):
    def call(*arguments):
        capsys.readouterr()
        try:
            status = main([*map(str, arguments)])
        except SystemExit as error:
            status = error.code
        return status, *capsys.readouterr()

    return call


@pytest.mark.slow
def test_the_card_says_what_the_model_does(outcome):
    card = read_card(outcome.folder / "card.json")
    assert card.class_names == CLASSES
    assert card.multi_label
    assert len(card.thresholds) == 3
    assert card.temperature == 1
    assert card.training["balance"] == "none"
    assert {"macro_f1", "micro_f1", "hamming_loss"} <= card.metrics["test"].keys()
    assert outcome.test.accuracy > outcome.test.majority[1]


@pytest.mark.parametrize("engine", ["litert", "keras"])
def test_probabilities_are_those_of_keras(outcome, data, engine, monkeypatch):
    if engine == "keras":
        monkeypatch.setattr("app.classifier.loading.open_litert", lambda path, card: None)
    classifier = load(outcome.folder)
    assert classifier.engine == engine
    images = np.stack([classifier.load_image(data / "images" / f"{i}.png") for i in range(8)])
    expected = load(outcome.folder).inspect().keras_model.predict(images, verbose=0)
    np.testing.assert_allclose(classifier.probabilities(images), expected, atol=1e-5)
    assert np.ptp(expected.sum(axis=1)) > 0.1  # not of a softmax


def test_evaluate_gives_the_numbers_of_scikit_learn(outcome, run, tmp_path):
    status, out, err = run(
        "evaluate", outcome.folder, "--split", "all", "--json", "-o", tmp_path / "out"
    )
    assert status == 0, err
    found = json.loads(out)
    text = (tmp_path / "out" / "predictions.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    probabilities = np.array([[float(row[name]) for name in CLASSES] for row in rows])
    true, predicted = (
        np.array([[name in row[column].split("|") for name in CLASSES] for row in rows])
        for column in ("true", "predicted")
    )
    thresholds = read_card(outcome.folder / "card.json").thresholds
    np.testing.assert_array_equal(predicted, probabilities >= np.array(thresholds))
    assert len(rows) == found["n"] == 90
    for key, expected in {
        "accuracy": sk.accuracy_score(true, predicted),
        "hamming_loss": sk.hamming_loss(true, predicted),
        "macro_f1": sk.f1_score(true, predicted, average="macro"),
        "micro_f1": sk.f1_score(true, predicted, average="micro"),
        "auroc": sk.roc_auc_score(true, probabilities),
        "average_precision": sk.average_precision_score(true, probabilities),
    }.items():
        assert found[key] == pytest.approx(expected), key
    names = {path.name for path in (tmp_path / "out").iterdir()} - {"worst_errors.png"}
    assert names == {"labels.png", "ranking.png", "predictions.csv"}
    for name in names - {"predictions.csv"}:
        with Image.open(tmp_path / "out" / name) as picture:
            assert np.asarray(picture).std() > 5


def test_evaluate_prints_each_threshold(outcome, run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    status, out, err = run("evaluate", outcome.folder)
    assert status == 0, err
    assert "subset accuracy" in out
    assert f"{read_card(outcome.folder / 'card.json').thresholds[0]:.4f}" in out
    assert max(map(len, out.splitlines())) <= 80


def test_predict_prints_all_labels(outcome, data, run):
    image = data / "images" / "0.png"
    (prediction,) = load(outcome.folder).predict([image])
    thresholds = dict(zip(CLASSES, load(outcome.folder).thresholds, strict=True))
    above = {k: p for k, p in prediction.probabilities.items() if p >= thresholds[k]}
    assert set(prediction.labels) == set(above)
    assert prediction.label == "|".join(prediction.labels)
    status, out, _ = run("predict", outcome.folder, image, "--json")
    assert status == 0
    assert json.loads(out)[0]["labels"] == list(prediction.labels)
    status, out, _ = run("predict", outcome.folder, image, "--columns", "id,label")
    assert out == f"id,label\n0,{prediction.label}\n"
    status, out, _ = run("predict", outcome.folder, image)
    assert all(f"{k} {p:.1%}" in out for k, p in above.items())


def test_the_server_gives_all_labels(outcome, data):
    image = data / "images" / "2.png"
    served = Models({"several": open_served("several", outcome.folder)}, oracle=None)
    # In a thread: the browser of other tests has an event loop in this one.
    with closing(served), ThreadPoolExecutor(1) as pool:
        opening = pool.submit(lambda: asyncio.run(served.classifier("several")))
        (found,) = opening.result().predict([image])
    assert found == load(outcome.folder).predict([image])[0]
    assert found.labels is not None


def test_the_server_has_no_samples(outcome):
    served = Models({"several": open_served("several", outcome.folder)}, oracle=None)
    wanted = parse_wanted({})
    with closing(served), closing(Samples(served, outcome.folder)) as samples:
        pool = ThreadPoolExecutor(1)
        with pool, pytest.raises(PublicError) as caught:
            pool.submit(lambda: asyncio.run(samples.select("several", wanted))).result()
    assert "images have any number of labels" in str(caught.value)
    assert caught.value.http_status == 404


@pytest.mark.slow
@pytest.mark.parametrize("name", ["litert", "litert-int8"])
def test_an_export_says_yes_or_no_to_each_label(outcome, data, tmp_path, name):
    classifier, folder = load(outcome.folder), tmp_path / "exported"
    request = Request(format=name, tolerance=100, keep_slower=True)
    facts = export_model(classifier, request, folder)
    image = data / "images" / "0.png"
    script = [sys.executable, folder / "run.py", image]
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.splitlines()]
    (expected,) = classifier.predict(image)
    found = {label: float(probability) for probability, _, label in rows}
    atol = 2e-6 if name == "litert" else 0.1
    assert found == pytest.approx(expected.probabilities, abs=atol)
    yes = {label for _, answer, label in rows if answer == "yes"}
    thresholds = dict(zip(CLASSES, classifier.thresholds, strict=True))
    assert yes == {label for label, value in found.items() if value >= thresholds[label]}

    original, exported = facts.original, facts.exported
    labels = facts.result.labels
    expected_accuracy = sk.accuracy_score(labels, exported.probabilities >= classifier.thresholds)
    assert exported.evaluation.accuracy == pytest.approx(expected_accuracy)
    text = (folder / "README.md").read_text("utf-8")
    assert "any number of 3 labels: across, bright, down" in text
    assert f"in the same order: {', '.join(map(str, classifier.thresholds))}." in text
    worst = exported.evaluation.worst_class
    f1 = sk.f1_score(labels, exported.probabilities >= classifier.thresholds, average=None)
    assert f"The lowest F1 is that of label {worst}: {f1.min():.1%}." in text
    changed = (original.predicted != exported.predicted).any(axis=1).sum()
    assert f"{changed} of {len(labels)} images get other labels" in text
    record = json.loads((folder / "export.json").read_text("utf-8"))
    assert record["thresholds"] == list(classifier.thresholds)


def test_explanations_use_the_logit_of_each_class(outcome, data):
    import keras

    model = load(outcome.folder).inspect()
    image = model.load_image(data / "images" / "1.png")[np.newaxis]
    before = keras.Model(model.keras_model.inputs, model.keras_model.layers[-1].input)
    kernel, bias = model.keras_model.layers[-1].get_weights()

    def logits(pixels):
        return before.predict(pixels, verbose=0) @ kernel + bias

    step = np.zeros_like(image, np.float32)
    step[0, 5:9, 5:9] = 0.5
    for k in range(3):
        gradient = input_gradients(model, image, k)
        expected = (logits(image + step) - logits(image - step))[0, k]
        assert 2 * float((gradient * step).sum()) == pytest.approx(expected, rel=0.05, abs=1e-3)


@pytest.mark.slow
def test_a_run_goes_on_from_it_with_smoothed_and_mixed_labels(outcome, data):
    changes = {"from_": str(outcome.folder), "freeze": 1, "label_smoothing": 0.1, "epochs": 1}
    facts = train(settings(data, name="longer", augment="mixup=0.5", **changes), listeners=[])
    assert facts.card.training["from"]["kept_classes"] == list(CLASSES)
    assert np.isfinite(facts.validation.loss)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"balance": "sampling"}, "--balance sampling with 'images'"),
        ({"balance": "weights"}, "--balance weights with 'images'"),
        ({"fold": "1/3"}, "--fold with 'images'"),
        ({"augment": "auto"}, "--augment auto with 'images'"),
    ],
)
def test_what_needs_one_label_per_image_is_refused_before_training(data, changes, text):
    with pytest.raises(AppError, match=text) as caught:
        make_plan(settings(data, **changes), RecordingReporter())
    assert "any number of labels" in str(caught.value)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["predict", "{model}", "{image}", "--sort-into", "{out}"], "--sort-into with"),
        (["predict", "{model}", "{image}", "--unknown-below", "0.9"], "add up to 1"),
        (["predict", "{model}", "{image}", "--columns", "index"], "'index', which is unknown"),
        (["evaluate", "{model}", "--coverage", "0.9"], "--coverage with"),
        (["evaluate", "{model}", "--dataset", "digits"], "has one label per image"),
        (["calibrate", "{model}"], "add up to 1"),
        (["compare", "{model}", "catsdogs-best"], "A comparison with"),
        (["plot", "embedding", "{model}", "-o", "{out}.png"], "any number of labels"),
    ],
)
def test_what_needs_one_label_per_image_is_refused(outcome, data, run, tmp_path, words, text):
    places = {
        "model": outcome.folder, "image": data / "images" / "0.png", "out": tmp_path / "out"
    }  # fmt: skip
    status, _, err = run(*(word.format(**places) for word in words))
    assert status == 2, err
    assert text in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_an_ensemble_is_refused_before_its_runs_are_trained(data, tmp_path):
    from app.sweep.design import Design
    from app.sweep.sweep import run_sweep
    from tests.sweep.in_process import InProcess, Watching

    pool = InProcess()
    design = Design(settings(data), (0, 1), averaged=True)
    with pytest.raises(AppError, match="--ensemble with 'images', whose images have any number"):
        run_sweep(tmp_path / "sweep", design, pool, Watching())
    assert (pool.started, (tmp_path / "sweep").exists()) == ([], False)

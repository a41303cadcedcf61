"""An exported model as the one who gets it sees it: the script, the README, and what is refused."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from app.classifier import load
from app.deploy import deploy
from app.deploy.deploy import Request, export_model
from app.deploy.folder import check_folder
from app.deploy.measure import Measured, Network, measure
from app.errors import AppError
from app.evaluate import evaluate
from app.export.formats import FORMATS
from app.reporting import SILENT
from tests.shipped import MODELS

pytestmark = pytest.mark.slow

# Runs a script, and prints the packages it imported that a user of the runtime may not have.
_RUN = """
import runpy, sys
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
print(sorted({"app", "keras", "tensorflow", "onnx"} & set(sys.modules)))
"""
_IMPORTED = {"litert": [], "onnx": [], "saved_model": ["keras", "tensorflow"]}


IMAGE = MODELS.parent / "datasets" / "examples" / "digits" / "3.jpg"


@pytest.fixture(scope="module")
def model():
    return replace(load(MODELS / "mnist-convnet", raw=True), temperature=1.3)


def request_of(name, **options):
    """Return a request that needs no download: it measures on scikit-learn's digits."""
    return Request(format=name, dataset="digits", **options)


@pytest.mark.parametrize("name", _IMPORTED)
def test_export_runs_from_its_script_with_only_the_runtime(model, tmp_path, name):
    for module in FORMATS[name].modules:
        pytest.importorskip(module)
    folder = tmp_path / "exported"
    facts = export_model(model, request_of(name), folder)
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(folder / "run.py"), str(IMAGE)],
        env=os.environ | {"PYTHONPATH": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    *rows, imported = done.stdout.splitlines()
    assert json.loads(imported.replace("'", '"')) == _IMPORTED[name]
    found = {row.split(" ", 1)[1]: float(row.split(" ", 1)[0]) for row in rows}
    (expected,) = model.with_views(averaged=False).predict(IMAGE)
    assert list(found) == list(expected.probabilities)
    assert found == pytest.approx(expected.probabilities, abs=2e-6)

    text = (folder / "README.md").read_text("utf-8")
    validation = evaluate(model, dataset="digits", split="validation").evaluation
    assert facts.exported.evaluation.accuracy == validation.accuracy
    low, high = validation.interval
    shown = f"{validation.accuracy:.2%} ({100 * low:.2f}–{100 * high:.2f})"
    assert text.count(shown) == 2  # the original's and the export's
    assert f"{validation.n:,} validation images" in text
    assert model.card.command in text
    record = json.loads((folder / "export.json").read_text("utf-8"))
    assert record["classes"] == list("0123456789")
    assert record["measured"][-1]["bytes"] > 1_000
    files = {"README.md", "export.json", "run.py", FORMATS[name].file}
    assert {path.name for path in folder.iterdir()} == files
    check_script_refuses(folder / "run.py", tmp_path)
    assert check_folder(folder) == f"mnist-convnet as {FORMATS[name].title}"
    (added := (folder / record["files"][-2]).with_name("note.txt")).write_text("mine")
    with pytest.raises(AppError, match=r"holds more than an exported model: .*note\.txt"):
        export_model(model, request_of(name), folder)
    assert added.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["exported"]


def check_script_refuses(script, place):
    """Check what the script of an export says of images that it cannot read."""

    def call(*arguments):
        done = subprocess.run(
            [sys.executable, script, *arguments], capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    status, _, err = call()
    assert status == 2
    assert "usage: run.py [-h] IMAGE" in err
    status, out, _ = call("--help")
    assert status == 0
    assert "usage: run.py [-h] IMAGE" in out
    text, cut, header = (place / name for name in ("text.jpg", "cut.jpg", "cut.ppm"))
    text.write_text("hello")
    cut.write_bytes(IMAGE.read_bytes()[:-500])
    header.write_bytes(b"P6\n10 x")
    for image in (place / "gone.jpg", text, cut, header, place):
        status, out, err = call(image)
        assert (status, out) == (1, "")
        assert f"'{image}' cannot be read as an image: " in err
    for image in (text, cut, header):
        image.unlink()


def test_export_of_a_model_of_several_views_has_the_temperature_of_one(model, tmp_path):
    several = model.with_views(averaged=True)
    assert len(several.views) > 1
    export_model(several, request_of("litert"), tmp_path / "exported")
    record = json.loads((tmp_path / "exported" / "export.json").read_text("utf-8"))

    single = several.with_views(averaged=False)
    found = evaluate(single, dataset="digits", split="validation")
    logits = np.log(np.maximum(found.probabilities.astype(np.float64), 1e-12))

    def loss(temperature):
        return -log_softmax(logits / temperature, axis=1)[
            np.arange(len(logits)), found.labels
        ].mean()

    best = minimize_scalar(loss, bounds=(0.1, 10), method="bounded").x
    assert record["temperature"] == pytest.approx(best, rel=0.01)
    assert abs(record["temperature"] - 1) > 0.05
    pixels = single.load_image(IMAGE)[np.newaxis]
    expected = softmax(np.log(single.probabilities(pixels)) / record["temperature"], axis=1)
    exported = FORMATS["litert"].open(tmp_path / "exported" / "model.tflite")
    np.testing.assert_allclose(exported(pixels), expected, atol=1e-5)
    text = (tmp_path / "exported" / "README.md").read_text("utf-8")
    assert "80% of the validation images get a class with a probability of" in text


def test_export_that_loses_accuracy_is_refused_and_leaves_what_was_there(
    model, tmp_path, monkeypatch
):
    def write(exported, target, calibration):
        target.write_bytes(b"network")

    def of_one_class(path):
        return lambda images: np.tile(np.float32([1, *[0] * 9]), (len(images), 1))

    broken = FORMATS["litert-int8"]._replace(write=write, open=of_one_class)
    monkeypatch.setitem(deploy.FORMATS, "litert-int8", broken)
    monkeypatch.setitem(deploy.FORMATS, "litert", broken)
    folder = tmp_path / "exported"
    folder.mkdir()
    (folder / "export.json").write_text('{"format": "litert"}')  # of an older program
    with pytest.raises(AppError, match=r"accuracy of \d+.\d+% on \d+ validation images") as caught:
        export_model(model, request_of("litert-int8"), folder)
    assert caught.value.status == 1
    assert caught.value.expected == "Expected at most 0.5 points less."
    assert [path.name for path in tmp_path.rglob("*")] == ["exported", "export.json"]

    request = request_of("litert-int8", tolerance=100, keep_slower=True)
    facts = export_model(model, request, folder)
    text = (folder / "README.md").read_text("utf-8")
    assert "those of 200 training images" in text
    assert facts.exported.evaluation.accuracy < 0.2


def test_int8_that_is_not_faster_is_refused():
    def measured(milliseconds):
        return Measured("LiteRT, int8", 1_000, None, None, np.array(milliseconds) / 1_000)

    with pytest.raises(AppError, match=r"is 1\.40 times as fast as float32") as caught:
        deploy._check_speed(measured([1.4, 14.0, 2.8]), measured([1.0, 10.0, 2.0]))
    assert "--keep-slower" in caught.value.fix
    deploy._check_speed(measured([1.6, 16.0, 1.0]), measured([1.0, 10.0, 2.0]))


def test_measure_pairs_times_and_evaluates_one_image_at_a_time(model):
    result = evaluate(model, dataset="digits", split="validation")
    sizes = set()

    def outputs(images):
        sizes.add(len(images))
        return model.probabilities(images)

    networks = [Network("a", outputs, 1), Network("b", outputs, 2, result.probabilities)]
    first, second = measure(networks, result.decoded, model.class_names, (), SILENT)
    assert sizes == {1}
    assert len(first.seconds) == len(second.seconds) >= 15
    np.testing.assert_allclose(first.probabilities, second.probabilities, atol=1e-5)
    assert first.evaluation.accuracy == result.evaluation.accuracy
    assert first.speedup_over(first) == 1


def test_export_replaces_only_exports(tmp_path):
    assert check_folder(tmp_path / "new") == ""
    assert check_folder(tmp_path) == ""
    notes = tmp_path / "notes.txt"
    notes.write_text("mine")
    (tmp_path / "export.json").write_text('{"format": "of another program"}')
    for taken in (tmp_path, notes):
        with pytest.raises(AppError, match="exists and is not an exported model"):
            check_folder(taken)

    # A record of an older program does not list the files.
    record = {"model": "mnist-tiny", "format": "saved_model"}
    (tmp_path / "export.json").write_text(json.dumps(record))
    (tmp_path / "saved_model" / "variables").mkdir(parents=True)
    (tmp_path / "saved_model" / "variables" / "variables.index").write_text("")
    with pytest.raises(
        AppError, match=r"holds more than an exported model: notes\.txt\."
    ) as caught:
        check_folder(tmp_path)
    assert "move these files elsewhere" in caught.value.fix
    notes.unlink()
    assert check_folder(tmp_path) == "mnist-tiny as TensorFlow SavedModel"


@pytest.mark.filterwarnings("ignore::app.errors.AppWarning")  # that there is no card
def test_export_of_a_model_without_card_says_what_is_not_known(tmp_path):
    bare = replace(load(MODELS / "mnist-convnet" / "model.keras"), name="bare|<b>")
    export_model(bare, request_of("litert"), tmp_path / "exported")
    text = (tmp_path / "exported" / "README.md").read_text("utf-8")
    assert "# bare\\|&lt;b>, as LiteRT" in text
    assert "what it was trained on is not known" in text
    with pytest.raises(AppError, match="no card that names its dataset"):
        export_model(bare, Request(format="litert"), tmp_path / "other")
    assert not (tmp_path / "other").exists()

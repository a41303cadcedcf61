"""`--fit`: one rule from training to every use of the saved model."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from app.classifier import load
from app.config import RunSettings
from app.data.decoding import load_image
from app.deploy.script import script
from app.errors import AppError
from app.evaluate import evaluate
from app.export.formats import FORMATS
from app.training.recipes import resolve
from app.training.run import train
from app.web.facts import image_facts

SIZES = [(90, 40), (40, 90)]


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """A folder of wide and tall images, of which only the ends tell the classes apart."""
    folder = tmp_path_factory.mktemp("wide")
    random = np.random.default_rng(0)
    for name, level in (("bright", 255), ("dark", 0)):
        (folder / name).mkdir()
        for number in range(20):
            pixels = random.integers(96, 160, (40, 90, 3), np.uint8)
            pixels[:, :25] = level
            image = Image.fromarray(pixels if number % 2 else pixels.transpose(1, 0, 2))
            image.save(folder / name / f"{number}.png")
    return folder


def trained(data, output, **settings):
    given = {
        "dataset": str(data), "model": "dense", "image_size": 24, "epochs": 8, "batch_size": 8,
        "augment": "none", "precision": "float32", "output": str(output), **settings,
    }  # fmt: skip
    return train(RunSettings(**given), listeners=[])


@pytest.mark.slow
@pytest.mark.parametrize(("fit", "learns"), [("pad", True), ("crop", False)])
def test_a_model_sees_images_as_in_training_wherever_it_is_used(wide, tmp_path, fit, learns):
    outcome = trained(wide, tmp_path, fit=fit)
    card = outcome.card
    assert card.fit == fit
    assert fit in card.resize
    assert f"--fit {fit}" in card.command
    model = load(outcome.folder)
    result = evaluate(model, split="validation")
    assert result.evaluation.accuracy == pytest.approx(card.metrics["validation"]["accuracy"])
    assert (result.evaluation.accuracy > 0.9) == learns  # crop cuts off what they differ in
    path = wide / "bright" / "3.png"
    seen = load_image(path, (24, 24), fit=fit)
    np.testing.assert_array_equal(model.load_image(path), seen)
    np.testing.assert_array_equal(model.inspect().load_image(path), seen)
    (predicted,) = model.predict(path)
    (row,) = model.probabilities(seen[np.newaxis])
    assert list(predicted.probabilities.values()) == pytest.approx(sorted(row)[::-1], abs=1e-6)
    assert image_facts((24, 24, 3), card)["fit"] == fit
    inherited = resolve(RunSettings(dataset=str(wide), from_=str(outcome.folder)))
    assert inherited.fit == fit


@pytest.mark.slow
def test_a_card_without_the_rule_squashes(wide, tmp_path):
    folder = trained(wide, tmp_path, epochs=1).folder
    card = json.loads((folder / "card.json").read_text("utf-8"))
    assert card.pop("fit") == "squash"
    (folder / "card.json").write_text(json.dumps(card), "utf-8")
    path = wide / "dark" / "0.png"
    np.testing.assert_array_equal(load(folder).load_image(path), load_image(path, (24, 24)))


@pytest.mark.parametrize("fit", ["squash", "crop", "pad"])
@pytest.mark.parametrize("size", SIZES)
def test_the_script_of_an_exported_model_resizes_alike(tmp_path, monkeypatch, fit, size):
    picture = tmp_path / "picture.png"
    random = np.random.default_rng(0)
    Image.fromarray(random.integers(0, 256, (*size, 3), np.uint8)).save(picture)
    text = script(FORMATS["litert"], (24, 36, 3), fit)
    monkeypatch.setattr("sys.argv", ["run.py", str(picture)])
    names = {"__file__": str(tmp_path / "run.py")}
    exec(text.partition("\nclasses")[0], names)
    (pixels,) = names["pixels"]
    np.testing.assert_array_equal(pixels, load_image(picture, (24, 36), fit=fit))


def test_another_rule_is_refused():
    with pytest.raises(AppError, match="--fit is 'stretch'"):
        RunSettings(fit="stretch")
    assert replace(RunSettings(), fit="pad").command().endswith("--fit pad")

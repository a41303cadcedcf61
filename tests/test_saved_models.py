"""The models that come with the project are what their cards say."""

import json
import shlex
from pathlib import Path

import numpy as np
import pytest

from app.classifier import load
from app.cli import main
from app.cli.train import build_parser
from app.config import RunSettings, settings
from app.data.mnist import load_mnist
from app.data.mnist_style.normalize import center_digit
from app.statistics.temperature import stored_temperature, with_temperature
from app.storage.card import read_card
from app.training.recipes import resolve
from tests.shipped import SHIPPED

ROOT = Path(__file__).parent.parent
WITHOUT_TWIN = "catsdogs-lecture"  # for its size


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_model_is_complete(name):
    folder = ROOT / "saved_models" / name
    card = read_card(folder / "card.json")
    assert card.finished
    assert not card.stand_in
    assert card.command.startswith("python train.py --dataset ")
    engine = "keras" if name == WITHOUT_TWIN else "litert"
    assert load(folder).engine == engine
    assert ("differs from Keras" in card.twin) == (name != WITHOUT_TWIN)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_card_command_gives_its_settings(name):
    """Recipes change; what a card tells people to type has to give the same run still."""
    card = read_card(ROOT / "saved_models" / name / "card.json")
    parsed = vars(build_parser().parse_args(shlex.split(card.command)[2:]))
    config = resolve(RunSettings(**{setting.name: parsed[setting.name] for setting in settings()}))
    for setting in settings():
        # Cards from before a setting do without it; which precision is faster, a trial finds.
        if setting.metadata["affects_model"] and setting.name != "precision":
            wanted = getattr(config, setting.name)
            assert card.configuration.get(setting.name, wanted) == wanted, setting.name


def test_shipped_models_are_small():
    folders = [ROOT / "saved_models" / name for name in SHIPPED]
    assert sum(path.stat().st_size for folder in folders for path in folder.iterdir()) < 30e6


def test_shipped_mnist_models_have_few_weights():
    for name, most in (("mnist-tiny", 10_000), ("mnist-best", 1_000_000)):
        assert read_card(ROOT / "saved_models" / name / "card.json").parameters <= most


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_card_metrics_are_reproduced(name, real_data, capsys):
    folder = ROOT / "saved_models" / name
    card = read_card(folder / "card.json")
    # On validation images: fewer, and the others are not looked at again and again.
    arguments = ["evaluate", str(folder), "--split", "validation", "--json"]
    assert main([*arguments, "--data-dir", str(real_data)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["n"] == card.images["validation"]
    assert found["accuracy"] == pytest.approx(card.metrics["validation"]["accuracy"], abs=1e-3)
    assert found["loss"] == pytest.approx(card.metrics["validation"]["loss"], abs=1e-3)
    assert found["temperature"] == card.temperature
    probabilities = np.array([list(p["probabilities"].values()) for p in found["predictions"]])
    labels = np.array([found["class_names"].index(p["true"]) for p in found["predictions"]])
    plain = with_temperature(probabilities, 1 / card.temperature)
    assert stored_temperature(plain, labels) == pytest.approx(card.temperature, rel=0.01)


def test_digit_on_paper_needs_the_mnist_style():
    image = ROOT / "tests" / "images" / "three.jpg"
    model = ROOT / "saved_models" / "mnist-convnet"
    (found,) = load(model).predict([image])
    assert found.label == "3"
    assert found.probability > 0.9


@pytest.mark.slow
def test_mnist_style_costs_no_accuracy(real_data):
    test = load_mnist(real_data).test
    images, labels = test.images[::4], test.labels[::4]
    model = load(ROOT / "saved_models" / "mnist-convnet")

    def accuracy(images: np.ndarray) -> float:
        rows = [model.probabilities(images[i : i + 500]) for i in range(0, len(images), 500)]
        return float((np.concatenate(rows).argmax(axis=1) == labels).mean())

    plain = accuracy(images)
    assert plain >= 0.988
    assert accuracy(np.stack([center_digit(image) for image in images])) >= plain - 0.002
    inverted = 255 - images
    assert accuracy(np.stack([center_digit(image) for image in inverted])) >= plain - 0.002

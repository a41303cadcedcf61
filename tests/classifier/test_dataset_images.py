"""One rule for the images of a model's dataset."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from app.classifier import Classifier
from app.classifier.dataset_images import Selection, select_images
from app.data.dataset import Dataset, Split
from app.data.download.download import NoNetwork
from app.errors import AppError
from app.storage.card import read_card
from tests.shipped import MODELS


def split(name: str, count: int) -> Split:
    labels = np.arange(count) % 2
    return Split(
        np.zeros((count, 8, 8, 3), np.uint8), labels, [f"{name} {k}" for k in range(count)]
    )


def dataset(protocol: str) -> Dataset:
    """`full` trains on more images; the images of both protocols differ in their names."""
    return Dataset(
        name="catsdogs",
        train=split(f"train of {protocol}", 20 if protocol == "full" else 8),
        validation=split("validation", 6),
        test=split("test", 6),
        class_names=("cat", "dog"),
        channels=3,
        source="a test",
    )


@pytest.fixture
def calls(monkeypatch):
    """Record how datasets are loaded; without a stand-in, there is no network."""
    recorded = []

    def load_dataset(name, data_dir, *, protocol, stand_in, reporter):
        recorded.append((name, protocol, stand_in))
        if name == "mnist" and stand_in == "never":
            raise NoNetwork("No network.", "Expected one.", "Connect.")
        return dataset(protocol)

    monkeypatch.setattr("app.classifier.dataset_images.load_dataset", load_dataset)
    return recorded


def classifier(**changes) -> Classifier:
    card = read_card(MODELS / "catsdogs-best" / "card.json")
    settings = {**card.configuration, **changes.pop("configuration", {})}
    card = replace(card, configuration=settings, **changes)
    return Classifier(
        name="test",
        outputs=lambda images: np.zeros((len(images), 1)),
        class_names=card.class_names,
        image_size=(8, 8),
        channels=3,
        card=card,
    )


def test_select_images_of_a_full_protocol_model_gives_its_own_training_images(calls):
    model = classifier(configuration={"protocol": "full"})
    images = select_images(model, Selection(split="train"))
    assert len(images.labels) == 20
    assert images.source == "20 training images of catsdogs"
    unseen = select_images(model, Selection(split="validation"))
    assert not set(unseen.examples.names) & set(images.examples.names)
    assert {protocol for _, protocol, _ in calls} == {"full"}


def test_select_images_of_another_dataset_ignores_the_protocol_and_limit_of_the_card(calls):
    model = classifier(configuration={"protocol": "full", "limit": 4}, dataset="digits")
    images = select_images(model, Selection(dataset="catsdogs", split="train"))
    assert len(images.labels) == 8
    assert calls == [("catsdogs", "lecture", "never")]


def test_select_images_of_a_limited_model_gives_its_training_images_only(calls):
    model = classifier(configuration={"protocol": "lecture", "limit": 4})
    images = select_images(model, Selection(split="train"))
    assert images.labels.tolist() == [0, 1, 0, 1]


def test_select_images_of_a_model_of_a_fold_gives_the_images_of_that_fold(calls):
    names = {}
    for fold, part in itertools.product(("1/2", "2/2"), ("train", "validation")):
        model = classifier(configuration={"fold": fold})
        names[fold, part] = set(select_images(model, Selection(split=part)).examples.names)
    assert names["1/2", "train"] == names["2/2", "validation"]
    assert names["1/2", "validation"] == names["2/2", "train"]
    assert not names["1/2", "train"] & names["1/2", "validation"]


def test_select_images_without_network_needs_permission_for_a_stand_in(calls):
    model = classifier(dataset="mnist")
    with pytest.raises(AppError, match="--dataset digits"):
        select_images(model, Selection(split="validation"))
    select_images(model, Selection(split="validation", allow_stand_in=True))
    assert [stand_in for *_, stand_in in calls] == ["never", "auto"]


def test_select_images_of_a_model_of_a_stand_in_gives_the_stand_in(calls):
    model = classifier(dataset="mnist", stand_in=True)
    select_images(model, Selection(split="validation"))
    with pytest.raises(AppError):  # an explicit name is taken literally
        select_images(model, Selection(dataset="mnist", split="validation"))
    assert [stand_in for *_, stand_in in calls] == ["always", "never"]


def test_select_images_of_other_classes_is_refused_unless_asked_for(calls):
    model = replace(classifier(), class_names=("cat", "cow"))
    with pytest.raises(AppError, match="it has no cow"):
        select_images(model, Selection())
    assert select_images(model, Selection(any_classes=True)).dataset.class_names == ("cat", "dog")


def test_select_images_with_a_count_is_balanced(calls):
    images = select_images(classifier(), Selection(split="all", count=4))
    assert np.bincount(images.labels).tolist() == [2, 2]
    assert images.source == "4 images of catsdogs"
    assert images.pixels.shape == (4, 8, 8, 3)


def test_select_images_of_a_card_with_a_reference_imports_nothing(calls):
    model = classifier(dataset="my_package:load")
    with pytest.raises(AppError, match="my_package:load"):
        select_images(model, Selection())
    assert not calls

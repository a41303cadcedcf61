"""Where the temperature of a model acts, and predictions that are unknown."""

from dataclasses import replace

import numpy as np
import pytest

from app.augmentation.tta import View, identity
from app.classifier import Classifier, load
from app.classifier.unknown import with_unknown
from app.errors import AppError
from app.metrics import SCORES
from app.statistics.temperature import with_temperature

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 4, 4, 1), np.uint8)


def outputs(images):
    """Return the probability of the second class: the mean of the left half."""
    return images[:, :, :2].mean(axis=(1, 2), dtype=np.float32) / 255


def classifier(**attributes):
    return Classifier(
        name="halves", outputs=outputs, class_names=("dark", "bright"), image_size=(4, 4),
        channels=1, **attributes,
    )  # fmt: skip


def test_temperature_acts_on_the_mean_over_the_views():
    views = (identity, View(flip=True))
    plain = classifier(views=views).probabilities(IMAGES)
    found = classifier(views=views, temperature=0.5).probabilities(IMAGES)
    np.testing.assert_allclose(found, with_temperature(plain, 0.5), rtol=1e-6)
    assert found.dtype == plain.dtype


def test_temperature_does_not_act_on_other_views():
    model = classifier(views=(identity, View(flip=True)), temperature=0.5)
    one_view = classifier().values(IMAGES)
    np.testing.assert_array_equal(model.values(IMAGES, [identity]), one_view)
    assert model.with_views(averaged=False).temperature == 1
    np.testing.assert_array_equal(model.with_views(averaged=False).values(IMAGES), one_view)
    alone = classifier(temperature=0.5)
    assert alone.with_views(averaged=False).temperature == 0.5


def test_load_takes_the_temperature_of_the_card_for_litert_and_keras(shapes_model):
    plain = load(shapes_model[0])
    pixels = np.random.default_rng(0).integers(0, 256, (5, *plain.image_size, 3), np.uint8)
    assert plain.temperature == plain.card.temperature
    warm = replace(plain, temperature=2.0)
    assert warm.inspect().temperature == 2.0
    expected = with_temperature(plain.probabilities(pixels), 2.0)
    for model in (warm, warm.inspect()):
        np.testing.assert_allclose(model.probabilities(pixels), expected, atol=1e-4)


def test_with_unknown_labels_what_is_less_probable():
    model = with_unknown(classifier(), 0.6)
    for sure, unsure in zip(classifier().predict(IMAGES), model.predict(IMAGES), strict=True):
        assert unsure.probabilities == sure.probabilities
        assert unsure.probability == sure.probability
        assert unsure.is_unknown == (sure.probability < 0.6)
        assert unsure.label == ("unknown" if sure.probability < 0.6 else sure.label)
        assert unsure.likeliest == sure.label
        assert unsure.to_json() == {**sure.to_json(), "label": unsure.label}
    assert {p.is_unknown for p in model.predict(IMAGES)} == {True, False}


@pytest.mark.parametrize("below", [0.5, 0, -1, 1.01, float("nan")])
def test_with_unknown_out_of_range_is_refused(below):
    with pytest.raises(AppError, match="Expected more than 1/2"):
        with_unknown(classifier(), below)


def test_with_unknown_of_scores_or_of_a_class_of_that_name_is_refused():
    with pytest.raises(AppError, match="no probabilities that add up to 1"):
        with_unknown(classifier(kind=SCORES), 0.9)
    with pytest.raises(AppError, match="has a class named 'unknown'"):
        with_unknown(replace(classifier(), class_names=("cat", "Unknown")), 0.9)

"""The caption of an explained image: which number is of one view, and what is no probability."""

from dataclasses import replace

import numpy as np
import pytest

from app.augmentation.tta import flipped, identity, mean_over_views
from app.figures.explanations import grad_cam_figure
from app.metrics import SCORES
from tests.insight.networks import opened, sequential


def texts(figure):
    return [axes.get_title(loc="left") for axes in figure.axes]


@pytest.fixture
def explained(image):
    def draw(model):
        return grad_cam_figure([(model, image, 0)], name="cat.jpg", layer="conv_2")

    return draw


def test_grad_cam_figure_of_one_view_shows_its_probability(explained, image):
    model = opened(sequential())
    value = model.probabilities(image[np.newaxis])[0, 0]
    assert texts(explained(model))[0] == f"test, conv_2\nclass 0: {value:.1%}"


def test_grad_cam_figure_of_a_model_with_views_shows_their_mean_beside(explained, image):
    model = replace(opened(sequential()), views=(identity, flipped(identity)))
    value = model.probabilities(image[np.newaxis])[0, 0]
    mean = mean_over_views(model.probabilities, image[np.newaxis], model.views)[0, 0]
    assert texts(explained(model))[0] == (
        f"test, conv_2\nclass 0, one view: {value:.1%}\nmean of 2 views: {mean:.1%}"
    )


def test_grad_cam_figure_of_scores_shows_no_percentages(explained, image):
    model = replace(opened(sequential("relu")), kind=SCORES)
    figure = explained(model)
    value = model.probabilities(image[np.newaxis])[0, 0]
    assert texts(figure)[0] == f"test, conv_2\nclass 0: score {value:.4g}"
    assert "probability" not in "".join(texts(figure))

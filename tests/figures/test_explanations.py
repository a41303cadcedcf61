"""Heat maps over images, and their captions."""

from dataclasses import replace

import numpy as np
import pytest

from app.augmentation.tta import flipped, identity
from app.figures.canvas.overlay import heat_scale, overlaid
from app.figures.explanations import HeatMap, grad_cam_figure, heat_map_sheet
from app.insight.faithfulness import Faithfulness
from app.metrics import SCORES
from tests.insight.networks import opened, sequential

RANDOM = np.random.default_rng(0)
IMAGE = RANDOM.integers(0, 256, (30, 40, 1)).astype(np.uint8)
SHARES = np.linspace(0, 1, 5)


def heat_map(heat, name="model"):
    curves = Faithfulness(SHARES, np.linspace(1, 0, 5), np.full(5, 0.75))
    known = {"center": curves, "random": curves}
    return HeatMap(f"{name}\ncat: 90.0%", IMAGE, heat, "score", curves, known)


def test_overlaid_opacity_grows_with_heat():
    heat = np.zeros((30, 40), np.float32)
    heat[10:20, 10:20] = 1
    found = overlaid(IMAGE, heat).astype(int)
    faded = 255 - 0.55 * (255 - IMAGE[..., 0].astype(float))
    assert np.abs(found[0, :, :].mean(axis=-1) - 0.9 * faded[0]).max() < 3
    assert np.ptp(found[12:18, 12:18].reshape(-1, 3), axis=0).max() <= 15  # little shines through
    plain = overlaid(IMAGE, np.zeros((5, 5), np.float32))
    np.testing.assert_allclose(plain[..., 0], faded, atol=1)
    assert heat_scale(np.zeros((5, 5))) is None


def test_heat_scale_signed_is_symmetric():
    assert heat_scale(np.array([[-1.0, 3.0]])).get_clim() == pytest.approx((-2.996, 2.996), 1e-3)
    assert heat_scale(np.array([[0.0, 3.0]])).get_clim()[0] == 0


def test_overlaid_coarse_heat_keeps_its_cells():
    heat = np.array([[0.0, 1.0], [0.0, 0.0]], np.float32)
    found = overlaid(np.full((20, 20, 1), 100, np.uint8), heat)
    assert len(np.unique(found.reshape(-1, 3), axis=0)) == 2


def test_heat_map_sheet_has_a_row_per_explanation():
    figure = heat_map_sheet(
        [heat_map(RANDOM.normal(0, 1, (30, 40))), heat_map(np.zeros((30, 40)), "m" * 200)],
        title="a title of many words " * 9,
        note="what the areas mean",
    )
    assert len(figure.axes) == 8
    _, _, bar, curves, plain, empty, no_bar, no_curves = figure.axes
    assert bar.get_ylabel() == "score"
    labels = [text.get_text() for text in curves.get_legend().get_texts()]
    assert set(labels) == {
        "deletion 0.50", "insertion 0.75", "center 0.50, 0.75", "random 0.50, 0.75"
    }  # fmt: skip
    assert len(curves.lines) == 6
    assert "no evidence" in empty.get_title(loc="left")
    assert not no_bar.axison
    assert not no_curves.axison
    assert "…" in plain.get_title(loc="left")
    assert "\n" in figure.get_suptitle()


def texts(figure):
    return [axes.get_title(loc="left") for axes in figure.axes]


@pytest.fixture
def explained(image):
    def draw(model):
        return grad_cam_figure([(model, image, 0)], name="cat.jpg", layer="conv_2")

    return draw


def test_grad_cam_figure_of_one_view_shows_its_probability(explained, image):
    model = opened(sequential())
    value = model.values(image[np.newaxis], [identity])[0, 0]
    assert texts(explained(model))[0] == f"test, conv_2\nclass 0: {value:.1%}"


def test_grad_cam_figure_of_several_views_shows_their_mean(explained, image):
    model = replace(opened(sequential()), views=(identity, flipped(identity)))
    value = model.values(image[np.newaxis], [identity])[0, 0]
    views = [view(image[np.newaxis]) for view in model.views]
    mean = np.mean([model.values(view, [identity])[0, 0] for view in views])
    assert texts(explained(model))[0] == (
        f"test, conv_2\nclass 0, one view: {value:.1%}\nmean of 2 views: {mean:.1%}"
    )


def test_grad_cam_figure_of_scores_shows_no_percentages(explained, image):
    model = replace(opened(sequential("relu")), kind=SCORES)
    figure = explained(model)
    value = model.values(image[np.newaxis], [identity])[0, 0]
    assert texts(figure)[0] == f"test, conv_2\nclass 0: score {value:.4g}"
    assert "probability" not in "".join(texts(figure))

"""Heat over images: faded below, signs around white, nothing where nothing speaks."""

import numpy as np
import pytest

from app.figures.canvas.overlay import heat_scale, overlaid
from app.figures.explanations import HeatMap, heat_map_sheet
from app.insight.faithfulness import Faithfulness

RANDOM = np.random.default_rng(0)
IMAGE = RANDOM.integers(0, 256, (30, 40, 1)).astype(np.uint8)
SHARES = np.linspace(0, 1, 5)


def heat_map(heat, name="model"):
    curves = Faithfulness(SHARES, np.linspace(1, 0, 5), np.full(5, 0.75))
    return HeatMap(f"{name}\ncat: 90.0%", IMAGE, heat, "score", curves)


def test_cold_places_show_the_faded_image_and_hot_ones_their_colour():
    heat = np.zeros((30, 40), np.float32)
    heat[10:20, 10:20] = 1
    found = overlaid(IMAGE, heat).astype(int)
    faded = 255 - 0.55 * (255 - IMAGE[..., 0].astype(float))
    assert np.abs(found[0, :, :].mean(axis=-1) - 0.9 * faded[0]).max() < 3
    assert np.ptp(found[12:18, 12:18].reshape(-1, 3), axis=0).max() <= 15  # little shines through
    plain = overlaid(IMAGE, np.zeros((5, 5), np.float32))
    np.testing.assert_allclose(plain[..., 0], faded, atol=1)
    assert heat_scale(np.zeros((5, 5))) is None


def test_signed_heat_has_a_scale_around_zero():
    assert heat_scale(np.array([[-1.0, 3.0]])).get_clim() == pytest.approx((-2.996, 2.996), 1e-3)
    assert heat_scale(np.array([[0.0, 3.0]])).get_clim()[0] == 0


def test_coarse_heat_keeps_its_cells():
    heat = np.array([[0.0, 1.0], [0.0, 0.0]], np.float32)
    found = overlaid(np.full((20, 20, 1), 100, np.uint8), heat)
    assert len(np.unique(found.reshape(-1, 3), axis=0)) == 2


def test_a_row_per_explanation():
    figure = heat_map_sheet(
        [heat_map(RANDOM.normal(0, 1, (30, 40))), heat_map(np.zeros((30, 40)), "m" * 200)],
        title="a title of many words " * 9,
        note="what the areas mean",
    )
    assert len(figure.axes) == 8
    _, _, bar, curves, plain, empty, no_bar, no_curves = figure.axes
    assert bar.get_ylabel() == "score"
    labels = [text.get_text() for text in curves.get_legend().get_texts()]
    assert labels == ["deletion 0.50", "insertion 0.75"]
    assert "no evidence" in empty.get_title(loc="left")
    assert not no_bar.axison
    assert not no_curves.axison
    assert "…" in plain.get_title(loc="left")
    assert "\n" in figure.get_suptitle()

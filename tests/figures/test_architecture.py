"""A network as a row of volumes."""

from dataclasses import replace

import numpy as np
import pytest

from app.figures.architecture import volumes_figure
from app.insight.architecture import Volume
from app.insight.receptive_fields import ImageField
from app.lecture.receptive_field import ReceptiveField

FIELD = ImageField(ReceptiveField(3, 1, 0), ReceptiveField(3, 1, 0))
VOLUMES = [
    Volume(("input",), "input", (28, 28, 1), 0, None),
    Volume(("conv", "relu"), "convolution", (26, 26, 8), 80, FIELD),
    Volume(("a_name_that_is_too_long_for_any_column" * 3,), "dense", (10,), 54090, None),
]


@pytest.mark.parametrize("chained", [True, False])
def test_volumes_figure_has_text_and_arrows_only_in_a_chain(chained):
    figure = volumes_figure(VOLUMES, (28, 28), chained=chained, title="t")
    axes = figure.axes[0]
    words = [text.get_text() for text in axes.texts]
    assert {"input", "conv", "26×26×8", "80 params", "RF 3×3 px", "+ relu", "dense"} <= set(words)
    assert any(word.endswith("…") for word in words)
    arrows = [text for text in axes.texts if getattr(text, "arrow_patch", None) is not None]
    assert len(arrows) == (2 if chained else 0)


def test_volumes_figure_larger_volumes_are_drawn_larger():
    axes = volumes_figure(VOLUMES, (28, 28), chained=True, title="t").axes[0]
    # Per volume: lid, side and front, each white and then in color; the legend comes first.
    fronts = [p for p in axes.patches if hasattr(p, "get_xy") and hasattr(p, "set_closed")][5::6]
    heights = [np.ptp(front.get_xy()[:, 1]) for front in fronts]
    widths = [np.ptp(front.get_xy()[:, 0]) for front in fronts]
    assert heights[0] > heights[1]
    assert widths[0] < widths[1]


def test_volumes_figure_many_volumes_wrap():
    one, many = (
        volumes_figure(VOLUMES[1:2] * count, (28, 28), chained=True, title="t") for count in (6, 20)
    )
    assert many.get_figheight() > 2 * one.get_figheight()


def test_volumes_figure_shows_effective_fields_where_they_were_measured():
    measured = replace(VOLUMES[1], effective=(2.53, 31.2))
    figure = volumes_figure([VOLUMES[0], measured], (28, 28), chained=True, title="t")
    words = [text.get_text() for text in figure.axes[0].texts]
    assert "ERF 2.5 (31) px" in words
    assert "95.45%" in " ".join(words)
    plain = volumes_figure(VOLUMES, (28, 28), chained=True, title="t")
    assert not any("ERF" in text.get_text() for text in plain.axes[0].texts)

"""Volumes, patterns and maps of images."""

import numpy as np
import pytest

from app.figures.architecture import volumes_figure
from app.figures.embedding import embedding_map
from app.figures.feature_visualization import FilterImages, pattern_sheet
from app.insight.architecture import Volume
from app.insight.receptive_fields import ImageField
from app.lecture.receptive_field import ReceptiveField

RANDOM = np.random.default_rng(0)
FIELD = ImageField(ReceptiveField(3, 1, 0), ReceptiveField(3, 1, 0))
VOLUMES = [
    Volume(("input",), "input", (28, 28, 1), 0, None),
    Volume(("conv", "relu"), "convolution", (26, 26, 8), 80, FIELD),
    Volume(("a_name_that_is_too_long_for_any_column" * 3,), "dense", (10,), 54090, None),
]


@pytest.mark.parametrize("chained", [True, False])
def test_volumes_are_boxes_with_text_and_arrows_only_in_a_chain(chained):
    figure = volumes_figure(VOLUMES, (28, 28), chained=chained, title="t")
    axes = figure.axes[0]
    words = [text.get_text() for text in axes.texts]
    assert {"input", "conv", "26×26×8", "80 weights", "RF 3×3 px", "+ relu", "dense"} <= set(words)
    assert any(word.endswith("…") for word in words)
    arrows = [text for text in axes.texts if getattr(text, "arrow_patch", None) is not None]
    assert len(arrows) == (2 if chained else 0)


def test_larger_volumes_are_drawn_larger():
    axes = volumes_figure(VOLUMES, (28, 28), chained=True, title="t").axes[0]
    # Per volume: lid, side and front, each white and then in colour; the legend comes first.
    fronts = [p for p in axes.patches if hasattr(p, "get_xy") and hasattr(p, "set_closed")][5::6]
    heights = [np.ptp(front.get_xy()[:, 1]) for front in fronts]
    widths = [np.ptp(front.get_xy()[:, 0]) for front in fronts]
    assert heights[0] > heights[1]
    assert widths[0] < widths[1]


def test_many_volumes_wrap():
    one, many = (
        volumes_figure(VOLUMES[1:2] * count, (28, 28), chained=True, title="t") for count in (6, 20)
    )
    assert many.get_figheight() > 2 * one.get_figheight()


def test_patterns_with_patches_and_without():
    image, patch = (RANDOM.integers(0, 256, (s, s, 3)).astype(np.uint8) for s in (40, 20))
    full = FilterImages("filter 0", image, [patch] * 9)
    empty = FilterImages("filter 1", None, [])
    figure = pattern_sheet({"conv": [full, empty]}, title="t")
    axes = figure.axes[0]
    assert len(axes.images) == 10
    assert {"conv", "filter 0", "filter 1", "nothing found"} <= {
        text.get_text() for text in axes.texts
    }
    bare = FilterImages("filter 2", image, [])
    two = pattern_sheet({"a": [bare], "b": [bare] * 9}, title="t")
    assert len(two.axes[0].images) == 10


def test_a_map_of_images():
    images = np.full((30, 12, 12, 1), 255, np.uint8)
    points, labels = RANDOM.normal(0, 1, (30, 2)), np.arange(30) % 3
    names = ["_hidden", "a$x_{$", "dog"]
    figure = embedding_map(points, images, labels, names, title="t", axes_label="a")
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == names
    figure.savefig("/dev/null", format="png")  # dollars are no formula
    thumbnail = figure.axes[0].artists[0].offsetbox
    assert thumbnail.image.norm(255) == 1.0
    assert thumbnail.image.norm(0) == 0.0


def test_many_classes_have_no_legend_and_one_point_is_enough():
    images = np.zeros((40, 70, 70, 3), np.uint8)
    points = np.zeros((40, 2))
    names = [f"class {k}" for k in range(40)]
    figure = embedding_map(points, images, np.arange(40), names, title="t", axes_label="a")
    assert figure.legends == []
    assert len(figure.axes[0].artists) == 1

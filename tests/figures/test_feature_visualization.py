"""The sheet of patterns: frames, and words that stay inside them."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from app.figures.canvas.style import PIXELS_WIDE, styled
from app.figures.feature_visualization import FilterImages, pattern_sheet

WHITE = np.full((20, 30, 3), 255, np.uint8)


def test_white_patterns_and_patches_are_framed():
    filters = [FilterImages("filter 0", WHITE, [WHITE] * 9)]
    axes = pattern_sheet({"conv": filters}, title="t").axes[0]
    pictures = [tuple(image.get_extent()) for image in axes.images]
    assert len(pictures) == 10
    frames = [patch.get_bbox() for patch in axes.patches]
    framed = {(round(f.x0), round(f.x1), round(f.y1), round(f.y0)) for f in frames}
    assert {tuple(round(edge) for edge in picture) for picture in pictures} == framed
    assert all(patch.get_linewidth() < 1 for patch in axes.patches)


@pytest.mark.parametrize("patches", [[], [WHITE] * 9])
def test_nothing_found_stays_inside_its_box(patches):
    filters = [FilterImages("dead", None, []), FilterImages("alive", WHITE, patches)]
    with styled():
        figure = pattern_sheet({"conv": filters}, title="t")
        figure.set_dpi(PIXELS_WIDE / figure.get_figwidth())
        FigureCanvasAgg(figure).draw()
    axes = figure.axes[0]
    (words,) = [text for text in axes.texts if text.get_text() == "nothing found"]
    box, written = axes.patches[0].get_window_extent(), words.get_window_extent()
    assert box.x0 < written.x0 < written.x1 < box.x1

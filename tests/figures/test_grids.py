"""Grids of numbers, and animations of figures."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb, to_rgba
from PIL import Image

from app.figure_files import save_animation
from app.figures.canvas.animation import frame_of
from app.figures.canvas.grids import Grid, matrix_sheet, patchwork, shades
from app.figures.canvas.style import PIXELS_WIDE, SKY


def sheet(value=1.0):
    values = np.array([[0, 0, 0, 0], [0, value, -2.5, 0], [0, 3, np.nan, 0], [0, 0, 0, 0]])
    grid = Grid("x", values, (1, 1, 2, 2), inside=(1, 1, 2, 2))
    return matrix_sheet([[grid, grid]], title="t", note="n", text="one\ntwo")


def test_matrix_sheet_draws_numbers_window_and_padding():
    axes = sheet().axes[0]
    words = [text.get_text() for text in axes.texts]
    assert words.count("−2.5") == 2
    assert words.count("0") == 24
    assert "nan" not in words
    assert {"x", "one", "two"} <= set(words)
    cells = [patch for patch in axes.patches if patch.get_fill()]
    faces = [tuple(np.round(patch.get_facecolor(), 3)) for patch in cells[:16]]
    assert len(set(faces)) == 2  # padding, and the window: nothing else is inside
    assert faces[5] == tuple(np.round(to_rgba(SKY), 3))


def numbers_of(figure):
    return [text.get_text() for text in figure.axes[0].texts if text.get_ha() == "center"]


def test_matrix_sheet_filled_cells_keep_one_font_size():
    values = np.array([[1.0, 2], [3, -1000]])
    sizes = set()
    for filled in (None, 0, 1, 3, 9, -2):
        figure = matrix_sheet([[Grid("x", values, filled=filled)]], title="t", note="n")
        shown = 4 if filled is None else min(4, max(0, filled))
        assert numbers_of(figure) == ["1", "2", "3", "−1000"][:shown]
        sizes |= {text.get_size() for text in figure.axes[0].texts if text.get_ha() == "center"}
    assert len(sizes) == 1


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (16, 16), (40, 40), (5, 40)])
def test_matrix_sheet_cells_are_inside_the_figure(shape):
    grids = [Grid("x", np.ones(shape)) for _ in range(3)]
    figure = matrix_sheet([grids, grids[:1]], title="t", note="n", text="below")
    axes = figure.axes[0]
    boxes = [patch.get_bbox() for patch in axes.patches]
    assert max(box.x1 for box in boxes) <= PIXELS_WIDE - 24
    assert max(box.y1 for box in boxes) < next(
        text.get_position()[1] for text in axes.texts if text.get_text() == "below"
    )
    corners = {(box.x0, box.y0) for box in boxes}
    assert len(corners) == len(boxes)  # none covers another


def test_matrix_sheet_cell_colors():
    found = shades(np.array([[0, 2, 4]]), 4)
    np.testing.assert_allclose(found[0, 0], 1)
    np.testing.assert_allclose(found[0, 2], to_rgb(SKY))
    assert (found[0, 0] >= found[0, 1]).all()
    assert (found[0, 1] >= found[0, 2]).all()
    patches = patchwork((4, 6), 2)
    assert patches.shape == (4, 6, 3)
    assert len(np.unique(patches.reshape(-1, 3), axis=0)) == 4
    np.testing.assert_array_equal(patches[::2, ::2], patchwork((2, 3), 1))
    grid = Grid("x", np.ones((1, 3)), box=(0, 1, 1, 1), faces=found)
    cells = matrix_sheet([[grid]], title="t", note="n").axes[0].patches
    faces = [patch.get_facecolor()[:3] for patch in cells[:3]]
    np.testing.assert_allclose(faces[0], found[0, 0])
    np.testing.assert_allclose(faces[1], to_rgb(SKY))  # the window is seen above all


def test_save_animation_has_all_frames(tmp_path):
    path = tmp_path / "a.gif"
    save_animation([frame_of(sheet(value), 400) for value in (1, 2, 3)], path, milliseconds=200)
    with Image.open(path) as animation:
        assert animation.n_frames == 3
        assert animation.width == 400
        assert animation.info["duration"] == 200
        assert animation.info["loop"] == 0

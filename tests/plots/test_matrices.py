"""Grids of numbers, and figures one after another."""

import numpy as np
from PIL import Image

from app.plots.animation import frame_of, write_animation
from app.plots.matrices import Grid, matrix_sheet
from app.plots.style import SKY


def sheet(value=1.0):
    values = np.array([[0, 0, 0, 0], [0, value, -2.5, 0], [0, 3, np.nan, 0], [0, 0, 0, 0]])
    grid = Grid("x", values, (1, 1, 2, 2), margin=1)
    return matrix_sheet([[grid, grid]], title="t", note="n", text="one\ntwo")


def test_numbers_windows_and_padding():
    axes = sheet().axes[0]
    words = [text.get_text() for text in axes.texts]
    assert words.count("−2.5") == 2
    assert words.count("0") == 24
    assert "nan" not in words
    assert {"x", "one", "two"} <= set(words)
    cells = [patch for patch in axes.patches if patch.get_fill()]
    faces = [tuple(np.round(patch.get_facecolor(), 3)) for patch in cells[:16]]
    assert len(set(faces)) == 2  # padding, and the window: nothing else is inside
    from matplotlib.colors import to_rgba

    assert faces[5] == tuple(np.round(to_rgba(SKY), 3))


def test_an_animation_has_all_frames(tmp_path):
    path = tmp_path / "a.gif"
    write_animation([frame_of(sheet(value), 400) for value in (1, 2, 3)], path, milliseconds=200)
    with Image.open(path) as animation:
        assert animation.n_frames == 3
        assert animation.width == 400
        assert animation.info["duration"] == 200
        assert animation.info["loop"] == 0

"""Response maps: one scale per layer, silent maps crossed out, receptive fields framed."""

import numpy as np

from app.figures.response_strips import Strip
from app.figures.responses import MarkedCell, response_overview, response_sheet
from app.figures.training_snapshot import snapshot_sheet

RANDOM = np.random.default_rng(0)
IMAGE = RANDOM.integers(0, 256, (40, 60, 3)).astype(np.uint8)


def strip(count=5, side=6, dead=(2,), name="conv"):
    maps = RANDOM.normal(0, 1, (count, side, side))
    maps[list(dead)] = 0
    flags = [k in dead for k in range(count)]
    return Strip(name, maps, range(count), flags, float(np.abs(maps).max()), "5 maps\nseen")


def test_response_sheet_shares_one_scale_and_crosses_out_dead_maps():
    one = strip()
    figure = response_sheet(IMAGE, one, MarkedCell(1, 0, 5, (3, 9, 4, 10)), title="t")
    axes = figure.axes[0]
    scales = [image.get_clim() for image in axes.images]
    assert scales.count((-one.limit, one.limit)) == 4 + 1  # four maps and the bar
    assert len(axes.lines) == 2  # the cross
    words = [text.get_text() for text in axes.texts]
    assert "Crossed out: maps that are zero everywhere for this image." in words
    assert any("cell (0, 5) of map 1" in text for text in words)


def test_response_sheet_frames_the_receptive_field():
    figure = response_sheet(IMAGE, strip(), MarkedCell(1, 0, 5, (10, 20, 30, 60)), title="t")
    axes = figure.axes[0]
    left, right, bottom, top = axes.images[0].get_extent()
    frame = next(p for p in axes.patches if p.get_linewidth() > 1)
    assert frame.get_x() == left + (right - left) / 2
    assert frame.get_width() == (right - left) / 2
    assert frame.get_y() == top + (bottom - top) / 4


def test_response_sheet_flat_image_leaves_space_for_text():
    flat = np.zeros((20, 200, 3), np.uint8)
    figure = response_sheet(flat, strip(), MarkedCell(1, 0, 5, None), title="t")
    axes = figure.axes[0]
    lowest_text = max(t.get_position()[1] for t in axes.texts if t.get_text() not in "01234")
    maps = [image.get_extent()[3] for image in axes.images[2:]]
    assert min(maps) > lowest_text


def test_response_overview_has_a_row_per_layer_and_cuts_long_names():
    layers = [strip(20, name="a_layer_with_a_very_long_name_indeed_" * 2), strip(3, dead=())]
    figure = response_overview(IMAGE, layers, title="t")
    axes = figure.axes[0]
    assert len(axes.images) == 1 + 1 + (20 - 1) + 3  # image, bar, maps without the dead one
    names = [t.get_text() for t in axes.texts if t.get_weight() == "bold"]
    assert names[1].endswith("…")


def test_snapshot_sheet_size_is_constant():
    sizes = set()
    for values in (RANDOM.uniform(0, 1, (40, 60)), np.zeros((40, 60)), None):
        heat = None if values is None else (values, "Grad-CAM")
        figure = snapshot_sheet(
            IMAGE, heat, [("cat", 0.2), ("dog" * 40, 0.8)], [strip()], title="t"
        )
        sizes.add(tuple(figure.get_size_inches()))
        words = [text.get_text() for text in figure.axes[0].texts]
        assert "80%" in words
    assert len(sizes) == 1

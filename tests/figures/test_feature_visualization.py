"""Feature visualization: layout, captions and notes."""

import itertools
import re

import keras
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from app.figures.canvas.style import PIXELS_WIDE, styled
from app.figures.feature_visualization import (
    SearchedImages,
    choose_filters,
    feature_visualization,
    is_unshared,
)
from app.figures.pattern_sheet import FilterImages, pattern_sheet
from app.insight.feature_visualization import (
    VisualizationSettings,
    center_cell,
    visualize_filters,
)
from app.insight.selectivity import channel_means, class_selectivity
from app.insight.top_patches import top_patches
from tests.insight.networks import SIDE, local, opened, sequential

RANDOM = np.random.default_rng(0)
WHITE = np.full((20, 30, 3), 255, np.uint8)


def test_pattern_sheet_white_images_are_framed():
    filters = [FilterImages("filter 0", [WHITE], [WHITE] * 9)]
    axes = pattern_sheet({"conv": filters}, title="t").axes[0]
    pictures = [tuple(image.get_extent()) for image in axes.images]
    assert len(pictures) == 10
    frames = [patch.get_bbox() for patch in axes.patches]
    framed = {(round(f.x0), round(f.x1), round(f.y1), round(f.y0)) for f in frames}
    assert {tuple(round(edge) for edge in picture) for picture in pictures} == framed
    assert all(patch.get_linewidth() < 1 for patch in axes.patches)


@pytest.mark.parametrize("patches", [[], [WHITE] * 9])
def test_pattern_sheet_missing_pattern_text_fits_its_box(patches):
    filters = [FilterImages("dead", [], []), FilterImages("alive", [WHITE], patches)]
    with styled():
        figure = pattern_sheet({"conv": filters}, title="t")
        figure.set_dpi(PIXELS_WIDE / figure.get_figwidth())
        FigureCanvasAgg(figure).draw()
    axes = figure.axes[0]
    (words,) = [text for text in axes.texts if text.get_text() == "nothing found"]
    box, written = axes.patches[0].get_window_extent(), words.get_window_extent()
    assert box.x0 < written.x0 < written.x1 < box.x1


SOURCE = "60 training images of noise"


def searched(images, source=SOURCE):
    """Images of one class, which cannot show any selectivity."""
    return SearchedImages(images, source, np.zeros(len(images), np.int64), ("noise",))


def texts_of(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_feature_visualization_captions_compare_with_best_patch():
    model = opened(sequential())
    images = np.random.default_rng(0).integers(0, 256, (60, SIDE, SIDE, 3)).astype(np.uint8)
    part = model.layer("conv_1")
    layer = part.layer
    kernel, bias = layer.get_weights()
    layer.set_weights([kernel, bias - 0.05 * np.eye(6)[2].astype(np.float32)])
    texts = texts_of(
        feature_visualization(model, choose_filters(model, ["conv_1"]), images=searched(images))
    )
    best = top_patches(model, images, part, range(6))
    for grown, (patch, *_) in zip(visualize_filters(model, part, range(6)), best, strict=True):
        (caption,) = [text for text in texts if text.startswith(f"filter {grown.filter} ")]
        stated = float(re.fullmatch(r"filter \d · ([\d.]+)×", caption)[1])
        assert stated == pytest.approx(grown.activation / patch.activation, abs=0.06)
    note = " ".join(texts)
    assert f"the nine top-activating patches in {SOURCE}, of the same size, at most one per" in note
    assert "relative to the best patch" in note


def test_feature_visualization_note_explains_padding_only_if_any():
    layers = keras.layers
    model = opened(keras.Sequential([
        keras.Input((SIDE, SIDE, 3)),
        layers.Conv2D(2, 3, name="inside"),
        layers.Conv2D(2, 3, strides=3, padding="same", name="beyond"),
        layers.GlobalMaxPooling2D(), layers.Dense(3),
    ]))  # fmt: skip
    images = np.random.default_rng(0).integers(0, 256, (4, SIDE, SIDE, 3)).astype(np.uint8)
    for name, padded in (("inside", False), ("beyond", True)):
        figure = feature_visualization(
            model, choose_filters(model, [name], [0]), images=searched(images)
        )
        assert ("gray lies outside the image" in " ".join(texts_of(figure))) == padded


def test_feature_visualization_inactive_filter_has_no_patch():
    model = opened(sequential())
    dark = np.zeros((4, SIDE, SIDE, 3), np.uint8)
    model.layer("conv_1").layer.bias.assign(np.full(6, -1e-3, np.float32))
    texts = texts_of(
        feature_visualization(model, choose_filters(model, ["conv_1"], [1]), images=searched(dark))
    )
    assert "filter 1 · no patch" in texts


def test_feature_visualization_without_images_has_no_ratios():
    model = opened(sequential())
    texts = texts_of(feature_visualization(model, choose_filters(model, ["conv_1"], [0])))
    assert "filter 0" in texts
    assert not any(
        "×:" in text or "Left" in text or "Right" in text or "patch" in text for text in texts
    )


def test_feature_visualization_unshared_filters_use_one_cell():
    model = opened(local(), 3, channels=1)
    images = np.random.default_rng(0).integers(0, 256, (60, 12, 10, 1)).astype(np.uint8)
    for name in ("local_1", "local_2"):
        part = model.layer(name)
        assert is_unshared(model, part)
        cell = center_cell(part)
        figure = feature_visualization(
            model, choose_filters(model, [name], [1]), images=searched(images)
        )
        note = " ".join(texts_of(figure))
        best = top_patches(model, images, part, [1])[0][0]
        (grown,) = visualize_filters(model, part, [1])
        stated = float(re.search(r"filter 1 · ([\d.]+)×", note)[1])
        assert stated == pytest.approx(grown.activation / best.activation, rel=0.1)
        assert f"(cell {cell[0]},{cell[1]} of {name})" in note
    shared = opened(sequential())
    assert not is_unshared(shared, shared.layer("conv_2"))


def test_pattern_sheet_with_and_without_patches():
    image, patch = (RANDOM.integers(0, 256, (s, s, 3)).astype(np.uint8) for s in (40, 20))
    full = FilterImages("filter 0", [image], [patch] * 9)
    empty = FilterImages("filter 1", [], [])
    figure = pattern_sheet({"conv": [full, empty]}, title="t")
    axes = figure.axes[0]
    assert len(axes.images) == 10
    assert {"conv", "filter 0", "filter 1", "nothing found"} <= {
        text.get_text() for text in axes.texts
    }
    bare = FilterImages("filter 2", [image], [])
    two = pattern_sheet({"a": [bare], "b": [bare] * 9}, title="t")
    assert len(two.axes[0].images) == 10


def test_choose_filters_takes_the_most_selective_of_each_class_in_turn():
    model = opened(sequential())
    random = np.random.default_rng(1)
    labels = np.arange(60) % 2
    images = random.integers(0, 256, (60, SIDE, SIDE, 3)).astype(np.uint8)
    images[labels == 1, ..., 0] = 0  # a class without red
    found = SearchedImages(images, SOURCE, labels, ("gray", "cyan"))
    (chosen,) = choose_filters(model, ["conv_1"], images=found, most=2)
    features = channel_means(model, images, [model.layer("conv_1")])["conv_1"]
    selectivity = class_selectivity(features, labels, 2)
    assert chosen.filters[0] == selectivity.argmax()
    assert set(chosen.preferred) == {"gray", "cyan"}
    figure = feature_visualization(model, [chosen], images=found)
    texts = texts_of(figure)
    assert any(text.startswith(f"filter {chosen.filters[0]} (") for text in texts)
    assert sum(text.startswith("class 2") for text in texts) == 1
    assert "one preferred class after another" in " ".join(texts)


def test_feature_visualization_of_several_images_draws_them_side_by_side():
    model = opened(sequential())
    images = np.random.default_rng(0).integers(0, 256, (20, SIDE, SIDE, 3)).astype(np.uint8)
    figure = feature_visualization(
        model,
        choose_filters(model, ["conv_2"], [0, 5]),
        images=searched(images),
        settings=VisualizationSettings(images=3),
    )
    texts = texts_of(figure)
    (caption,) = [text for text in texts if text.startswith("filter 5 ")]
    assert re.fullmatch(r"filter 5 · [\d.]+, [\d.]+, [\d.]+×", caption)
    assert "3 images that maximize" in " ".join(texts)
    wide = [image.get_extent()[1] - image.get_extent()[0] for image in figure.axes[0].images]
    assert sum(width > max(wide) / 2 for width in wide) == 2 * 3 + 3  # and the classes


def test_pattern_sheet_squares_do_not_overlap():
    filters = [FilterImages("filter", [WHITE] * 4, [WHITE] * 9), FilterImages("b", [], [])]
    axes = pattern_sheet({"conv": filters}, title="t").axes[0]
    spans = sorted((round(i.get_extent()[0]), round(i.get_extent()[1])) for i in axes.images[:5])
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))
    assert max(span[1] for span in spans) < PIXELS_WIDE


def test_feature_visualization_all_dead_filter_shows_nothing():
    model = opened(sequential())
    layer = model.layer("conv_1").layer
    layer.set_weights([np.zeros_like(layer.get_weights()[0]), np.full(6, -1, np.float32)])
    figure = feature_visualization(
        model,
        choose_filters(model, ["conv_1"], [1]),
        settings=VisualizationSettings(images=2),
    )
    texts = texts_of(figure)
    assert "filter 1" in texts
    assert "nothing found" in texts
    assert "conv_1; receptive field 3×3 px, effective 3 px" in texts

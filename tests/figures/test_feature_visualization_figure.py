"""The figure of patterns: what its captions and its note say is so."""

import re

import keras
import numpy as np
import pytest

from app.figures.feature_visualization import feature_visualization, is_unshared
from app.insight.exciting_patches import exciting_patches
from app.insight.patterns import middle_cell, patterns
from tests.insight.networks import SIDE, local, opened, sequential

SOURCE = "60 training images of noise"


def texts_of(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_captions_compare_patterns_with_the_best_patch():
    model = opened(sequential())
    images = np.random.default_rng(0).integers(0, 256, (60, SIDE, SIDE, 3)).astype(np.uint8)
    part = model.part("conv_1")
    layer = part.layer
    kernel, bias = layer.get_weights()
    layer.set_weights([kernel, bias - 0.05 * np.eye(6)[2].astype(np.float32)])
    texts = texts_of(feature_visualization(model, ["conv_1"], images=images, source=SOURCE))
    best = exciting_patches(model, images, part, range(6), None, count=1)
    for grown, (patch,) in zip(patterns(model, part, range(6)), best, strict=True):
        (caption,) = [text for text in texts if text.startswith(f"filter {grown.filter} ")]
        stated = float(re.fullmatch(r"filter \d · ([\d.]+)×", caption)[1])
        assert stated == pytest.approx(grown.answer / patch.answer, abs=0.06)
    note = " ".join(texts)
    assert f"the nine top-activating patches in {SOURCE}, at most one per image." in note
    assert "relative to the best patch" in note


def test_grey_is_explained_only_where_there_is_some():
    layers = keras.layers
    model = opened(keras.Sequential([
        keras.Input((SIDE, SIDE, 3)),
        layers.Conv2D(2, 3, name="inside"),
        layers.Conv2D(2, 3, strides=3, padding="same", name="beyond"),
        layers.GlobalMaxPooling2D(), layers.Dense(3),
    ]))  # fmt: skip
    images = np.random.default_rng(0).integers(0, 256, (4, SIDE, SIDE, 3)).astype(np.uint8)
    for name, padded in (("inside", False), ("beyond", True)):
        figure = feature_visualization(model, [name], filters=[0], images=images, source=SOURCE)
        assert ("grey lies outside the image" in " ".join(texts_of(figure))) == padded


def test_a_filter_that_no_image_excites_says_so():
    model = opened(sequential())
    dark = np.zeros((4, SIDE, SIDE, 3), np.uint8)
    model.part("conv_1").layer.bias.assign(np.full(6, -1e-3, np.float32))
    texts = texts_of(
        feature_visualization(model, ["conv_1"], filters=[1], images=dark, source=SOURCE)
    )
    assert "filter 1 · no patch" in texts


def test_without_images_there_is_nothing_to_compare():
    texts = texts_of(feature_visualization(opened(sequential()), ["conv_1"], filters=[0]))
    assert "filter 0" in texts
    assert not any(
        "×:" in text or "Left" in text or "Right" in text or "patch" in text for text in texts
    )


def test_unshared_filters_are_compared_in_one_cell():
    model = opened(local(), 3, channels=1)
    images = np.random.default_rng(0).integers(0, 256, (60, 12, 10, 1)).astype(np.uint8)
    for name in ("local_1", "local_2"):
        part = model.part(name)
        assert is_unshared(model, part)
        cell = middle_cell(part)
        figure = feature_visualization(model, [name], filters=[1], images=images, source=SOURCE)
        note = " ".join(texts_of(figure))
        (best,) = exciting_patches(model, images, part, [1], None, cell=cell, count=1)[0]
        (grown,) = patterns(model, part, [1])
        stated = float(re.search(r"filter 1 · ([\d.]+)×", note)[1])
        assert stated == pytest.approx(grown.answer / best.answer, rel=0.1)
        assert f"(cell {cell[0]},{cell[1]} of {name})" in note
    shared = opened(sequential())
    assert not is_unshared(shared, shared.part("conv_2"))

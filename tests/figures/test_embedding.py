"""A dataset as a map of images."""

import numpy as np

from app.figures.embedding import embedding_map

RANDOM = np.random.default_rng(0)


def test_embedding_map_has_legend_and_unscaled_thumbnails():
    images = np.full((30, 12, 12, 1), 255, np.uint8)
    points = RANDOM.normal(0, 1, (30, 2))
    names = ["_hidden", "a$x_{$", "dog"]
    figure = embedding_map(points, images, names * 10, title="t", note="a")
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == names
    figure.savefig("/dev/null", format="png")  # dollars are no formula
    thumbnail = figure.axes[0].artists[0].offsetbox
    assert thumbnail.image.norm(255) == 1.0
    assert thumbnail.image.norm(0) == 0.0


def test_embedding_map_many_classes_have_no_legend():
    images = np.zeros((40, 70, 70, 3), np.uint8)
    points = np.zeros((40, 2))
    names = [f"class {k}" for k in range(40)]
    figure = embedding_map(points, images, names, title="t", note="a")
    assert figure.legends == []
    assert len(figure.axes[0].artists) == 1

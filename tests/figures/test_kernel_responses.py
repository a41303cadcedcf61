"""Kernels beside responses: layout and scales."""

import numpy as np
import pytest

from app.figures.canvas.style import PIXELS_WIDE
from app.figures.kernel_responses import KernelResponse, kernel_responses

RANDOM = np.random.default_rng(0)


def tiles(shape, count):
    height, width, depth = shape
    image = RANDOM.integers(0, 256, shape).astype(np.uint8)
    edges = KernelResponse(
        "edges", "differences", "", np.array([[1, 0, -1]]), RANDOM.normal(0, 1, (height, width))
    )
    blur = KernelResponse("blur", "means", "1/9 ×", np.ones((3, 3), int), image)
    return image, [edges, blur][:count] * max(1, count // 2)


def boxes(figure):
    return [np.array(image.get_extent())[[0, 3, 1, 2]] for image in figure.axes[0].images]


@pytest.mark.parametrize("shape", [(180, 180, 3), (400, 300, 1), (40, 400, 3), (400, 9, 3),
                                   (28, 28, 1), (1, 1, 3)])  # fmt: skip
@pytest.mark.parametrize("count", [1, 4, 12])
def test_kernel_responses_images_do_not_overlap(shape, count):
    image, responses = tiles(shape, count)
    figure = kernel_responses(image, responses, title="t", note="n")
    axes = figure.axes[0]
    found = boxes(figure)
    assert len(found) == 1 + 1 + len(responses)  # with the bar
    bottom = axes.get_ylim()[0]
    for number, (left, top, right, low) in enumerate(found):
        assert 0 < left < right < PIXELS_WIDE
        assert 0 < top < low < bottom
        for other in found[:number]:
            assert left >= other[2] or right <= other[0] or top >= other[3] or low <= other[1]
    cells = [patch.get_bbox() for patch in axes.patches if patch.get_fill()]
    assert len(cells) == sum(one.numbers.size for one in responses)
    for text in axes.texts:
        x, y = text.get_position()
        if text.get_ha() == "left":  # names and notes, which no grid of numbers covers
            assert not any(c.x0 <= x <= c.x1 and c.y0 < y < c.y1 for c in cells)


def test_kernel_response_limit_covers_most_values():
    image, responses = tiles((180, 180, 3), 4)
    edges, blur = responses[:2]
    assert blur.limit is None
    within = (np.abs(edges.response) <= edges.limit).mean()
    assert 0.99 < within < 1
    nothing = KernelResponse("x", "", "", np.eye(1), np.zeros((5, 5)))
    assert nothing.limit == 1
    sparse = np.zeros((50, 50))
    sparse[3, 4] = -7
    assert KernelResponse("x", "", "", np.eye(1), sparse).limit == 7
    figure = kernel_responses(image, responses, title="t", note="n")
    scales = [shown.get_clim() for shown in figure.axes[0].images]
    assert scales.count((-edges.limit, edges.limit)) == 2
    words = [text.get_text() for text in figure.axes[0].texts]
    assert {"image", "180×180×3", "edges", "means", "1/9 ×"} <= set(words)


def test_kernel_responses_only_images_have_no_bar():
    image, responses = tiles((30, 40, 3), 4)
    figure = kernel_responses(image, [responses[1]], title="t", note="n")
    assert len(figure.axes[0].images) == 2

"""The lessons of the slides: whole, and their numbers computed again."""

import math

import numpy as np
import pytest

from app.lecture.convolution import convolve, cross_correlate
from app.lecture.integral import riemann_sum
from app.lecture.parameters import count_layer, dense_weights
from app.lecture.pooling import pool
from app.lecture.receptive_field import PIXEL, through_window
from app.lecture.sizes import dilated_size, output_size
from app.lecture.slides import PARTS, SLIDES

BY_TITLE = {slide.title: slide for slide in SLIDES}
AREA = riemann_sum("box", "box", 0.1).values.sum() * 0.1
CONV_1 = count_layer((28, 28, 1), 3, 1, 0, 16)
ALEXNET = count_layer((227, 227, 3), 11, 4, 0, 96)
EXAMPLE_1 = count_layer((32, 32, 3), 5, 1, 0, 5)
FOUR = np.array([[3, 4], [0, 0]])


def photograph_sizes():
    size = 150
    for _ in range(4):
        yield size
        size = output_size(size, 3)
        yield size
        size = output_size(size, 2, 2)
    yield size


def last_field():
    field = PIXEL
    for _ in range(4):
        field = through_window(through_window(field, 3), 2, 2)
    return field


SIZES = list(photograph_sizes())
FIELD = last_field()
SOBEL = np.outer([-1, 0, 1], [1, 2, 1])
# What the answers must contain, computed.
NUMBERS = {
    "CNN: Convolutional Neural Network": [f"{-math.log(1 / 10):.3f}"],
    "Dense for images?": [f"{512 * (dense_weights((150, 150, 3)) + 1):,}"],
    "ConvNets: Overall architecture": [" → ".join(map(str, SIZES)), f"{SIZES[-1] ** 2 * 128:,}"],
    "ConvNets in practice!": [f"{1 / (1 + math.exp(-2)):.3f}"],
    "Convolution integral": [f"{AREA:.0f}:"],
    "Convolution of vectors": [
        " ".join(map(str, np.polynomial.polynomial.polymul([1, 0, -1], [0, 1, 2]).astype(int)))
    ],
    "Definition: Convolution of Matrices": [
        str(cross_correlate(np.arange(1, 10).reshape(3, 3), SOBEL, "same")[0, 0]),
        str(convolve(np.arange(1, 10).reshape(3, 3), SOBEL, "same")[0, 0]),
    ],
    "CNNs: characteristics": [f"{2 * 2 * 2} px"],
    "Convolutions": [f"{count_layer((8, 8, 64), 1, 1, 0, 16).shared:,}"],
    "CNNs": [f"{6272 * 512 + 512:,}", f"{100 * (6272 * 512 + 512) / 3_453_121:.0f}%"],
    "Convolution layer": [f"{count_layer((32, 32, 3), 5, 1, 0, 1).shared}"],
    "Example I": [f"{EXAMPLE_1.shared}"],
    "Why padding?": ["P = 3"] if output_size(9, 7, 1, 3) == 9 else ["another padding"],
    "Filters": [f"{11 * 11 - 2 * 11} of {11 * 11}"],
    "Convolution: output size": [f"= {output_size(28, dilated_size(3, 2))}"],
    "Quiz": [f"= {output_size(227, 11, 4)}"],
    "Convolution: number of parameters": [f"{ALEXNET.unshared // ALEXNET.shared:,}"],
    "CNN: parameter sharing": [f"{CONV_1.unshared:,}", f"{CONV_1.shared}"],
    "CNN: NOT parameter sharing": [f"{count_layer((13, 13, 32), 3, 1, 0, 16).unshared:,}"],
    "CNN summary": [
        f"{count_layer((13, 13, 32), 5, 1, 0, 64).shared:,}",
        f"{count_layer((13, 13, 32), 3, 1, 0, 64).shared:,}",
    ],
    "Demo": [f"{output_size(5, 3, 2, 1) ** 2 * 2 * 27}"],
    "Response map": ["0"],
    "Pooling layer": [
        ", ".join(f"{pool(FOUR, kind, 2, 2).item():g}" for kind in ("max", "average", "l2"))
        + f" and {pool(FOUR, 'l2', 2, 2).item() / 2:g}"
    ],
    "Why pooling?": [f"= {through_window(FIELD, 3).size} px"],
    "Data Augmentation in Keras": [f"{0.2 * 150:g} px"],
    "Vision – Difficulties in real world applications": ["By 2"],
}  # fmt: skip


@pytest.mark.parametrize("slide", SLIDES, ids=lambda slide: slide.title)
def test_slides_are_whole_lessons(slide):
    for part in (slide.text, slide.predict, slide.see, slide.question, slide.answer):
        assert part.strip()
        assert part[0].isupper() or part[0] in "`−0123456789"
        assert part.count("`") % 2 == 0
    assert slide.question.endswith("?")


@pytest.mark.parametrize(("title", "numbers"), NUMBERS.items(), ids=list(NUMBERS))
def test_answers_have_the_computed_numbers(title, numbers):
    answer = BY_TITLE[title].answer.replace("−", "-")
    for number in numbers:
        assert number.replace("−", "-") in answer, number


def test_parts_hold_every_slide_once():
    assert len(PARTS) == 7
    assert len({slide.title for slide in SLIDES}) == len(SLIDES)


def test_gradient_of_the_input_is_the_convolution_with_the_flipped_filter():
    """The slide "Convolution layer": the layer is linear, so a difference is its gradient."""
    random = np.random.default_rng(0)
    x, w, upstream = (random.normal(size=(n, n)) for n in (6, 3, 4))

    def loss(image, weights):
        return (cross_correlate(image, weights, "valid") * upstream).sum()

    for array, gradient in (
        (x, convolve(upstream, w, "full")),
        (w, cross_correlate(x, upstream, "valid")),
    ):
        for index in np.ndindex(array.shape):
            moved = array.copy()
            moved[index] += 1
            difference = loss(moved, w) - loss(x, w) if array is x else loss(x, moved) - loss(x, w)
            assert difference == pytest.approx(gradient[index], abs=1e-9)


def test_a_network_without_biases_is_positively_homogeneous(keras):
    """The slide "Illumination Invariance"."""
    layers = keras.layers
    network = keras.Sequential([
        keras.Input((12, 12, 1)),
        layers.Conv2D(4, 3, activation="relu", use_bias=False),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(3, use_bias=False),
    ])  # fmt: skip
    image = np.random.default_rng(0).uniform(0, 1, (1, 12, 12, 1))
    bright, dark = (keras.ops.convert_to_numpy(network(alpha * image)) for alpha in (1, 0.2))
    np.testing.assert_allclose(dark, 0.2 * bright, rtol=1e-4, atol=1e-6)

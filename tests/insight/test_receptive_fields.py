"""Receptive fields, against networks whose cells are asked which pixels they see."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.classifier.hooks import layer_output
from app.insight.gradients import value_and_gradient
from app.insight.receptive_fields import receptive_fields
from app.layers import L2NormPooling2D, LocallyConnected2D
from app.lecture.receptive_field import PIXEL, merged, through_window
from tests.insight.networks import functional, nested, opened, shared

LENGTH = 26


def seen_by(model, part, row, column):
    """Return (first, end) of the pixels that a cell answers to, for rows and columns."""

    def answer(images):
        cell = layer_output(model.keras_model, images, part)[:, row, column, :]
        return keras.ops.sum(cell, axis=-1), cell

    image = np.random.default_rng(0).uniform(1, 2, (1, *model.image_size, 1)).astype(np.float32)
    _, gradient, _ = value_and_gradient(answer, image)
    rows, columns = np.nonzero(gradient[0, :, :, 0])
    return [(min(seen, default=0), max(seen, default=-1) + 1) for seen in (rows, columns)]


step = st.tuples(
    st.sampled_from(["conv", "depthwise", "average", "norm", "local", "pad"]),
    st.integers(1, 4), st.integers(1, 3), st.sampled_from(["valid", "same"]), st.integers(1, 2),
)  # fmt: skip


@settings(max_examples=25)
@given(st.lists(step, min_size=1, max_size=4), st.data())
def test_receptive_fields_are_the_pixels_that_change_a_cell(steps, data):
    """Positive weights and smooth pooling: every pixel inside the field has a gradient."""
    layers = keras.layers
    ones = {"kernel_initializer": "ones", "use_bias": False}
    model = keras.Sequential([keras.Input((LENGTH, LENGTH - 3, 1)), layers.Activation("linear")])
    for kind, size, stride, padding, dilation in steps:
        if min(model.output_shape[1:3]) < (size - 1) * dilation + 1:
            continue
        # TensorFlow's gradient of a convolution writes beyond its memory where windows leave gaps.
        stride = min(stride, size)
        dilation = 1 if stride > 1 else dilation
        window = {"strides": stride, "padding": padding}
        if kind == "conv":
            model.add(layers.Conv2D(2, size, dilation_rate=dilation, **window, **ones))
        elif kind == "depthwise":
            model.add(layers.DepthwiseConv2D(
                size, depthwise_initializer="ones", use_bias=False, **window))  # fmt: skip
        elif kind == "average":
            model.add(layers.AveragePooling2D(size, **window))
        elif kind == "norm":
            model.add(L2NormPooling2D(size, **window))
        elif kind == "local":
            model.add(LocallyConnected2D(2, size, **window, **ones))
        else:
            model.add(layers.ZeroPadding2D(((1, 2), (0, size))))
    model.add(layers.Activation("linear"))
    found = opened(model, channels=1)
    part = found.layers[-1]
    field = receptive_fields(found)[part.path]
    row = data.draw(st.integers(0, part.output_shape[1] - 1))
    column = data.draw(st.integers(0, part.output_shape[2] - 1))
    sizes = model.input_shape[1:3]
    seen = seen_by(found, part, row, column)
    boxes = [a.pixels_of(c, n) for a, c, n in zip(field, (row, column), sizes, strict=True)]
    whole = all(end - first == a.size for (first, end), a in zip(boxes, field, strict=True))
    if whole:
        assert seen == boxes
        return
    # At the border a cell may be padding, and the last pixel inside in a gap of a dilated window.
    for (first, end), (low, high) in zip(seen, boxes, strict=True):
        assert (first, end) == (0, 0) or low <= first < end <= high


@pytest.mark.parametrize(
    ("name", "layer", "expected"),
    [("ResNet50", "conv5_block3_out", 483), ("MobileNetV2", "out_relu", 491)],
)
def test_receptive_fields_equal_published_sizes(name, layer, expected):
    """Source: Araujo et al., Computing Receptive Fields of Convolutional Neural Networks, 2019."""
    model = getattr(keras.applications, name)(weights=None, classes=10, input_shape=(64, 64, 3))
    fields = receptive_fields(opened(model, 10))
    assert fields[layer].size == (expected, expected)


def test_receptive_fields_of_branches_are_united():
    fields = receptive_fields(opened(functional()))
    assert fields["left"].size == fields["sum"].size == (7, 7)
    assert fields["right"].size == (3, 3)
    assert fields["average"] is None
    assert fields["softmax"] is None


def test_receptive_fields_follow_operations_between_layers():
    fields = receptive_fields(opened(shared()))
    assert [fields[name].size[0] for name in ("conv_1", "pool", "conv_2", "relu")] == [3, 4, 8, 8]
    assert fields["flatten"] is None


def test_receptive_fields_behind_transposed_convolution_are_unknown():
    layers = keras.layers
    model = opened(keras.Sequential([
        keras.Input((8, 8, 3)), layers.Conv2D(2, 3, name="conv"),
        layers.Conv2DTranspose(2, 5, padding="same", name="transposed"),
        layers.UpSampling2D(2, name="larger"), layers.Flatten(), layers.Dense(3),
    ]))  # fmt: skip
    fields = receptive_fields(model)
    assert fields["conv"].size == (3, 3)
    assert fields["transposed"] is None
    assert fields["larger"] is None


def test_receptive_fields_inside_nested_models_and_composite_layers():
    fields = receptive_fields(opened(nested(), 2))
    # 3 with stride 2; 3 more of step 2; pooling one more step; 3 more of step 4.
    sizes = [
        fields[f"base/inner_{name}"].size[0] for name in ("conv", "block/conv_1", "block/pool")
    ]
    assert sizes == [3, 7, 9]
    assert fields["base/inner_block"].size == (17, 17)
    assert fields["base"] == fields["base/inner_block"]


def test_arithmetic():
    field = through_window(PIXEL, 3, 2, 1)
    assert field == (3, 2, -1)
    assert through_window(field, 2, 2) == (5, 4, -1)
    assert field.pixels_of(0, 5) == (0, 2)
    padding_alone = through_window(PIXEL, 3, 1, 5)
    assert padding_alone.pixels_of(0, 9) == (0, 0)
    assert padding_alone.pixels_of(18, 9) == (9, 9)
    assert merged([field, through_window(PIXEL, 1, 2)]) == (3, 2, -1)
    assert merged([field, PIXEL]) is None

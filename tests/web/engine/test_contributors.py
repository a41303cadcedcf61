"""Contributors of a cell, and the way down to the pixels, against Keras's gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from app.export.page import Description, lower, program_bytes
from app.layers import L2NormPooling2D
from tests.export.page.random_models import randomize
from tests.web.engine.programs import ProgramBuilder, window

pytestmark = pytest.mark.slow

_TRACE = """
const network = engine.createNetwork(engine.readProgram(program));
network.run(given.tensors.get("pixels").data);
const trace = engine.traceToPixels(network, name, cell, cells);
return { layers: Object.fromEntries(trace.layers), pixels: trace.pixels };
"""
_ALL = 10_000  # cells of each operation


@pytest.fixture(scope="module")
def model():
    """A network that is linear from piece to piece, up to its softmax."""
    layers = keras.layers
    image = keras.Input((9, 8, 2))
    x = layers.Rescaling(1 / 255, name="rescaling")(image)
    x = layers.Conv2D(5, 3, activation="relu", name="conv")(x)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.Add(name="sum")([x, layers.Conv2D(5, 3, padding="same", name="side")(x)])
    x = layers.LeakyReLU(name="leaky")(x)
    x = layers.MaxPooling2D(2, name="pool")(x)
    x = L2NormPooling2D((1, 2), name="length")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(6, activation="relu", name="hidden")(x)
    model = keras.Model(image, layers.Dense(3, activation="softmax", name="classes")(x))
    randomize(model, np.random.default_rng(3))
    return model


def traced(engine, model, name, cell, cells=_ALL):
    pixels = np.random.default_rng(0).integers(0, 256, (9, 8, 2)).astype(np.float32)
    program = lower(
        model, Description(name="t", class_names=("a", "b", "c"), image_shape=(9, 8, 2))
    )
    answer = engine.ask(
        _TRACE,
        program=program_bytes(program),
        given={"pixels": pixels},
        name=name,
        cell=cell,
        cells=cells,
    )
    return answer, pixels


def gradient(model, layer, pick, pixels):
    """Return the gradient of one value of a layer, a dense one before its activation."""
    part = keras.Model(model.inputs, model.get_layer(layer).output)
    if layer == "classes":
        before = keras.Model(model.inputs, model.get_layer("hidden").output)
        kernel, bias = model.get_layer("classes").get_weights()
        part = lambda x: before(x) @ kernel + bias  # noqa: E731
    image = tf.constant(pixels[np.newaxis])
    with tf.GradientTape() as tape:
        tape.watch(image)
        value = part(image)[pick]
    return tape.gradient(value, image)[0].numpy()


@pytest.mark.parametrize(
    ("layer", "operation", "pick", "cell"),
    [
        ("classes", "classes:softmax", (0, 1), {"channel": 1}),
        ("length", "length", (0, 1, 0, 2), {"row": 1, "column": 0, "channel": 2}),
        ("leaky", "leaky", (0, 4, 5, 3), {"row": 4, "column": 5, "channel": 3}),
    ],
)
def test_a_trace_of_all_cells_gives_the_gradient(engine, model, layer, operation, pick, cell):
    answer, pixels = traced(engine, model, operation, cell)
    expected = gradient(model, layer, pick, pixels)
    weights = np.zeros_like(expected)
    for one in answer["pixels"]:
        weights[one["row"], one["column"], one["channel"]] = one["weight"]
        assert one["contribution"] == one["weight"] * one["value"]
    if layer == "leaky":  # the cell itself is followed, whatever its sign
        value = answer["layers"]["leaky"][0]["value"]
        expected = expected / (1 if value > 0 else 0.3)
    np.testing.assert_allclose(weights, expected, rtol=1e-3, atol=1e-5 * np.abs(expected).max())


def test_a_trace_follows_the_largest_contributions_of_each_layer(engine, model):
    whole, _ = traced(engine, model, "classes:softmax", {"channel": 1})
    answer, _ = traced(engine, model, "classes:softmax", {"channel": 1}, cells=4)
    for name, cells in answer["layers"].items():
        sizes = [abs(one["contribution"]) for one in cells]
        assert 1 <= len(cells) <= 4
        assert sizes == sorted(sizes, reverse=True)
        assert sum(one["share"] for one in cells) <= 1 + 1e-9
        assert list(whole["layers"]) == list(answer["layers"])
        if name in ("hidden:relu", "classes"):  # above the first choice, the same cells
            assert cells == whole["layers"][name][:4]
    assert answer["pixels"] == answer["layers"]["input"]


def test_a_silent_cell_is_explained_by_what_keeps_it_silent(engine):
    program = ProgramBuilder((1, 2, 1))
    program.add("dense", "dense", (1, 2, 1), {"kernel": [[-2.0]]})
    program.add("relu", "activation", (1, 2, 1), function="relu")
    program.add("flat", "flatten", (2,)).add("out", "dense", (1,), {"kernel": [[1.0], [1.0]]})
    given = {"pixels": np.array([[[3.0], [-5.0]]], np.float32)}
    common = {"program": program.build(), "given": given, "cells": 5}
    cell = {"row": 0, "column": 0, "channel": 0}
    silent = engine.ask(_TRACE, name="relu", cell=cell, **common)["pixels"]
    assert [(one["column"], one["contribution"]) for one in silent] == [(0, -6)]
    # Further up, it passes nothing on.
    passed = engine.ask(_TRACE, name="out", cell={"channel": 0}, **common)["pixels"]
    assert [(one["column"], one["contribution"]) for one in passed] == [(1, 10)]


def test_top_contributors_are_the_largest_products_with_their_shares(engine):
    rng = np.random.default_rng(2)
    image = rng.normal(size=(4, 4, 3)).astype(np.float32)
    kernel = rng.normal(size=(3, 3, 3, 2)).astype(np.float32)
    program = ProgramBuilder(image.shape).add(
        "conv", "conv", (4, 4, 2), {"kernel": kernel}, **window(padding=(1, 1, 1, 1)), groups=1
    )
    body = """
    const network = engine.createNetwork(engine.readProgram(program));
    network.run(given.tensors.get("pixels").data);
    const cell = { row: 0, column: 1, channel: 1 };
    return engine.topContributors(network, "conv", cell, 5);
    """
    found = engine.ask(body, program=program.build(), given={"pixels": image})
    products = image[:2, :3].astype(float) * kernel[1:, :, :, 1]
    order = np.argsort(-np.abs(products), axis=None)[:5]
    assert [one["product"] for one in found] == pytest.approx(products.ravel()[order].tolist())
    places = [[one["from"][axis] for axis in ("row", "column", "channel")] for one in found]
    assert places == np.stack(np.unravel_index(order, products.shape), axis=1).tolist()
    shares = np.abs(products).ravel()[order] / np.abs(products).sum()
    assert [one["share"] for one in found] == pytest.approx(shares.tolist())

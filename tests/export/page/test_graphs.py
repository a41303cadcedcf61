"""Functional graphs, models inside models, shared layers and layers of one's own."""

import keras
import numpy as np
import pytest

from app.export.page import lower, program_bytes
from tests.export.page import interpreter
from tests.export.page.agreement import agree, names, sequence
from tests.export.page.random_models import description, randomize

layers = keras.layers
ops = keras.ops


class Gate(layers.Layer):
    """Layers, operations, weights and constants of its own."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.conv = layers.Conv2D(3, 1, activation="relu", name="conv")
        self.drop = layers.Dropout(0.5)
        self.mean = np.array([0.1, 0.2, 0.3], np.float32)

    def build(self, shape):
        self.conv.build(shape)
        self.scale = self.add_weight(shape=(3,), name="scale")
        self.kernel = self.add_weight(shape=(2, 2, 3, 3), name="kernel")

    def call(self, x, training=None):
        x = self.drop(self.conv(x - self.mean), training=training)
        x = ops.conv(x, self.kernel, padding="same") * self.scale
        x = ops.square(x) + ops.abs(x) - ops.maximum(x, 0.25)
        return ops.max_pool(x, 2) + ops.average_pool(x, 2, 2)


class Reader(keras.Model):
    """A model that is written as a class, and needs to know the number of images."""

    def __init__(self):
        super().__init__()
        self.gate = Gate(name="gate")
        self.dense = layers.Dense(2, name="dense")

    def call(self, x):
        x = self.gate(x / 255.0)
        return self.dense(ops.reshape(x, (ops.shape(x)[0], -1)))


class Quiet(layers.Layer):
    def call(self, x, training=False):
        return x * 2 if training else x


class Wrapped(layers.Layer):
    """Its output is that of a layer inside, but it also does something before that."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.conv = layers.Conv2D(2, 1, name="conv")

    def build(self, shape):
        self.conv.build(shape)

    def call(self, x):
        return self.conv(ops.tanh(x))


def test_layers_of_one_s_own_made_of_layers_and_operations():
    program = agree(sequence(Gate(name="gate"), Wrapped(name="wrapped"), Quiet(name="quiet")))
    found = names(program)
    assert found[found.index("gate/subtract_1") :][:3] == [
        "gate/subtract_1", "gate/conv", "gate/conv:relu",
    ]  # fmt: skip
    assert found[-4:] == ["wrapped/tanh_1", "wrapped/conv", "wrapped", "quiet"]
    layer = {one.name: (one.layer, one.layer_type) for one in program.operations}
    assert layer["gate/conv:relu"] == ("gate/conv", "Conv2D")
    assert layer["gate/subtract_1"] == ("gate", "Gate")


def test_a_model_that_is_a_class():
    model = Reader()
    model(np.zeros((1, 6, 8, 3)))
    program = agree(model, (6, 8, 3))
    assert names(program)[:2] == ["input", "truedivide_1"]
    assert names(program)[-2:] == ["reshape_1", "dense"]
    assert all(one.name and one.layer for one in program.operations)


def test_a_model_that_changes_what_its_graph_returns():
    class Halved(keras.Model):
        def call(self, x):
            return super().call(x) / 2

    image = keras.Input((6, 8, 3))
    agree(Halved(image, layers.Flatten()(layers.Conv2D(2, 3)(image / 255.0))))


@pytest.mark.parametrize(
    "insert",
    [
        lambda x: x[:, None, None, :],
        lambda x: ops.expand_dims(x, axis=(1, 2)),
        lambda x: ops.reshape(x, (-1, 1, 1, 3)),
    ],
)
def test_axes_of_one_cell(insert):
    class Excite(layers.Layer):
        def __init__(self):
            super().__init__(name="excite")
            self.gate = layers.Dense(3, "sigmoid", name="gate")

        def build(self, shape):
            self.gate.build((None, 3))

        def call(self, x):
            return x * insert(self.gate(ops.mean(x, axis=(1, 2))))

    agree(sequence(Excite()))


def test_a_subclass_that_changes_arguments_alone_is_lowered_as_its_base():
    class Half(layers.Conv2D):
        def __init__(self, filters, **arguments):
            super().__init__(filters, 3, 2, "same", activation="relu", **arguments)

    program = agree(sequence(Half(4, name="half")))
    assert names(program)[-2:] == ["half", "half:relu"]
    assert program.operations[-1].layer_type == "Half"


def test_following_a_layer_leaves_no_trace():
    model = sequence(Gate(name="gate"))
    gate = model.get_layer("gate")
    before = [weight.numpy() for weight in model.weights]
    nodes = len(gate.conv._inbound_nodes)
    lower(model, description(model))
    assert len(gate.conv._inbound_nodes) == nodes
    assert len(gate._inbound_nodes) == 1
    for weight, values in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(weight, values)


def test_a_layer_that_is_used_twice_has_one_set_of_weights():
    image = keras.Input((6, 6, 3))
    shared = layers.Conv2D(3, 3, padding="same", name="shared")
    model = keras.Model(image, shared(shared(image / 255.0)))
    program = agree(model)
    assert names(program)[-2:] == ["shared", "shared@2"]
    first, second = program.operations[-2:]
    assert first.weights == second.weights
    assert {first.layer, second.layer} == {"shared"}


def test_a_model_inside_a_model_used_twice():
    inner = sequence(layers.Conv2D(3, 3, padding="same", name="conv"))
    inner.name = "inner"
    image = keras.Input((7, 8, 3))
    program = agree(keras.Model(image, layers.Add()([inner(image), inner(inner(image))])))
    assert {"inner/conv", "inner@2/conv", "inner@3/conv"} <= set(names(program))
    assert {one.layer for one in program.operations if one.kind == "conv"} == {"inner/conv"}
    assert len(program.tensors) == 2


def test_values_of_several_shapes_are_repeated_as_keras_does():
    image = keras.Input((4, 6, 3))
    x = layers.Rescaling(1 / 255)(image)
    row, column = layers.AveragePooling2D((4, 1))(x), layers.AveragePooling2D((1, 6))(x)
    vector, one = layers.GlobalMaxPooling2D()(x), layers.Conv2D(1, 1)(x)
    agree(keras.Model(image, layers.Add()([row, column, vector, one])))


def test_the_outputs_are_the_last_operation_even_if_a_branch_ends_later():
    image = keras.Input((4, 4, 1))
    x = layers.Flatten(name="flatten")(image)
    layers.Dense(3, name="unused")(x)
    program = agree(keras.Model(image, x))
    assert names(program) == ["input", "flatten"]


def test_training_of_a_call_in_a_graph_is_that_of_the_model():
    image = keras.Input((6, 6, 1))
    x = layers.Dropout(0.5)(layers.RandomFlip()(image), training=True)
    agree(keras.Model(image, x))


def test_layers_around_others():
    agree(sequence(layers.SpectralNormalization(layers.Conv2D(2, 3))))


def test_names_that_are_not_utf_8():
    model = sequence(layers.Flatten(name="flach\udce9 «x»"))
    header, _ = interpreter.read(program_bytes(lower(model, description(model))))
    assert header["operations"][-1]["name"] == "flach\udce9 «x»"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["MobileNetV3Small", "EfficientNetB0", "ResNet50V2"])
def test_networks_of_keras(name):
    build = getattr(keras.applications, name)
    # Scores, since a softmax of random ones would hide all differences.
    model = build(weights=None, input_shape=(40, 40, 3), classes=3, classifier_activation=None)
    rng = np.random.default_rng(0)
    randomize(model, rng)
    pixels = rng.integers(0, 256, (40, 40, 3)).astype(np.float32)
    program = lower(model, description(model))
    outputs = interpreter.run(program_bytes(program), pixels)
    expected = ops.convert_to_numpy(model(pixels[np.newaxis], training=False))[0]
    assert interpreter.difference(outputs[program.operations[-1].name], expected) <= 1e-4

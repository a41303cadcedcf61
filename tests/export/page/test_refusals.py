"""What cannot be lowered is refused, with a sentence that says which layer and why."""

import keras
import numpy as np
import pytest

from app.export.page import NotLowerable, lower
from app.layers import BlurPooling2D, LocallyConnected1D
from tests.export.page.agreement import sequence
from tests.export.page.random_models import description

layers = keras.layers
ops = keras.ops


def refusal(model: keras.Model, shape=None) -> NotLowerable:
    with pytest.raises(NotLowerable) as caught:
        lower(model, description(model, shape))
    message = str(caught.value)
    assert message.endswith(", so the server answers for this model.")
    assert message.count("\n") == 0
    return caught.value


REFUSED = {
    "transposed convolution": lambda: layers.Conv2DTranspose(2, 3),
    "bilinear": lambda: layers.UpSampling2D(2, interpolation="bilinear"),
    "resizing": lambda: layers.Resizing(4, 4),
    "center crop": lambda: layers.CenterCrop(4, 4),
    "permutation": lambda: layers.Permute((2, 1, 3)),
    "group normalization": lambda: layers.GroupNormalization(1),
    "unit normalization": lambda: layers.UnitNormalization(),
    "layer normalization of rows": lambda: layers.LayerNormalization(axis=1),
    "layer normalization of all": lambda: layers.LayerNormalization(axis=[1, 2, 3]),
    "batch normalization of rows": lambda: layers.BatchNormalization(axis=1),
    "normalization of rows": lambda: layers.Normalization(axis=1),
    "softmax of rows": lambda: layers.Softmax(axis=1),
    "slopes for every cell": lambda: layers.PReLU(),
    "a sequence": lambda: layers.Reshape((8, 21)),
    "channels first": lambda: layers.Flatten(data_format="channels_first"),
    "a function": lambda: layers.Activation("glu"),
    "masking": lambda: layers.Masking(),
    "equalization": lambda: layers.ContrastLimitedAdaptiveHistogramEqualization(),
    "blur pooling": lambda: BlurPooling2D(),
    "infinite": lambda: layers.Rescaling(float("inf")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_layer_that_the_page_cannot_run(case):
    layer = REFUSED[case]()
    error = refusal(sequence(layer))
    assert error.layer == layer.name
    assert layer.name in str(error)
    assert type(layer).__name__ in str(error)


def test_the_sentence():
    error = refusal(sequence(layers.UpSampling2D(2, interpolation="bilinear", name="larger")))
    assert str(error) == (
        "The layer 'larger' (UpSampling2D) enlarges maps by bilinear interpolation, which the page "
        "cannot compute, so the server answers for this model."
    )
    assert error.reason == "enlarges maps by bilinear interpolation"


def layer_of(function, weight=False):
    class Own(layers.Layer):
        def build(self, shape):
            self.count = self.add_weight(shape=(), initializer="zeros", name="count")
            self.seeds = keras.random.SeedGenerator(1)

        def call(self, x):
            return function(self, x)

        def compute_output_shape(self, shape):
            return shape

    return Own(name="own")


def _counting(self, x):
    self.count.assign(self.count + 1)
    return x


OWN = {
    "chance in NumPy": lambda self, x: x + np.random.rand(),
    "an array of chance": lambda self, x: x * np.random.rand(3).astype("float32"),
    "chance in Keras": lambda self, x: x + keras.random.uniform((3,)),
    "chance of its own": lambda self, x: x + keras.random.uniform((3,), seed=self.seeds),
    "a counter": _counting,
    "a new layer": lambda self, x: layers.Dense(3)(x),
    "an order": lambda self, x: ops.flip(x, axis=1),
    "a part": lambda self, x: x[:, 1:],
    "another image": lambda self, x: x + x[:1],
    "a comparison": lambda self, x: ops.where(x > 0.5, x, 0),
    "a division": lambda self, x: 1 / (x + 1),
    "the backend": lambda self, x: __import__("tensorflow").sort(x),
    "the mean of the images": lambda self, x: x - ops.mean(x, axis=0, keepdims=True),
}


@pytest.mark.parametrize("case", OWN)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_layer_of_one_s_own_that_is_not_only_known_layers_and_operations(case):
    assert refusal(sequence(layer_of(OWN[case]))).layer == "own"


def test_a_subclass_that_computes_something_else_is_not_taken_for_its_base():
    class Doubled(layers.Dense):
        def call(self, x):
            return ops.sort(super().call(x))

    assert refusal(sequence(Doubled(3, name="doubled"))).layer == "doubled"


def test_a_model_without_weights_so_far():
    class Reader(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2, name="dense")

        def call(self, x):
            return self.dense(x)

    assert "not built" in str(refusal(Reader(), (6, 6, 1)))


def test_dropout_that_is_always_on():
    class Own(layers.Layer):
        def __init__(self):
            super().__init__(name="own")
            self.drop = layers.Dropout(0.5, name="drop")

        def call(self, x):
            return self.drop(x, training=True)

    error = refusal(sequence(Own()))
    assert error.layer == "own/drop"
    assert "training=True" in str(error)


def test_inputs_and_outputs_of_the_model():
    image, other = keras.Input((6, 6, 1)), keras.Input((6, 6, 1))
    assert "2 inputs" in str(refusal(keras.Model([image, other], image + other), (6, 6, 1)))
    assert "1 inputs and 2 outputs, not one of each" in str(
        refusal(keras.Model(image, [image + 1, image + 2]))
    )
    vector = keras.Input((36,))
    assert "takes (36,)" in str(refusal(keras.Model(vector, vector + 1), (6, 6, 1)))
    assert "takes (6, 6, 1)" in str(refusal(keras.Model(image, image + 1), (5, 6, 1)))


def test_sequences_and_whole_numbers():
    model = sequence(layers.Reshape((56, 3), name="cells"), LocallyConnected1D(2, 3))
    assert refusal(model).layer == "cells"
    image = keras.Input((6, 6, 1), dtype="uint8")
    error = refusal(keras.Model(image, layers.AveragePooling2D(2, name="mean")(image)))
    assert "whole numbers" in str(error)


def test_a_quantized_layer():
    model = sequence(layers.Flatten(), layers.Dense(4, name="dense"))
    model.get_layer("dense").quantize("int8")
    assert "quantized to int8" in str(refusal(model))

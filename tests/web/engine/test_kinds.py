"""Pooling, activations, normalization and the rest against Keras and NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.layers import L2NormPooling2D
from tests.web.engine.programs import ProgramBuilder, positions, window

pytestmark = pytest.mark.slow

_FEW = st.integers(1, 3)
_PAIRS = st.tuples(_FEW, _FEW)
_IMAGE = (6, 7, 3)


def image_of(seed=0, shape=_IMAGE):
    return np.random.default_rng(seed).normal(scale=2, size=shape).astype(np.float32)


def result_of(engine, program, image):
    name = program.operations[-1]["name"]
    return engine.outputs(program.build(), image[np.newaxis])[name][0]


@given(_PAIRS, _PAIRS, st.sampled_from(["valid", "same"]), st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_pooling_agrees_with_keras(engine, keras, size, strides, padding, seed):
    image = image_of(seed)
    border = [0, 0, 0, 0]
    if padding == "same":  # TensorFlow's rule: as little as possible, more of it at the end
        for axis in (0, 1):
            count = -(-image.shape[axis] // strides[axis])
            total = max((count - 1) * strides[axis] + size[axis] - image.shape[axis], 0)
            border[2 * axis : 2 * axis + 2] = [total // 2, total - total // 2]
    output = [
        positions(image.shape[axis], size[axis], strides[axis], 1, sum(border[2 * axis :][:2]))
        for axis in (0, 1)
    ]
    attributes = {"size": list(size), **window(strides, padding=border)}
    layers = {
        "max_pool": keras.layers.MaxPooling2D,
        "average_pool": keras.layers.AveragePooling2D,
        "l2_pool": L2NormPooling2D,
    }
    for kind, layer in layers.items():
        program = ProgramBuilder(image.shape).add("pool", kind, (*output, 3), **attributes)
        expected = layer(size, strides, padding)(image[np.newaxis])[0]
        np.testing.assert_allclose(
            result_of(engine, program, image), expected, rtol=1e-5, atol=1e-6
        )


@pytest.mark.parametrize("shape", [(3,), (1, 1, 3)])
def test_global_pooling_takes_the_whole_map(engine, shape):
    image = image_of()
    for kind, reduce in (("global_average", np.mean), ("global_max", np.max)):
        program = ProgramBuilder(image.shape).add("pool", kind, shape)
        expected = reduce(image, axis=(0, 1)).reshape(shape)
        np.testing.assert_allclose(result_of(engine, program, image), expected, rtol=1e-5)


_FUNCTIONS = [
    ("relu", {}),
    ("relu", {"max_value": 1.5}),
    ("relu", {"negative_slope": 0.3, "max_value": 1.5, "threshold": 0.5}),
    ("leaky_relu", {"negative_slope": 0.2}),
    ("elu", {"alpha": 0.7}),
    ("gelu", {"approximate": False}),
    ("gelu", {"approximate": True}),
    *(
        (name, {})
        for name in (
            *("selu", "silu", "mish", "softplus", "softsign", "exponential", "sigmoid"),
            *("log_sigmoid", "hard_sigmoid", "hard_silu", "tanh", "hard_tanh"),
            *("softmax", "log_softmax", "linear"),
        )
    ),
]


@pytest.mark.parametrize(("name", "parameters"), _FUNCTIONS)
def test_an_activation_agrees_with_keras(engine, keras, name, parameters):
    image = np.concatenate([image_of(), 20 * image_of(1), 0 * image_of()])
    program = ProgramBuilder(image.shape).add(
        "f", "activation", image.shape, function=name, **parameters
    )
    expected = getattr(keras.activations, name)(keras.ops.convert_to_tensor(image), **parameters)
    np.testing.assert_allclose(result_of(engine, program, image), expected, rtol=1e-5, atol=1e-6)


def test_normalization_agrees_with_keras(engine, keras):
    image = image_of()
    layer = keras.layers.BatchNormalization(epsilon=0.01)
    layer.build((None, *image.shape))
    rng = np.random.default_rng(1)
    names = ("gamma", "beta", "mean", "variance")
    values = [rng.uniform(0.5, 2, 3) for _ in names]
    layer.set_weights(values)
    program = ProgramBuilder(image.shape).add(
        "n", "normalize", image.shape, dict(zip(names, values, strict=True)), epsilon=0.01
    )
    expected = layer(image[np.newaxis], training=False)[0]
    np.testing.assert_allclose(result_of(engine, program, image), expected, rtol=1e-5, atol=1e-6)


def test_layer_normalization_agrees_with_keras(engine, keras):
    image = image_of(shape=(3, 4, 9))
    layer = keras.layers.LayerNormalization(epsilon=0.01)
    layer.build((None, *image.shape))
    gamma, beta = np.random.default_rng(1).uniform(0.5, 2, (2, 9))
    layer.set_weights([gamma, beta])
    weights = {"gamma": gamma, "beta": beta}
    program = ProgramBuilder(image.shape).add(
        "n", "layer_normalize", image.shape, weights, epsilon=0.01
    )
    expected = layer(image[np.newaxis])[0]
    np.testing.assert_allclose(result_of(engine, program, image), expected, rtol=1e-4, atol=1e-5)


def test_rescaling_takes_numbers_or_one_per_channel(engine):
    image = image_of()
    program = ProgramBuilder(image.shape).add(
        "a", "rescale", image.shape, scale=[1.0, 2.0, 3.0], offset=-1.0
    )
    expected = image * [1, 2, 3] - 1
    np.testing.assert_allclose(result_of(engine, program, image), expected, rtol=1e-5, atol=1e-6)


def test_padding_cropping_and_upsampling_move_values(engine):
    image = image_of()
    sides = {"top": 1, "bottom": 2, "left": 0, "right": 3}
    program = ProgramBuilder(image.shape)
    program.add("pad", "pad", (9, 10, 3), **sides)
    program.add("up", "upsample", (18, 30, 3), size=[2, 3], interpolation="nearest")
    program.add("crop", "crop", (15, 27, 3), **sides)
    padded = np.pad(image, ((1, 2), (0, 3), (0, 0)))
    expected = padded.repeat(2, axis=0).repeat(3, axis=1)[1:-2, :-3]
    np.testing.assert_array_equal(result_of(engine, program, image), expected)


def test_several_inputs_are_combined_in_their_order(engine):
    image = image_of()
    expected = {
        "add": 3 * image,
        "subtract": image - 2 * image,
        "multiply": image * 2 * image,
        "concatenate": np.concatenate([image, 2 * image], axis=-1),
    }
    for kind, values in expected.items():
        program = ProgramBuilder(image.shape)
        program.add("twice", "rescale", image.shape, scale=2.0, offset=0.0)
        program.add("both", kind, values.shape, inputs=["input", "twice"])
        np.testing.assert_allclose(result_of(engine, program, image), values, rtol=1e-5, atol=1e-6)


def test_flattening_and_reshaping_keep_the_order(engine):
    image = image_of()
    program = ProgramBuilder(image.shape)
    program.add("flat", "flatten", (126,)).add("back", "reshape", (3, 14, 3))
    np.testing.assert_array_equal(result_of(engine, program, image), image.reshape(3, 14, 3))

import itertools
import json
import math
import subprocess
import sys

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.layers import L2NormPooling2D, LocallyConnected2D
from tests.layers.references import EXAMPLES, array, gradients, randomized


def zeros_before(padding: str, length: int, steps: int, size: int, stride: int, dilation: int):
    if padding == "same":  # TensorFlow's rule
        return max((steps - 1) * stride + (size - 1) * dilation + 1 - length, 0) // 2
    return size // 2 * dilation if padding == "centered" else 0


def naive(layer: LocallyConnected2D, images: np.ndarray) -> np.ndarray:
    """The definition, one output cell at a time, in float64; images are `(B, H, W, C)`."""
    kernel, bias = (array(weight).astype(np.float64) for weight in layer.weights)
    (fh, fw), (sh, sw), (dh, dw) = layer.kernel_size, layer.strides, layer.dilation_rate
    height, width = images.shape[1:3]
    rows, columns, filters = bias.shape
    top = zeros_before(layer.padding, height, rows, fh, sh, dh)
    left = zeros_before(layer.padding, width, columns, fw, sw, dw)
    outputs = np.tile(bias, (len(images), 1, 1, 1))
    for i, j, a, b in itertools.product(range(rows), range(columns), range(fh), range(fw)):
        y, x = i * sh + a * dh - top, j * sw + b * dw - left
        if 0 <= y < height and 0 <= x < width:
            weights = kernel[i * columns + j].reshape(fh, fw, -1, filters)[a, b]
            outputs[:, i, j] += images[:, y, x] @ weights
    return outputs


geometries = st.fixed_dictionaries(
    {
        "kernel_size": st.tuples(st.integers(1, 4), st.integers(1, 4)),
        "padding": st.sampled_from(["valid", "same", "centered"]),
        "filters": st.integers(1, 3),
    }
)
steps = st.one_of(
    st.fixed_dictionaries({"strides": st.tuples(st.integers(1, 4), st.integers(1, 4))}),
    st.fixed_dictionaries({"dilation_rate": st.tuples(st.integers(1, 3), st.integers(1, 3))}),
)


def large_enough(size: int, axis: int, geometry: dict, step: dict) -> int:
    """Return a size that the window fits."""
    reach = (geometry["kernel_size"][axis] - 1) * step.get("dilation_rate", (1, 1))[axis] + 1
    return max(size, reach) if geometry["padding"] == "valid" else size


@given(geometries, steps, st.integers(1, 11), st.integers(1, 11), st.integers(1, 3), st.booleans())
@settings(max_examples=EXAMPLES)
def test_every_geometry_against_a_loop(geometry, step, height, width, channels, first):
    """Any size, stride, dilation and padding, in both data formats."""
    height = large_enough(height, 0, geometry, step)
    width = large_enough(width, 1, geometry, step)
    layer = LocallyConnected2D(**geometry, **step)
    randomized(layer, (None, height, width, channels))
    images = np.random.default_rng(1).normal(size=(2, height, width, channels)).astype("float32")
    expected = naive(layer, images)
    np.testing.assert_allclose(array(layer(images)), expected, atol=1e-4)
    assert layer.compute_output_shape(images.shape) == expected.shape
    if first:
        turned = LocallyConnected2D(**geometry, **step, data_format="channels_first")
        turned.build((None, channels, height, width))
        turned.set_weights(layer.get_weights())
        outputs = array(turned(images.transpose(0, 3, 1, 2)))
        np.testing.assert_allclose(outputs.transpose(0, 2, 3, 1), expected, atol=1e-4)
        assert turned.compute_output_shape((2, channels, height, width)) == outputs.shape


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(
    "step", [{}, {"strides": (2, 3)}, {"strides": (5, 4)}, {"dilation_rate": (2, 3)}], ids=str
)
def test_locally_connected_2d_with_equal_kernels_is_conv2d(padding, step):
    images = np.random.default_rng(0).normal(size=(2, 11, 13, 3)).astype("float32")
    shared = randomized(keras.layers.Conv2D(4, (3, 2), padding=padding, **step), images.shape)
    layer = LocallyConnected2D(4, (3, 2), padding=padding, **step)
    layer.build(images.shape)
    kernel, bias = shared.get_weights()
    layer.set_weights(
        [
            np.broadcast_to(kernel.reshape(-1, 4), layer.kernel.shape),
            np.broadcast_to(bias, layer.bias.shape),
        ]
    )
    np.testing.assert_allclose(array(layer(images)), array(shared(images)), atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "input_shape", "weights"),
    [
        # Lecture, "Convolution: number of parameters": 55·55·96 = 290,400 neurons × (363 + 1).
        (LocallyConnected2D(96, 11, strides=4), (227, 227, 3), 105_705_600),
        (keras.layers.Conv2D(96, 11, strides=4), (227, 227, 3), 34_848 + 96),
        # P·F·F·C·K + P·K.
        (LocallyConnected2D(32, 3), (28, 28, 1), 26 * 26 * (9 * 1 * 32 + 32)),
        (LocallyConnected2D(8, (2, 5), use_bias=False, padding="same"), (6, 7, 3), 42 * 30 * 8),
    ],
)
def test_number_of_parameters(layer, input_shape, weights):
    model = keras.Sequential([keras.Input(input_shape), layer])
    assert model.count_params() == weights


def test_locally_connected_has_the_lecture_s_neurons():
    layer = LocallyConnected2D(96, 11, strides=4)
    shape = layer.compute_output_shape((None, 227, 227, 3))
    assert shape == (None, 55, 55, 96)
    assert math.prod(shape[1:]) == 290_400


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"strides": (2, 3), "padding": "same"},
        {"dilation_rate": 2, "padding": "same"},
        {"strides": 3, "data_format": "channels_first"},
    ],
    ids=str,
)
def test_gradients_against_finite_differences(arguments):
    """Linear in images, kernel and bias: central differences are exact but for float32."""
    rng = np.random.default_rng(0)
    layer = randomized(LocallyConnected2D(2, (3, 2), **arguments), (None, 7, 8, 3))
    if arguments.get("data_format") == "channels_first":
        layer = randomized(LocallyConnected2D(2, (3, 2), **arguments), (None, 3, 7, 8))
    images = rng.normal(size=(2, *layer.get_build_config()["input_shape"][1:])).astype("float32")
    weighting = rng.normal(size=layer(images).shape).astype("float32")
    found = gradients(layer, images, weighting)

    def loss(x, weights):
        layer.set_weights(weights)
        return float((array(layer(x)).astype(np.float64) * weighting).sum())

    values = [images, *layer.get_weights()]
    assert [g.shape for g in found] == [value.shape for value in values]
    for number, gradient in enumerate(found):
        for place in rng.integers(0, gradient.size, 12):
            sides = []
            for change in (0.5, -0.5):
                moved = [value.copy() for value in values]
                moved[number].flat[place] += change
                sides.append(loss(moved[0], moved[1:]))
            assert gradient.flat[place] == pytest.approx(sides[0] - sides[1], abs=2e-4)


def test_locally_connected_initial_weights_have_the_scale_of_conv2d():
    """tensorflow#53688: Keras 2's were 9.7 times smaller at this size."""
    layer = LocallyConnected2D(32, 3)
    layer.build((None, 28, 28, 1))
    limit = np.sqrt(6 / (9 * 1 + 9 * 32))  # Glorot's, with Conv2D's fans
    kernel = array(layer.kernel)
    assert np.abs(kernel).max() <= limit * (1 + 1e-6)  # float32 may round up
    assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.01)
    assert not np.allclose(kernel[0], kernel[1])


@pytest.mark.parametrize("mode", ["he_normal", "lecun_uniform", "random_normal", "ones"])
def test_other_initializers_see_one_position(mode):
    layer = LocallyConnected2D(16, 3, kernel_initializer=mode)
    layer.build((None, 20, 20, 8))
    shared = keras.layers.Conv2D(4096, 3, kernel_initializer=mode)
    shared.build((None, 20, 20, 8))
    assert array(layer.kernel).std() == pytest.approx(array(shared.kernel).std(), rel=0.03)


@pytest.mark.parametrize("filters", [5, 40])
def test_orthogonal_initializer_is_orthogonal_per_position(filters):
    layer = LocallyConnected2D(filters, 3, kernel_initializer="orthogonal")
    layer.build((None, 6, 6, 2))
    kernel = array(layer.kernel)  # (P, 18, filters)
    if filters > 18:
        kernel = kernel.swapaxes(1, 2)
    products = kernel.swapaxes(1, 2) @ kernel
    np.testing.assert_allclose(products, np.tile(np.eye(min(filters, 18)), (16, 1, 1)), atol=1e-5)
    assert not np.allclose(kernel[0], kernel[1])


def test_locally_connected_takes_a_custom_initializer():
    class Wider(keras.initializers.VarianceScaling):
        def __init__(self):
            super().__init__(scale=4.0, mode="fan_in", distribution="untruncated_normal", seed=1)

    layer = LocallyConnected2D(16, 3, kernel_initializer=Wider())
    layer.build((None, 20, 20, 8))
    assert array(layer.kernel).std() == pytest.approx(np.sqrt(4 / (9 * 8)), rel=0.03)


def test_numbers_of_numpy():
    layer = LocallyConnected2D(np.int64(4), np.array([3, 2]), [np.int32(1), 2])
    assert (layer.filters, layer.kernel_size, layer.strides) == (4, (3, 2), (1, 2))
    assert json.dumps(layer.get_config()["kernel_size"]) == "[3, 2]"


def test_settings_reach_the_weights_and_the_loss():
    layer = LocallyConnected2D(
        2,
        2,
        activation="relu",
        kernel_initializer="ones",
        bias_initializer=keras.initializers.Constant(-2.0),
        kernel_regularizer=keras.regularizers.L2(0.5),
        bias_regularizer=keras.regularizers.L1(0.25),
        activity_regularizer=keras.regularizers.L1(0.125),
        kernel_constraint=keras.constraints.NonNeg(),
        bias_constraint=keras.constraints.MaxNorm(1.0),
    )
    outputs = array(layer(np.ones((1, 3, 3, 1), "float32")))
    assert (outputs == 4 - 2).all()
    penalty = 0.5 * 4 * 4 * 2 + 0.25 * 4 * 2 * 2 + 0.125 * outputs.sum()
    assert float(sum(array(loss) for loss in layer.losses)) == pytest.approx(penalty)
    assert isinstance(layer.kernel.constraint, keras.constraints.NonNeg)
    assert isinstance(layer.bias.constraint, keras.constraints.MaxNorm)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_save_and_load(tmp_path, data_format):
    model = keras.Sequential([keras.Input((6, 7, 5))])
    model.add(
        LocallyConnected2D(
            3, (2, 3), (1, 2), "same", data_format, "tanh", kernel_regularizer="l2", name="local"
        )
    )
    images = np.random.default_rng(0).normal(size=(2, 6, 7, 5)).astype("float32")
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(array(model(images)), array(loaded(images)))
    assert loaded.layers[0].get_config() == model.layers[0].get_config()
    again = LocallyConnected2D.from_config(model.layers[0].get_config())
    assert again.get_config() == model.layers[0].get_config()


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16", "bfloat16"])
def test_mixed_precision(policy):
    images = np.random.default_rng(0).normal(size=(2, 6, 6, 3)).astype("float32")
    exact = randomized(LocallyConnected2D(4, 3), images.shape)
    layer = LocallyConnected2D(4, 3, dtype=policy)
    layer.build(images.shape)
    layer.set_weights(exact.get_weights())
    outputs = layer(images)
    assert keras.backend.standardize_dtype(outputs.dtype) == layer.compute_dtype
    found = array(keras.ops.cast(outputs, "float32"))
    np.testing.assert_allclose(found, array(exact(images)), atol=0.2)
    assert layer.kernel.dtype == ("bfloat16" if policy == "bfloat16" else "float32")


@pytest.mark.slow
def test_locally_connected_trains_with_any_batch_size():
    """What only this layer can do at once: say where in the image a dot is."""
    keras.utils.set_random_seed(0)
    places = np.random.default_rng(0).integers(0, 8, (300, 2))
    images = np.zeros((300, 8, 8, 1), "float32")
    images[np.arange(300), places[:, 0], places[:, 1]] = 1
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            LocallyConnected2D(4, 3, strides=2, padding="same", activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(2),
        ]
    )
    model.compile(keras.optimizers.Adam(0.02), "mse")
    history = model.fit(images, places / 8, epochs=40, batch_size=64, verbose=0)
    assert history.history["loss"][-1] < 0.02 < history.history["loss"][0]
    assert model.predict(images[:7], verbose=0).shape == (7, 2)


def test_weights_alone_and_clones(tmp_path):
    def build() -> keras.Model:
        return keras.Sequential(
            [keras.Input((6, 6, 2)), LocallyConnected2D(3, 2, bias_initializer="random_normal")]
        )

    images = np.random.default_rng(0).normal(size=(2, 6, 6, 2)).astype("float32")
    model, other = build(), build()
    model.save_weights(tmp_path / "m.weights.h5")
    other.load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_array_equal(array(model(images)), array(other(images)))
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(array(model(images)), array(clone(images)))


def test_locally_connected_takes_datasets_without_static_sizes():
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("other backends always know")
    images = np.random.default_rng(0).normal(size=(6, 8, 8, 1)).astype("float32")
    spec = (tf.TensorSpec((None, None, 1)), tf.TensorSpec(()))
    dataset = tf.data.Dataset.from_generator(
        lambda: iter([(image, 0.0) for image in images]), output_signature=spec
    )
    dataset = dataset.batch(4).apply(tf.data.experimental.assert_cardinality(2))
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            L2NormPooling2D(3, 1, "same"),
            LocallyConnected2D(2, 3, strides=2, padding="same"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(1),
        ]
    )
    model.compile("sgd", "mse")
    expected = model.predict(images, verbose=0)
    found = model.predict(dataset, verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    model.fit(dataset, shuffle=False, verbose=0)


def test_local_convolution_program_does_not_grow_with_positions():
    """What made building slow in Keras 2: operations in proportion to the positions."""
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("counts the operations of a TensorFlow graph")
    counts = []
    for side in (8, 64):
        layer = LocallyConnected2D(4, 3, strides=2, padding="same")
        layer.build((None, side, side, 3))
        traced = tf.function(lambda x, layer=layer: layer(x))
        graph = traced.get_concrete_function(tf.TensorSpec((None, side, side, 3))).graph
        counts.append(len(graph.get_operations()))
    assert counts[0] == counts[1] < 200


@pytest.mark.parametrize("arguments", [{}, {"strides": 2, "padding": "same"}], ids=str)
def test_xla_compiles_it(arguments):
    model = keras.Sequential([keras.Input((8, 8, 2)), LocallyConnected2D(3, 3, **arguments)])
    images = np.random.default_rng(0).normal(size=(4, 8, 8, 2)).astype("float32")
    model.compile("sgd", "mse", jit_compile=keras.backend.backend() != "torch")
    np.testing.assert_allclose(model.predict(images, verbose=0), array(model(images)), atol=1e-5)


def test_on_jax_the_compiled_program_is_slices_and_products():
    if keras.backend.backend() != "jax":
        pytest.skip("needs KERAS_BACKEND=jax")
    import jax

    layer = LocallyConnected2D(4, 3, strides=2, padding="same")
    layer.build((None, 12, 12, 3))
    images = np.ones((8, 12, 12, 3), "float32")
    weights = [variable.value for variable in layer.trainable_variables]

    def loss(weights, x):
        return (layer.stateless_call(weights, [], x)[0] ** 2).sum()

    compiled = jax.jit(jax.grad(loss, argnums=(0, 1))).lower(weights, images).compile().as_text()
    assert "dot(" in compiled or "custom-call" in compiled
    for word in (" while(", " gather(", " scatter(", " convolution("):
        assert word not in compiled


@pytest.mark.parametrize(
    ("arguments", "received"),
    [
        ({"filters": 0, "kernel_size": 3}, "filters=0"),
        ({"filters": -1, "kernel_size": 3}, "filters=-1"),
        ({"filters": 2.5, "kernel_size": 3}, "filters=2.5"),
        ({"filters": True, "kernel_size": 3}, "filters=True"),
        ({"filters": 2, "kernel_size": 0}, "kernel_size=0"),
        ({"filters": 2, "kernel_size": (3, 0)}, r"kernel_size=\(3, 0\)"),
        ({"filters": 2, "kernel_size": (3, 3, 3)}, r"kernel_size=\(3, 3, 3\)"),
        ({"filters": 2, "kernel_size": "33"}, "kernel_size='33'"),
        ({"filters": 2, "kernel_size": []}, r"kernel_size=\[\]"),
        ({"filters": 2, "kernel_size": None}, "kernel_size=None"),
        ({"filters": 2, "kernel_size": 3, "strides": 0}, "strides=0"),
        ({"filters": 2, "kernel_size": 3, "dilation_rate": 0}, "dilation_rate=0"),
        ({"filters": 2, "kernel_size": 3, "padding": "causal"}, "padding='causal'"),
        ({"filters": 2, "kernel_size": 3, "padding": None}, "padding=None"),
        ({"filters": 2, "kernel_size": 3, "data_format": "NHWC"}, "data_format='NHWC'"),
        ({"filters": 2, "kernel_size": 3, "groups": 2}, "groups=2"),
        ({"filters": 2, "kernel_size": 3, "implementation": 4}, "implementation=4"),
        (
            {"filters": 2, "kernel_size": 3, "strides": 2, "dilation_rate": 2},
            r"strides=\(2, 2\), dilation_rate=\(2, 2\)",
        ),
    ],
    ids=str,
)
def test_bad_arguments_fail_at_construction(arguments, received):
    with pytest.raises(ValueError, match=received):
        LocallyConnected2D(**arguments)


@pytest.mark.parametrize(
    ("shape", "arguments", "words"),
    [
        ((None, None, 3), {}, r"input_shape=\(None, None, None, 3\).*keras.Input of a fixed shape"),
        ((8, 8, None), {}, "keras.Input of a fixed shape"),
        ((8, 8), {}, r"rank 4: a batch of images.*input_shape=\(None, 8, 8\).*Reshape"),
        ((4, 8, 8, 3), {}, r"rank 4.*input_shape=\(None, 4, 8, 8, 3\)"),
        ((2, 8, 3), {}, r"\(3, 3\) does not fit.*\(2, 8\).*smaller window"),
        ((8, 4, 3), {"dilation_rate": (1, 2)}, r"dilation \(1, 2\), does not fit"),
    ],
)
def test_bad_shapes_fail_at_building(shape, arguments, words):
    with pytest.raises(ValueError, match=words):
        LocallyConnected2D(2, 3, **arguments)(keras.Input(shape))


def test_locally_connected_called_with_another_size_raises():
    layer = LocallyConnected2D(2, 3)
    layer.build((None, 8, 8, 1))
    with pytest.raises(ValueError, match="expected axis 1"):
        layer(np.ones((1, 9, 8, 1), "float32"))


def test_unknown_sizes_stay_unknown_in_the_output_shape():
    layer = LocallyConnected2D(5, 3, strides=2)
    assert layer.compute_output_shape((None, None, 9, 3)) == (None, None, 4, 5)


@pytest.mark.slow
@pytest.mark.parametrize(
    "statement",
    [
        "from app.layers import LocallyConnected2D",
        "import app.layers.locally_connected_2d",
        "from app.layers.sharing import share",
        "from app.layers import share; import keras",
        "import keras; from app.layers import *",
    ],
)
def test_importing_layers_in_any_order_registers_them(statement):
    names = "{'LocallyConnected1D', 'convlab>LocallyConnected2D', 'convlab>L2NormPooling2D'}"
    check = f"import keras; assert {names} <= set(keras.saving.get_custom_objects())"
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}; {check}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

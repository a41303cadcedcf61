"""Models of models, shared layers and calls with several tensors, in every dialect."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from hypothesis import given, settings
from hypothesis import strategies as st

from app.keras2.model_files import load_keras2_model, load_keras2_weights
from tests.keras2.dialects import DIALECTS
from tests.keras2.saving import assert_outputs, assert_same, save

L = tf_keras.layers
IMAGES = np.random.default_rng(0).uniform(0, 255, (2, 12, 12, 3)).astype("float32")


def block(**kwargs):
    """A Sequential model with batch normalization and a locally connected layer."""
    return tf_keras.Sequential(
        [L.Conv2D(3, 3, **kwargs), L.BatchNormalization(), L.LocallyConnected2D(3, 3)]
    )


def nested():
    """Sequential in functional in Sequential, with a frozen part."""
    inner = block()
    inner.layers[0].trainable = False
    inputs = L.Input((12, 12, 3))
    left = inner(L.ZeroPadding2D(0)(inputs))
    right = L.BatchNormalization(trainable=False)(L.Conv2D(3, 5, name="a/b")(inputs))
    middle = tf_keras.Model(inputs, L.Add(name="stem/add")([left, right]))
    return tf_keras.Sequential([L.Input((12, 12, 3)), middle, L.Flatten(), L.Dense(3)])


def shared():
    """One nested model and one layer, each called twice, one of them with a slice."""
    inputs = L.Input((12, 12, 3))
    inner, dense = block(input_shape=(12, 12, 3)), L.Dense(3, "hard_sigmoid")
    deferred = tf_keras.Sequential([L.Conv2D(3, 5), L.BatchNormalization()])
    first, second = inner(inputs), inner(inputs[:, :, ::-1])
    third = deferred(inputs) + deferred(-inputs)
    return tf_keras.Model(inputs, [dense(first), dense(second), third])


def tutorial():
    """TensorFlow's transfer learning tutorial: augmentation, preprocess_input, a frozen base."""
    inputs = L.Input((12, 12, 3))
    x = tf_keras.Sequential([L.RandomFlip("horizontal"), L.RandomRotation(0.2)])(inputs)
    x = tf_keras.applications.mobilenet_v2.preprocess_input(x)
    base = tf_keras.Model(inputs, L.BatchNormalization()(L.Conv2D(4, 3)(inputs)))
    base.trainable = False
    x = L.Dropout(0.2)(L.GlobalAveragePooling2D()(base(x, training=False)))
    return tf_keras.Model(inputs, L.Dense(1)(x))


def functions():
    """Functions of TensorFlow called as layers."""
    inputs = L.Input((12, 12, 3))
    x = tf.nn.relu6(tf.math.subtract(inputs / 127.5, 1.0))
    x = tf.concat([x, tf.nn.bias_add(inputs, [-1.0, -2.0, -3.0])], axis=-1)
    x = 1.0 - tf.sqrt(tf.abs(x)) * 2.0
    return tf_keras.Model(inputs, [tf.reduce_mean(x, axis=[1, 2]), tf.nn.softmax(x[:, :, :, 0])])


def teachable_machine():
    """Sequential of Sequential models around a functional one with depthwise convolutions."""
    inputs = L.Input((12, 12, 3))
    x = L.DepthwiseConv2D(3, 2, "same", use_bias=False)(inputs)
    base = tf_keras.Model(inputs, L.ReLU(6.0)(L.BatchNormalization()(x)))
    front = tf_keras.Sequential([base, L.GlobalAveragePooling2D()])
    head = tf_keras.Sequential([L.Dense(5, "relu"), L.Dense(2, "softmax", use_bias=False)])
    model = tf_keras.Sequential([front, head])
    model.build((None, 12, 12, 3))
    return model


MODELS = {f.__name__: f for f in (nested, shared, tutorial, functions, teachable_machine)}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", MODELS)
def test_model_keeps_its_outputs_in_each_dialect(name, dialect, tmp_path):
    suffix, rewrite = DIALECTS[dialect]
    assert_same(MODELS[name](), IMAGES, tmp_path / f"model{suffix}", 1e-4, rewrite)


def test_translated_model_saved_again_keeps_its_outputs(tmp_path):
    loaded = assert_same(functions(), IMAGES, tmp_path / "old.h5")
    expected = loaded(IMAGES)
    loaded.save(tmp_path / "new.keras")
    assert_outputs(keras.models.load_model(tmp_path / "new.keras"), IMAGES, expected)
    loaded = assert_same(shared(), IMAGES, tmp_path / "old.keras", 1e-4)
    loaded.save(tmp_path / "new.keras")
    assert_outputs(load_keras2_model(tmp_path / "new.keras"), IMAGES, loaded(IMAGES))


def test_ellipsis_in_a_slice_is_kept(tmp_path):
    inputs = L.Input((12, 12, 3))  # the .keras format of Keras 2 cannot save it
    x = tf_keras.applications.resnet50.preprocess_input(inputs[..., ::-1])
    model = tf_keras.Model(inputs, x)
    assert_same(model, IMAGES, tmp_path / "model.h5")


def test_states_between_recurrent_layers_are_kept(tmp_path):
    sentence, answer = L.Input((5, 2)), L.Input((4, 3))
    _, h, c = L.LSTM(6, return_state=True)(sentence)
    x = L.LSTM(6, return_sequences=True)(answer, initial_state=[h, c])
    x = L.GRU(6, return_sequences=True)(x, initial_state=h)
    x = L.Attention()([x, x])
    model = tf_keras.Model({"a": sentence, "b": answer}, {"out": L.Dense(2)(x)})
    random = np.random.default_rng(0)
    inputs = {
        "a": random.normal(size=(2, 5, 2)).astype("float32"),
        "b": random.normal(size=(2, 4, 3)).astype("float32"),
    }
    assert_same(model, inputs, tmp_path / "model.h5")


def test_masks_reach_recurrent_layers(tmp_path):
    layers = [L.Embedding(7, 3, mask_zero=True), L.Bidirectional(L.GRU(4)), L.Dense(2)]
    model = tf_keras.Sequential([L.Input((6,)), *layers])
    words = np.array([[1, 2, 3, 0, 0, 0], [4, 5, 6, 1, 2, 0]])
    assert_same(model, words, tmp_path / "model.h5")


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_is_kept(policy, tmp_path):
    tf_keras.mixed_precision.set_global_policy(policy)
    try:
        model = tf_keras.Sequential([L.Input((12, 12, 3)), L.Rescaling(1 / 255), block()])
    finally:
        tf_keras.mixed_precision.set_global_policy("float32")
    loaded = assert_same(model, IMAGES, tmp_path / "model.h5", 5e-2)
    assert loaded.layers[-1].layers[0].dtype_policy.name == policy


@pytest.mark.parametrize("ending", ["weights.h5", "w.weights.h5"])
def test_load_keras2_weights_reads_both_layouts(ending, tmp_path):
    model = nested()
    loaded = assert_same(model, IMAGES, tmp_path / "model.h5")
    expected = loaded(IMAGES)
    model.save_weights(tmp_path / ending)
    loaded.set_weights([np.zeros_like(weight) for weight in loaded.get_weights()])
    load_keras2_weights(loaded, tmp_path / ending)
    assert_outputs(loaded, IMAGES, expected)


BLOCKS = {
    "conv": lambda n, a: L.Conv2D(n, 3, padding="same", activation=a),
    "depthwise": lambda n, a: L.DepthwiseConv2D(3, padding="same", activation=a),
    "separable": lambda n, a: L.SeparableConv2D(n, 3, padding="same", activation=a),
    "local": lambda n, a: L.LocallyConnected2D(n, 1, activation=a, implementation=1 + n % 3),
    "normalization": lambda n, a: L.BatchNormalization(trainable=bool(n % 2)),
    "activation": lambda n, a: L.Activation(a),
    "nested": lambda n, a: tf_keras.Sequential([L.Conv2D(n, 1), L.BatchNormalization()]),
    "dropout": lambda n, a: L.SpatialDropout2D(0.1 * n),
}


@settings(max_examples=6, deadline=None, derandomize=True, database=None)
@given(
    blocks=st.lists(
        st.tuples(
            st.sampled_from(sorted(BLOCKS)),
            st.integers(1, 4),
            st.sampled_from(["relu", "hard_sigmoid", "swish", "gelu", "elu", "softmax"]),
        ),
        min_size=1,
        max_size=4,
    ),
    dialect=st.sampled_from(sorted(DIALECTS)),
)
def test_random_stack_keeps_its_outputs(blocks, dialect, tmp_path_factory):
    layers = [BLOCKS[kind](number, activation) for kind, number, activation in blocks]
    model = tf_keras.Sequential([L.Input((6, 5, 3)), *layers, L.Flatten(), L.Dense(2)])
    suffix, rewrite = DIALECTS[dialect]
    path = tmp_path_factory.mktemp("stack") / f"model{suffix}"
    images = np.random.default_rng(1).normal(size=(2, 6, 5, 3)).astype("float32")
    assert_same(model, images, path, 1e-4, rewrite)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "size"), [("MobileNetV2", 32), ("EfficientNetB0", 32), ("ConvNeXtTiny", 32)]
)
def test_application_keeps_its_outputs(name, size, tmp_path):
    make = getattr(tf_keras.applications, name)
    model = make(weights=None, input_shape=(size, size, 3), classes=3, classifier_activation=None)
    images = np.random.default_rng(0).uniform(0, 255, (1, size, size, 3)).astype("float32")
    assert_same(model, images, tmp_path / "model.h5", 1e-4)
    loaded = load_keras2_model(save(model, tmp_path / "model.keras"))
    assert_outputs(loaded, images, model(images, training=False), 1e-4)


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_residual_scaling_of_inception_resnet_keeps_its_outputs(suffix, tmp_path):
    from tf_keras.src.applications.inception_resnet_v2 import CustomScaleLayer

    inputs = L.Input((12, 12, 3))
    scaled = CustomScaleLayer(scale=0.17)([inputs, L.Conv2D(3, 1)(inputs)])
    model = tf_keras.Model(inputs, L.Dense(2)(L.Flatten()(scaled)))
    assert_same(model, IMAGES, tmp_path / f"model{suffix}")

"""Against the layers of Keras 2 themselves, as tf_keras has them."""

import itertools
import warnings

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from app.errors import AppWarning
from app.keras2.locally_connected_weights import from_keras2
from app.layers import LocallyConnected1D, LocallyConnected2D
from tests.layers.references import THOROUGH, array, gradients

_KINDS = {
    1: (tf_keras.layers.LocallyConnected1D, LocallyConnected1D, (9,), 3),
    2: (tf_keras.layers.LocallyConnected2D, LocallyConnected2D, (8, 7), (3, 2)),
}
_SETTINGS = [
    settings
    for settings in itertools.product((1, 2), (1, 2, 3), ("valid", "same"), (1, 2), (True, False))
    if settings[1:3] != (1, "same")  # which Keras 2 refuses
][:: 1 if THOROUGH else 7]


def pair(rank, implementation, padding, strides, first, **more):
    """Return Keras 2's layer with random weights, ours with the same, and inputs."""
    theirs, ours, sizes, kernel_size = _KINDS[rank]
    shape = (2, 3, *sizes) if first else (2, *sizes, 3)
    inputs = np.random.default_rng(0).normal(size=shape).astype("float32")
    settings = {
        "filters": 4, "kernel_size": kernel_size, "strides": strides, "padding": padding,
        "data_format": "channels_first" if first else "channels_last",
        "implementation": implementation, **more,
    }  # fmt: skip
    old = theirs(**settings)
    old(inputs)
    old.set_weights([np.random.default_rng(1).normal(size=w.shape) for w in old.get_weights()])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AppWarning)
        new = ours.from_config(old.get_config())
    new.build(shape)
    new.set_weights(from_keras2(new, old.get_weights()))
    return old, new, inputs


@pytest.mark.parametrize(("rank", "implementation", "padding", "strides", "first"), _SETTINGS)
def test_outputs_and_gradients(rank, implementation, padding, strides, first):
    old, new, inputs = pair(rank, implementation, padding, strides, first)
    x = tf.constant(inputs)
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs = old(x)
        weighting = np.random.default_rng(2).normal(size=outputs.shape).astype("float32")
        loss = tf.reduce_sum(outputs * weighting)
    np.testing.assert_allclose(array(new(inputs)), outputs.numpy(), atol=1e-4)
    assert new.compute_output_shape(inputs.shape) == tuple(outputs.shape)
    by_inputs, *by_weights = tape.gradient(loss, [x, *old.trainable_variables])
    found = gradients(new, inputs, weighting)
    expected = [
        by_inputs.numpy(),
        *from_keras2(new, [tf.convert_to_tensor(g).numpy() for g in by_weights]),
    ]
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-3)


@pytest.mark.parametrize(
    "more",
    [
        {"activation": "relu"},
        {"activation": "softmax"},
        {"use_bias": False},
        {"kernel_regularizer": "l2", "bias_regularizer": "l1", "activity_regularizer": "l2"},
        {"kernel_constraint": "non_neg", "bias_constraint": "max_norm"},
        {"kernel_initializer": "he_normal", "bias_initializer": "ones"},
        {"name": "other", "trainable": False},
    ],
    ids=str,
)
@pytest.mark.parametrize("rank", [1, 2])
def test_every_other_argument(rank, more):
    old, new, inputs = pair(rank, 1, "valid", 1, False, **more)
    np.testing.assert_allclose(array(new(inputs)), old(inputs).numpy(), atol=1e-4)
    assert (new.name, new.trainable) == (old.name, old.trainable)
    assert len(new.trainable_weights) == len(old.trainable_weights)
    for kind in (
        "kernel_regularizer",
        "bias_regularizer",
        "kernel_constraint",
        "bias_constraint",
        "kernel_initializer",
        "bias_initializer",
    ):
        assert type(getattr(new, kind)).__name__ == type(getattr(old, kind)).__name__
    penalty = sum(float(loss) for loss in old.losses)
    assert sum(float(array(loss)) for loss in new.losses) == pytest.approx(penalty, rel=1e-4)


def test_an_untrained_configuration_makes_an_equal_layer_of_our_own():
    """Without weights there is nothing to convert; only `same` was another padding."""
    for implementation, padding in ((1, "valid"), (2, "same"), (3, "valid")):
        old = tf_keras.layers.LocallyConnected2D(
            4, (3, 2), padding=padding, implementation=implementation, activation="relu"
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AppWarning)
            new = LocallyConnected2D.from_config(old.get_config())
        assert "implementation" not in new.get_config()
        assert new.padding == ("centered" if padding == "same" else padding)
        assert new(np.ones((1, 6, 6, 2), "float32")).shape == old(np.ones((1, 6, 6, 2))).shape


def test_locally_connected_takes_keras_2_positions():
    """Code that called the old layer without names of arguments means the same here."""
    arguments = (4, 3, 2, "valid", "channels_last", "relu", True, "ones", "ones")
    images = np.random.default_rng(0).normal(size=(2, 7, 7, 2)).astype("float32")
    old = tf_keras.layers.LocallyConnected2D(*arguments)
    np.testing.assert_allclose(
        array(LocallyConnected2D(*arguments)(images)), old(images).numpy(), atol=1e-5
    )


def test_initial_weights_exceed_those_of_keras_2_by_the_expected_factor():
    old = tf_keras.layers.LocallyConnected2D(32, 3)
    old.build((None, 28, 28, 1))
    new = LocallyConnected2D(32, 3)
    new.build((None, 28, 28, 1))
    ratio = array(new.kernel).std() / old.kernel.numpy().std()
    assert ratio == pytest.approx(np.sqrt(676 * (9 + 32) / (9 + 9 * 32)), rel=0.02)  # 9.7


@pytest.mark.parametrize("turned", [{"implementation": 2}, {"data_format": "channels_first"}])
def test_from_config_of_another_weight_layout_warns(turned):
    old = tf_keras.layers.LocallyConnected2D(4, 3, name="old", **turned)
    with pytest.warns(AppWarning, match="'old' was made by Keras 2.*load_keras2_model"):
        LocallyConnected2D.from_config(old.get_config())


@pytest.mark.parametrize("implementation", [1, 2, 3])
def test_weights_of_another_layer_are_refused(implementation):
    old = tf_keras.layers.LocallyConnected2D(4, 3, implementation=implementation)
    old.build((None, 8, 8, 2))
    new = LocallyConnected2D(4, 3)
    with pytest.raises(ValueError, match="must be built"):
        from_keras2(new, old.get_weights())
    new.build((None, 8, 8, 3))
    with pytest.raises(ValueError, match=r"do not belong to the layer.*received shapes"):
        from_keras2(new, old.get_weights())
    with pytest.raises(ValueError, match="do not belong"):
        from_keras2(new, [])


@pytest.mark.parametrize(
    ("form", "shape", "settings"),
    [
        ((9, 16, 4), (None, 6, 6, 1), {"kernel_size": 3}),  # of a 4×4 window on the same image
        ((16, 18, 2), (None, 6, 6, 1), {"kernel_size": 3}),  # of two channels, half the filters
        ((8, 6, 1, 6, 4, 4), (None, 6, 8, 1), {"kernel_size": 3}),  # of the image turned
        ((1, 6, 6, 4, 4, 4), (None, 6, 6, 1), {"kernel_size": 3}),  # of channels_first
        ((8, 16), (None, 6, 6, 1), {"kernel_size": 3}),
    ],
)
def test_weights_of_the_same_number_in_another_form_are_refused(form, shape, settings):
    new = LocallyConnected2D(4, use_bias=False, **settings)
    new.build(shape)
    with pytest.raises(ValueError, match="expected a kernel of one of"):
        from_keras2(new, [np.zeros(form, "float32")])

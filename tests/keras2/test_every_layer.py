"""Every layer, activation and default that tf_keras saves, compared by its outputs."""

import inspect

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from tests.keras2.saving import assert_same

L = tf_keras.layers
RANDOM = np.random.default_rng(0)


def through(layer, shape: tuple[int, ...], dtype: str = "float32"):
    """A model of one layer, inputs for it."""
    inputs = L.Input(shape, dtype=dtype)
    model = tf_keras.Model(inputs, layer(inputs))
    values = RANDOM.normal(0, 3, (3, *shape)).astype("float32")
    if dtype == "int32":
        values = RANDOM.integers(0, 5, (3, *shape)).astype("int32")
    return model, values


IMAGE, SEQUENCE, VECTOR, VIDEO = (12, 10, 4), (7, 4), (6,), (4, 6, 5, 3)
CELLS = [L.LSTMCell(2), L.GRUCell(3), L.SimpleRNNCell(2)]
# How each layer of tf_keras is made, and for which input.
LAYERS = {
    "Activation": (lambda: L.Activation("hard_sigmoid"), IMAGE),
    "ActivityRegularization": (lambda: L.ActivityRegularization(0.1), VECTOR),
    "AlphaDropout": (lambda: L.AlphaDropout(0.3), VECTOR),
    "AveragePooling1D": (lambda: L.AveragePooling1D(2, padding="same"), SEQUENCE),
    "AveragePooling2D": (lambda: L.AveragePooling2D(3, 2, padding="same"), IMAGE),
    "AveragePooling3D": (lambda: L.AveragePooling3D(2, padding="same"), VIDEO),
    "BatchNormalization": (lambda: L.BatchNormalization(), IMAGE),
    "Bidirectional": (lambda: L.Bidirectional(L.LSTM(3, return_sequences=True)), SEQUENCE),
    "CenterCrop": (lambda: L.CenterCrop(5, 7), IMAGE),
    "Conv1D": (lambda: L.Conv1D(3, 3, padding="causal", dilation_rate=2), SEQUENCE),
    "Conv1DTranspose": (lambda: L.Conv1DTranspose(3, 3, strides=2, padding="same"), SEQUENCE),
    "Conv2D": (lambda: L.Conv2D(4, 3, 2, "same", groups=2, activation="gelu"), IMAGE),
    "Conv2DTranspose": (lambda: L.Conv2DTranspose(3, 3, 2, "same", output_padding=1), IMAGE),
    "Conv3D": (lambda: L.Conv3D(3, 2), VIDEO),
    "Conv3DTranspose": (lambda: L.Conv3DTranspose(2, 2, strides=2), VIDEO),
    "ConvLSTM1D": (lambda: L.ConvLSTM1D(2, 3, padding="same"), (3, 6, 2)),
    "ConvLSTM2D": (lambda: L.ConvLSTM2D(2, 3), VIDEO),
    "ConvLSTM3D": (lambda: L.ConvLSTM3D(2, 2, return_sequences=True), (2, 4, 3, 3, 2)),
    "Cropping1D": (lambda: L.Cropping1D((1, 2)), SEQUENCE),
    "Cropping2D": (lambda: L.Cropping2D(((1, 2), (0, 3))), IMAGE),
    "Cropping3D": (lambda: L.Cropping3D(1), VIDEO),
    "Dense": (lambda: L.Dense(3, activation="hard_sigmoid", kernel_regularizer="l2"), IMAGE),
    "DepthwiseConv1D": (lambda: L.DepthwiseConv1D(3, depth_multiplier=2), SEQUENCE),
    "DepthwiseConv2D": (lambda: L.DepthwiseConv2D(3, 2, "same", 2), IMAGE),
    "Dropout": (lambda: L.Dropout(0.5, noise_shape=(None, 6)), VECTOR),
    "ELU": (lambda: L.ELU(0.5), IMAGE),
    "EinsumDense": (lambda: L.EinsumDense("abc,cd->abd", (None, 5), bias_axes="d"), SEQUENCE),
    "Flatten": (lambda: L.Flatten("channels_first"), IMAGE),
    "GRU": (lambda: L.GRU(3, reset_after=False, recurrent_activation="hard_sigmoid"), SEQUENCE),
    "GaussianDropout": (lambda: L.GaussianDropout(0.2), VECTOR),
    "GaussianNoise": (lambda: L.GaussianNoise(0.2), VECTOR),
    "GlobalAveragePooling1D": (lambda: L.GlobalAveragePooling1D(), SEQUENCE),
    "GlobalAveragePooling2D": (lambda: L.GlobalAveragePooling2D(keepdims=True), IMAGE),
    "GlobalAveragePooling3D": (lambda: L.GlobalAveragePooling3D(), VIDEO),
    "GlobalMaxPooling1D": (lambda: L.GlobalMaxPooling1D(), SEQUENCE),
    "GlobalMaxPooling2D": (lambda: L.GlobalMaxPooling2D(), IMAGE),
    "GlobalMaxPooling3D": (lambda: L.GlobalMaxPooling3D(), VIDEO),
    "GroupNormalization": (lambda: L.GroupNormalization(2), IMAGE),
    "Identity": (lambda: L.Identity(), IMAGE),
    "LSTM": (lambda: L.LSTM(3, implementation=1, unroll=True, go_backwards=True), SEQUENCE),
    "LayerNormalization": (lambda: L.LayerNormalization(axis=(1, 2, 3)), IMAGE),
    "LeakyReLU": (lambda: L.LeakyReLU(alpha=0.1), IMAGE),
    "LocallyConnected1D": (lambda: L.LocallyConnected1D(3, 2), SEQUENCE),
    "LocallyConnected2D": (lambda: L.LocallyConnected2D(3, 2, implementation=2), IMAGE),
    "Masking": (lambda: L.Masking(0.5), SEQUENCE),
    "MaxPooling1D": (lambda: L.MaxPooling1D(2, padding="same"), SEQUENCE),
    "MaxPooling2D": (lambda: L.MaxPooling2D(3, 2, "same"), IMAGE),
    "MaxPooling3D": (lambda: L.MaxPooling3D(2), VIDEO),
    "Normalization": (lambda: L.Normalization(), IMAGE),
    "PReLU": (lambda: L.PReLU(shared_axes=[1, 2]), IMAGE),
    "Permute": (lambda: L.Permute((3, 1, 2)), IMAGE),
    "RNN": (lambda: L.RNN(CELLS, return_sequences=True), SEQUENCE),
    "RandomBrightness": (lambda: L.RandomBrightness(0.2), IMAGE),
    "RandomContrast": (lambda: L.RandomContrast(0.2), IMAGE),
    "RandomCrop": (lambda: L.RandomCrop(6, 8), IMAGE),
    "RandomFlip": (lambda: L.RandomFlip(), IMAGE),
    "RandomRotation": (lambda: L.RandomRotation(0.1, fill_mode="nearest"), IMAGE),
    "RandomTranslation": (lambda: L.RandomTranslation(0.1, (-0.1, 0.2)), IMAGE),
    "RandomZoom": (lambda: L.RandomZoom((-0.1, 0.1), interpolation="nearest"), IMAGE),
    "ReLU": (lambda: L.ReLU(6.0, 0.1, 1.0), IMAGE),
    "RepeatVector": (lambda: L.RepeatVector(3), VECTOR),
    "Rescaling": (lambda: L.Rescaling([1.0, 2.0, 3.0, 4.0], 0.5), IMAGE),
    "Reshape": (lambda: L.Reshape((-1, 2)), VECTOR),
    "Resizing": (lambda: L.Resizing(9, 13), IMAGE),
    "SeparableConv1D": (lambda: L.SeparableConv1D(3, 3), SEQUENCE),
    "SeparableConv2D": (lambda: L.SeparableConv2D(3, 3, depth_multiplier=2), IMAGE),
    "SimpleRNN": (lambda: L.SimpleRNN(3, return_sequences=True), SEQUENCE),
    "Softmax": (lambda: L.Softmax(axis=1), IMAGE),
    "SpatialDropout1D": (lambda: L.SpatialDropout1D(0.2), SEQUENCE),
    "SpatialDropout2D": (lambda: L.SpatialDropout2D(0.2), IMAGE),
    "SpatialDropout3D": (lambda: L.SpatialDropout3D(0.2), VIDEO),
    "SpectralNormalization": (lambda: L.SpectralNormalization(L.Conv2D(3, 2)), IMAGE),
    "ThresholdedReLU": (lambda: L.ThresholdedReLU(0.5), IMAGE),
    "TimeDistributed": (lambda: L.TimeDistributed(L.Dense(3)), SEQUENCE),
    "UnitNormalization": (lambda: L.UnitNormalization(), IMAGE),
    "UpSampling1D": (lambda: L.UpSampling1D(2), SEQUENCE),
    "UpSampling2D": (lambda: L.UpSampling2D((2, 3), interpolation="bilinear"), IMAGE),
    "UpSampling3D": (lambda: L.UpSampling3D(2), VIDEO),
    "ZeroPadding1D": (lambda: L.ZeroPadding1D(2), SEQUENCE),
    "ZeroPadding2D": (lambda: L.ZeroPadding2D(((1, 0), (0, 2))), IMAGE),
    "ZeroPadding3D": (lambda: L.ZeroPadding3D(1), VIDEO),
}
MERGES = ("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract")
ATTENTIONS = ("AdditiveAttention", "Attention", "MultiHeadAttention")
INTEGERS = {
    "CategoryEncoding": (lambda: L.CategoryEncoding(5, output_mode="count"), (4,)),
    "Discretization": (lambda: L.Discretization([0.0, 2.0]), (4,)),
    "Embedding": (lambda: L.Embedding(5, 3, input_length=4), (4,)),
    "Hashing": (lambda: L.Hashing(3), (4,)),
    "IntegerLookup": (lambda: L.IntegerLookup(vocabulary=[1, 3, 4]), (4,)),
}
# Cells are tested inside RNN, text layers below; the rest is named as removed.
CELL_NAMES = ("GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells")
TEXT = ("StringLookup", "TextVectorization", "HashedCrossing")
ABSTRACT = ("AbstractRNNCell", "Layer", "Wrapper", "InputLayer", "InputSpec", "Lambda")
REMOVED = ("DenseFeatures", "RandomHeight", "RandomWidth")


def test_list_of_layers_is_complete():
    classes = {
        getattr(L, name).__name__ for name in dir(L) if inspect.isclass(getattr(L, name))
    }  # aliases such as Convolution2D are the same classes
    listed = {*LAYERS, *MERGES, *ATTENTIONS, *INTEGERS, *CELL_NAMES, *TEXT, *ABSTRACT, *REMOVED}
    assert classes - listed == set()
    assert listed - classes == set()


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
@pytest.mark.parametrize("name", LAYERS)
def test_layer_keeps_its_outputs(name, suffix, tmp_path, monkeypatch):
    # The only layer of tf_keras that looks for tf.keras, which is another Keras today.
    monkeypatch.setattr(tf.keras.layers, "InputSpec", L.InputSpec)
    make, shape = LAYERS[name]
    assert_same(*through(make(), shape), tmp_path / f"model{suffix}")


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
@pytest.mark.parametrize("name", INTEGERS)
def test_layer_of_integers_keeps_its_outputs(name, suffix, tmp_path):
    make, shape = INTEGERS[name]
    assert_same(*through(make(), shape, "int32"), tmp_path / f"model{suffix}")


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
@pytest.mark.parametrize("name", MERGES + ATTENTIONS)
def test_layer_of_two_inputs_keeps_its_outputs(name, suffix, tmp_path):
    arguments = {"Dot": {"axes": 2}, "MultiHeadAttention": {"num_heads": 2, "key_dim": 3}}
    first, second = L.Input(SEQUENCE), L.Input(SEQUENCE)
    layer = getattr(L, name)(**arguments.get(name, {}))
    called = layer(first, second) if name == "MultiHeadAttention" else layer([first, second])
    values = [RANDOM.normal(size=(2, *SEQUENCE)).astype("float32") for _ in range(2)]
    assert_same(tf_keras.Model([first, second], called), values, tmp_path / f"model{suffix}")


ACTIVATIONS = sorted(
    name for name in dir(tf_keras.activations)
    if name[0] != "_" and name not in ("get", "serialize", "deserialize")
)  # fmt: skip


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_keeps_its_values(name, tmp_path):
    inputs = L.Input((50,))
    model = tf_keras.Model(inputs, [L.Activation(name)(inputs), L.Dense(50, name)(inputs)])
    values = np.linspace(-6, 6, 150, dtype="float32").reshape(3, 50)
    assert_same(model, values, tmp_path / "model.h5")


VARIANTS = {
    "UpSampling2D": [
        (lambda i=i: L.UpSampling2D(2, interpolation=i))
        for i in ("area", "bicubic", "lanczos3", "lanczos5", "nearest")
    ],
    "Resizing": [
        (lambda i=i, c=c: L.Resizing(7, 15, i, crop_to_aspect_ratio=c))
        for i in ("area", "bicubic", "lanczos3", "lanczos5", "nearest")
        for c in (False, True)
    ],
    "CenterCrop": [lambda: L.CenterCrop(20, 30), lambda: L.CenterCrop(5, 20)],
    "RandomCrop": [lambda: L.RandomCrop(20, 8), lambda: L.RandomCrop(3, 9)],
    "Normalization": [
        lambda: L.Normalization(axis=None, mean=3.0, variance=2.0),
        lambda: L.Normalization(axis=(1, 3)),
        lambda: L.Normalization(mean=[1.0, 2.0, 3.0, 4.0], variance=[1.0, 4.0, 9.0, 1.0]),
        lambda: L.Normalization(invert=True),
    ],
    "BatchNormalization": [
        lambda: L.BatchNormalization(axis=1),
        lambda: L.BatchNormalization(center=False, scale=False, trainable=False),
        lambda: L.BatchNormalization(synchronized=True),
        lambda: L.experimental.SyncBatchNormalization(),
    ],
    "LayerNormalization": [
        lambda: L.LayerNormalization(axis=[1, 2]), lambda: L.LayerNormalization(axis=-2),
    ],
    "Rescaling": [lambda: L.Rescaling([[1.0], [2.0]] * 4)],
    "LeakyReLU": [lambda: L.LeakyReLU(), lambda: L.Dense(3, activation=L.LeakyReLU(0.2))],
    "Bidirectional": [
        lambda: L.TimeDistributed(L.Bidirectional(L.GRU(2), merge_mode="sum")),
        lambda: L.ConvLSTM1D(2, 3, activation="hard_sigmoid", strides=2),
        lambda: L.TimeDistributed(
            L.Bidirectional(L.LSTM(2), backward_layer=L.GRU(2, go_backwards=True))
        ),
    ],
    "names": [
        lambda: L.Conv2D(2, 3, kernel_constraint="max_norm", bias_regularizer="l1"),
        lambda: L.Dense(2, kernel_regularizer=tf_keras.regularizers.L1L2(0.1, 0.2)),
        lambda: L.Dense(2, kernel_initializer="he_normal", dtype="float64"),
        lambda: L.Dense(2, dtype="mixed_bfloat16"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("make", [pytest.param(m, id=f"{k}-{i}") for k, makes in VARIANTS.items()
                                  for i, m in enumerate(makes)])  # fmt: skip
def test_variant_of_a_layer_keeps_its_outputs(make, tmp_path):
    model, inputs = through(make(), (10, 8, 4))
    bfloat16 = "bfloat16" in str(model.layers[-1].dtype_policy.name)
    if bfloat16:
        inputs = inputs / 8
    assert_same(model, inputs, tmp_path / "model.h5", 2e-2 if bfloat16 else 1e-5)

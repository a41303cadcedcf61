"""Layers one by one, with the arguments that random networks do not have."""

import keras
import numpy as np
import pytest

from app.export.page import lower
from app.layers import L2NormPooling2D, LocallyConnected2D
from app.models import build_model
from app.registries import MODELS
from tests.export.page.agreement import agree, names, sequence
from tests.export.page.random_models import description

layers = keras.layers


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("shape", [(28, 28, 1), (66, 70, 3)])
def test_every_network_of_the_project(name, shape):
    agree(build_model(name, shape, 10 if shape[-1] == 1 else 2, 0.3))


@pytest.mark.parametrize("padding", ["valid", "same", "centered"])
@pytest.mark.parametrize(("strides", "dilation"), [(1, 1), (2, 1), (3, 1), (1, 2)])
@pytest.mark.parametrize("size", [1, 2, 3, (2, 4)])
def test_locally_connected_of_every_geometry(padding, strides, dilation, size):
    layer = LocallyConnected2D(4, size, strides, padding, dilation_rate=dilation)
    agree(sequence(layer, shape=(7, 9, 2)))


@pytest.mark.parametrize("kind", [layers.MaxPooling2D, layers.AveragePooling2D, L2NormPooling2D])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("size", "strides"), [(2, None), (3, 1), (2, 3), ((1, 3), 2)])
def test_pooling_of_every_geometry(kind, padding, size, strides):
    agree(sequence(kind(size, strides, padding), shape=(7, 9, 2)))


@pytest.mark.parametrize("size", [(3, 3), (2, 4), (1, 5)])
@pytest.mark.parametrize("strides", [(1, 1), (2, 2), (3, 2)])
def test_strides_that_differ_between_rows_and_columns(size, strides):
    agree(sequence(layers.Conv2D(4, size, strides, "same"), shape=(8, 9, 2)))


def augmentations() -> list[str]:
    extra = ("AugMix", "CutMix", "MixUp", "RandAugment")
    return [name for name in dir(layers) if name.startswith("Random") or name in extra]


@pytest.mark.parametrize("name", augmentations())
def test_augmentation_does_nothing_at_inference(name):
    kind = getattr(layers, name)
    required = {
        "RandomColorDegeneration": (0.3,), "RandomCrop": (7, 8), "RandomHue": (0.3,),
        "RandomPosterization": (4,), "RandomSaturation": (0.3,), "RandomSharpness": (0.3,),
        "RandomTranslation": (0.2, 0.2), "RandomZoom": (0.2,), "RandomRotation": (0.2,),
        "RandomBrightness": (0.2,), "RandomContrast": (0.2,),
    }  # fmt: skip
    program = agree(sequence(kind(*required.get(name, ())), layers.Conv2D(2, 3)))
    assert program.operations[2].attributes == {"function": "linear"}


def test_normalization_per_channel_both_ways():
    for invert in (False, True):
        adapted = layers.Normalization(invert=invert)
        adapted.adapt(np.random.default_rng(0).normal(3, 2, (4, 7, 8, 3)))
        given = layers.Normalization(mean=[1, 2, 3], variance=[4, 0, 6], invert=invert)
        agree(sequence(adapted, given))


def test_rescaling_per_channel():
    agree(sequence(layers.Rescaling([1.0, 2.0, -3.0], [0.5, 0.0, 1.0])))


def test_vectors_pass_through_the_same_layers():
    agree(
        sequence(
            layers.Flatten(), layers.LayerNormalization(), layers.BatchNormalization(axis=1),
            layers.PReLU(), layers.Dense(12), layers.Reshape((2, -1, 3)), layers.Conv2D(2, 2),
            layers.Flatten(), layers.Flatten(),
        )
    )  # fmt: skip


def test_a_layer_in_bfloat16_differs_by_its_own_rounding():
    stack = [layers.Conv2D(4, 3, dtype="mixed_bfloat16"), layers.Flatten(dtype="float32")]
    agree(sequence(*stack), most=0.05)


def test_whole_numbers_are_converted_by_the_layers_that_do():
    image = keras.Input((8, 8, 3), dtype="uint8")
    x = layers.Cropping2D(1)(layers.RandomFlip()(layers.MaxPooling2D(2)(image)))
    agree(keras.Model(image, layers.Conv2D(2, 2)(layers.Rescaling(1 / 255)(x))))


def test_a_network_for_any_size_is_lowered_for_the_one_that_is_asked_for():
    stack = [layers.Conv2D(4, 3, 2, "same"), layers.GlobalAveragePooling2D(), layers.Dense(2)]
    model = sequence(*stack, shape=(None, None, 3))
    program = agree(model, (9, 11, 3))
    assert program.operations[2].output_shape == (5, 6, 4)
    assert program.operations[2].attributes["padding"] == [1, 1, 1, 1]


def test_names_say_which_layer_an_operation_belongs_to():
    model = sequence(
        layers.Conv2D(4, 3, activation="relu", name="conv"),
        layers.SeparableConv2D(3, 2, activation="tanh", name="both"),
        layers.Dense(2, activation=lambda x: 2 * x, name="dense"),
    )
    program = lower(model, description(model))
    assert names(program)[2:] == [
        "conv", "conv:relu", "both/depthwise", "both/pointwise", "both:tanh",
        "dense", "dense:activation/multiply_1",
    ]  # fmt: skip
    found = [(one.layer, one.layer_type) for one in program.operations[2:]]
    assert found[:2] == [("conv", "Conv2D")] * 2
    assert found[2:5] == [("both", "SeparableConv2D")] * 3
    assert found[5:] == [("dense", "Dense")] * 2
    assert program.operations[0].kind == "input"
    assert program.operations[2].weights == {"kernel": "conv/kernel", "bias": "conv/bias"}
    assert program.operations[3].weights == {}

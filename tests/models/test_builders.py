import keras
import numpy as np
import pytest
from scipy.special import expit

from app.errors import AppError
from app.models import build_model
from app.models.output import with_independent_outputs
from app.registries import MODELS


@pytest.mark.parametrize("name", [*MODELS, "stack-10000"])
@pytest.mark.parametrize(
    ("shape", "classes"), [((28, 28, 1), 10), ((64, 80, 3), 2), ((64, 64, 3), 4)]
)
def test_a_network_gives_probabilities(name, shape, classes):
    model = build_model(name, shape, classes, 0.3)
    assert isinstance(model, keras.Sequential)
    images = np.random.default_rng(0).integers(0, 256, (3, *shape), np.uint8)
    outputs = keras.ops.convert_to_numpy(model(images, training=False))
    assert outputs.shape == (3, 1 if classes == 2 else classes)
    assert ((outputs >= 0) & (outputs <= 1)).all()
    if classes > 2:
        np.testing.assert_allclose(outputs.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_the_output_stays_float32_under_mixed_precision(name):
    from app.training.precision import precision_policy

    with precision_policy("bfloat16"):
        model = build_model(name, (28, 28, 1), 10, 0.0)
    assert model.layers[-1].compute_dtype == "float32"
    assert all(weight.dtype == "float32" for weight in model.weights)
    assert keras.config.dtype_policy().name == "float32"


def test_the_lecture_s_networks_have_the_book_s_parameters():
    # Chollet, Deep Learning with Python: 5.2 and 5.1; the dense network of 2.1.
    assert build_model("convnet", (150, 150, 3), 2, 0.5).count_params() == 3_453_121
    assert build_model("convnet", (28, 28, 1), 10, 0.5).count_params() == 93_322
    assert build_model("dense", (28, 28, 1), 10, 0.0).count_params() == 407_050


def test_the_convnet_is_the_lecture_s_in_order():
    kinds = [type(layer).__name__ for layer in build_model("convnet", (150, 150, 3), 2, 0.5).layers]
    stage = ["Conv2D", "MaxPooling2D"]
    assert kinds == ["Rescaling", *stage * 4, "Flatten", "Dropout", "Dense", "Dense"]


def test_local_shares_below_and_not_above():
    """Weights by the lecture's formula: F·F·D·K shared, and as many for each position unshared."""
    model = build_model("local", (28, 28, 1), 10, 0.5)
    kinds = [type(layer).__name__ for layer in model.layers[1:]]
    local = ["LocallyConnected2D"] * 2
    assert kinds == ["Conv2D", "MaxPooling2D", *local, "Flatten", "Dropout", "Dense", "Dense"]
    counts = [layer.count_params() for layer in model.layers if layer.count_params()]
    unshared = [11 * 11 * (9 * 32 * 16 + 16), 5 * 5 * (9 * 16 * 16 + 16)]
    assert counts == [9 * 32 + 32, *unshared, 5 * 5 * 16 * 64 + 64, 64 * 10 + 10]
    photographs = build_model("local", (150, 150, 3), 2, 0.5)
    assert [layer.output.shape[1] for layer in photographs.layers if "local" in layer.name] == [
        15, 7,
    ]  # fmt: skip


def test_quick_is_as_narrow_as_it_says():
    model = build_model("quick", (28, 28, 1), 10, 0.0)
    assert model.count_params() == 17_434
    cells = [layer.output.shape[1] for layer in model.layers[1:] if "conv" in layer.name]
    assert [model.get_layer("edge").output.shape[1], *cells] == [24, 7, 5, 3]


@pytest.mark.slow
def test_stack_is_the_largest_network_with_at_most_so_many_weights():
    counts = {
        most: build_model(f"stack-{most}", (28, 28, 1), 10, 0.0).count_params()
        for most in (276, 300, 900, 901, 1_000, 9_405, 9_406, 10_000, 100_000)
    }
    assert counts == {276: 276, 300: 276, 900: 798, 901: 901, 1_000: 901, 9_405: 9_195,
                      9_406: 9_406, 10_000: 9_406, 100_000: 97_608}  # fmt: skip
    model = build_model("stack-10000", (28, 28, 1), 10, 0.0)
    filters = [layer.filters for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert filters[:5] == [8, 12, 16, 16, 20]


@pytest.mark.parametrize(("shape", "classes"), [((28, 28, 1), 10), ((33, 64, 3), 2)])
def test_every_stack_keeps_its_limit(shape, classes):
    limits = (1_000, 3_000, 9_000, 27_000)
    counts = [build_model(f"stack-{n}", shape, classes, 0.0).count_params() for n in limits]
    assert all(0.8 * n < count <= n for n, count in zip(limits, counts, strict=True))


def test_too_few_weights_for_a_stack_are_refused_with_the_smallest_number():
    with pytest.raises(AppError, match=r"--model stack-100: .*\n.*at least 138 weights") as caught:
        build_model("stack-100", (28, 28, 1), 10, 0.0)
    assert "--model stack-138" in str(caught.value)


@pytest.mark.parametrize("name", ["stack", "stack-", "stack-0", "stack-05", "stack-1e3", "deep-5"])
def test_a_name_of_a_family_needs_a_number(name):
    with pytest.raises(AppError, match="stack-N"):
        MODELS.check(name)
    assert MODELS.family(name) == name


def test_large_is_modern_with_more_of_all():
    modern, large = (build_model(name, (160, 160, 3), 2, 0.0) for name in ("modern", "large"))
    assert large.count_params() == 4_366_801
    assert [layer.name for layer in large.layers] == [layer.name for layer in modern.layers]
    for one, other in zip(modern.layers, large.layers, strict=True):
        if "block" in one.name:
            assert (other.filters, other.residuals) == (1.5 * one.filters, one.residuals + 1)


@pytest.mark.parametrize(
    ("name", "smallest"),
    [("convnet", 18), ("local", 12), ("modern", 6), ("large", 6), ("quick", 21), ("compact", 15)],
)
def test_too_small_an_image_is_refused_with_the_arithmetic(name, smallest):
    build_model(name, (smallest, smallest, 3), 2, 0.0)
    with pytest.raises(AppError, match=f"--image-size {smallest}") as caught:
        build_model(name, (smallest - 1, 100, 3), 2, 0.0)
    assert f"{smallest - 1}×100" in str(caught.value)
    assert "→" in str(caught.value)


def test_pixels_are_rescaled_inside():
    for name in MODELS:
        assert any(
            isinstance(layer, keras.layers.Rescaling)
            for layer in build_model(name, (28, 28, 1), 10, 0).layers
        )


@pytest.mark.parametrize("num_classes", [2, 5])
def test_independent_outputs_replace_the_last_layer(num_classes):
    network = build_model("convnet", (28, 28, 1), num_classes, 0.0)
    changed = with_independent_outputs(network, num_classes)
    assert changed.output_shape == (None, num_classes)
    assert changed.layers[:-1] == network.layers[:-1]
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28, 1)).astype("float32")
    hidden = keras.Model(changed.inputs[0], changed.layers[-1].input)(images)
    kernel, bias = changed.layers[-1].get_weights()
    expected = expit(np.asarray(hidden) @ kernel + bias)
    np.testing.assert_allclose(np.asarray(changed(images)), expected, rtol=1e-4)


def test_independent_outputs_need_a_dense_layer_at_the_end():
    network = keras.Sequential([keras.Input((4,)), keras.layers.Softmax(name="end")])
    with pytest.raises(AppError, match="ends in the layer 'end', Softmax"):
        with_independent_outputs(network, 4)


def test_independent_outputs_of_a_functional_network():
    images = keras.Input((4,))
    network = keras.Model(images, keras.layers.Dense(1, activation="sigmoid")(images))
    assert with_independent_outputs(network, 2).output_shape == (None, 2)

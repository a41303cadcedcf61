"""Models of other people: any form of input, output and head."""

import json
import warnings

import keras
import numpy as np
import pytest
from PIL import Image

from app.classifier import load
from app.cli import main
from app.errors import AppError, AppWarning
from app.insight.grad_cam import grad_cam
from app.insight.saliency import input_gradients
from app.storage.output_head import activations_at_the_end

layers = keras.layers
SIDE = 16
WIDE = keras.initializers.RandomNormal(stddev=2.0, seed=1)


@pytest.fixture
def picture(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "image.png")
    return tmp_path / "image.png"


def stem():
    return [
        keras.Input((SIDE, SIDE, 3), name="image"),
        layers.Rescaling(1 / 255),
        layers.Conv2D(6, 3, activation="relu", name="conv"),
    ]


def saved(model, tmp_path, ending=".keras"):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras advises against HDF5
        model.save(tmp_path / f"model{ending}")
    return tmp_path / f"model{ending}"


def loaded(path):
    """Return a classifier and the warnings, besides that there is no card."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        classifier = load(path)
    texts = [str(one.message) for one in caught if "no card" not in str(one.message)]
    assert all(issubclass(one.category, AppWarning) for one in caught)
    return classifier, texts


def quiet(*arguments):
    """Run the command line; that the model has no card and gives scores is known."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AppWarning)
        return main([str(argument) for argument in arguments])


def pixels_of(picture):
    return np.asarray(Image.open(picture))[np.newaxis]


def dense(units, activation=None):
    return layers.Dense(units, activation, kernel_initializer=WIDE)


AVERAGE = layers.GlobalAveragePooling2D


def nested_logits():
    return keras.Sequential([keras.Input((6,)), dense(4)], name="inner")


LOGIT_HEADS = {
    "dense": lambda: [AVERAGE(), dense(4)],
    "single unit": lambda: [AVERAGE(), dense(1)],
    "convolution, average": lambda: [layers.Conv2D(4, 1, kernel_initializer=WIDE), AVERAGE()],
    "convolution, keepdims": lambda: [
        AVERAGE(keepdims=True), layers.Conv2D(4, 1, kernel_initializer=WIDE),
    ],
    "flatten": lambda: [AVERAGE(keepdims=True), layers.Conv2D(4, 1), layers.Flatten()],
    "reshape": lambda: [AVERAGE(), dense(4), layers.Reshape((4,))],
    "linear activation": lambda: [AVERAGE(), dense(4), layers.Activation("linear")],
    "dropout": lambda: [AVERAGE(), dense(4), layers.Dropout(0.5)],
    "normalization": lambda: [AVERAGE(), dense(4), layers.BatchNormalization()],
    "temperature": lambda: [AVERAGE(), dense(4), layers.Rescaling(0.5)],
    "nested": lambda: [AVERAGE(), nested_logits()],
    "nested, reshape": lambda: [AVERAGE(), nested_logits(), layers.Reshape((4,))],
    "log-softmax": lambda: [AVERAGE(), dense(4, "log_softmax")],
}  # fmt: skip


@pytest.mark.parametrize("name", LOGIT_HEADS)
def test_load_of_a_head_of_logits_gives_their_softmax(name, tmp_path, picture):
    model = keras.Sequential([*stem(), *LOGIT_HEADS[name]()])
    path = saved(model, tmp_path)
    classifier, texts = loaded(path)
    assert len(texts) == 1
    assert "gives scores: a " in texts[0]
    logits = keras.ops.convert_to_numpy(model(pixels_of(picture))).reshape(1, -1)
    single = logits.shape[1] == 1
    both = np.concatenate([0 * logits, logits], axis=1) if single else logits
    expected = keras.ops.convert_to_numpy(keras.ops.softmax(both))[0]
    found = classifier.predict(picture)[0].probabilities
    np.testing.assert_allclose([found[f"class {k}"] for k in range(len(expected))], expected,
                               atol=1e-5)  # fmt: skip
    with pytest.warns(AppWarning):
        opened = load(path).inspect()
    image = opened.load_image(picture)
    for k in range(len(expected)):
        assert np.isfinite(grad_cam(opened, image, k)).all()
    with opened.linear_output():  # what the softmax gets
        scores = keras.ops.convert_to_numpy(opened.keras_model(image[np.newaxis]))
    if name != "log-softmax":
        np.testing.assert_allclose(scores, logits, atol=1e-4)


PROBABILITY_HEADS = {
    "softmax": lambda: [AVERAGE(), dense(4, "softmax")],
    "softmax layer": lambda: [AVERAGE(), dense(4), layers.Softmax()],
    "softmax activation": lambda: [AVERAGE(), dense(4), layers.Activation("softmax")],
    "softmax, flatten": lambda: [
        AVERAGE(keepdims=True), layers.Conv2D(4, 1, activation="softmax"), layers.Flatten(),
    ],
    "softmax of cells, average": lambda: [layers.Conv2D(4, 1, activation="softmax"), AVERAGE()],
    "sigmoid unit": lambda: [AVERAGE(), dense(1, "sigmoid")],
    "hard sigmoid unit": lambda: [AVERAGE(), dense(1, "hard_sigmoid")],
    "bfloat16": lambda: [AVERAGE(), layers.Dense(200, "softmax", dtype="bfloat16")],
    "float16": lambda: [AVERAGE(), layers.Dense(200, "softmax", dtype="float16")],
}  # fmt: skip


@pytest.mark.parametrize("name", PROBABILITY_HEADS)
def test_load_of_a_head_of_probabilities_leaves_them_alone(name, tmp_path, picture):
    model = keras.Sequential([*stem(), *PROBABILITY_HEADS[name]()])
    classifier, texts = loaded(saved(model, tmp_path))
    assert texts == []
    outputs = keras.ops.convert_to_numpy(keras.ops.cast(model(pixels_of(picture)), "float32"))[0]
    expected = [1 - outputs[0], outputs[0]] if len(outputs) == 1 else outputs
    found = classifier.predict(picture)[0].probabilities
    np.testing.assert_allclose([found[f"class {k}"] for k in range(len(expected))], expected,
                               atol=2e-3)  # fmt: skip


def test_load_of_several_sigmoids_says_that_they_need_not_add_up(tmp_path, picture):
    model = keras.Sequential([*stem(), AVERAGE(), dense(4, "sigmoid")])
    classifier, (text,) = loaded(saved(model, tmp_path))
    assert "an independent probability for each class" in text
    found = classifier.predict(picture)[0]
    assert all(0 <= value <= 1 for value in found.probabilities.values())
    assert found.probability == max(found.probabilities.values())


SCORE_HEADS = {
    "relu": lambda: [AVERAGE(), dense(4, "relu")],
    "relu layer": lambda: [AVERAGE(), dense(4), layers.ReLU()],
    "tanh unit": lambda: [AVERAGE(), dense(1, "tanh")],
    "tanh": lambda: [AVERAGE(), dense(4), layers.Activation("tanh"), layers.Reshape((4,))],
    "unknown layer": lambda: [AVERAGE(), dense(4), layers.LayerNormalization()],
    "unit norm": lambda: [AVERAGE(), dense(4), layers.UnitNormalization()],
}


@pytest.mark.parametrize("name", SCORE_HEADS)
def test_predict_of_other_heads_reports_scores_and_no_percentages(name, tmp_path, picture, capsys):
    model = keras.Sequential([*stem(), *SCORE_HEADS[name]()])
    path = saved(model, tmp_path)
    classifier, (text,) = loaded(path)
    assert "scores that are not probabilities" in text
    outputs = keras.ops.convert_to_numpy(model(pixels_of(picture)))[0]
    expected = [-outputs[0], outputs[0]] if len(outputs) == 1 else outputs
    found = classifier.predict(picture)[0]
    assert found.probabilities == {}
    assert found.label == f"class {int(np.argmax(expected))}"
    np.testing.assert_allclose([found.scores[f"class {k}"] for k in range(len(expected))],
                               expected, atol=1e-5)  # fmt: skip
    with pytest.raises(AppError, match="not probabilities"):
        print(found.probability)
    with pytest.raises(AppError, match="outputs scores, not probabilities"):
        classifier.probabilities(pixels_of(picture))
    assert quiet("predict", path, picture) == 0
    said = capsys.readouterr()
    assert "%" not in said.out
    assert "score" in said.out
    assert quiet("predict", path, picture, "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row.keys() == {"image", "label", "score", "scores"}
    assert quiet("predict", path, picture, "--csv") == 0
    assert capsys.readouterr().out.startswith("image,label,score,class 0")


def test_load_of_relu_divided_by_its_sum_gives_probabilities(tmp_path, picture):
    inputs, *inner = stem()
    x = inputs
    for layer in (*inner, AVERAGE(), dense(4, "exponential")):
        x = layer(x)
    model = keras.Model(inputs, x / keras.ops.sum(x, axis=-1, keepdims=True))
    classifier, texts = loaded(saved(model, tmp_path))
    assert texts == []
    assert sum(classifier.predict(picture)[0].probabilities.values()) == pytest.approx(1, abs=1e-5)


def test_load_of_an_average_of_softmaxes_gives_probabilities(tmp_path, picture):
    inputs, *inner = stem()
    x = inputs
    for layer in (*inner, AVERAGE()):
        x = layer(x)
    model = keras.Model(inputs, layers.Average()([dense(4, "softmax")(x), dense(4, "softmax")(x)]))
    assert activations_at_the_end(model.outputs[0]) == {"softmax"}
    classifier, texts = loaded(saved(model, tmp_path))
    assert texts == []
    assert sum(classifier.predict(picture)[0].probabilities.values()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize("form", ["list in", "list out", "dict in", "dict out", "both"])
def test_load_of_one_tensor_in_a_list_or_dictionary_takes_it_out(form, ending, tmp_path, picture):
    inputs, *inner = stem()
    x = inputs
    for layer in (*inner, AVERAGE(), dense(3, "softmax")):
        x = layer(x)
    wrapped = {
        "list in": ([inputs], x), "list out": (inputs, [x]), "dict in": ({"image": inputs}, x),
        "dict out": (inputs, {"label": x}), "both": ({"image": inputs}, {"label": x}),
    }[form]  # fmt: skip
    model = keras.Model(*wrapped)
    classifier, texts = loaded(saved(model, tmp_path, ending))
    assert texts == []
    plain = keras.Model(inputs, x)
    expected = keras.ops.convert_to_numpy(plain(pixels_of(picture).astype("float32")))[0]
    found = classifier.predict(picture)[0].probabilities
    np.testing.assert_allclose([found[f"class {k}"] for k in range(3)], expected, atol=1e-5)


@pytest.mark.parametrize("functional", [False, True])
def test_load_without_a_channel_axis_takes_gray_images(functional, tmp_path, picture):
    model = keras.Sequential(
        [keras.Input((SIDE, SIDE)), layers.Rescaling(1 / 255), layers.Flatten(), dense(5)]
    )
    if functional:
        model = keras.Model(model.inputs[0], model.outputs[0])
    classifier, _ = loaded(saved(model, tmp_path))
    assert (classifier.image_size, classifier.channels) == ((SIDE, SIDE), 1)
    gray = np.asarray(Image.open(picture).convert("L"))[np.newaxis].astype("float32")
    expected = keras.ops.convert_to_numpy(keras.ops.softmax(model(gray)))[0]
    found = classifier.predict(picture)[0].probabilities
    np.testing.assert_allclose([found[f"class {k}"] for k in range(5)], expected, atol=1e-5)
    with pytest.warns(AppWarning):
        opened = load(tmp_path / "model.keras").inspect()
    image = opened.load_image(picture)
    assert input_gradients(opened, image[np.newaxis], 2).shape == (1, SIDE, SIDE, 1)


def two_outputs():
    inputs = keras.Input((SIDE, SIDE, 3))
    x = layers.Flatten()(inputs)
    outputs = {"label": layers.Dense(3)(x), "box": layers.Dense(4)(x)}
    return keras.Model(inputs, outputs)


UNUSABLE = {
    "two outputs": (two_outputs, r"2 outputs: .*'label' \(None, 3\)"),
    "no image": (lambda: keras.Sequential([keras.Input((5,)), layers.Dense(2)]), r"\(None, 5\)"),
    "any size": (
        lambda: keras.Sequential([keras.Input((None, None, 3)), AVERAGE(), dense(2)]),
        r"images of any size(.|\n)*keras\.Input\(\(224, 224, 3\)\)",
    ),
    "channels first": (
        lambda: keras.Sequential([keras.Input((3, SIDE, SIDE)), layers.Flatten(), dense(2)]),
        "channels seem to come first",
    ),
    "four channels": (
        lambda: keras.Sequential([keras.Input((SIDE, SIDE, 4)), layers.Flatten(), dense(2)]),
        "images of 4 channels",
    ),
    "segmentation": (
        lambda: keras.Sequential([keras.Input((SIDE, SIDE, 3)), layers.Conv2D(4, 1)]),
        r"outputs of shape \(None, 16, 16, 4\)",
    ),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_load_of_what_is_no_image_classifier_says_why(name, tmp_path):
    build, text = UNUSABLE[name]
    with pytest.raises(AppError, match=text):
        load(saved(build(), tmp_path))


def test_the_way_out_of_any_size_works(tmp_path, picture):
    model = keras.Sequential([keras.Input((None, None, 3)), AVERAGE(), dense(2)])
    fixed = keras.Sequential([keras.Input((SIDE, SIDE, 3)), model])
    classifier, _ = loaded(saved(fixed, tmp_path))
    assert classifier.predict(picture)[0].probabilities


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e38])
def test_predict_with_weights_that_are_no_numbers_reports_each_image(
    value, tmp_path, picture, capsys
):
    model = keras.Sequential([*stem(), AVERAGE(), dense(4, "softmax")])
    model.set_weights([np.full_like(weights, value) for weights in model.get_weights()])
    path = saved(model, tmp_path)
    classifier, _ = loaded(path)
    (found,) = classifier.predict(picture)
    assert found.error == "the model's outputs are not finite numbers"
    assert quiet("predict", path, picture, "--json") == 1
    said = capsys.readouterr()
    assert "NaN" not in said.out
    assert "not finite" in said.out + said.err
    with pytest.raises(AppError, match="1 of 1 images"):
        classifier.probabilities(pixels_of(picture))

"""`python -m app plot` of trained and foreign networks, called in this process."""

import warnings
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from app.cli import main
from app.layers import LocallyConnected2D

# Of the foreign models, which have no card.
pytestmark = pytest.mark.filterwarnings("default::app.errors.AppWarning")

ROOT = Path(__file__).parents[2]
DIGIT = ROOT / "tests" / "images" / "three.jpg"


@pytest.fixture
def run(capsys):
    """Run the command; return exit status, standard output and standard error."""

    def call(*arguments):
        capsys.readouterr()
        try:
            status = main(["plot", *(str(argument) for argument in arguments)])
        except SystemExit as error:
            status = error.code
        return status, *capsys.readouterr()

    return call


@pytest.fixture(scope="module")
def keras2_file(tmp_path_factory) -> Path:
    """A gray classifier that Keras 2 saved, locally connected layer included."""
    import tf_keras

    layers = tf_keras.layers
    model = tf_keras.Sequential([
        layers.Input((20, 20, 1)),
        layers.Conv2D(4, 3, activation="relu", name="old_conv"),
        layers.LocallyConnected2D(4, 3, strides=3, activation="relu", name="old_local"),
        layers.Flatten(),
        layers.Dense(10, activation="relu"),
        layers.Dense(3, activation="softmax"),
    ])  # fmt: skip
    path = tmp_path_factory.mktemp("keras2") / "old.h5"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tf_keras advises against its own format
        model.save(path)
    return path


@pytest.fixture(scope="module")
def application_file(tmp_path_factory) -> Path:
    """A functional network of `keras.applications`, random weights."""
    model = keras.applications.MobileNetV2(weights=None, classes=12, input_shape=(64, 64, 3))
    path = tmp_path_factory.mktemp("application") / "mobile.keras"
    model.save(path)
    return path


@pytest.fixture(scope="module")
def nested_file(tmp_path_factory) -> Path:
    """A Sequential model around a functional one, one sigmoid unit, RGB."""
    layers = keras.layers
    inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(4, 3, name="deep_conv")(inputs)
    base = keras.Model(inputs, layers.Add()([x, layers.Conv2D(4, 1)(x)]), name="base")
    model = keras.Sequential([
        keras.Input((32, 32, 3)), layers.Rescaling(1 / 255), base,
        LocallyConnected2D(3, 3, strides=3, name="top_local"),
        layers.GlobalAveragePooling2D(), layers.Dense(1, activation="sigmoid"),
    ])  # fmt: skip
    path = tmp_path_factory.mktemp("nested") / "nested.keras"
    model.save(path)
    return path


PICTURES = [
    ("architecture",), ("filters",), ("responses", "IMAGE"), ("gradcam", "IMAGE"),
    ("occlusion", "IMAGE", "--cells", "5"), ("saliency", "IMAGE"),
    ("saliency", "IMAGE", "--method", "integrated"),
    ("patterns", "--filters", "0,1", "--dataset", "none", "--diversity", "2"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["keras2_file", "application_file", "nested_file"])
@pytest.mark.parametrize("picture", PICTURES, ids=lambda p: "-".join(p[:1] + p[-1:]))
def test_plot_foreign_models_every_picture(run, request, tmp_path, shapes, kind, picture):
    model, image = request.getfixturevalue(kind), shapes / "disc" / "0.png"
    name, *arguments = picture
    arguments = [image if argument == "IMAGE" else argument for argument in arguments]
    target = tmp_path / "picture.png"
    status, out, err = run(name, model, *arguments, "-o", target)
    assert (status, out) == (0, ""), err
    assert err.endswith(f"wrote {target}\n")
    assert "has no card" in err
    with Image.open(target) as picture:
        assert picture.width == 1200
        assert np.asarray(picture).std() > 5  # something is drawn


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_plot_embedding_foreign_model(run, nested_file, shapes, tmp_path, method):
    target = tmp_path / "map.png"
    arguments = ("--split", "train", "--method", method, "-o", target)
    status, _, err = run("embedding", nested_file, "--dataset", shapes, *arguments)
    assert status == 0, err
    assert target.exists()


def test_plot_stand_in_is_named(run, tmp_path, no_data, no_network):
    target = tmp_path / "map.svg"
    status, _, err = run("embedding", "mnist-dense", "--images", "20", "-o", target)
    assert status == 0, err
    assert "20 validation images of mnist (stand-in)" in target.read_text("utf-8")


@pytest.mark.parametrize("ending", [".svg", ".pdf"])
def test_plot_writes_svg_and_pdf(run, tmp_path, ending):
    target = tmp_path / f"filters{ending}"
    assert run("filters", "mnist-convnet", "-o", target)[0] == 0
    assert target.stat().st_size > 1000


@pytest.mark.slow
def test_plot_own_model_every_picture(run, shapes_model, tmp_path):
    folder, data = shapes_model
    image = data / "across" / "0.png"
    for name, *arguments in (
        ("responses", image, "--layer", "block_1", "--cell", "2,3"),
        ("patterns", "--filters", "0,3", "--images", "20", "--layer", "block_1,block_2"),
        ("gradcam", image, "--class", "down", "--compare", folder),
        ("filters", "--layer", "block_2/conv_2"),
        ("architecture", "--effective", "--images", "4"),
        ("sanity", "--images", "2"),
        ("saliency", image, "--method", "integrated", "--baseline", "expected"),
        ("embedding", "--split", "train", "--images", "20"),
    ):
        status, out, err = run(name, folder, *arguments, "-o", tmp_path / f"{name}.png")
        assert (status, out) == (0, ""), err
        assert "error" not in err


def test_plot_digits_are_centered_unless_raw(run, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    seen = []
    from app.classifier.inspected_model import InspectedModel

    original = InspectedModel.load_image

    def spy(self, source):
        seen.append(original(self, source))
        return seen[-1]

    monkeypatch.setattr(InspectedModel, "load_image", spy)
    for flags in ([], ["--raw"]):
        status, _, err = run("gradcam", "mnist-convnet", DIGIT, "-o", tmp_path / "g.png", *flags)
        assert status == 0, err
    centered, raw = seen
    assert centered.shape == raw.shape == (28, 28, 1)
    assert centered[0].max() == 0
    assert raw[0].max() > 0


SLIPS = [
    (("responses", "MODEL", "IMAGE", "--layer", "conv_99"), "no layer 'conv_99'"),
    (("responses", "MODEL", "IMAGE", "--layer", "average"), "Expected a layer with spatial axes"),
    (("responses", "MODEL", "IMAGE", "--layer", "block_1", "--cell", "99,0"), "Expected a row"),
    (("responses", "MODEL", "IMAGE", "--layer", "block_1", "--cell", "x"), "--cell 3,5"),
    (("responses", "MODEL", "IMAGE", "--cell", "1,1"), "Expected --layer"),
    (("responses", "MODEL", "missing.jpg"), "missing.jpg"),
    (("responses", "MODEL", "README"), "Expected an image file"),
    (("gradcam", "MODEL", "IMAGE", "--class", "cow"), "across, disc, down"),
    (("gradcam", "no-such-model", "IMAGE"), "python -m app models"),
    (("gradcam", "MODEL", "IMAGE", "--compare", "no-such-model"), "no-such-model"),
    (("filters", "MODEL", "--layer", "average"), "no kernels to be drawn"),
    (("architecture", "MODEL", "--dataset", "digits"), "--dataset without --effective"),
    (("patterns", "MODEL", "--filters", "0,x"), "such as 0,5,7"),
    (("patterns", "MODEL", "--filters", "9999", "--dataset", "none"), "Expected numbers from 0"),
    (("patterns", "MODEL", "--images", "0"), "Expected a whole number"),
    (("patterns", "MODEL", "--diversity", "9"), "Expected a whole number from 1 to 8"),
    (("patterns", "MODEL", "--seed", "-1"), "Expected a whole number"),
    (("occlusion", "MODEL", "IMAGE", "--cells", "0"), "whole number from 1"),
    (("occlusion", "MODEL", "IMAGE", "--patch", "999"), "whole number from 1"),
    (("saliency", "MODEL", "IMAGE", "--method", "magic"), "Expected one of"),
    (("saliency", "MODEL", "IMAGE", "--baseline", "black"), "Expected --method integrated"),
    (
        ("saliency", "MODEL", "IMAGE", "--method", "integrated", "--baseline", "x"),
        "Expected one of",
    ),
    (("embedding", "MODEL", "--dataset", "no-such-folder"), "no-such-folder"),
    (("embedding", "MODEL", "--images", "2"), "from 5"),
    (("embedding", "MODEL", "--perplexity", "1"), "from 2"),
    (("embedding", "MODEL", "--method", "pca", "--perplexity", "9"), "Expected --method tsne"),
]


@pytest.mark.parametrize(("arguments", "message"), SLIPS, ids=lambda v: str(v)[:40])
def test_plot_wrong_usage_exits_with_2(
    run, shapes_model, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(ROOT)
    folder, data = shapes_model
    names = {"MODEL": folder, "IMAGE": data / "disc" / "0.png", "README": "README.md"}
    target = tmp_path / "picture.png"
    status, out, err = run(*(names.get(word, word) for word in arguments), "-o", target)
    assert status == 2, err
    assert message in err.replace("\n", " ")
    assert "Traceback" not in err
    assert out == ""
    assert not target.exists()


def test_plot_dollars_in_names_are_literal(run, shapes_model, tmp_path):
    folder, data = shapes_model
    image = tmp_path / "cost $5 and $x_{.png"
    image.write_bytes((data / "disc" / "0.png").read_bytes())
    for name in ("gradcam", "responses"):
        status, _, err = run(name, folder, image, "-o", tmp_path / f"{name}.png")
        assert status == 0, err


def test_plot_logits_get_the_activation_of_their_loss(run, tmp_path, shapes):
    layers = keras.layers
    for units, name in ((3, "softmax"), (1, "sigmoid")):
        path = tmp_path / f"{name}.keras"
        keras.Sequential([
            keras.Input((12, 12, 3)), layers.Conv2D(3, 3), layers.Flatten(), layers.Dense(units)
        ]).save(path)  # fmt: skip
        image = shapes / "disc" / "0.png"
        status, _, err = run("gradcam", path, image, "-o", tmp_path / "picture.png")
        assert status == 0, err
        assert f"a {name} is applied to them" in err.replace("\n", " ")


def test_plot_wrong_extension_fails_before_loading(run, tmp_path):
    status, _, err = run("filters", "no-such-model", "-o", tmp_path / "picture.txt")
    assert status == 2
    assert ".webp, .svg, .pdf" in err


def test_plot_model_without_card_has_no_dataset(run, nested_file, tmp_path):
    status, _, err = run("embedding", nested_file, "-o", tmp_path / "e.png")
    assert status == 2
    assert "no card that names its dataset" in err
    status, _, err = run("patterns", nested_file, "--filters", "0", "-o", tmp_path / "p.png")
    assert status == 0
    assert "no patches are shown" in err


def test_plot_unbuilt_model_exits_with_2(run, tmp_path):
    path = tmp_path / "unbuilt.keras"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras advises against saving it
        keras.Sequential([keras.layers.Conv2D(2, 3), keras.layers.Flatten()]).save(path)
    status, _, err = run("architecture", path, "-o", tmp_path / "a.png")
    assert status == 2
    assert "cannot be loaded" in err
    assert "Traceback" not in err


def test_plot_constant_image_is_drawn(run, tmp_path, shapes_model):
    folder, _ = shapes_model
    image = tmp_path / "gray.png"
    Image.new("L", (50, 40), 90).save(image)
    for name in ("responses", "gradcam", "occlusion", "saliency"):
        status, _, err = run(name, folder, image, "-o", tmp_path / f"{name}.png")
        assert status == 0, err


def test_plot_wrong_layer_fails_before_loading_images(
    run, tmp_path, no_data, no_network, monkeypatch
):
    monkeypatch.chdir(ROOT)
    for flags in (("--layer", "conv_99"), ("--filters", "9999")):
        status, _, err = run("patterns", "mnist-convnet", *flags, "-o", tmp_path / "p.png")
        assert status == 2
        assert "STAND-IN" not in err

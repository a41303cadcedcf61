"""The server with Keras itself: what it explains agrees with the library's own functions."""

import json
import urllib.error

import numpy as np
import pytest
from websockets.sync.client import connect

from app.classifier import load
from app.web.protocol import decode
from tests.shipped import MODELS
from tests.web.server.conftest import answer_of, fetch, message, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """The cache of the server."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def real(cache):
    """A server with the real oracle."""
    with serving("mnist-convnet", cache=cache) as (_, address):
        yield address


@pytest.fixture(scope="module")
def digit():
    rng = np.random.default_rng(0)
    pixels = np.zeros((28, 28, 1), np.uint8)
    pixels[5:22, 12:16] = rng.integers(100, 256, (17, 4, 1))
    return pixels


def test_real_oracle_explains_as_the_program_does(real, digit):
    from app.insight.grad_cam import grad_cam
    from app.insight.occlusion import occlusion
    from app.insight.saliency import saliency

    model = load(MODELS / "mnist-convnet").inspect()
    with connect(f"ws{real[4:]}/socket", origin=real, max_size=None) as connection:

        def ask(kind, **options):
            connection.send(message(kind, model="mnist-convnet", pixels=digit, **options))
            while not (answer := answer_of(connection, seconds=300))[0]["done"]:
                assert answer[0]["ok"]
            assert answer[0]["ok"], answer[0]
            return answer[1]

        close = {"atol": 1e-4, "rtol": 1e-4}
        np.testing.assert_allclose(
            ask("predict")["values"], model.values(digit[np.newaxis])[0], **close
        )
        heat = ask("grad_cam", **{"class": 3})["map"]
        np.testing.assert_allclose(heat, grad_cam(model, digit, 3), **close)
        np.testing.assert_allclose(
            ask("saliency", method="gradient")["map"], saliency(model, digit, method="gradient"),
            **close,
        )  # fmt: skip
        np.testing.assert_allclose(ask("occlusion")["map"], occlusion(model, digit), **close)


def test_real_oracle_shows_outputs_before_and_after_an_activation(keras, real, digit):
    network = load(MODELS / "mnist-convnet").inspect().keras_model
    before = keras.Model(network.inputs[0], network.get_layer("conv_2").output)
    after = np.asarray(before(digit[np.newaxis].astype(np.float32), training=False))[0]
    with connect(f"ws{real[4:]}/socket", origin=real, max_size=None) as connection:
        names = ["conv_2", "conv_2:relu", "input"]
        connection.send(
            message("activations", model="mnist-convnet", pixels=digit, operations=names)
        )
        values, found = answer_of(connection, seconds=300)
    assert values["ok"], values
    np.testing.assert_allclose(found["conv_2:relu"], after, atol=1e-4)
    np.testing.assert_allclose(np.maximum(found["conv_2"], 0), after, atol=1e-4)
    assert found["conv_2"].min() < 0
    np.testing.assert_array_equal(found["input"], digit)


def test_real_oracle_lowers_a_program_that_is_kept(real, cache):
    program = fetch(real, "/api/models/mnist-convnet/program")
    facts, tensors = decode(program, "program")
    assert facts["name"] == "mnist-convnet"
    assert sum(array.size for array in tensors.values()) == 93_322
    kept = (cache / "programs").glob("*.safetensors")
    assert program in [file.read_bytes() for file in kept]


def test_point_20_model_with_code_of_its_own_is_refused(keras, tmp_path):
    lambda_layer = keras.layers.Lambda(lambda x: x, name="own_code")
    model = keras.Sequential([keras.Input((8, 8, 1)), lambda_layer, keras.layers.Flatten(),
                              keras.layers.Dense(2, activation="softmax")])  # fmt: skip
    model.save(tmp_path / "odd.keras")
    with serving(str(tmp_path / "odd.keras"), cache=tmp_path) as (_, address):
        (listed,) = json.loads(fetch(address, "/api/models"))["models"]
        assert listed["name"] == "odd.keras"
        assert "error" in listed
        assert str(tmp_path) not in json.dumps(listed)
        with pytest.raises(urllib.error.HTTPError) as refused:
            fetch(address, "/api/models/odd.keras/program")
        assert str(tmp_path) not in refused.value.read().decode()


def test_a_model_in_one_file_is_the_page_with_its_program(tmp_path):
    from app.web.oracle_jobs import JOBS

    model = load(MODELS / "mnist-convnet").inspect()
    options = {"name": "mine", "data_dir": str(tmp_path)}
    ((_, arrays),) = JOBS["page"](model, {}, options)
    text = arrays["page"].tobytes().decode()
    assert "<title>mine</title>" in text
    assert 'data-part="program/0"' in text

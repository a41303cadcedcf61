"""Which models are served, what is said of them, and their samples and evaluation."""

import json
import shutil
from urllib.parse import quote

import numpy as np
import pytest

from app.classifier import load
from app.classifier.dataset_images import Selection, select_images
from app.errors import AppError
from app.evaluate import evaluate
from app.storage.card import read_card
from app.web.protocol import decode
from app.web.served import find_served
from tests.shipped import MODELS, SHIPPED
from tests.web.server.conftest import BYTES, SERVED, answer_of, message


def samples(server, query, name="mnist-tiny"):
    """Return facts and arrays of an answered request for samples."""
    status, _, content = server.ask(f"/api/models/{name}/samples?{query}")
    assert status == 200, content
    return decode(content, "samples")


def test_models_are_listed_with_what_their_cards_say(server):
    listed = json.loads(server.ask("/api/models")[2])["models"]
    assert [model["name"] for model in listed] == list(SERVED)
    for model in listed:
        card = read_card(MODELS / model["name"] / "card.json")
        assert model["classes"] == list(card.class_names)
        assert list(model["image"].values()) == [*card.image_size, card.channels, card.fit]
        assert model["parameters"] == card.parameters
        assert model["accuracy"] == card.metrics["test"]["accuracy"]
        assert model["mnist_style"] == card.mnist_style


def test_all_saved_models_are_served_by_default(monkeypatch):
    monkeypatch.chdir(MODELS.parent)
    assert set(SHIPPED) <= set(find_served([]))


def test_point_20_models_are_known_by_name_only(server):
    for name in ("../mnist-tiny", str(MODELS / "mnist-tiny"), "mnist-best", "mnist-tiny/", "."):
        path = f"/api/models/{quote(name, safe='')}"
        assert server.ask(f"{path}/program")[0] == 404
        assert server.ask(f"{path}/samples")[0] == 404
        assert server.ask(f"{path}/decode", "POST", b"x", BYTES)[0] in (404, 405)
        query = f"/api/predict?model={quote(name, safe='')}"
        assert server.ask(query, "POST", b"x", BYTES)[0] == 404


def test_point_20_same_name_twice_is_told_apart_and_the_same_folder_once(tmp_path):
    for place in ("a", "b"):
        shutil.copytree(MODELS / "mnist-tiny", tmp_path / place / "mnist-tiny")
    folders = [str(tmp_path / place / "mnist-tiny") for place in ("a", "b", "a")]
    assert list(find_served(folders)) == ["mnist-tiny", "mnist-tiny (2)"]


def test_point_20_missing_or_foreign_model_is_refused_at_the_start(tmp_path):
    (tmp_path / "text.keras").write_text("hello")
    for name in ("no-such-model", str(tmp_path), str(tmp_path / "text.keras")):
        with pytest.raises(AppError):
            find_served([name])


def test_server_only_model_says_why(server):
    status, _, content = server.ask("/api/models/catsdogs-lecture/program")
    assert (status, json.loads(content)) == (409, {"error": "The layer 'odd' is odd."})
    listed = json.loads(server.ask("/api/models")[2])["models"]
    assert listed[2]["server_only"] == "The layer 'odd' is odd."


def test_point_21_errors_have_no_path_and_no_traceback(server):
    photo = np.zeros((150, 150, 3), np.uint8)
    bodies = [
        server.ask(path, method, b"x" if method == "POST" else None, BYTES)[2].decode()
        for path, method in (
            ("/nothing", "GET"), ("/api/models/x/program", "GET"),
            ("/api/models/mnist-tiny/samples?count=-1", "GET"),
            ("/api/models/mnist-tiny/samples?order=worst", "GET"),
            ("/api/models/mnist-tiny/decode", "POST"), ("/api/predict?model=mnist-tiny", "POST"),
            ("/api/models/mnist-tiny/program", "POST"), ("/api/predict", "POST"),
            ("/api/models/mnist-tiny/decode", "GET"),
        )
    ]  # fmt: skip
    with server.socket() as connection:
        connection.send(message("grad_cam", model="catsdogs-lecture", pixels=photo, layer="crash"))
        values, _ = answer_of(connection)
        assert not values["ok"]
        bodies.append(json.dumps(values))
    for body in bodies:
        assert set(json.loads(body)) >= {"error"}
        assert not [word for word in ("Traceback", "File ", "/work", "/home", "/root", ".py", str(
            MODELS)) if word in body], body  # fmt: skip


def test_point_21_internal_error_is_an_object_without_details(server, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("/secret/place")

    monkeypatch.setattr("app.web.server.encode", fail)
    image = MODELS.parent / "tests" / "images" / "three.jpg"
    path = "/api/models/mnist-tiny/decode"
    status, headers, content = server.ask(path, "POST", image.read_bytes(), BYTES)
    assert status == 500
    assert "secret" not in content.decode()
    assert json.loads(content)["error"]
    assert headers["content-security-policy"]


@pytest.fixture
def validation(real_data):
    """The validation images of MNIST, from the one rule that selects them."""
    return select_images(load(MODELS / "mnist-tiny"), Selection(split="validation"))


def test_first_samples_are_the_validation_images(server, validation):
    facts, arrays = samples(server, "order=first&start=3&count=5")
    np.testing.assert_array_equal(arrays["images"], validation.pixels[3:8])
    np.testing.assert_array_equal(arrays["labels"], validation.labels[3:8])
    assert facts["total"] == len(validation.labels)
    assert "validation images of mnist" in facts["note"]


def test_random_samples_repeat_with_their_seed_and_keep_to_a_class(server, real_data):
    first = samples(server, "order=random&seed=4&count=8&label=7")[1]
    again = samples(server, "order=random&seed=4&count=8&label=7")[1]
    other = samples(server, "order=random&seed=5&count=8&label=7")[1]
    np.testing.assert_array_equal(first["images"], again["images"])
    assert not np.array_equal(first["images"], other["images"])
    assert set(first["labels"]) == {7}


@pytest.mark.slow
def test_errors_and_evaluation_are_those_of_the_command(server, real_data):
    expected = evaluate(load(MODELS / "mnist-tiny"), split="validation")
    found = json.loads(server.ask("/api/models/mnist-tiny/evaluation")[2])
    assert found["matrix"] == expected.evaluation.confusion_matrix.tolist()
    assert found["accuracy"] == expected.evaluation.accuracy
    assert (found["split"], found["count"]) == ("validation", expected.evaluation.n)
    _, arrays = samples(server, "order=errors&count=3")
    worst = expected.errors(3)
    names = expected.class_names
    np.testing.assert_array_equal(arrays["images"], np.stack([error.pixels for error in worst]))
    assert [names[k] for k in arrays["labels"]] == [error.true for error in worst]
    assert [names[k] for k in arrays["predicted"]] == [error.predicted for error in worst]


def test_samples_without_the_data_are_stand_ins_that_say_so(own_server, no_data):
    server = own_server(names=["mnist-tiny"])
    facts, arrays = samples(server, "order=first&count=2")
    assert arrays["images"].shape == (2, 28, 28, 1)
    assert "stand-in" in facts["note"]
    status, _, content = server.ask("/api/models/mnist-tiny/evaluation")
    assert status == 404
    assert "not on this machine" in json.loads(content)["error"]

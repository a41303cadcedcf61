"""The page as one file: opened from disk in Chromium, it requests nothing and computes as Keras."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from app.classifier import load
from app.cli import main
from app.web import single_file
from app.web.content import SampleChoice, content_of, embed
from app.web.single_file import page_text, write_page
from tests.shipped import MODELS
from tests.web.hosts.exported import (
    catalog_of,
    classifier_of,
    parts_of,
    samples_of,
    settle,
    show,
    shown_percents,
    small_network,
)

NONE = SampleChoice(count=0)
CONVNET = str(MODELS / "mnist-convnet")
HOSTILE = (
    "</script><script>globalThis.injected = 1</script>",
    "<img src=x onerror=globalThis.injected=1>",
    "<made-up></made-up><!--<script> ${globalThis.injected=1} ' \" ]]> \\u003c",
)


@pytest.fixture(scope="module")
def convnet_page(tmp_path_factory):
    target = tmp_path_factory.mktemp("page") / "page.html"
    assert main(["export", CONVNET, "-o", str(target)]) == 0
    return target


@pytest.mark.slow
def test_a_page_opened_from_disk_requests_nothing_and_answers_as_keras(watched, convnet_page):
    samples = samples_of(convnet_page)
    expected = 100 * load(CONVNET).inspect().values(samples["images"])
    show(watched, convnet_page)
    for number in range(0, len(expected), 7):
        state = f"input=sample:first,0,{number},,mnist-convnet"
        watched.page.evaluate("(state) => { window.location.hash = state; }", state)
        settle(watched)
        assert shown_percents(watched) == pytest.approx(expected[number], abs=0.051)
    assert watched.requests == [convnet_page.as_uri()]
    assert (watched.problems, watched.violations) == ([], [])


@pytest.mark.slow
def test_the_policy_of_a_page_stops_every_request_and_foreign_script(watched, convnet_page):
    show(watched, convnet_page)
    refused = watched.page.evaluate("""async () => {
      const script = document.createElement("script");
      const image = new Image();
      const failed = [];
      await fetch("https://example.org/").catch(() => failed.push("fetch"));
      try { new WebSocket("wss://example.org/"); } catch { failed.push("socket"); }
      try { script.text = "globalThis.injected = 1"; } catch { failed.push("script"); }
      await new Promise((done) => {
        image.onerror = done;
        image.src = "https://example.org/x.png";
      });
      return failed;
    }""")
    assert {"fetch", "script"} <= set(refused)
    assert watched.page.evaluate("globalThis.injected") is None
    directives = " ".join(watched.violations)
    assert all(word in directives for word in ("connect-src", "img-src", "require-trusted-types"))


@pytest.mark.slow
def test_a_page_runs_a_network_in_a_worker_without_requests(
    watched, convnet_page, monkeypatch, tmp_path
):
    """This page also shows its modules to the test, which runs a network as the page does."""
    monkeypatch.setattr(single_file, "_START", single_file._START + "globalThis.shown = convlab;\n")
    page = tmp_path / "page.html"
    page.write_text(page_text(["convnet"], parts_of(convnet_page)), "utf-8")
    samples, program = samples_of(page)["images"][:3], parts_of(page)["program/0"]
    show(watched, page)
    answers = watched.page.evaluate(
        """async ({ images, program }) => {
      const { createEmbeddedSource } = shown.load("source_embedded.js");
      const { createClient } = shown.load("engine/client.js");
      const catalog = [{ name: "convnet", parts: { program: "program" } }];
      const read = async () => new Uint8Array(program);
      const source = createEmbeddedSource(catalog, read, shown.workerText("engine/worker.js"));
      let worker = null;
      const client = createClient(() => (worker = source.startWorker()));
      await client.load("convnet", await source.program("convnet"));
      const answers = await Promise.all(images.map((image) =>
        client.run("convnet", { pixels: image, edits: [], dropout: null })));
      client.dispose();
      if (worker === null) throw new Error("The browser has started no worker.");
      return answers.map(({ values }) => Array.from(values));
    }""",
        {"images": samples.reshape(3, -1).tolist(), "program": list(program)},
    )
    expected = load(CONVNET).inspect().values(samples)
    np.testing.assert_allclose(answers, expected, atol=1e-5)
    assert watched.requests == [page.as_uri()]
    assert (watched.problems, watched.violations) == ([], [])


@pytest.mark.slow
def test_a_page_shows_several_models_side_by_side(watched, tmp_path):
    target = tmp_path / "page.html"
    names = ["mnist-tiny", "mnist-convnet", "mnist-dense"]
    models = [str(MODELS / name) for name in names]
    assert main(["export", *models, "--samples", "10", "-o", str(target)]) == 0
    assert [entry["name"] for entry in catalog_of(target)] == names
    show(watched, target)
    images = samples_of(target)["images"]
    watched.page.evaluate("window.location.hash = 'input=sample:first,0,4,,mnist-tiny'")
    settle(watched)
    for column, model in enumerate(models):
        expected = 100 * load(model).inspect().values(images[4:5])[0]
        assert shown_percents(watched, column) == pytest.approx(expected, abs=0.051)
    assert watched.requests == [target.as_uri()]
    assert (watched.problems, watched.violations) == ([], [])


@pytest.mark.slow
def test_labels_of_a_multi_label_model_are_highlighted_from_their_thresholds_on(watched, tmp_path):
    model, target = load(CONVNET), tmp_path / "page.html"
    samples = embed(model, SampleChoice(count=4)).samples
    thresholds = (1e-9,) * 5 + (0.999999,) * 5
    model = replace(model, card=replace(model.card, thresholds=thresholds))
    embedded = embed(model, SampleChoice(count=4))
    assert not embedded.samples
    write_page([replace(embedded, samples=samples)], target)
    show(watched, target, "input=sample:first,0,0,,mnist-convnet")
    expected = model.inspect().values(samples_of(target)["images"][:1])[0] >= thresholds
    assert 1 < expected.sum() < 9
    highlighted = watched.page.evaluate(
        "[...document.querySelectorAll('.convlab-bars tbody tr')]"
        ".map((row) => row.lastChild.classList.contains('convlab-best'))"
    )
    assert highlighted == expected.tolist()
    names = ", ".join(str(k) for k in np.flatnonzero(expected))
    shown = watched.page.locator(".convlab-verdict").all_inner_texts()
    assert f"mnist-convnet {names}" in [text.rstrip(" ✓✗") for text in shown]


@pytest.mark.slow
def test_names_of_models_classes_and_layers_stay_text(watched, tmp_path):
    network = small_network(("<img src=x onerror=globalThis.injected=2>", "<made-up>{}<made-up>"))
    model = embed(classifier_of(network, f"{HOSTILE[0]}.keras", HOSTILE), NONE)
    target = tmp_path / "page.html"
    write_page([model, model], target)
    show(watched, target)
    assert watched.page.title().count(HOSTILE[0]) == 2
    titles = watched.page.locator(".convlab-bars-table tbody th").all_inner_texts()
    assert titles == [" ".join(name.split()) for name in HOSTILE]
    assert watched.page.locator("img, made-up").count() == 0
    assert watched.page.locator("script").count() == 1 + len(parts_of(target))
    assert watched.page.evaluate("globalThis.injected") is None
    assert watched.requests == [target.as_uri()]
    assert (watched.problems, watched.violations) == ([], [])


def test_equal_names_are_numbered():
    model = embed(classifier_of(small_network(), "twin", ("a", "b", "c")), NONE)
    catalog = content_of([model, model, model])["catalog"].decode()
    assert all(f'"name": "{name}"' in catalog for name in ("twin", "twin (2)", "twin (3)"))


def test_a_page_of_the_convnet_has_at_most_900_kilobytes_which_the_command_lists(
    convnet_page, capsys
):
    size = convnet_page.stat().st_size
    assert size <= 900_000
    assert main(["export", CONVNET, "-o", str(convnet_page)]) == 0  # replaces its own kind
    line = capsys.readouterr().err.splitlines()[-1]
    total, *parts = [
        int(word) for word in line.replace("kB", "").replace("(", " ").split() if word.isdigit()
    ]
    assert total == round(size / 1000)
    assert sum(parts) == pytest.approx(total, abs=2)


@pytest.mark.filterwarnings("ignore::app.errors.AppWarning")
def test_a_model_that_the_page_cannot_compute_is_refused_with_a_sentence(tmp_path, capsys):
    inputs = keras.Input((8, 8, 1))
    outputs = keras.layers.Dense(2, activation="softmax")(
        keras.layers.Flatten()(keras.layers.UnitNormalization(name="unit")(inputs))
    )
    keras.Model(inputs, outputs).save(tmp_path / "odd.keras")
    target = tmp_path / "page.html"
    assert main(["export", str(tmp_path / "odd.keras"), "-o", str(target)]) == 2
    message = capsys.readouterr().err
    assert "'odd.keras' cannot be shown without a server. The layer 'unit' (UnitNorm" in message
    assert f"python -m app serve {tmp_path / 'odd.keras'}" in message
    assert not target.exists()


def test_only_an_exported_page_is_replaced(tmp_path, capsys):
    notes = tmp_path / "notes.html"
    notes.write_text("<title>my notes</title>", "utf-8")
    for target in (notes, tmp_path / "page.txt", tmp_path):
        assert main(["export", CONVNET, "-o", str(target)]) == 2
    assert "'notes.html' exists" in capsys.readouterr().err.replace(f"{tmp_path}/", "")
    assert notes.read_text("utf-8") == "<title>my notes</title>"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.html"]


def test_a_failure_leaves_the_former_page(convnet_page, monkeypatch):
    before = convnet_page.read_bytes()
    model = embed(classifier_of(small_network(), "small", ("a", "b", "c")), NONE)
    monkeypatch.setattr("app.files.flush_to_disk", _full_disk)
    with pytest.raises(Exception, match="No space left"):
        write_page([model], convnet_page)
    assert convnet_page.read_bytes() == before
    assert list(convnet_page.parent.iterdir()) == [convnet_page]


def _full_disk(_path):
    raise OSError(28, "No space left on device")


@pytest.mark.usefixtures("no_data", "no_network")
def test_samples_without_the_data_are_named_stand_ins_and_not_measured(tmp_path):
    target = tmp_path / "page.html"
    assert main(["export", CONVNET, "--samples", "10", "-o", str(target)]) == 0
    assert b"stand-in" in parts_of(target)["samples/0"]
    assert catalog_of(target)[0]["evaluation"] is None
    assert len(samples_of(target)["images"]) == 10


def test_samples_hold_each_class_and_errors_of_the_validation_images(real_data, convnet_page):
    samples = samples_of(convnet_page)
    wrong = samples["labels"] != samples["predicted"]
    assert set(samples["labels"]) == set(range(10))
    assert 0 < wrong.sum() <= 10
    evaluation = catalog_of(convnet_page)[0]["evaluation"]
    matrix = np.array(evaluation["matrix"])
    assert matrix.sum() == 1000
    assert np.trace(matrix) / 1000 == pytest.approx(evaluation["accuracy"])
    values = load(CONVNET).inspect().values(samples["images"])
    np.testing.assert_array_equal(values.argmax(axis=1), samples["predicted"])

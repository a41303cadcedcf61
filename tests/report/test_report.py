"""The report: one file, whole, that a browser can show."""

import base64
import csv
import re
import shutil

import keras
import pytest

from app.cli import main
from app.report.page import Page, Section, Table, write_page

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def report(shapes_model, tmp_path_factory):
    folder, data = shapes_model
    target = tmp_path_factory.mktemp("report") / "report.html"
    image = data / "disc" / "0.png"
    status = main(["report", str(folder), str(image), "--dataset", str(data), "-o", str(target)])
    assert status == 0
    return target


def test_report_is_complete_and_self_contained(report):
    text = report.read_text("utf-8")
    for heading in ("Card", "Training", "Architecture", "Measured", "Filters", "0.png", "Patterns",
                    "Map of the data"):  # fmt: skip
        assert f"<h2>{heading}</h2>" in text
    assert "Left out" not in text
    sources = re.findall(r"(?:src|href)=\"([^\"]{1,40})", text)
    inside = "data:image/png;base64,", "data:text/csv;base64,", "#section-"
    assert all(source.startswith(inside) for source in sources)
    (table,) = re.findall(r"href=\"data:text/csv;base64,([^\"]+)", text)
    rows = list(csv.reader(base64.b64decode(table).decode("utf-8").splitlines()))
    assert rows[0] == ["image", "true", "predicted", "probability", "across", "disc", "down"]
    assert "balanced accuracy" in text
    assert 'alt="ROC and precision-recall curves of ' in text
    assert text.count("<img") == len(re.findall(r"<img [^>]*alt=\"[^\"]+\"", text)) >= 10
    assert "python train.py" in text


def test_report_is_shown_by_a_browser(report, browser):
    problems: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: problems.append(message.text))
    page.on("requestfailed", lambda request: problems.append(request.url))
    for width in (1200, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(report.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        broken = "[...document.images].filter(i => !i.complete || !i.naturalWidth).length"
        assert page.evaluate(broken) == 0
    page.click("nav a >> nth=2")
    assert page.url.endswith("#section-3")
    assert page.pdf(format="A4").startswith(b"%PDF-")
    page.close()
    assert problems == []


@pytest.mark.filterwarnings("default::app.errors.AppWarning")
def test_report_of_a_dense_network_leaves_out_maps(tmp_path, shapes):
    layers = keras.layers
    dense = keras.Sequential([
        keras.Input((12, 12, 3)), layers.Flatten(), layers.Dense(6), layers.Dense(2)
    ])  # fmt: skip
    dense.save(tmp_path / "dense.keras")
    target = tmp_path / "report.html"
    image = shapes / "disc" / "0.png"
    assert main(["report", str(tmp_path / "dense.keras"), str(image), "-o", str(target)]) == 0
    text = target.read_text("utf-8")
    assert "Grad-CAM is left out" in text
    assert "Response maps is left out" in text
    assert 'alt="SmoothGrad saliency, 0.png"' in text


@pytest.mark.filterwarnings("default::app.errors.AppWarning")
def test_report_names_what_is_left_out(shapes_model, tmp_path):
    folder, _ = shapes_model
    bare = tmp_path / "bare.keras"
    shutil.copy(folder / "model.keras", bare)
    target = tmp_path / "report.html"
    assert main(["report", str(bare), "-o", str(target)]) == 0
    text = target.read_text("utf-8")
    assert "<h2>Left out</h2>" in text
    assert "names its dataset" in text
    assert "<h2>Architecture</h2>" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such-model"], "does not exist"),
        (["MODEL", "no-such-image.jpg"], "no-such-image.jpg"),
        (["MODEL", "-o", "report.txt"], ".html"),
    ],
)
def test_slips(shapes_model, tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    words = [str(shapes_model[0]) if word == "MODEL" else word for word in arguments]
    if "-o" not in words:
        words += ["-o", "report.html"]
    assert main(["report", *words]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_text_is_escaped(tmp_path):
    target = tmp_path / "page.html"
    hostile = "<script>alert(1)</script>"
    section = Section(hostile, hostile, Table([(hostile, "&")], (hostile, "b"), (1,)))
    write_page(target, Page(hostile, hostile, [section], hostile))
    text = target.read_text("utf-8")
    assert "<script>" not in text
    assert text.count("&lt;script&gt;") >= 6


def test_text_between_backticks_is_set_as_code(tmp_path):
    target = tmp_path / "page.html"
    section = Section("a title", "Run `models --commands` & `<b>`.")
    write_page(target, Page("a title", "", [section], ""))
    expected = "<p>Run <code>models --commands</code> &amp; <code>&lt;b&gt;</code>.</p>"
    assert expected in target.read_text("utf-8")

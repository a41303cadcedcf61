"""Every layer of the shipped models, pinned on the real page of the real server: Keras agrees."""

from urllib.parse import quote

import pytest

from app.classifier import load
from app.export.page import describe, lower
from tests.shipped import MODELS, SHIPPED
from tests.web.network.test_card import number
from tests.web.server.conftest import serving

pytestmark = pytest.mark.slow

_VERDICT = """(title) => {
  const badge = document.querySelector(".convlab-badge");
  const shown = document.querySelector(".convlab-arithmetic h2")?.textContent ?? "";
  const isBusy = document.querySelector(".convlab").hasAttribute("data-busy");
  const hasEnded = !isBusy && ["good", "bad", "none"].includes(badge?.dataset.state);
  return shown.startsWith(title) && hasEnded && badge.dataset.state;
}"""
_GO = """(text) => {
  document.querySelector(".convlab-badge").dataset.state = "";
  location.hash = text;
}"""
_PREDICTED = "() => document.querySelector('.convlab-bars td.convlab-best') !== null"  # the image


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    models, cache = (str(MODELS / name) for name in SHIPPED), tmp_path_factory.mktemp("cache")
    with serving(*models, cache=cache) as (_, printed):
        yield printed


def cells_of(name: str) -> dict[str, tuple[list[int], str]]:
    """Return a cell of the last operation of each column, and the verdict on it, by operation.

    Keras shows the outputs of layers, not of what the code of a layer computes in between.
    """
    inspected = load(MODELS / name).inspect()
    program = lower(inspected.keras_model, describe(inspected))
    layers = {info.path for info in inspected.layers} | {"input"}
    last = {operation.layer: operation.name for operation in program.operations}
    columns = {one.name.split(":")[0]: one for one in program.operations}
    cells = {}
    for layer, operation in columns.items():
        *place, channels = operation.output_shape
        cell = [*(size // 2 for size in place or (0, 0)), channels // 2]
        shown = layer in layers or last[operation.layer] == operation.name
        cells[operation.name] = cell, "good" if shown else "none"
    return cells


@pytest.mark.parametrize("model_name", SHIPPED)
def test_keras_agrees_with_the_pinned_cell_of_each_layer(browser, address, model_name):
    page = browser.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    sample = "&input=sample:first,0,0" if model_name.startswith("catsdogs") else ""
    page.goto(f"{address}/#model={model_name}&models={model_name}{sample}")
    page.wait_for_function(_PREDICTED)
    verdicts = {}
    cells = cells_of(model_name)
    for operation, (cell, _) in cells.items():
        pin = ",".join(map(str, (quote(operation, safe=""), *cell)))
        text = f"model={model_name}&models={model_name}{sample}&pin={pin}"
        page.evaluate(_GO, text)
        title = operation.split("/")[-1].split(":")[0]
        verdicts[operation] = page.wait_for_function(_VERDICT, arg=title).json_value()
        last = page.locator(".convlab-calculation li").last.inner_text()
        status = page.locator(".convlab-network-status").inner_text()
        said = status.split(": ")[1].split(",")[0].split(";")[0]
        assert number(last) == pytest.approx(number(said), rel=6e-3, abs=1e-6)
    page.close()
    assert verdicts == {name: verdict for name, (_, verdict) in cells.items()}
    assert problems == []


def test_a_pasted_address_of_a_network_for_photographs_shows_a_sample(browser, address):
    page = browser.new_page()
    page.goto(f"{address}/#model=mnist-convnet&models=mnist-convnet")
    page.wait_for_function(_PREDICTED)
    page.evaluate("location.hash = 'model=catsdogs-lecture&models=catsdogs-lecture'")
    page.wait_for_function("() => location.hash.includes('&input=sample:first,0,0,')")
    page.wait_for_function(
        "() => document.querySelector('.convlab-columns h2')"
        "?.textContent === 'Network catsdogs-lecture'"
    )
    assert "An example" not in page.locator(".convlab-drawing").inner_text()
    page.close()

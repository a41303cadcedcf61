"""The notebook widget: executed by a kernel, rendered by a front end of anywidget's contract."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.numpy import load as tensors_of

from app.classifier import load
from app.errors import AppError
from app.web import widget
from tests.shipped import MODELS
from tests.web.hosts.exported import await_prediction, shown_percents

TINY = MODELS / "mnist-tiny"
EXECUTE = """
import sys

import nbformat
from nbclient import NotebookClient

lines = [
    "from app.web.widget import show",
    f"show({sys.argv[1]!r}, samples=10, state='input=sample:first,0,4,,mnist-tiny')",
]
notebook = nbformat.v4.new_notebook()
notebook.cells = [nbformat.v4.new_code_cell(line) for line in lines]
NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""

# What a front end of anywidget does: import the text, call `render` with a model and an element.
HOST = """<!doctype html><meta charset="utf-8"><title>host</title><link rel="icon" href="data:,">
<div id="cell" style="width: 900px"></div>
<script type="module">
const { esm, css, content, state } = JSON.parse(document.querySelector("#given").textContent);
const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
const values = { content: new DataView(bytes.buffer), state };
const listeners = [];
const model = {
  get: (name) => values[name],
  set: (name, value) => { values[name] = value; },
  on: (name, listener) => listeners.push(listener),
};
const sheet = document.createElement("style");
sheet.textContent = css;
document.head.append(sheet);
const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
const module = await import(url);
URL.revokeObjectURL(url);
const el = document.querySelector("#cell");
const { signal } = new AbortController();
globalThis.cleanUp = await module.default.render({ model, el, signal });
</script>
<script type="application/json" id="given">GIVEN</script>
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory) -> dict:
    """A notebook that a kernel has executed, with the state of its widgets."""
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    target = tmp_path_factory.mktemp("notebook") / "page.ipynb"
    command = [sys.executable, "-c", EXECUTE, str(TINY), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(target.read_text("utf-8"))


def widget_of(notebook: dict) -> dict:
    """Return the state of the widget that the last cell shows."""
    (output,) = [one for one in notebook["cells"][-1]["outputs"] if "data" in one]
    shown = output["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
    states = notebook["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    return states[shown]


@pytest.mark.slow
def test_a_notebook_shows_the_page_which_answers_as_keras(watched, notebook, tmp_path):
    shown = widget_of(notebook)
    (buffer,) = [one for one in shown["buffers"] if one["path"] == ["content"]]
    given = {
        "esm": shown["state"]["_esm"],
        "css": shown["state"]["_css"],
        "content": buffer["data"],
        "state": shown["state"]["state"],
    }
    text = json.dumps(given).replace("<", "\\u003c")
    host = tmp_path / "host.html"
    host.write_text(HOST.replace("GIVEN", text), "utf-8")
    watched.page.goto(host.as_uri())
    watched.page.wait_for_function("globalThis.cleanUp !== undefined")
    await_prediction(watched)

    images = tensors_of(tensors_of(_bytes(buffer["data"]))["samples/0"].tobytes())["images"]
    expected = 100 * load(TINY).inspect().values(images[4:5])[0]
    assert shown_percents(watched) == pytest.approx(expected, abs=0.051)
    assert watched.requests == [host.as_uri()]
    assert watched.problems == []

    watched.page.evaluate("cleanUp()")
    assert watched.page.evaluate("document.querySelector('#cell').childElementCount") == 0


def _bytes(base64_text: str) -> bytes:
    from base64 import b64decode

    return b64decode(base64_text)


def test_a_widget_without_models_is_refused():
    with pytest.raises(AppError, match="No model to show"):
        widget.show()


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    widget._widget_class.cache_clear()
    with pytest.raises(AppError, match=r"pip install 'convlab\[notebook\]'"):
        widget.show(Path("mnist-tiny"))
    widget._widget_class.cache_clear()

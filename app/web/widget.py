"""Show the page in a notebook: Jupyter, marimo and every other front end of anywidget.

    from app.web.widget import show

    show("mnist-convnet", "mnist-dense")

The kernel sends the models once; then the notebook computes everything itself.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from app.classifier import Classifier, load
from app.errors import AppError
from app.keras_startup import start_keras
from app.web.bundle import bundle, style
from app.web.content import SampleChoice, content_of, embed, packed

_ENTRIES = ("main_widget.js", "engine/worker.js")
_END = """
export default convlab.load("main_widget.js").createWidget(convlab.workerText("engine/worker.js"));
"""


def show(
    *models: Classifier | Path | str,
    samples: int | None = None,
    dataset: str | None = None,
    data_dir: Path | None = None,
    state: str = "",
) -> Any:
    """Return a widget that shows some models.

    Args:
        models: Saved models by folder, name or file, or opened ones.
        samples: Samples per model; `None` for up to 40 that take at most 1 MB.
        dataset: Name or folder of a dataset for the samples; `None` for that of each model.
        data_dir: Folder of the datasets; `None` for `$CONVLAB_DATA`, else `datasets/`.
        state: State of the page, as it stands behind `#` in its address.

    Raises:
        AppError: If anywidget is missing, there is no such model, or the page cannot compute it.
    """
    if not models:
        raise AppError("No model to show.", 'Example: show("mnist-convnet")')
    widget = _widget_class()
    start_keras()
    choice = SampleChoice(count=samples, dataset=dataset, data_dir=data_dir)
    opened = [model if isinstance(model, Classifier) else load(model) for model in models]
    content = packed(content_of([embed(model, choice) for model in opened]))
    return widget(content=content, state=state)


@cache
def _widget_class() -> Any:
    try:
        import anywidget
        import traitlets
    except ImportError:
        raise AppError(
            "The widget needs the package anywidget, which is not installed.",
            "Expected the extra `notebook`.",
            "Install it: pip install 'convlab[notebook]'",
            status=1,
        ) from None

    class PageWidget(anywidget.AnyWidget):
        """The page with some models, within one output cell."""

        _esm = bundle(_ENTRIES, _END)
        _css = style()
        content = traitlets.Bytes().tag(sync=True)
        state = traitlets.Unicode().tag(sync=True)

    return PageWidget

"""The evaluation of a model: confusion matrix, or labels, and most confident errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from app.evaluate import EvaluationResult
from app.figures.canvas.annotation import add_title, legend_below
from app.figures.canvas.contact_sheet import contact_sheet
from app.figures.canvas.style import INK, PALETTE, WIDTH, styled
from app.figures.canvas.text import cut_to

_MOST_WITH_NUMBERS = 20  # classes; with more, numbers no longer fit into their cells
_COLUMNS = 6  # of the gallery of errors
_NAME_WIDTH, _NAME_SIZE = 180, 9  # pixels, points


def confusion_figure(result: EvaluationResult) -> Figure:
    """Draw the confusion matrix of an evaluated model."""
    evaluation = result.evaluation
    title = f"{_title(result)}: {evaluation.accuracy:.2%} of {evaluation.n:,} images correct"
    return confusion_matrix(evaluation.confusion_matrix, evaluation.class_names, title)


@styled()
def labels_figure(result: EvaluationResult) -> Figure:
    """Draw how many labels of each class a multi-label model finds, misses and invents."""
    evaluation = result.evaluation
    names = [cut_to(name, _NAME_WIDTH, _NAME_SIZE) for name in evaluation.class_names]
    found, missed, false = (evaluation.confusion_matrix[:, row, column]
                            for row, column in ((1, 1), (1, 0), (0, 1)))  # fmt: skip
    figure = Figure(figsize=(WIDTH, min(12.0, 2.0 + 0.4 * len(names))))
    share = f"{evaluation.accuracy:.2%} of {evaluation.n:,} images with all labels right"
    add_title(figure, f"{_title(result)}: {share}")
    axes = figure.subplots()
    places = np.arange(len(names))
    left = np.zeros(len(names))
    for counts, label, color in (
        (found, "found", PALETTE[0]), (missed, "missed", "#BBBBBB"),
        (false, "predicted, but not there", PALETTE[1]),
    ):  # fmt: skip
        axes.barh(places, counts, left=left, label=label, color=color, height=0.7)
        left += counts
    for place, name in enumerate(evaluation.per_class()):
        row = evaluation.per_class()[name]
        axes.text(left[place], place, f"  F1 {row['f1']:.1%}", va="center", fontsize=9, color=INK)
    axes.set_yticks(places, names)
    axes.set_xlim(0, 1.15 * left.max())
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("images")
    legend_below(figure, axes, "Each class at its own threshold, chosen on the validation images.")
    return figure


def errors_figure(result: EvaluationResult, count: int) -> Figure | None:
    """Draw up to `count` of the most confident errors; return `None` if there are none."""
    errors = result.errors(count)
    if not errors:
        return None
    total = len(result.evaluation.worst)
    which = f"the {len(errors):,} most confident of" if len(errors) < total else "all"
    title = f"{_title(result)}: {which} {total:,} errors"
    return contact_sheet(
        [error.pixels for error in errors],
        [error.caption for error in errors],
        columns=_COLUMNS,
        title=title,
    )


def _title(result: EvaluationResult) -> str:
    return f"{result.model} on {result.shown_dataset}, {result.split}"


@styled()
def confusion_matrix(counts: np.ndarray, class_names: Sequence[str], title: str) -> Figure:
    """Draw how often each true class was predicted as each class.

    Numbers are counts, colors are shares of the true class.

    Args:
        counts: `(K, K)` counts; rows are true classes, columns are predicted classes.
        class_names: `K` names.
        title: Title of the figure.
    """
    classes = len(class_names)
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    figure = Figure(figsize=(WIDTH, min(8.0, 2.2 + 0.5 * classes)))
    add_title(figure, title)
    axes = figure.subplots()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    names = [cut_to(name, _NAME_WIDTH, _NAME_SIZE) for name in class_names]
    axes.set_xticks(range(classes), names)
    if max(map(len, names)) > 4:
        axes.tick_params(axis="x", rotation=45)
    axes.set_yticks(range(classes), names)
    axes.tick_params(length=0)
    axes.set_xlabel("predicted class")
    axes.set_ylabel("true class")
    if classes <= _MOST_WITH_NUMBERS:
        for row in range(classes):
            for column in range(classes):
                if counts[row, column]:
                    axes.text(
                        column,
                        row,
                        f"{counts[row, column]:,}",
                        ha="center",
                        va="center",
                        fontsize=10 if classes <= 6 else 8,
                        color="white" if shares[row, column] > 0.55 else INK,
                    )
    bar = figure.colorbar(image, ax=axes, shrink=0.8)
    bar.set_label("share of the true class")
    bar.outline.set_visible(False)
    return figure

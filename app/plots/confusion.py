"""A confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from app.plots.style import INK, WIDTH, styled

# With more classes numbers no longer fit their cells.
_MOST_WITH_NUMBERS = 20


@styled()
def confusion_matrix(counts: np.ndarray, class_names: Sequence[str], title: str) -> Figure:
    """Draw how often each class was taken for each other one.

    Args:
        counts: `(K, K)`; rows are true classes, columns predicted ones.
        class_names: `K` names.
        title: What was measured.

    Returns:
        A figure; colour is the share of the row, numbers are counts.
    """
    classes = len(class_names)
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    figure = Figure(figsize=(WIDTH, min(8.0, 2.2 + 0.5 * classes)))
    figure.suptitle(title, x=0.01, ha="left")
    axes = figure.subplots()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.set_xticks(range(classes), class_names)
    if max(map(len, class_names)) > 4:
        axes.tick_params(axis="x", rotation=45)
    axes.set_yticks(range(classes), class_names)
    axes.tick_params(length=0)
    axes.set_xlabel("taken for")
    axes.set_ylabel("is")
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

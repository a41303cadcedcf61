"""A confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from app.figures.canvas.annotation import add_title
from app.figures.canvas.style import INK, WIDTH, styled
from app.figures.canvas.text import cut_to

# With more classes numbers no longer fit their cells.
_MOST_WITH_NUMBERS = 20
_NAME_WIDTH, _NAME_SIZE = 180, 9  # pixels, points


@styled()
def confusion_matrix(counts: np.ndarray, class_names: Sequence[str], title: str) -> Figure:
    """Draw how often each true class was predicted as each class.

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

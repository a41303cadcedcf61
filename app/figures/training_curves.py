"""Training curves: accuracy and loss over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from app.figures.canvas.annotation import add_title
from app.figures.canvas.style import BLUE, INK, VERMILLION, WIDTH, styled


@styled()
def training_curves(
    history: Sequence[Mapping[str, float]],
    title: str,
    saved: Mapping[str, float] | None = None,
) -> Figure:
    """Draw training and validation accuracy and loss over the epochs.

    Args:
        history: Rows of `epoch`, `accuracy`, `loss`, `val_accuracy`, `val_loss`, one per epoch.
        title: Title of the figure.
        saved: `epoch`, `accuracy` and `loss` of the saved model on the validation images. Its mark
            may lie off the curve, because it may average several views of each image.

    Returns:
        A figure with two panels.
    """
    figure = Figure(figsize=(WIDTH, 3.6))
    epochs = [row["epoch"] for row in history]
    add_title(figure, title)
    accuracy_axes, loss_axes = figure.subplots(1, 2)
    for axes, name, label in (
        (accuracy_axes, "accuracy", "accuracy"),
        (loss_axes, "loss", "cross-entropy loss"),
    ):
        # Without markers, a single epoch would be invisible.
        marker = "o" if len(epochs) < 15 else None
        for key, what, color in (
            (name, "training", BLUE),
            (f"val_{name}", "validation", VERMILLION),
        ):
            axes.plot(epochs, [row[key] for row in history], marker=marker, color=color, label=what)
        if saved is not None:
            axes.axvline(saved["epoch"], color=INK, linewidth=0.8, linestyle=":")
            axes.plot(
                saved["epoch"], saved[name], marker="*", markersize=11, color=INK, linestyle="",
                label="saved model, validation", clip_on=False, zorder=5,
            )  # fmt: skip
        axes.set_xlabel("epoch")
        axes.set_title(label)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    accuracy_axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    loss_axes.set_ylim(bottom=0)
    # White behind the text, which covers the line of the saved epoch.
    accuracy_axes.legend(loc="best", frameon=True, framealpha=1.0, edgecolor="white")
    return figure

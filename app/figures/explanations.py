"""Why the network said so, as a figure: heat maps over the image, and how faithful they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from app.augmentation.tta import mean_over_views
from app.figures.canvas.annotation import add_note, add_title
from app.figures.canvas.overlay import heat_scale, overlaid
from app.figures.canvas.pixels import draw_pixels
from app.figures.canvas.style import BLUE, FAINT, VERMILLION, WIDTH, styled
from app.figures.canvas.text import cut_to
from app.insight.faithfulness import faithfulness
from app.insight.grad_cam import enlarge, grad_cam
from app.insight.occlusion import CELLS, occlusion
from app.insight.opened_model import OpenedModel
from app.insight.saliency import saliency
from app.metrics import SCORES, value_text

_ROW_HEIGHT = 2.75  # inches
_TITLE_WIDTH = 330  # pixels, of an image's title


@dataclass(frozen=True)
class HeatMap:
    """An explanation of one image.

    Attributes:
        model: Whose, and what in it was asked.
        subject: The class, and its probability; one or two lines.
        image: `(H, W, C)` uint8.
        heat: `(H', W')`; negative values are evidence against the class.
        label: What the values are, with their unit.
        shares: `(S,)` shares of pixels changed.
        deletion: `(S,)` probabilities of the class while the hottest pixels are covered.
        insertion: `(S,)` the same while they are laid onto a blurred image.
        areas: Below both curves, deletion first.
        gives_scores: Whether the values of both curves are scores, not probabilities.
    """

    model: str
    subject: str
    image: np.ndarray
    heat: np.ndarray
    label: str
    shares: np.ndarray
    deletion: np.ndarray
    insertion: np.ndarray
    areas: tuple[float, float]
    gives_scores: bool = False


@styled()
def heat_map_sheet(maps: Sequence[HeatMap], *, title: str, note: str) -> Figure:
    """Draw a row per explanation: the image, the heat over it, and both curves.

    A map that is all zero explains nothing: it has neither scale nor curves.

    Args:
        maps: At least one.
        title: Says what is seen.
        note: In small print below.
    """
    figure = Figure(figsize=(WIDTH, 0.9 + _ROW_HEIGHT * len(maps)))
    add_note(figure, note)
    add_title(figure, title)
    rows = figure.subplots(
        len(maps), 4, squeeze=False, gridspec_kw={"width_ratios": (1.0, 1.0, 0.06, 1.1)}
    )
    for (plain, over, bar, curves), one in zip(rows, maps, strict=True):
        lines = (one.model, *one.subject.split("\n"))
        title = "\n".join(cut_to(line, _TITLE_WIDTH, 10, bold=True) for line in lines)
        _show(plain, one.image, title)
        as_tall = "\n".join(" " for _ in lines)
        _show(over, overlaid(one.image, one.heat), as_tall)
        scale = heat_scale(one.heat)
        if scale is None:
            over.set_title("no evidence\nfor this class", fontsize=10)
            bar.set_axis_off()
            curves.set_axis_off()
        else:
            _bar(bar, scale, one)
            _curves(curves, one)
    return figure


def _show(axes: Axes, image: np.ndarray, title: str) -> None:
    draw_pixels(axes, image)
    axes.set_title(title, fontsize=10)
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    for side in axes.spines.values():  # so that white borders are seen
        side.set(visible=True, color=FAINT)


def _bar(axes: Axes, scale: ScalarMappable, one: HeatMap) -> None:
    low, high = scale.get_clim()
    beyond = np.abs(one.heat).max() > high
    extend = ("both" if low < 0 else "max") if beyond else "neither"
    bar = axes.figure.colorbar(scale, cax=axes, extend=extend)
    bar.set_label(one.label, fontsize=9)
    bar.outline.set_visible(False)


def _curves(axes: Axes, one: HeatMap) -> None:
    deletion, insertion = one.areas
    axes.plot(one.shares, one.deletion, color=VERMILLION, label=f"deletion {deletion:.2f}")
    axes.plot(one.shares, one.insertion, color=BLUE, label=f"insertion {insertion:.2f}")
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of pixels, most important first", fontsize=9)
    what = "score" if one.gives_scores else "probability"
    axes.set_title(f"class {what}\n ", fontsize=10)  # the legend is the second line
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    if not one.gives_scores:
        axes.set_ylim(-0.02, 1.02)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.legend(
        fontsize=8.5, loc="lower left", bbox_to_anchor=(-0.05, 0.98), ncols=2, columnspacing=1.0,
        handlelength=1.2,
    )  # fmt: skip


@dataclass(frozen=True)
class Explanation:
    """A way to explain an answer.

    Attributes:
        title: What its maps show.
        label: What their values are, with their unit.
        heat: Makes the map of a model, an image and a class.
        where: Names the model, and what in it was asked.
    """

    title: str
    label: str
    heat: Callable[[OpenedModel, np.ndarray, int], np.ndarray]
    where: Callable[[OpenedModel], str] = lambda model: model.name


def explanations_figure(
    subjects: Sequence[tuple[OpenedModel, np.ndarray, int]],
    explanation: Explanation,
    *,
    name: str,
) -> Figure:
    """Draw an explanation for each model, image and class.

    Args:
        subjects: Models with images `(H, W, C)` uint8 of their size, and classes.
        explanation: How they are explained.
        name: Of the image.

    Raises:
        AppError: If a model cannot be explained so.
    """
    rows = []
    for model, image, class_index in subjects:
        heat = explanation.heat(model, image, class_index)
        measured = faithfulness(
            model, image, enlarge(heat.astype(np.float32), image.shape[:2]), class_index
        )
        rows.append(
            HeatMap(
                model=explanation.where(model),
                subject=_subject(model, image, class_index, float(measured.deletion[0])),
                image=image,
                heat=heat,
                label=explanation.label,
                shares=measured.shares,
                deletion=measured.deletion,
                insertion=measured.insertion,
                areas=(measured.deletion_area, measured.insertion_area),
                gives_scores=model.kind == SCORES,
            )
        )
    return heat_map_sheet(rows, title=f"{explanation.title}, {name}", note=_CURVES)


def _subject(model: OpenedModel, image: np.ndarray, class_index: int, value: float) -> str:
    """Return the class with its probability in this view, and what `predict` makes of it."""
    name, text = model.class_names[class_index], value_text(value, model.kind)
    if len(model.views) == 1:
        return f"{name}: {text}"
    rows = mean_over_views(model.probabilities, image[np.newaxis], model.views)
    mean = value_text(float(rows[0, class_index]), model.kind)
    return f"{name}, one view: {text}\nmean of {len(model.views)} views: {mean}"


def by_grad_cam(layer: str | None = None) -> Explanation:
    """Return Grad-CAM of a layer; by default of the last one before pooling."""
    return Explanation(
        "Grad-CAM: regions that support a class",
        "gradient-weighted activation",
        lambda model, image, class_index: grad_cam(model, image, class_index, layer),
        lambda model: f"{model.name}, {layer or model.last_maps.path}",
    )


def by_occlusion(
    cells: int = CELLS,
    patch: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Explanation:
    """Return occlusion by a patch at `cells`×`cells` positions."""
    return Explanation(
        "Occlusion: decrease of the class score when a patch is covered",
        "decrease of the logit",
        lambda model, image, class_index: occlusion(
            model, image, class_index, cells=cells, patch=patch, progress=progress
        ),
    )


def by_saliency(method: str, seed: int = 0) -> Explanation:
    """Return saliency by a method of `app.insight.saliency`."""
    title, label = _SALIENCY[method]
    return Explanation(
        title,
        label,
        lambda model, image, class_index: saliency(
            model, image, class_index, method=method, seed=seed
        ),
    )


_CURVES = (
    "Deletion: the most important pixels are covered first. Insertion: they are added to a blurred "
    "image first. Numbers: areas under the curves; for a faithful map of a probable class, the "
    "deletion area is small and the insertion area large."
)
_SALIENCY = {
    "smoothgrad": (
        "SmoothGrad saliency: pixels that influence the class score",
        "logit per grey level",
    ),
    "integrated": ("Integrated gradients: contribution of each pixel to the class score", "logit"),
    "gradient": (
        "Gradient saliency: pixels that influence the class score",
        "logit per grey level",
    ),
}

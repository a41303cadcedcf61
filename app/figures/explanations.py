"""Heat maps that explain a prediction, laid over the image, and their faithfulness."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from app.classifier.inspected_model import InspectedModel
from app.figures.canvas.annotation import add_note, add_title
from app.figures.canvas.overlay import heat_scale, overlaid
from app.figures.canvas.pixels import draw_pixels
from app.figures.canvas.sheet import NOTE_COLOR
from app.figures.canvas.style import BLUE, FAINT, VERMILLION, WIDTH, styled
from app.figures.canvas.text import cut_to
from app.insight.faithfulness import Faithfulness, controls, faithfulness
from app.insight.grad_cam import enlarge, grad_cam
from app.insight.integrated_gradients import Attribution
from app.insight.occlusion import DEFAULT_OCCLUDER, Occluder, occlusion
from app.insight.saliency import NOISE, SAMPLES, saliency
from app.metrics import SCORES, value_text

_ROW_HEIGHT = 2.75  # inches
_CONTROL_STYLES = ("--", ":")
_TITLE_WIDTH = 330  # pixels, of an image's title
_NOTE = (
    "Deletion: the most important pixels are covered first. Insertion: they are added to a blurred "
    "image first. Numbers: areas under the curves; for a faithful map of a probable class, the "
    "deletion area is small and the insertion area large. Gray: both curves of maps that know "
    "nothing of the image, a blob in its middle and a random one; an explanation must beat them. "
    "Covered and blurred images are unlike any in training."
)
_SALIENCY = {
    "smoothgrad": f"SmoothGrad saliency (n = {SAMPLES}, σ = {NOISE:.0%} of the range)",
    "gradient": "Gradient saliency",
}

# Model, image `(H, W, C)` uint8 of its size, and class index.
Subject = tuple[InspectedModel, np.ndarray, int]


def grad_cam_figure(subjects: Sequence[Subject], *, name: str, layer: str | None = None) -> Figure:
    """Draw Grad-CAM, a row per subject.

    Args:
        subjects: Models, images and classes to explain.
        name: Name of the image.
        layer: Path of a layer; by default the last one before pooling.

    Raises:
        AppError: If a model has no such layer with spatial axes.
    """
    maps = [
        _explained(
            subject,
            grad_cam(*subject, layer),
            "gradient-weighted activation (logit)",
            layer or subject[0].last_conv_layer.path,
        )
        for subject in subjects
    ]
    title = f"Grad-CAM: regions that support a class, {name}"
    return heat_map_sheet(maps, title=title, note=_NOTE)


def occlusion_figure(
    subjects: Sequence[Subject],
    *,
    name: str,
    occluder: Occluder = DEFAULT_OCCLUDER,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Figure:
    """Draw occlusion by a patch, a row per subject.

    Args:
        subjects: Models, images and classes to explain.
        name: Name of the image.
        occluder: Patch and its places.
        progress: Function called with (done, total) positions.

    Raises:
        AppError: If the patch or its places do not fit the image.
    """
    maps = [
        _explained(
            subject,
            occlusion(*subject, occluder, progress),
            "decrease of the logit",
        )
        for subject in subjects
    ]
    title = f"Occlusion: decrease of the class score when a patch is covered, {name}"
    return heat_map_sheet(maps, title=title, note=_NOTE)


def saliency_figure(
    subjects: Sequence[Subject], *, name: str, method: str = "smoothgrad", seed: int = 0
) -> Figure:
    """Draw saliency, a row per subject.

    Args:
        subjects: Models, images and classes to explain.
        name: Name of the image.
        method: `smoothgrad` or `gradient`.
        seed: Seed of the noise.
    """
    maps = [
        _explained(
            subject,
            saliency(*subject, method=method, seed=seed),
            "logit per gray level",
        )
        for subject in subjects
    ]
    title = f"{_SALIENCY[method]}: pixels that influence the class score, {name}"
    return heat_map_sheet(maps, title=title, note=_NOTE)


def attribution_figure(
    subjects: Sequence[Subject], attributions: Sequence[Attribution], *, name: str
) -> Figure:
    """Draw integrated gradients, a row per subject, with their sums below.

    Args:
        subjects: Models, images and classes that are explained.
        attributions: Attribution of each.
        name: Name of the image.
    """
    maps = [
        _explained(subject, found.values.sum(axis=-1), "contribution (logit)")
        for subject, found in zip(subjects, attributions, strict=True)
    ]
    sums = " ".join(
        f"{model.name}: {found.summary}"
        for (model, _, _), found in zip(subjects, attributions, strict=True)
    )
    title = f"Integrated gradients: contribution of each pixel to the class score, {name}"
    return heat_map_sheet(maps, title=title, note=f"{sums} {_NOTE}")


@dataclass(frozen=True)
class HeatMap:
    """An explanation of one image.

    Attributes:
        title: Model and class with its probability, one to three lines.
        image: `(H, W, C)` uint8.
        heat: `(H', W')`; negative values are evidence against the class.
        label: Quantity and unit of `heat`.
        faithfulness: Deletion and insertion curves.
        controls: The curves of maps that know nothing of the image, by name.
        gives_scores: Whether the values of the curves are scores, not probabilities.
    """

    title: str
    image: np.ndarray
    heat: np.ndarray
    label: str
    faithfulness: Faithfulness
    controls: Mapping[str, Faithfulness] = field(default_factory=dict)
    gives_scores: bool = False


def _explained(subject: Subject, heat: np.ndarray, label: str, layer: str = "") -> HeatMap:
    model, image, class_index = subject
    curves = faithfulness(
        model, image, enlarge(heat.astype(np.float32), image.shape[:2]), class_index
    )
    first_line = f"{model.name}, {layer}" if layer else model.name
    name, text = model.class_names[class_index], value_text(curves.deletion[0], model.kind)
    if len(model.views) == 1:
        title = f"{first_line}\n{name}: {text}"
    else:
        rows = model.values(image[np.newaxis])
        mean = value_text(float(rows[0, class_index]), model.kind)
        views = len(model.views)
        title = f"{first_line}\n{name}, one view: {text}\nmean of {views} views: {mean}"
    known = controls(model, image, class_index)
    return HeatMap(title, image, heat, label, curves, known, gives_scores=model.kind == SCORES)


@styled()
def heat_map_sheet(maps: Sequence[HeatMap], *, title: str, note: str) -> Figure:
    """Draw a row per explanation: the image, the heat map over it, and both curves.

    A map of zeros has neither scale nor curves.

    Args:
        maps: At least one explanation.
        title: Title of the figure.
        note: Note in small print below.
    """
    figure = Figure(figsize=(WIDTH, 0.9 + _ROW_HEIGHT * len(maps)))
    add_note(figure, note)
    add_title(figure, title)
    rows = figure.subplots(
        len(maps), 4, squeeze=False, gridspec_kw={"width_ratios": (1.0, 1.0, 0.06, 1.1)}
    )
    for (plain, over, bar, curves), explanation in zip(rows, maps, strict=True):
        lines = explanation.title.split("\n")
        fitted = "\n".join(cut_to(line, _TITLE_WIDTH, 10, bold=True) for line in lines)
        _show(plain, explanation.image, fitted)
        as_tall = "\n".join(" " for _ in lines)
        _show(over, overlaid(explanation.image, explanation.heat), as_tall)
        scale = heat_scale(explanation.heat)
        if scale is None:
            over.set_title("no evidence\nfor this class", fontsize=10)
            bar.set_axis_off()
            curves.set_axis_off()
        else:
            _draw_bar(bar, scale, explanation)
            _draw_curves(curves, explanation)
    return figure


def _show(axes: Axes, image: np.ndarray, title: str) -> None:
    draw_pixels(axes, image)
    axes.set_title(title, fontsize=10)
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    for side in axes.spines.values():  # so that white borders are visible
        side.set(visible=True, color=FAINT)


def _draw_bar(axes: Axes, scale: ScalarMappable, explanation: HeatMap) -> None:
    low, high = scale.get_clim()
    is_clipped = np.abs(explanation.heat).max() > high
    extend = ("both" if low < 0 else "max") if is_clipped else "neither"
    bar = axes.figure.colorbar(scale, cax=axes, extend=extend)
    bar.set_label(explanation.label, fontsize=9)
    bar.outline.set_visible(False)


def _draw_curves(axes: Axes, explanation: HeatMap) -> None:
    curves = explanation.faithfulness
    for style, (name, control) in zip(_CONTROL_STYLES, explanation.controls.items(), strict=False):
        areas = f"{control.deletion_area:.2f}, {control.insertion_area:.2f}"
        for values, label in ((control.deletion, f"{name} {areas}"), (control.insertion, None)):
            axes.plot(control.shares, values, style, color=NOTE_COLOR, linewidth=1.0, label=label)
    for name, values, area, color in (
        ("deletion", curves.deletion, curves.deletion_area, VERMILLION),
        ("insertion", curves.insertion, curves.insertion_area, BLUE),
    ):
        axes.plot(curves.shares, values, color=color, label=f"{name} {area:.2f}")
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of pixels, most important first", fontsize=9)
    what = "score" if explanation.gives_scores else "probability"
    axes.set_title(f"class {what}\n \n ", fontsize=10)  # the legend is the other lines
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    if not explanation.gives_scores:
        axes.set_ylim(-0.02, 1.02)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.legend(
        fontsize=8, loc="lower left", bbox_to_anchor=(-0.05, 0.98), ncols=2, columnspacing=1.0,
        handlelength=1.4, labelspacing=0.3, reverse=True,
    )  # fmt: skip

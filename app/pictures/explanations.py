"""Why the network said so, as a figure: heat maps over the image, and how faithful they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from app.augmentation.tta import mean_over_views
from app.insight.faithfulness import faithfulness
from app.insight.grad_cam import enlarge, grad_cam
from app.insight.occlusion import CELLS, occlusion
from app.insight.opened_model import OpenedModel
from app.insight.saliency import saliency
from app.metrics import SCORES, value_text
from app.plots.heat_maps import HeatMap, heat_map_sheet
from app.plots.style import Figure


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

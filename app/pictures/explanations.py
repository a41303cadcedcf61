"""Why the network said so, as a figure: heat maps over the image, and how faithful they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from app.insight.faithfulness import faithfulness
from app.insight.grad_cam import enlarge, grad_cam
from app.insight.occlusion import occlusion
from app.insight.opened_model import OpenedModel
from app.insight.saliency import saliency
from app.plots.heat_maps import HeatMap, heat_map_sheet
from app.plots.style import Figure

# Given a model, an image and a class, a heat map.
Explain = Callable[[OpenedModel, np.ndarray, int], np.ndarray]


def explanations_figure(
    subjects: Sequence[tuple[OpenedModel, np.ndarray, int]],
    explain: Explain,
    *,
    title: str,
    label: str,
) -> Figure:
    """Draw an explanation for each model, image and class.

    Args:
        subjects: Models with images `(H, W, C)` uint8 of their size, and classes.
        explain: Makes the heat map.
        title: Says what is seen.
        label: What its values are, with their unit.
    """
    rows = []
    for model, image, class_index in subjects:
        heat = explain(model, image, class_index)
        measured = faithfulness(
            model, image, enlarge(heat.astype(np.float32), image.shape[:2]), class_index
        )
        probability = model.probabilities(image[np.newaxis])[0, class_index]
        rows.append(
            HeatMap(
                title=f"{model.name}\n{model.class_names[class_index]}: {probability:.1%}",
                image=image,
                heat=heat,
                label=label,
                shares=measured.shares,
                deletion=measured.deletion,
                insertion=measured.insertion,
                areas=(measured.deletion_area, measured.insertion_area),
            )
        )
    return heat_map_sheet(rows, title=title)


def by_grad_cam(layer: str | None = None) -> Explain:
    """Return Grad-CAM of a layer; by default of the last one before pooling."""
    return lambda model, image, class_index: grad_cam(model, image, class_index, layer)


def by_occlusion(cells: int, patch: int | None = None) -> Explain:
    """Return occlusion by a patch at `cells`×`cells` positions."""
    return lambda model, image, class_index: occlusion(
        model, image, class_index, cells=cells, patch=patch
    )


def by_saliency(method: str, seed: int = 0) -> Explain:
    """Return saliency by a method of `app.insight.saliency`."""
    return lambda model, image, class_index: saliency(
        model, image, class_index, method=method, seed=seed
    )

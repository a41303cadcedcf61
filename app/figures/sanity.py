"""Heat maps of a network whose layers are randomized one after another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from app.figures.canvas.image_table import ImageRow, table_of_images
from app.figures.canvas.overlay import overlaid
from app.figures.canvas.text import cut_to
from app.insight.sanity import SanityCheck
from app.statistics.means import bootstrap_mean

_LABEL_WIDTH = 130  # pixels
_NOTE = (
    "Sanity check (Adebayo et al., 2018): from the output on, layers get new initial weights, up "
    "to the one above each column. Below each map, the mean rank correlation with the trained "
    "network's map over {count} images, with a 95% bootstrap interval; the maps are of the first "
    "image. A map that explains the network must change. Integrated gradients keep their factor, "
    "the change of each pixel from the baseline, and so a higher correlation."
)


def sanity_figure(checks: Sequence[SanityCheck], image: np.ndarray, *, name: str) -> Figure:
    """Draw a row of maps per method, and the correlations below them.

    Args:
        checks: At least one method.
        image: `(H, W, C)` uint8, the image of the maps.
        name: Name of the model.
    """
    rows = [
        ImageRow(
            [overlaid(image, heat) for heat in check.maps],
            check.method,
            ["1", *(_correlation(values) for values in check.correlations[1:])],
        )
        for check in checks
    ]
    stages = [cut_to(stage, _LABEL_WIDTH, 10) for stage in checks[0].stages]
    return table_of_images(
        rows,
        stages,
        title=f"{name}: do heat maps depend on the weights?",
        note=_NOTE.format(count=checks[0].correlations.shape[1]),
        first_is_original=True,
    )


def _correlation(values: np.ndarray) -> str:
    """Return a mean with its interval, such as `0.12 [−0.05, 0.29]`."""
    texts = [f"{value:.2f}".replace("-", "−") for value in bootstrap_mean(values)]
    return f"{texts[0]} [{texts[1]}, {texts[2]}]"

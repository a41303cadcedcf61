"""Deletion and insertion curves: how faithful is a heat map to its model?

Source: Petsiuk et al., RISE, 2018.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.integrate import trapezoid

from app.augmentation.tta import identity
from app.classifier.inspected_model import InspectedModel
from app.insight.occlusion import border_color

_STEPS = 20
_BLUR_SHARE = 0.1  # standard deviation, as a share of the image's shorter side


@dataclass(frozen=True)
class Faithfulness:
    """Probabilities of a class while an image is changed, the most important pixels first.

    Attributes:
        shares: `(S,)` shares of changed pixels, from 0 to 1.
        deletion: `(S,)` probabilities while pixels get the color of the border.
        insertion: `(S,)` probabilities while pixels are restored in a blurred image.
    """

    shares: np.ndarray
    deletion: np.ndarray
    insertion: np.ndarray

    @property
    def deletion_area(self) -> float:
        """Area below the deletion curve; small for a faithful map."""
        return float(trapezoid(self.deletion, self.shares))

    @property
    def insertion_area(self) -> float:
        """Area below the insertion curve; large for a faithful map."""
        return float(trapezoid(self.insertion, self.shares))


def faithfulness(
    model: InspectedModel, image: np.ndarray, heat: np.ndarray, class_index: int
) -> Faithfulness:
    """Measure how faithful a heat map is.

    Args:
        model: Model that the map explains.
        image: `(H, W, C)` uint8 of the model's size.
        heat: `(H, W)`; the highest values are deleted and inserted first; ties are in a fixed
            random order.
        class_index: Class of the probability.
    """
    random_order = np.random.default_rng(0).permutation(heat.size)
    order = np.lexsort((random_order, -heat.ravel()))
    counts = np.round(np.linspace(0, heat.size, _STEPS + 1)).astype(int)
    plain = np.broadcast_to(np.round(border_color(image)).astype(np.uint8), image.shape)
    sigma = max(1.0, _BLUR_SHARE * min(image.shape[:2]))
    blurred = cv2.GaussianBlur(image, (0, 0), sigma).reshape(image.shape)  # OpenCV drops channel 1
    stages = []
    for before, after in ((image, plain), (blurred, image)):
        for count in counts:
            changed = np.zeros(heat.size, bool)
            changed[order[:count]] = True
            mask = changed.reshape(*heat.shape, 1)
            stages.append(np.where(mask, after, before))
    probabilities = model.values(np.stack(stages), [identity])[:, class_index]
    deletion, insertion = probabilities.reshape(2, -1)
    return Faithfulness(counts / heat.size, deletion, insertion)

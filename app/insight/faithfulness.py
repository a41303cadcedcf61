"""Deletion and insertion curves: how faithful is a heat map to its model?

Both are compared with those of maps that know nothing of the image: a blob in its middle, where
photographs have their subject, and a random one. Covered and blurred images are unlike those that
the model was trained on, which the curves cannot tell from missing evidence.

Source: Petsiuk et al., RISE, 2018; Hooker et al., A Benchmark for Interpretability Methods in Deep
Neural Networks, 2019, for what confounds them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.integrate import trapezoid
from scipy.ndimage import gaussian_filter

from app.augmentation.tta import identity
from app.classifier.inspected_model import InspectedModel
from app.insight.occlusion import border_color

_STEPS = 20
_BLUR_SHARE = 0.1  # standard deviation, as a share of the image's shorter side
_BLOB_SHARE = 0.25  # the same, of the blob in the middle


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


def center_map(size: tuple[int, int]) -> np.ndarray:
    """Return a Gaussian in the middle of an image of `size` (height, width), as a heat map."""
    rows, columns = (np.linspace(-0.5, 0.5, side) for side in size)
    squares = np.square(rows)[:, np.newaxis] + np.square(columns)
    return np.exp(-squares / (2 * _BLOB_SHARE**2))


def random_map(size: tuple[int, int], seed: int = 0) -> np.ndarray:
    """Return smooth noise of `size` (height, width), as a heat map."""
    noise = np.random.default_rng(seed).normal(size=size)
    return gaussian_filter(noise, _BLUR_SHARE * min(size))


def controls(model: InspectedModel, image: np.ndarray, class_index: int) -> dict[str, Faithfulness]:
    """Return the faithfulness of maps that know nothing of the image, by name.

    Args:
        model: Model that a heat map explains.
        image: `(H, W, C)` uint8 of the model's size.
        class_index: Class of the probability.
    """
    size = image.shape[:2]
    maps = {"center": center_map(size), "random": random_map(size)}
    return {name: faithfulness(model, image, heat, class_index) for name, heat in maps.items()}

"""Deletion and insertion areas of heat maps over many images, against maps that know nothing.

    CONVLAB_DATA=... python benchmarks/faithfulness.py catsdogs-best --images 100

Explains the predicted class of validation images. Prints the mean area of each method and, against
the blob in the middle of the image, the mean of the paired differences with its 95% bootstrap
interval over images. 8 minutes for 100 photographs while other work ran.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from app.classifier import load
from app.classifier.dataset_images import Selection, select_images
from app.classifier.inspected_model import InspectedModel

import cv2  # isort: skip
import numpy as np  # isort: skip

from app.insight.faithfulness import center_map, faithfulness, random_map
from app.insight.grad_cam import grad_cam
from app.insight.saliency import saliency
from app.statistics.means import bootstrap_difference, bootstrap_mean

_BLUR = 0.03  # of the image's side: single pixels are not a region
_REFERENCE = "center"

Method = Callable[[InspectedModel, np.ndarray, int, int], np.ndarray]


def blurred_saliency(method: str) -> Method:
    """Return the method that blurs a saliency map."""

    def heat(model: InspectedModel, image: np.ndarray, class_index: int, number: int) -> np.ndarray:
        found = saliency(model, image, class_index, method=method, seed=number)
        return cv2.GaussianBlur(np.abs(found), (0, 0), max(1.0, _BLUR * min(found.shape)))

    return heat


METHODS: dict[str, Method] = {
    "center": lambda model, image, class_index, number: center_map(image.shape[:2]),
    "random": lambda model, image, class_index, number: random_map(image.shape[:2], number),
    "Grad-CAM": lambda model, image, class_index, number: grad_cam(model, image, class_index),
    "SmoothGrad, blurred": blurred_saliency("smoothgrad"),
}


def main() -> None:
    """Print a row per method."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="name or folder of a saved model")
    parser.add_argument("--images", type=int, default=100, help="number (default: 100)")
    arguments = parser.parse_args()
    model = load(arguments.model).inspect()
    images = select_images(model, Selection(split="validation", count=arguments.images)).pixels
    areas: dict[str, list[tuple[float, float]]] = {name: [] for name in METHODS}
    for number, image in enumerate(images):
        class_index = model.class_index(None, image)
        for name, method in METHODS.items():
            heat = method(model, image, class_index, number)
            found = faithfulness(model, image, heat, class_index)
            areas[name].append((found.deletion_area, found.insertion_area))
        print(f"{number + 1} of {len(images)}", flush=True)
    print(f"{model.name}, {len(images)} images: area, and difference from {_REFERENCE!r}")
    for name, pairs in areas.items():
        cells = []
        for column, word in enumerate(("deletion", "insertion")):
            values = np.array(pairs)[:, column]
            reference = np.array(areas[_REFERENCE])[:, column]
            mean, change = bootstrap_mean(values), bootstrap_difference(values, reference)
            cells.append(
                f"{word} {mean.value:.3f} [{mean.low:.3f}, {mean.high:.3f}], "
                f"{change.value:+.3f} [{change.low:+.3f}, {change.high:+.3f}]"
            )
        print(f"{name:22}" + "   ".join(cells))


if __name__ == "__main__":
    main()

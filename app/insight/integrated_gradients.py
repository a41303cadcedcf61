"""Integrated gradients: the contribution of each value of an image to a class's score.

The contributions add up to f(x) − f(x₀), the difference between the scores of the image x and of a
baseline x₀, an image without information (completeness). What the baseline scores is not explained.

Source: Sundararajan et al., Axiomatic Attribution for Deep Networks, 2017; Sturmfels et al.,
Visualizing the Impact of Feature Attribution Baselines, 2020, for the baselines; Erion et al.,
Improving performance of deep learning models with axiomatic attribution priors and expected
gradients, 2021.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from app.classifier.inspected_model import InspectedModel
from app.insight.choices import BASELINES
from app.insight.gradients import input_gradients
from app.insight.occlusion import border_color

_BATCH = 16
_FEWEST_STEPS, _MOST_STEPS = 32, 512
_RESIDUAL = 0.02  # of the difference; above it, the steps are doubled
_UNEXPLAINED = 0.2  # of the score
_BLUR_SHARE = 0.1  # standard deviation, as a share of the image's shorter side


@dataclass(frozen=True)
class Attribution:
    """Contributions to the score of one class.

    Attributes:
        values: `(H, W, C)` float32 contributions, in units of the score.
        score: f(x), the logit of the class for the image.
        baseline: Name of the baseline.
        baseline_score: f(x₀); the mean over all baselines of expected gradients.
        steps: Number of gradients.
    """

    values: np.ndarray
    score: float
    baseline: str
    baseline_score: float
    steps: int

    @property
    def total(self) -> float:
        """The sum of the contributions."""
        return float(self.values.sum(dtype=np.float64))

    @property
    def residual(self) -> float:
        """Distance of the sum from f(x) − f(x₀), as a share of that."""
        difference = self.score - self.baseline_score
        return abs(self.total - difference) / max(abs(difference), 1e-6)

    @property
    def is_mostly_explained(self) -> bool:
        """Whether the baseline has at most 20% of the score."""
        return abs(self.baseline_score) <= _UNEXPLAINED * abs(self.score)

    @property
    def summary(self) -> str:
        """The sum and both scores in words, with a warning about a baseline that scores."""
        text = (
            f"contributions add up to {_number(self.total)}; f(x) − f(x₀) = "
            f"{_number(self.score - self.baseline_score)} (residual {self.residual:.1%}, "
            f"{self.steps} steps). Baseline {self.baseline}: f(x₀) = "
            f"{_number(self.baseline_score)}, f(x) = {_number(self.score)}."
        )
        if self.is_mostly_explained:
            return text
        return (
            f"{text} Warning: the baseline's own score, more than {_UNEXPLAINED:.0%} of the "
            "image's, is not explained."
        )


def _number(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")  # + 0.0: no negative zero


def attribute(
    model: InspectedModel,
    image: np.ndarray,
    class_index: int,
    baseline: str = BASELINES[0],
    backgrounds: np.ndarray | None = None,
) -> Attribution:
    """Return the integrated gradients of an image; of many baselines, the expected gradients.

    The number of steps is doubled until the sum misses f(x) − f(x₀) by less than 2%, up to 512.

    Args:
        model: Model to explain.
        image: `(H, W, C)` uint8 of the model's size.
        class_index: Class to explain.
        baseline: `border`, the mean color of the outermost pixels; `black`; `white`; `mean`, the
            mean color; `blur`, the blurred image; or `expected`: drawn from `backgrounds`.
        backgrounds: `(N, H, W, C)` uint8 images of the model's size, for `expected`.

    Raises:
        ValueError: If there is no such baseline, or no backgrounds for `expected`.
    """
    pixels = image.astype(np.float32)
    if baseline == "expected":
        if backgrounds is None or not len(backgrounds):
            raise ValueError("Argument `backgrounds` must hold images for `expected`.")
        plain = backgrounds.astype(np.float32)
    else:
        plain = baseline_image(pixels, baseline)[np.newaxis]
    score = float(model.logits(pixels[np.newaxis])[0, class_index])
    of_plain = [
        model.logits(plain[start : start + _BATCH])[:, class_index]
        for start in range(0, len(plain), _BATCH)
    ]
    baseline_score = float(np.concatenate(of_plain).mean())
    steps = _FEWEST_STEPS
    while True:
        values = contributions(model, pixels, class_index, plain, steps)
        found = Attribution(values, score, baseline, baseline_score, steps)
        if found.residual < _RESIDUAL or steps >= _MOST_STEPS:
            return found
        steps *= 2


def baseline_image(pixels: np.ndarray, name: str) -> np.ndarray:
    """Return the baseline `(H, W, C)` float32 of an image `(H, W, C)`, 0–255; see `attribute`.

    Raises:
        ValueError: If there is no such baseline.
    """
    if name == "blur":
        sigma = max(1.0, _BLUR_SHARE * min(pixels.shape[:2]))
        return cv2.GaussianBlur(pixels, (0, 0), sigma).reshape(pixels.shape)
    colors = {"black": 0.0, "white": 255.0, "border": border_color(pixels),
              "mean": pixels.mean(axis=(0, 1))}  # fmt: skip
    if name not in colors:
        raise ValueError(f"Argument `baseline` must be one of {BASELINES}. Received: {name!r}")
    return np.broadcast_to(np.asarray(colors[name], np.float32), pixels.shape)


def contributions(
    model: InspectedModel, pixels: np.ndarray, class_index: int, plain: np.ndarray, steps: int
) -> np.ndarray:
    """Return `(H, W, C)`: gradients in the middle of equal parts of the path, times the change.

    Args:
        model: Model to explain.
        pixels: The image, `(H, W, C)` float32.
        class_index: Class to explain.
        plain: `(N, H, W, C)` float32 baselines; they take turns along the path, in random order.
        steps: Number of parts.
    """
    shares = (np.arange(steps, dtype=np.float32) + 0.5) / steps
    turns = np.random.default_rng(0).permutation(steps) % len(plain)
    total = np.zeros_like(pixels)
    for start in range(0, steps, _BATCH):
        share = shares[start : start + _BATCH, np.newaxis, np.newaxis, np.newaxis]
        first = plain[turns[start : start + _BATCH]]
        change = pixels - first
        total += (change * input_gradients(model, first + share * change, class_index)).sum(axis=0)
    return total / steps

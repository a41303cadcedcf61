"""Does a larger model overfit more?

  python -m app lab double_descent -o lab

Least squares on random ReLU features of 500 digits, with 10 to 8,000 features,
with true labels and with a fifth of the training labels wrong. The error on
other images rises until there are as many features as training images, where
the training labels are just fitted, and then falls again: double descent. Ridge
regression whose strength is chosen on validation images is the control. Five
seeds, in a minute. Slide: "Data Augmentation".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from scipy.linalg import svd

from app.data.dataset import Split
from app.figures.canvas.style import Figure
from app.figures.curve_panels import BandedCurve, CurvePanel, curve_panels
from app.lab.examples import ExampleImages, load_examples
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row
from app.lab.store import Job
from app.lab.uncertainty import SEEDS, paired, share_over_seeds
from app.statistics.estimate import Estimate

_SIDE = 28
_NOISE = {"true labels": 0.0, "20% wrong labels": 0.2}
_LEAST, _RIDGE, _FITTED = "minimum norm", "ridge", "minimum norm, on the training labels"
_CURVES = (_LEAST, _RIDGE, _FITTED)
# Features for each training image: 1 is the interpolation threshold.
_RATIOS = (0.02, 0.05, 0.1, 0.25, 0.5, 0.8, 0.9, 1.0, 1.1, 1.25, 2.0, 4.0, 8.0, 16.0)
_FEW, _THRESHOLD, _MANY = 0.25, 1.0, 16.0  # named in the finding
_PENALTIES = tuple(10.0**power for power in range(-6, 3))  # for each feature

Errors = Mapping[str, Mapping[str, np.ndarray]]  # (counts, seeds) by labels and curve


def double_descent(options: ExperimentOptions) -> ExperimentResult:
    """Fit least squares to each number of random features.

    Raises:
        AppError: If the images or an earlier measurement do not fit.

    Sources: Belkin et al., Reconciling modern machine-learning practice and the classical
        bias–variance trade-off, PNAS 116 (2019); Nakkiran et al., Optimal regularization can
        mitigate double descent, 2021, for the control.
    """
    seeds, count = range(options.full_or_quick(SEEDS, 1)), options.full_or_quick(500, 40)
    examples = load_examples(
        options,
        "mnist",
        training=options.full_or_quick(10_000, 50),
        held_out=options.full_or_quick(5000, 100),
        side=_SIDE,
    )
    counts = [round(ratio * count) for ratio in _RATIOS]
    jobs: dict[str, Job] = {
        f"seed {seed}": partial(_errors, examples, counts, count, (seed, len(seeds)))
        for seed in seeds
    }
    settings = {
        "dataset": examples.label, "images": examples.fingerprint, "training": count,
        "features": counts, "noise": _NOISE, "ridge": _PENALTIES, "seeds": len(seeds),
    }  # fmt: skip
    measured = options.measure(jobs, settings, "fitting features")
    errors = {
        labels: {
            curve: np.array([measured[f"seed {seed}"][labels][curve] for seed in seeds]).T
            for curve in _CURVES
        }
        for labels in _NOISE
    }
    rows: list[Row] = [
        {"labels": labels, "fit": curve, "features": features, "seed": seed,
         "error": round(float(found[place, number]), 4)}
        for labels, curves in errors.items()
        for curve, found in curves.items()
        for place, features in enumerate(counts)
        for number, seed in enumerate(seeds)
    ]  # fmt: skip
    return ExperimentResult(
        _sentence(errors, counts),
        rows,
        {"double_descent": _figure(errors, counts, examples)},
        [
            Reference(
                f"minimum norm with {labels} and {counts[-1]:,} features",
                float(1 - curves[_LEAST][-1].mean()),
                len(examples.held_out),
                examples.chance,
            )
            for labels, curves in errors.items()
        ],
    )


class Features:
    """Random ReLU features: one layer of fixed random weights.

    Args:
        inputs: Number of values of an image.
        count: Number of features; the first ones do not depend on it.
        seed: Seed of the weights.
    """

    def __init__(self, inputs: int, count: int, seed: int):
        random = np.random.default_rng(seed)
        self._weights = random.normal(0, np.sqrt(2 / inputs), (count, inputs)).T  # He et al., 2015

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return `(N, count)` features of images `(N, H, W, C)` of pixels 0–255."""
        pixels = images.reshape(len(images), -1) / 127.5 - 1
        return np.maximum(pixels @ self._weights, 0)


class LeastSquares:
    """Least squares by one singular value decomposition, for any targets and any ridge penalty.

    Args:
        features: `(N, P)`.
    """

    def __init__(self, features: np.ndarray):
        self._left, self._values, self._right = svd(features, full_matrices=False)
        # Smaller ones are rounding errors, as in numpy.linalg.lstsq.
        self._least = np.finfo(np.float64).eps * max(features.shape) * self._values[0]

    def coefficients(self, targets: np.ndarray, penalty: float = 0.0) -> np.ndarray:
        """Return `(P, K)` coefficients β for targets `(N, K)`.

        They minimize ‖features · β − targets‖² + penalty · ‖β‖²; of all minima, if the penalty is
        0, the one with the least norm.
        """
        kept = self._values > self._least
        values = self._values[kept]
        factors = values / (values**2 + penalty)
        return self._right[kept].T @ (factors[:, None] * (self._left[:, kept].T @ targets))


def with_wrong_labels(images: Split, share: float, seed: int) -> np.ndarray:
    """Return labels `(N,)`, a share of them, chosen at random, replaced by another class each."""
    random = np.random.default_rng(seed)
    labels = images.labels.copy()
    wrong = random.permutation(len(labels))[: round(share * len(labels))]
    classes = int(labels.max()) + 1
    labels[wrong] = (labels[wrong] + random.integers(1, classes, len(wrong))) % classes
    return labels


def _errors(
    examples: ExampleImages, counts: Sequence[int], count: int, seeds: tuple[int, int]
) -> dict[str, dict[str, list[float]]]:
    """Return the errors for each number of features, by labels and curve."""
    seed, _ = seeds
    drawn = examples.drawn(count, *seeds)
    layer = Features(drawn.training.pixels[0].size, counts[-1], seed)
    training, choosing, held_out = (layer(part.pixels) for part in drawn)
    classes = np.eye(len(examples.class_names))
    given = {name: with_wrong_labels(drawn.training, share, seed) for name, share in _NOISE.items()}
    found: dict[str, dict[str, list[float]]] = {
        name: {curve: [] for curve in _CURVES} for name in _NOISE
    }
    for features in counts:
        fit = LeastSquares(training[:, :features])
        for name, labels in given.items():
            least = fit.coefficients(classes[labels])
            ridge = min(
                (fit.coefficients(classes[labels], penalty * features) for penalty in _PENALTIES),
                key=lambda one: _error(choosing[:, : len(one)] @ one, drawn.choosing.labels),
            )
            for curve, inputs, coefficients, truth in (
                (_LEAST, held_out, least, drawn.held_out.labels),
                (_RIDGE, held_out, ridge, drawn.held_out.labels),
                (_FITTED, training, least, labels),
            ):
                found[name][curve].append(_error(inputs[:, :features] @ coefficients, truth))
    return found


def _error(scores: np.ndarray, labels: np.ndarray) -> float:
    return float((scores.argmax(axis=1) != labels).mean())


def _sentence(errors: Errors, counts: Sequence[int]) -> str:
    few, threshold, many = (_RATIOS.index(ratio) for ratio in (_FEW, _THRESHOLD, _MANY))
    parts = []
    for labels, curves in errors.items():
        texts = []
        for curve in (_LEAST, _RIDGE):
            found = curves[curve]
            shares = [share_over_seeds(found[place].tolist()) for place in (few, threshold, many)]
            up, down = (
                paired(found[threshold].tolist(), found[place].tolist()) for place in (few, many)
            )
            texts.append(
                f"{curve} {', '.join(share.percent for share in shares)} ({_verdict(up, down)})"
            )
        last = paired(curves[_LEAST][many].tolist(), curves[_LEAST][few].tolist())
        parts.append(
            f"With {labels}: {'; '.join(texts)}; minimum norm with {counts[many]:,} features minus "
            f"{counts[few]:,}: {last.points} points."
        )
    return (
        f"Error on held-out images with {counts[few]:,} features, with {counts[threshold]:,}, as "
        f"many as training images, and with {counts[many]:,}. {' '.join(parts)} Brackets are 95% "
        "intervals over seeds, each with features and images of its own. The strength of ridge is "
        "chosen on validation images."
    )


def _verdict(up: Estimate, down: Estimate) -> str:
    """Return whether the error at the threshold is above that of fewer and of more features."""
    if up.low > 0 and down.low > 0:
        return "a peak"
    return "no peak" if up.high < 0 or down.high < 0 else "no peak that the seeds show"


def _figure(errors: Errors, counts: Sequence[int], examples: ExampleImages) -> Figure:
    seeds = errors["true labels"][_LEAST].shape[1]
    images = counts[_RATIOS.index(_THRESHOLD)]
    panels = [
        CurvePanel(
            labels,
            ("random features", "error"),
            [
                BandedCurve(curve, counts, [share_over_seeds(row.tolist()) for row in found])
                for curve, found in curves.items()
            ],
            logarithmic="x",
            mark=images,
        )
        for labels, curves in errors.items()
    ]
    return curve_panels(
        panels,
        {},
        title="Double descent: error against the number of random features",
        note=f"Least squares on random ReLU features of {images} images of {examples.shown_name}, "
        f"measured on {len(examples.held_out):,} held-out images with their true labels; mean and "
        f"95% interval, number of seeds: {seeds}. The strength of ridge is chosen on validation "
        "images. At the dotted line, the interpolation threshold, there are as many features as "
        "training images",
    )

"""What the invariance experiment measures of a classifier, and its means and intervals.

Accuracy under a transformation is not invariance: a network that is wrong on the original image may
be wrong in the same way. So consistency is measured too, the share of images whose predicted class
is that of the original (Zhang, Making convolutional networks shift-invariant again, 2019). Relative
accuracy is corrected for chance, else a classifier that guesses would keep all of its accuracy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from app.data.dataset import Split
from app.lab.transformations import SHIFTS, TRANSFORMATIONS, Transformation
from app.lab.uncertainty import over_seeds
from app.statistics.estimate import Estimate
from app.statistics.means import bootstrap_mean
from app.statistics.proportions import wilson_interval

Probabilities = Callable[[np.ndarray], np.ndarray]
# Measurements of one classifier, as `measure` returns them.
Run = Mapping[str, Any]
ACCURACY, CONSISTENCY = "accuracy", "consistency"
# A digit of MNIST has a margin of this share, behind which strokes would be cut off.
_DIGIT_MARGIN = 0.15
_NOTHING = 0.01


def levels_of(one: Transformation, *, cut_off: bool) -> tuple[float, ...]:
    """Return the levels to measure: no shift cuts off the strokes of a digit without a canvas."""
    if cut_off and one in SHIFTS:
        return tuple(level for level in one.levels if abs(level) <= _DIGIT_MARGIN)
    return one.levels


def measure(
    probabilities: Probabilities, images: Split, *, fill_mode: str, cut_off: bool
) -> dict[str, Any]:
    """Measure a classifier on transformed images.

    Args:
        probabilities: Function from images `(N, H, W, C)` to probabilities `(N, K)`.
        images: Labeled images in memory.
        fill_mode: `nearest` or `reflect`, for pixels from outside of the image.
        cut_off: Whether large shifts would cut off strokes, and are left out.

    Returns:
        The number of `images`; by the name of each transformation the numbers of correct and of
        unchanged predictions at each level; and `shifts`, how often each image is classified
        correctly over all shifts.
    """
    pixels, labels = images.pixels, images.labels
    original = probabilities(pixels).argmax(axis=1)
    found: dict[str, Any] = {"images": len(labels)}
    shifts = np.zeros(len(labels), int)
    for one in TRANSFORMATIONS:
        found[one.name] = {ACCURACY: [], CONSISTENCY: []}
        for level in levels_of(one, cut_off=cut_off):
            predicted = original
            if level != one.neutral:
                predicted = probabilities(one.apply(pixels, level, fill_mode)).argmax(axis=1)
                shifts += (one in SHIFTS) & (predicted == labels)
            found[one.name][ACCURACY].append(int((predicted == labels).sum()))
            found[one.name][CONSISTENCY].append(int((predicted == original).sum()))
    return {**found, "shifts": shifts.tolist()}


def share(runs: Sequence[Run], name: str, what: str, number: int) -> Estimate:
    """Return the accuracy or consistency at a level: over seeds, or over the images of one run."""
    if len(runs) == 1:
        return wilson_interval(runs[0][name][what][number], runs[0]["images"])
    return over_seeds([run[name][what][number] / run["images"] for run in runs])


def shifted_accuracy(run: Run) -> Estimate:
    """Return the mean accuracy over all shifts, with its interval over the images."""
    others = sum(len(run[one.name][ACCURACY]) - 1 for one in SHIFTS)
    return bootstrap_mean(np.asarray(run["shifts"]) / others)


def relative_accuracy(run: Run, names: Sequence[str], chance: float) -> float:
    """Return (a − c) / (a₀ − c): mean accuracy a over levels, a₀ on the original, chance c.

    Args:
        run: Measurements.
        names: Transformations.
        chance: Accuracy of guessing.
    """
    found = {one.name: one for one in TRANSFORMATIONS}
    values, original = [], 0.0
    for name in names:
        counts = np.array(run[name][ACCURACY]) / run["images"]
        levels = levels_of(found[name], cut_off=len(counts) < len(found[name].levels))
        neutral = levels.index(found[name].neutral)
        original = float(counts[neutral])
        values += [value for place, value in enumerate(counts) if place != neutral]
    return _relative(float(np.mean(values)), original, chance)


def relative_at(run: Run, name: str, number: int, chance: float) -> float:
    """Return the chance-corrected relative accuracy at one level of a transformation."""
    one = next(one for one in TRANSFORMATIONS if one.name == name)
    counts = np.array(run[name][ACCURACY]) / run["images"]
    original = float(counts[one.levels.index(one.neutral)])
    return _relative(float(counts[number]), original, chance)


def _relative(accuracy: float, original: float, chance: float) -> float:
    """Return the relative accuracy; 0 for a network that has learned nothing."""
    return (accuracy - chance) / (original - chance) if original - chance > _NOTHING else 0.0

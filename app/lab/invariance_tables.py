"""Table, curves and references of the invariance experiment, of saved and trained networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from app.data.dataset import Split
from app.figures.canvas.style import Figure
from app.figures.invariance_panels import Panel, invariance_panels
from app.lab.invariance_measures import ACCURACY, CONSISTENCY, Run, levels_of, share
from app.lab.result import Reference, Row, chance_of
from app.lab.transformations import SHIFTS, TRANSFORMATIONS, Transformation
from app.statistics.estimate import Estimate

# The measurements of each model, or of each network with all of its seeds.
Runs = Mapping[str, Sequence[Run]]


def fill_mode_of(of_digits: bool) -> str:
    """Return the fill mode: the border of a digit repeats, a photograph is mirrored."""
    return "nearest" if of_digits else "reflect"


def original_accuracy(runs: Sequence[Run]) -> Estimate:
    """Return the accuracy on the original images, in the middle of the shifts."""
    return share(runs, SHIFTS[0].name, ACCURACY, len(runs[0][SHIFTS[0].name][ACCURACY]) // 2)


def rows_of(runs: Runs) -> list[Row]:
    """Return a row for each model, transformation and level."""
    rows: list[Row] = []
    for model, found in runs.items():
        for one in TRANSFORMATIONS:
            for number, level in enumerate(_measured_levels(found, one)):
                accuracy = share(found, one.name, ACCURACY, number)
                consistency = share(found, one.name, CONSISTENCY, number)
                rows.append({
                    "model": model, "transformation": one.name, "unit": one.unit, "level": level,
                    "accuracy": round(accuracy.value, 4), "low": round(accuracy.low, 4),
                    "high": round(accuracy.high, 4), "consistency": round(consistency.value, 4),
                })  # fmt: skip
    return rows


def curves_of(
    runs: Runs,
    images: Split,
    note: str,
    *,
    of_digits: bool,
    trained: Mapping[str, tuple[float, float]],
) -> Figure:
    """Return the figure of accuracy and consistency under all transformations.

    Args:
        runs: Measurements by the name of the curve.
        images: Images, one of which is shown.
        note: Note in small print.
        of_digits: Whether they show digits.
        trained: Ends of the levels that augmentation covers, by transformation.
    """
    # An image of a middle class: among the digits a 5, which has no symmetry.
    middle = int(np.argmax(images.labels == images.labels.max() // 2 + 1))
    image = images.pixels[middle : middle + 1]
    panels = []
    for one in TRANSFORMATIONS:
        levels = _measured_levels(next(iter(runs.values())), one)
        accuracies, consistencies = (
            {
                name: [share(found, one.name, what, k) for k in range(len(levels))]
                for name, found in runs.items()
            }
            for what in (ACCURACY, CONSISTENCY)
        )
        panels.append(
            Panel(
                title=one.name,
                unit=one.unit,
                levels=levels,
                images=[one.apply(image, level, fill_mode_of(of_digits))[0] for level in levels],
                accuracies=accuracies,
                consistencies=consistencies,
                trained=trained.get(one.name),
            )
        )
    return invariance_panels(
        panels,
        title="Accuracy and consistency under transformations",
        note=f"{note}; chance is {chance_of(images.labels):.0%}",
    )


def references_of(runs: Runs, labels: np.ndarray) -> list[Reference]:
    """Return each model's accuracy on the original images."""
    return [
        Reference(
            f"{name} on the original images", original_accuracy(found).value, len(labels),
            chance_of(labels),
        )
        for name, found in runs.items()
    ]  # fmt: skip


def _measured_levels(runs: Sequence[Run], one: Transformation) -> tuple[float, ...]:
    return levels_of(one, cut_off=len(runs[0][one.name][ACCURACY]) < len(one.levels))

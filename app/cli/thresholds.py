"""The threshold of confidence for a coverage or an error, chosen on validation images."""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.errors import AppError

if TYPE_CHECKING:
    from app.evaluate import EvaluationResult
    from app.statistics.selective import Selected

_DECIMALS = 6


@dataclass(frozen=True)
class Threshold:
    """A threshold, and what it does.

    Attributes:
        aim: What it was chosen for, in words.
        validation: Coverage and error on the validation images that it was chosen on.
        measured: The same on the evaluated images.
        split: Split of the evaluated images.
        classes: Number of classes.
    """

    aim: str
    validation: Selected
    measured: Selected
    split: str
    classes: int

    @property
    def value(self) -> float:
        """The smallest probability of a label, rounded down."""
        return self.measured.threshold

    def lines(self, model: str) -> list[str]:
        """Return what to print."""
        lines = [
            "",
            f"Threshold {self.value:.{_DECIMALS}f}, for {self.aim}:",
            f"  validation: {_text(self.validation)}",
            f"  {self.split}: {_text(self.measured)}",
            f"Use it: python -m app predict {shlex.quote(model)} IMAGE... --unknown-below "
            f"{self.value:.{_DECIMALS}f}",
        ]
        if self.classes == 2:
            lines += [
                "Two classes cannot mean 'neither': an image of something else gets one of them,",
                "often with a high probability. Measure it: python -m app lab unknown",
            ]
        return lines

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary that `json` can write."""
        return {"unknown_below": self.value, "for": self.aim} | {
            name: {
                "coverage": list(one.coverage),
                "error": list(one.risk) if one.risk is not None else None,
            }
            for name, one in (("validation", self.validation), (self.split, self.measured))
        }


def threshold_of(
    coverage: float | None,
    error: float | None,
    validation: EvaluationResult,
    result: EvaluationResult,
) -> Threshold:
    """Choose a threshold on validation images, and measure it on others.

    Args:
        coverage: Share of the images that should have a label; or `None` for a largest error.
        error: Largest share of errors among the labels.
        validation: Evaluation to choose by.
        result: Evaluation to measure on.

    Raises:
        AppError: If even the most confident predictions are wrong more often than `error`.
    """
    from app.statistics.selective import selected

    curve = validation.risk_coverage
    if coverage is not None:
        found: float | None = curve.threshold_at(coverage)
        aim = f"labels for {coverage:.4g} of the images"
    else:
        assert error is not None
        found, aim = curve.threshold_within(error), f"an error of at most {error:.4g}"
    if found is None:
        raise AppError(
            f"The most confident predictions for the validation images have an error of "
            f"{curve.risk[0]:.2%}, more than --max-error {error:g}.",
            "Expected a larger error.",
            "The whole curve: -o FOLDER draws risk_coverage.png.",
        )
    value = math.floor(found * 10**_DECIMALS) / 10**_DECIMALS
    first, second = (selected(one.probabilities, one.labels, value) for one in (validation, result))
    return Threshold(aim, first, second, result.split, len(result.class_names))


def _text(found: Selected) -> str:
    if found.risk is None:
        return "no image has a label"
    return f"{found.coverage.percent} of the images, error {found.risk.percent} among them"

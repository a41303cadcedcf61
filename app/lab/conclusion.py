"""What an experiment may state: a finding, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.lab.wording import percent

_STANDARD_ERRORS = 2


@dataclass(frozen=True)
class Reference:
    """An accuracy that a finding is about, or that it compares others with.

    Attributes:
        name: What has this accuracy.
        accuracy: Share of the images.
        images: Number of images that it was measured on.
        chance: Accuracy of always predicting the most frequent class.
    """

    name: str
    accuracy: float
    images: int
    chance: float

    @property
    def is_near_chance(self) -> bool:
        """Whether it is below chance plus two binomial standard errors."""
        error = np.sqrt(self.chance * (1 - self.chance) / self.images)
        return bool(self.accuracy <= self.chance + _STANDARD_ERRORS * error)


@dataclass(frozen=True)
class Conclusion:
    """The result of an experiment in words.

    Attributes:
        finding: What was found, in numbers; empty if nothing may be stated.
        reason: Why there is no finding; empty if there is one.
        quick: Whether the run was a demonstration.
    """

    finding: str
    reason: str
    quick: bool

    @property
    def text(self) -> str:
        """The finding, or why there is none."""
        return self.finding or self.reason


def conclude(finding: str, references: Sequence[Reference], *, quick: bool) -> Conclusion:
    """Return the finding of a full run whose references are above chance, else why there is none.

    Args:
        finding: What the numbers say.
        references: Accuracies that it depends on.
        quick: Whether the run was a demonstration.
    """
    if quick:
        reason = (
            "No finding: this was a demonstration run (--quick), with so few images and epochs "
            "that its numbers show how the experiment works, not what is true. Run it without "
            "--quick for a result."
        )
        return Conclusion("", reason, quick)
    weak = [one for one in references if one.is_near_chance]
    if weak:
        accuracies = ", ".join(
            f"{one.name} {percent(one.accuracy)} of {one.images:,} images "
            f"(chance: {percent(one.chance)})"
            for one in weak
        )
        reason = (
            "No finding: within two standard errors of chance, there is nothing to compare with: "
            f"{accuracies}. Use more images or a dataset that the network can learn."
        )
        return Conclusion("", reason, quick)
    return Conclusion(finding, "", quick)


def chance_of(labels: np.ndarray) -> float:
    """Return the share of the most frequent class among labels `(N,)`."""
    return float(np.bincount(labels).max() / len(labels))

"""What an experiment returns, and what may be concluded from it."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from app.figure_files import save
from app.figures.canvas.annotation import add_watermark
from app.figures.canvas.style import Figure
from app.files import atomic_file
from app.lab.wording import percent

Row = dict[str, str | int | float]
_WATERMARK = "demonstration run, not a result"
_STANDARD_ERRORS = 2


@dataclass(frozen=True)
class Reference:
    """An accuracy on which a finding depends.

    Attributes:
        name: Name of the model or setting with this accuracy.
        accuracy: Fraction of the images.
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
class ExperimentResult:
    """The result of an experiment.

    Attributes:
        finding: Conclusion in words; stated only if `conclude` allows it.
        rows: Table whose rows have the same columns.
        figures: Figures by file name, without its extension.
        references: Accuracies on which the finding depends.
    """

    finding: str
    rows: list[Row]
    figures: Mapping[str, Figure] = field(default_factory=dict)
    references: Sequence[Reference] = ()

    def write(self, folder: Path, name: str, *, quick: bool) -> list[Path]:
        """Write `NAME.csv` and the figures into a folder; return the files.

        Args:
            folder: Output folder.
            name: Name of the experiment.
            quick: Whether the run was a demonstration, which gets a watermark.

        Raises:
            AppError: If they cannot be written.
        """
        table = folder / f"{name}.csv"
        rows = [{**row, "quick": quick} for row in self.rows]
        with atomic_file(table) as temporary, temporary.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        written = [table]
        for stem, figure in self.figures.items():
            if quick:
                add_watermark(figure, _WATERMARK)
            written.append(folder / f"{stem}.png")
            save(figure, written[-1])
        return written


@dataclass(frozen=True)
class Conclusion:
    """The finding of an experiment, or the reason why there is none.

    Attributes:
        finding: Finding; empty if nothing may be stated.
        reason: Reason why there is no finding; empty if there is one.
        quick: Whether the run was a demonstration.
    """

    finding: str
    reason: str
    quick: bool

    @property
    def text(self) -> str:
        """The finding or the reason."""
        return self.finding or self.reason


def conclude(finding: str, references: Sequence[Reference], *, quick: bool) -> Conclusion:
    """Return the finding of a full run whose references are above chance, else the reason why not.

    Args:
        finding: Conclusion in words.
        references: Accuracies on which it depends.
        quick: Whether the run was a demonstration.
    """
    if quick:
        reason = (
            "No finding: this was a demonstration run (--quick), with so few images and epochs "
            "that its numbers show how the experiment works, not what is true. Run it without "
            "--quick for a result."
        )
        return Conclusion("", reason, quick)
    weak = [reference for reference in references if reference.is_near_chance]
    if weak:
        accuracies = ", ".join(
            f"{reference.name} {percent(reference.accuracy)} of {reference.images:,} images "
            f"(chance: {percent(reference.chance)})"
            for reference in weak
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

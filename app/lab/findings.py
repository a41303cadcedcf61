"""What an experiment found: numbers, figures and one sentence."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.files import atomic_file
from app.plots.style import Figure, save

Row = dict[str, str | int | float]


@dataclass(frozen=True)
class Findings:
    """What an experiment found.

    Attributes:
        sentence: What was found, in numbers.
        rows: A table, all rows with the same columns.
        figures: By name of their file, without its ending.
    """

    sentence: str
    rows: list[Row]
    figures: Mapping[str, Figure]

    def write(self, folder: Path, name: str) -> list[Path]:
        """Write `NAME.csv` and the figures into a folder; return the files.

        Raises:
            AppError: If they cannot be written.
        """
        table = folder / f"{name}.csv"
        with atomic_file(table) as temporary, temporary.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)
        written = [table]
        for stem, figure in self.figures.items():
            written.append(folder / f"{stem}.png")
            save(figure, written[-1])
        return written


def mean_and_spread(values: Sequence[float]) -> tuple[float, float]:
    """Return mean and standard deviation (0 for a single value)."""
    return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def percent(share: float) -> str:
    """Return `97.5%`."""
    return f"{100 * share:.1f}%"


def with_spread(values: Sequence[float]) -> str:
    """Return `97.5 ± 0.3%` of shares; of a single one `97.5%`."""
    mean, spread = mean_and_spread(values)
    return f"{100 * mean:.1f} ± {100 * spread:.1f}%" if len(values) > 1 else percent(mean)

"""What an experiment found: a conclusion, a table and figures."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.figure_files import save
from app.figures.canvas.annotation import add_watermark
from app.figures.canvas.style import Figure
from app.files import atomic_file
from app.lab.conclusion import Conclusion

Row = dict[str, str | int | float]
_WATERMARK = "demonstration run, not a result"


@dataclass(frozen=True)
class Findings:
    """What an experiment found.

    Attributes:
        conclusion: What was found, in numbers, or why there is no finding.
        rows: A table, all rows with the same columns.
        figures: By name of their file, without its ending.
    """

    conclusion: Conclusion
    rows: list[Row]
    figures: Mapping[str, Figure]

    def write(self, folder: Path, name: str) -> list[Path]:
        """Write `NAME.csv` and the figures into a folder; return the files.

        Raises:
            AppError: If they cannot be written.
        """
        table = folder / f"{name}.csv"
        rows = [{**row, "quick": self.conclusion.quick} for row in self.rows]
        with atomic_file(table) as temporary, temporary.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        written = [table]
        for stem, figure in self.figures.items():
            if self.conclusion.quick:
                add_watermark(figure, _WATERMARK)
            written.append(folder / f"{stem}.png")
            save(figure, written[-1])
        return written

"""The options of an experiment, and its resumable measurements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.lab.result import Conclusion, Row
from app.lab.store import Job, ResultStore
from app.reporting import Reporter


@dataclass
class ExperimentOptions:
    """The options of one run of an experiment.

    Attributes:
        name: Name of the experiment; the stem of its files.
        output: Folder for numbers and figures.
        models: Folders, names or files of saved models; empty if networks are trained.
        dataset: Name or folder of a dataset; `None` for the experiment's default.
        data_dir: Folder of the datasets.
        quick: Whether to demonstrate the experiment in seconds, with fewer images and epochs.
        reporter: Reporter for messages and progress.
        files: Files of the experiment's own options, by their names.
    """

    name: str
    output: Path
    models: tuple[str, ...]
    dataset: str | None
    data_dir: Path
    quick: bool
    reporter: Reporter
    files: Mapping[str, Path] = field(default_factory=dict)
    _store: ResultStore | None = field(default=None, init=False)

    def full_or_quick(self, full: int, quick: int) -> int:
        """Return the amount for this run."""
        return quick if self.quick else full

    def measure(
        self, jobs: Mapping[str, Job], settings: Mapping[str, Any], description: str
    ) -> dict[str, Any]:
        """Return the results of the jobs by name; those in `NAME.json` are not measured again.

        Args:
            jobs: Functions by name, each of which returns what JSON can hold.
            settings: Everything that the results depend on, as JSON can hold it.
            description: Text of the progress bar.

        Raises:
            AppError: If the file holds results of other settings.
        """
        self._store = ResultStore(self.output / f"{self.name}.json", settings)
        return self._store.measure(jobs, description, self.reporter)

    def conclude(self, conclusion: Conclusion, rows: list[Row]) -> list[Path]:
        """Write the conclusion next to the measurements, if there are any; return the file."""
        if self._store is None:
            return []
        self._store.conclude(conclusion, rows)
        return [self._store.path]

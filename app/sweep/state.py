"""The progress of a sweep: its runs, and what they have measured."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.sweep.design import Design, Run
from app.sweep.record import run_rows, stored_errors, stored_settings
from app.sweep.results import Results, results_of
from app.sweep.search import Trial
from app.sweep.unit import Measurement, measured


@dataclass
class State:
    """How far a sweep is.

    Attributes:
        runs: All runs.
        measurements: What finished and stopped runs have measured, by the name of the run.
        errors: Why runs failed, by the name of the run.
        stopped: Whether it was asked to stop before all runs had ended.
        results: Results by setting.
    """

    runs: list[Run]
    folds: int
    measurements: dict[str, Measurement] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    stopped: bool = False

    @property
    def results(self) -> Results:
        """Results by setting, of the runs that have finished."""
        return results_of(self.runs, self.measurements, self.folds)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What is known of every run."""
        return run_rows(self.runs, self.measurements, self.errors)

    @property
    def finished(self) -> int:
        """Number of finished runs."""
        return sum(one.finished for one in self.measurements.values())

    def read(self) -> None:
        """Read what the runs have measured so far."""
        for run in self.runs:
            found = measured(run.settings)
            if found is not None:
                self.measurements[run.name] = found

    @property
    def trials(self) -> list[Trial]:
        """What is known of every setting, in their order."""
        settings: dict[int, list[Run]] = {}
        for run in self.runs:
            settings.setdefault(run.number, []).append(run)
        accuracies = {
            one.number: statistics.fmean(one.accuracies)
            for one in self.results.settings
            if one.complete
        }
        return [
            Trial(
                runs[0].values,
                accuracies.get(number),
                failed=any(run.name in self.errors for run in runs),
            )
            for number, runs in sorted(settings.items())
        ]

    def waiting(self) -> Iterator[Run]:
        """Yield the runs that have not finished, in their order."""
        for run in self.runs:
            found = self.measurements.get(run.name)
            if found is None or not found.finished:
                yield run


def read_sweep(folder: Path, design: Design) -> State:
    """Return how far the sweep in a folder is, without training anything.

    Raises:
        AppError: If a card cannot be read.
    """
    runs = design.runs(folder, stored_settings(folder))
    state = State(runs, design.folds, errors=stored_errors(folder))
    state.read()
    return state

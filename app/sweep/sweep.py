"""Run a sweep: its runs in parallel, then the test of the setting that validation chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from app.augmentation.parsing import parse_augmentation
from app.config import RunSettings
from app.data.dataset import Dataset
from app.data.folds import check_folds
from app.data.registry import default_data_dir, load_dataset
from app.figure_files import save
from app.figures.canvas.style import Figure
from app.figures.repeated_runs import RepeatedRuns, repeated_runs
from app.reporting import SILENT, Reporter
from app.signals import noting_requests, stop_requested
from app.sweep.design import Design, Run
from app.sweep.pool import Event, Pool
from app.sweep.record import (
    FIGURE,
    check_design,
    locked,
    run_rows,
    stored_design,
    stored_errors,
    write_record,
)
from app.sweep.results import Results, results_of
from app.sweep.testing import test_models
from app.sweep.unit import Measurement, measured
from app.training.recipes import resolve

_WAIT = 0.2  # seconds between two looks at signals
_MOST_ROWS = 30  # of the figure


class Watch(Protocol):
    """Shows the runs of a sweep while they are performed."""

    def begin(self, runs: Sequence[Run], measurements: Mapping[str, Measurement]) -> None:
        """Receive all runs, and what is known of some, before any is started."""

    def event(self, event: Event) -> None:
        """Receive what happened to a run."""

    def end(self) -> None:
        """Clean up after the last event, also if the sweep was stopped."""


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
    state = State(design.runs(folder), design.folds, errors=stored_errors(folder))
    state.read()
    return state


def run_sweep(
    folder: Path, design: Design, pool: Pool, watch: Watch, reporter: Reporter = SILENT
) -> State:
    """Perform all runs of a sweep that have not finished; test the best setting on the test images.

    It can be stopped at any time, and repeated to go on. A run that fails is reported, and the
    others go on; it is tried again when the sweep is repeated.

    Args:
        folder: Folder of the sweep; created, or that of the same sweep.
        design: Runs to perform.
        pool: Processes that perform them; closed at the end.
        watch: Receiver of the events.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If the design, the data or the folder do not allow it.
    """
    with closing(pool):
        design.check()
        stored = stored_design(folder)
        dataset = _load(design, reporter)
        design = replace(design, base=_with_stand_in(design.base, dataset))
        identity = {**design.identity(), "images": dataset.fingerprints()}
        if stored is not None:
            check_design(folder, stored, identity)
        with locked(folder):
            state = State(design.runs(folder), design.folds)
            state.read()
            write_record(folder, identity, state.rows, state.results)
            _perform_all(folder, identity, state, pool, watch)
            best = state.results.best
            if best is not None and not state.stopped:
                untested = [one for one in best.finished.values() if one.test_accuracy is None]
                test_models([Path(one.folder) for one in untested], design.base, reporter)
                state.read()
                write_record(folder, identity, state.rows, state.results)
            if state.results.settings:
                save(_figure(state.results, dataset.display_name), folder / FIGURE)
    return state


def _perform_all(
    folder: Path, identity: Mapping[str, Any], state: State, pool: Pool, watch: Watch
) -> None:
    waiting = state.waiting()
    following = next(waiting, None)
    watch.begin(state.runs, state.measurements)
    try:
        with noting_requests():
            while following is not None or pool.busy:
                while following is not None and pool.has_free:
                    pool.start(following)
                    watch.event(Event(following, "started", {}))
                    following = next(waiting, None)
                for event in pool.events(_WAIT):
                    watch.event(event)
                    if _note(event, state):
                        write_record(folder, identity, state.rows, state.results)
                if stop_requested() and not state.stopped:
                    state.stopped, following = True, None
                    pool.stop()
    finally:
        watch.end()


def _note(event: Event, state: State) -> bool:
    """Keep what the end of a run says; return whether it has ended."""
    name = event.run.name
    if event.kind == "failed":
        state.errors[name] = event.details["error"]
    elif event.kind in ("done", "stopped") and event.details:
        state.measurements[name] = Measurement(**event.details)
    else:
        return False
    return True


def _load(design: Design, reporter: Reporter) -> Dataset:
    """Load the dataset once, before the processes do, and check everything that can be."""
    base = design.base
    for run in design.runs(Path())[: len(design.combinations())]:
        parse_augmentation(resolve(run.settings).augment)
    dataset = load_dataset(
        base.dataset,
        Path(base.data_dir) if base.data_dir else default_data_dir(),
        protocol=base.protocol,
        stand_in=base.stand_in,
        reporter=reporter,
    )
    if design.folds:
        check_folds(dataset, design.folds)
    return dataset


def _with_stand_in(base: RunSettings, dataset: Dataset) -> RunSettings:
    """Let the runs take the stand-in at once where the dataset could not be reached."""
    return replace(base, stand_in="always") if dataset.stand_in else base


def _figure(results: Results, dataset: str) -> Figure:
    rows = [
        RepeatedRuns(
            one.label,
            one.accuracies,
            (one.interval.low, one.interval.high) if one.interval else None,
            [run.test_accuracy for run in one.finished.values() if run.test_accuracy is not None],
        )
        for one in results.settings[:_MOST_ROWS]
    ]
    more = len(results.settings) - len(rows)
    return repeated_runs(
        rows,
        axis=results.metric,
        title=f"Sweep on {dataset}: {len(results.settings)} settings, the best first",
        note="Bars: 95% interval of the mean over runs (Student's t). The first setting was "
        "selected by its validation accuracy; the test images were used for it alone."
        + (f" {more} more settings are left out." if more else ""),
    )

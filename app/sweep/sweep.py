"""Run a sweep: its runs in parallel, then the test of the setting that validation chose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Protocol

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
from app.sweep.record import (
    FIGURE,
    check_design,
    locked,
    stored_design,
    stored_settings,
    write_record,
)
from app.sweep.results import Results
from app.sweep.search import propose
from app.sweep.state import State
from app.sweep.testing import test_models
from app.sweep.unit import Measurement
from app.sweep.workers import Event, Workers
from app.training.recipes import resolve

_WAIT = 0.2  # seconds between two looks at signals
_MOST_ROWS = 30  # of the figure


class Watch(Protocol):
    """Shows the runs of a sweep while they are performed."""

    def begin(self, total: int, measurements: Mapping[str, Measurement]) -> None:
        """Receive the number of runs, and what is known of some, before any is started."""

    def event(self, event: Event) -> None:
        """Receive what happened to a run."""

    def end(self) -> None:
        """Clean up after the last event, also if the sweep was stopped."""


def run_sweep(
    folder: Path, design: Design, workers: Workers, watch: Watch, reporter: Reporter = SILENT
) -> State:
    """Perform all runs of a sweep that have not finished; test the best setting on the test images.

    It can be stopped at any time, and repeated to go on. A run that fails is reported, and the
    others go on; it is tried again when the sweep is repeated.

    Args:
        folder: Folder of the sweep; created, or that of the same sweep.
        design: Runs to perform.
        workers: Processes or a cluster that performs them; closed at the end.
        watch: Receiver of the events.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If the design, the data or the folder do not allow it.
    """
    with closing(workers):
        design.check()
        stored = stored_design(folder)
        dataset = _load(design, reporter)
        design = replace(design, base=_with_stand_in(design.base, dataset))
        identity = {**design.identity(), "images": dataset.fingerprints()}
        if stored is not None:
            check_design(folder, stored, identity)
        with locked(folder):
            workers.prepare(folder, design.base, dataset.fingerprints())
            state = State(design.runs(folder, stored_settings(folder)), design.folds)
            state.read()

            def record() -> None:
                write_record(folder, identity, state.rows, state.results)

            record()
            watch.begin(design.size, state.measurements)
            _perform_all(_following(folder, design, state), state, workers, watch, record)
            best = state.results.best
            if best is not None and not state.stopped:
                untested = [one for one in best.finished.values() if one.test_accuracy is None]
                test_models([Path(one.folder) for one in untested], design.base, reporter)
                state.read()
                record()
            if state.results.settings:
                save(_figure(state.results, dataset.display_name), folder / FIGURE)
    return state


def _perform_all(
    following: Iterator[Run],
    state: State,
    workers: Workers,
    watch: Watch,
    record: Callable[[], None],
) -> None:
    try:
        with noting_requests():
            while True:
                # A search proposes a setting when it can begin, from all that is known by then.
                while workers.has_free and (run := next(following, None)) is not None:
                    # A proposal is written before its run can leave anything.
                    record()
                    workers.start(run)
                    watch.event(Event(run, "started", {}))
                if not workers.busy:
                    break
                for event in workers.events(_WAIT):
                    watch.event(event)
                    if _note(event, state):
                        record()
                if stop_requested() and not state.stopped:
                    state.stopped = True
                    workers.stop()
    finally:
        watch.end()


def _following(folder: Path, design: Design, state: State) -> Iterator[Run]:
    """Yield the runs that have not finished, then those of settings that a search proposes."""
    yield from state.waiting()
    keys = design.keys()
    while len(trials := state.trials) < design.trials:
        values = propose(design.ranges, design.grid, trials)
        runs = [design.run(folder, len(trials) + 1, values, key) for key in keys]
        state.runs += runs
        yield from runs


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
    for values in design.examples():
        run = design.run(Path(), 1, values, design.keys()[0])
        parse_augmentation(resolve(run.settings).augment)
    dataset = load_dataset(
        base.dataset,
        Path(base.data_dir) if base.data_dir else default_data_dir(),
        protocol=base.protocol,
        stand_in=base.stand_in,
        reporter=reporter,
    )
    if design.averaged:
        dataset.require_one_label("--ensemble")
    if design.folds:
        dataset.require_one_label("--folds")
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

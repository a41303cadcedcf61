r"""Train many runs: seeds, folds of cross-validation, a grid of settings, a search.

    python -m app sweep -o sweeps/rate --dataset digits --seeds 0-4 \
        --grid learning_rate=1e-3,2e-3

The runs are trained in parallel processes that share the cores, or with
--scheduler on a Dask cluster. Settings are compared on the validation images,
over the same seeds and folds (paired t-test); the test images are used for the
best setting alone. FOLDER gets the results as sweep.json, sweep.csv and
sweep.png, and the saved models in runs/.

Ctrl-C stops; the same command, or `python -m app sweep -o FOLDER`, goes on.
A search also goes on with a larger --search.
"""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.options import add_import, chosen_folder, dataset_of
from app.cli.settings import add_settings, file_of, flags_of, settings_of
from app.cli.sweep_tables import print_state
from app.cli.tables import print_table
from app.errors import AppError
from app.reporting import CONSOLE
from app.signals import stop_status

if TYPE_CHECKING:
    from app.sweep.design import Design
    from app.sweep.state import State
    from app.sweep.workers import Workers

# What a sweep decides for each run, or what would be drawn or logged by many at once.
_NOT_CHOSEN = (
    "seed", "fold", "name", "output", "resume", "overwrite", "tensorboard", "watch", "workers",
)  # fmt: skip
_LOCAL = ("data_dir", "cache", "stand_in")  # may differ when a sweep is continued


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "-o", "--output", metavar="FOLDER", required=True, help="folder of the sweep"
    )
    parser.add_argument("--seeds", metavar="LIST", help="seeds, such as 0-4 or 0,2,7 (default: 0)")
    parser.add_argument(
        "--folds",
        metavar="N",
        type=int,
        help="divide training and validation images into N stratified folds, each of which "
        "validates once",
    )
    parser.add_argument(
        "--grid",
        metavar="SETTING=VALUE,VALUE,...",
        action="append",
        default=[],
        help="values of a setting, such as learning_rate=1e-3,2e-3; may be repeated, for all "
        "combinations; values that contain commas are separated by semicolons",
    )
    parser.add_argument(
        "--search",
        metavar="N",
        type=int,
        help="try N settings, proposed by Optuna from the accuracies so far, of the values of "
        "--grid and the ranges of --range",
    )
    parser.add_argument(
        "--range",
        metavar="SETTING=LOWEST:HIGHEST",
        action="append",
        default=[],
        dest="ranges",
        help="range of a setting with --search, such as learning_rate=1e-4:1e-1, searched by its "
        "logarithm if it spans a factor of ten; may be repeated",
    )
    parser.add_argument(
        "--ensemble",
        metavar="NAME",
        help="also save the mean of the best setting's models as one model in saved_models/NAME",
    )
    parser.add_argument(
        "--jobs", metavar="N", type=int, help="runs at the same time (default: one per core)"
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="train on the workers of a Dask cluster, one run at a time on each, instead of in "
        "processes of this machine; such as tcp://192.168.0.5:8786",
    )
    parser.add_argument(
        "--table", action="store_true", help="print how far the sweep is, and train nothing"
    )
    add_import(parser)
    group = parser.add_argument_group("settings of every run, as for train.py")
    add_settings(group, leave_out=_NOT_CHOSEN)
    parser.set_defaults(dataset=None)


def run(parsed: argparse.Namespace) -> int:
    """Run the sweep, or go on with it, and print its results."""
    folder = chosen_folder(parsed.output)
    design = _design(parsed, folder)
    from app.sweep.state import read_sweep
    from app.sweep.sweep import run_sweep

    if parsed.table:
        print_state(read_sweep(folder, design), design.size)
        return 0
    from app.cli.sweep_progress import RunTable
    from app.sweep.ensemble import ensemble_folder
    from app.sweep.record import FIGURE, RECORD, TABLE

    ensemble = parsed.ensemble and ensemble_folder(parsed.ensemble, folder, design.folds)
    design = replace(design, averaged=bool(ensemble))
    workers = _workers(parsed, design.size)
    state = run_sweep(folder, design, workers, RunTable(workers), CONSOLE)
    print_state(state, design.size)
    files = [name for name in (RECORD, TABLE, FIGURE) if (folder / name).exists()]
    CONSOLE.info(f"wrote {', '.join(files)} in {folder}")
    if state.stopped:
        CONSOLE.warning(f"Stopped. To go on: python -m app sweep -o {shlex.quote(str(folder))}")
        return stop_status()
    if ensemble:
        _save_ensemble(ensemble, folder, state, design)
    return 1 if state.errors else 0


def _workers(parsed: argparse.Namespace, size: int) -> Workers:
    """Return what performs the runs: a cluster, or processes of this machine."""
    if parsed.scheduler is None:
        from app.sweep.pool import Pool, default_jobs

        return Pool(default_jobs(size) if parsed.jobs is None else parsed.jobs, parsed.modules)
    if parsed.jobs is not None:
        raise AppError(
            f"--jobs {parsed.jobs} with --scheduler.",
            "Expected one of them: every worker of a cluster performs one run at a time.",
            f"Start as many workers: dask worker {parsed.scheduler} --nworkers {parsed.jobs}",
        )
    from app.sweep.cluster.client import Cluster

    return Cluster(parsed.scheduler, parsed.modules)


def _save_ensemble(target: Path, folder: Path, state: State, design: Design) -> None:
    """Save the mean of the best setting's models, and print how good it is."""
    from app.sweep.ensemble import save_ensemble
    from app.sweep.results import mean_of

    command = (
        f"python -m app sweep -o {shlex.quote(str(folder))} --ensemble {shlex.quote(target.name)}"
    )
    results = state.results
    saved = save_ensemble(target, results, design.base, command, CONSOLE)
    balanced = results.metric != "accuracy"
    rows = []
    for split, found, members in (
        ("validation", saved.validation, [one.accuracy for one in saved.members]),
        ("test", saved.test, [one.test_accuracy or 0.0 for one in saved.members]),
    ):
        accuracy = found.balanced_accuracy if balanced else found.accuracy
        rows.append([split, f"{accuracy:.2%}", mean_of(members).percent, f"{max(members):.2%}"])
    print_table(
        ["images", "ensemble", "its members", "best of them"],
        rows,
        title=f"{target}: the mean of {len(saved.members)} models, {results.metric}",
        right="ensemble|its members|best of them",
    )


def _design(parsed: argparse.Namespace, folder: Path) -> Design:
    """Return the design that the flags describe, or without any that of the folder."""
    from app.sweep.record import stored_design
    from app.sweep.search import check_search

    flags = {
        name: value
        for name, value in flags_of(parsed).items()
        if value is not None and name not in _NOT_CHOSEN
    }
    local = {name: flags.pop(name) for name in _LOCAL if name in flags}
    varied = (parsed.seeds, parsed.grid, parsed.ranges)
    stored = stored_design(folder)
    if any((flags, parsed.dataset, parsed.config, *varied)) or parsed.folds is not None:
        return _described_design(parsed, {**flags, **local})
    if stored is None:
        raise AppError(
            f"There is no sweep in '{folder}' to go on with.",
            "Expected its folder, or what to sweep: --seeds, --folds, --grid or --search.",
            "Example: --dataset digits --seeds 0-4 --grid learning_rate=1e-3,2e-3",
        )
    design = design_of(stored, local)
    trials = design.trials if parsed.search is None else parsed.search
    if (trials or parsed.search is not None) and not parsed.table:
        check_search(trials, {**design.grid, **design.ranges})
    return replace(design, trials=trials)


def _described_design(parsed: argparse.Namespace, flags: dict[str, Any]) -> Design:
    """Return the design that the flags describe."""
    from app.sweep.design import Design
    from app.sweep.grid import parse_grid, parse_ranges, parse_seeds
    from app.sweep.search import check_search

    file = {name: value for name, value in file_of(parsed).items() if name not in _NOT_CHOSEN}
    named = dataset_of(parsed)
    dataset = {"dataset": named} if named else {}
    if parsed.folds is not None and not 2 <= parsed.folds <= 1_000:
        raise AppError(
            f"--folds is {parsed.folds}.",
            "Expected a whole number from 2 to 1,000.",
            "Example: --folds 5",
        )
    grid = parse_grid(parsed.grid)
    ranges = parse_ranges(parsed.ranges, grid)
    if parsed.search is not None:
        check_search(parsed.search, {**grid, **ranges})
    elif ranges:
        raise AppError(
            f"--range {parsed.ranges[0]} without --search.",
            "Expected the number of settings to try.",
            f"Example: --search 20 --range {parsed.ranges[0]}; or values: --grid",
        )
    return Design(
        base=settings_of({**file, **flags, **dataset}),
        seeds=parse_seeds(parsed.seeds) if parsed.seeds else (0,),
        folds=parsed.folds or 0,
        grid=grid,
        trials=parsed.search or 0,
        ranges=ranges,
    )


def design_of(stored: dict[str, Any], local: dict[str, Any]) -> Design:
    """Return the design that a sweep has stored.

    Args:
        stored: Its identity.
        local: Settings that may differ from the first time, such as `data_dir`.
    """
    from app.sweep.design import Design, Range

    return Design(
        base=settings_of({**stored["settings"], **local}),
        seeds=tuple(stored["seeds"]),
        folds=stored["folds"],
        grid={name: tuple(values) for name, values in stored["grid"].items()},
        trials=stored.get("trials", 0),
        ranges={name: Range(*ends) for name, ends in stored.get("ranges", {}).items()},
    )

r"""Train many runs: seeds, folds of cross-validation, a grid of settings.

    python -m app sweep -o sweeps/rate --dataset digits --seeds 0-4 \
        --grid learning_rate=1e-3,2e-3

The runs are trained in parallel processes that share the cores. Settings are
compared on the validation images, over the same seeds and folds (paired
t-test); the test images are used for the best setting alone. FOLDER gets the
results as sweep.json, sweep.csv and sweep.png, and the saved models in runs/.

Ctrl-C stops; the same command, or `python -m app sweep -o FOLDER`, goes on.
"""

from __future__ import annotations

import argparse
import shlex
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.console import print_lines
from app.cli.options import add_import, chosen_folder, dataset_of
from app.cli.settings import add_settings, file_of, flags_of, settings_of
from app.cli.tables import print_table
from app.errors import AppError
from app.reporting import CONSOLE
from app.signals import stop_status

if TYPE_CHECKING:
    from app.sweep.design import Design
    from app.sweep.results import Results, Rival, SettingResult
    from app.sweep.sweep import State

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
        "--ensemble",
        metavar="NAME",
        help="also save the mean of the best setting's models as one model in saved_models/NAME",
    )
    parser.add_argument(
        "--jobs", metavar="N", type=int, help="runs at the same time (default: one per core)"
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
    from app.sweep.sweep import read_sweep, run_sweep

    if parsed.table:
        print_state(read_sweep(folder, design))
        return 0
    from app.cli.sweep_progress import RunTable
    from app.sweep.ensemble import ensemble_folder
    from app.sweep.pool import Pool, default_jobs
    from app.sweep.record import FIGURE, RECORD, TABLE

    ensemble = parsed.ensemble and ensemble_folder(parsed.ensemble, folder, design.folds)
    runs = len(design.keys()) * len(design.combinations())
    jobs = default_jobs(runs) if parsed.jobs is None else parsed.jobs
    pool = Pool(jobs, parsed.modules)
    state = run_sweep(folder, design, pool, RunTable(pool), CONSOLE)
    print_state(state)
    files = [name for name in (RECORD, TABLE, FIGURE) if (folder / name).exists()]
    CONSOLE.info(f"wrote {', '.join(files)} in {folder}")
    if state.stopped:
        CONSOLE.warning(f"Stopped. To go on: python -m app sweep -o {folder}")
        return stop_status()
    if ensemble:
        _save_ensemble(ensemble, folder, state, design)
    return 1 if state.errors else 0


def _save_ensemble(target: Path, folder: Path, state: State, design: Design) -> None:
    """Save the mean of the best setting's models, and print how good it is."""
    from app.sweep.ensemble import save_ensemble
    from app.sweep.results import mean_of

    command = f"python -m app sweep -o {shlex.quote(str(folder))} --ensemble {target.name}"
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
    from app.sweep.design import Design
    from app.sweep.grid import parse_grid, parse_seeds
    from app.sweep.record import stored_design

    flags = {
        name: value
        for name, value in flags_of(parsed).items()
        if value is not None and name not in _NOT_CHOSEN
    }
    local = {name: flags.pop(name) for name in _LOCAL if name in flags}
    described = (
        bool(flags or parsed.dataset or parsed.config or parsed.seeds or parsed.grid)
        or parsed.folds is not None
    )
    stored = stored_design(folder)
    if not described:
        if stored is None:
            raise AppError(
                f"There is no sweep in '{folder}' to go on with.",
                "Expected its folder, or what to sweep: --seeds, --folds or --grid.",
                "Example: --dataset digits --seeds 0-4 --grid learning_rate=1e-3,2e-3",
            )
        return design_of(stored, local)
    file = {name: value for name, value in file_of(parsed).items() if name not in _NOT_CHOSEN}
    named = dataset_of(parsed)
    dataset = {"dataset": named} if named else {}
    if parsed.folds is not None and not 2 <= parsed.folds <= 1_000:
        raise AppError(
            f"--folds is {parsed.folds}.",
            "Expected a whole number from 2 to 1,000.",
            "Example: --folds 5",
        )
    return Design(
        base=settings_of({**file, **flags, **local, **dataset}),
        seeds=parse_seeds(parsed.seeds) if parsed.seeds else (0,),
        folds=parsed.folds or 0,
        grid=parse_grid(parsed.grid),
    )


def print_state(state: State) -> None:
    """Print the results of a sweep as tables, and what has failed or is missing."""
    results = state.results
    rows = [_row(one) for one in results.settings]
    if rows:
        print_table(
            ["setting", "runs", "validation", "test", "seconds"],
            rows,
            title=f"Mean {results.metric} ± standard deviation, the best setting first",
            right="runs|validation|test|seconds",
            optional=("seconds",),
        )
    for name, error in state.errors.items():
        CONSOLE.warning(f"failed: {name}: {error}")
    total = len(state.runs)
    if state.finished < total:
        print_lines(f"{state.finished} of {total} runs have finished.")
    _print_comparison(results)


def _row(one: SettingResult) -> list[str]:
    validation, test = one.validation, one.test
    return [
        one.label,
        f"{len(one.finished)}" if one.complete else f"{len(one.finished)} of {one.planned}",
        validation.percent if validation else "",
        test.percent if test else "",
        f"{one.seconds:.0f}",
    ]


def _print_comparison(results: Results) -> None:
    """Print the selected setting, and how the others compare with it."""
    best, rivals = results.best, results.rivals
    if best is None or not rivals:
        return
    selected = f"Selected on validation images: {best.label}. Its lead over the others:"
    print_lines(*textwrap.wrap(selected, 80, break_on_hyphens=False))
    print_table(
        ["other setting", "pairs", "points [95%]", "p", ""],
        [_comparison(rival) for rival in rivals[:_MOST_RIVALS]],
        right="pairs|points [95%]|p",
    )
    more = len(rivals) - _MOST_RIVALS
    which = "corrected for overlapping folds" if results.folds else "over the same seeds"
    adjusted = f", adjusted for {len(rivals)} tests (Holm)" if len(rivals) > 1 else ""
    print_lines(
        *([f"… and {more} more settings, in sweep.json."] if more > 0 else []),
        f"p: paired t-test, {which}{adjusted}."
        if any(rival.p_value is not None for rival in rivals)
        else "A test takes at least three pairs of runs: more --seeds or --folds.",
    )


_MOST_RIVALS = 10


def _comparison(rival: Rival) -> list[str]:
    points = rival.test.difference.points if rival.test else ""
    cells = [rival.setting.label, f"{rival.pairs}", points]
    if rival.p_value is None:
        return [*cells, "", "not tested"]
    return [*cells, f"{rival.p_value:.2g}", "worse" if rival.is_worse else "not told apart"]


def design_of(stored: dict[str, Any], local: dict[str, Any]) -> Design:
    """Return the design that a sweep has stored.

    Args:
        stored: Its identity.
        local: Settings that may differ from the first time, such as `data_dir`.
    """
    from app.sweep.design import Design

    return Design(
        base=settings_of({**stored["settings"], **local}),
        seeds=tuple(stored["seeds"]),
        folds=stored["folds"],
        grid={name: tuple(values) for name, values in stored["grid"].items()},
    )

"""The results of a sweep as tables."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from app.cli.console import print_lines
from app.cli.tables import print_table
from app.reporting import CONSOLE

if TYPE_CHECKING:
    from app.sweep.results import Results, Rival, SettingResult
    from app.sweep.state import State

_MOST_RIVALS = 10


def print_state(state: State, total: int) -> None:
    """Print the results of a sweep as tables, and what has failed or is missing.

    Args:
        state: How far the sweep is.
        total: Number of its runs.
    """
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


def _comparison(rival: Rival) -> list[str]:
    points = rival.test.difference.points if rival.test else ""
    cells = [rival.setting.label, f"{rival.pairs}", points]
    if rival.p_value is None:
        return [*cells, "", "not tested"]
    return [*cells, f"{rival.p_value:.2g}", "worse" if rival.is_worse else "not told apart"]

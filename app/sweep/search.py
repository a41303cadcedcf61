"""Settings that a search proposes, from what the runs before have measured, with Optuna.

Nothing but the settings that were tried and their accuracies is remembered: they are in the folder
of the sweep, so that a search can be stopped and continued like any other sweep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from app.errors import AppError
from app.sweep.design import Range, Values

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

MOST_TRIALS = 10_000
_DECADE = 10  # a range that spans one is searched by its logarithm


class Trial(NamedTuple):
    """A setting that was proposed.

    Attributes:
        values: Values of the settings that are searched.
        accuracy: Mean validation accuracy of its runs; `None` before they have finished.
        failed: Whether a run failed.
    """

    values: Values
    accuracy: float | None
    failed: bool


def check_search(trials: int, space: Mapping[str, object]) -> None:
    """Refuse a search that cannot begin.

    Raises:
        AppError: If the number of trials is out of range, nothing is searched, or Optuna is not
            installed.
    """
    if not 1 <= trials <= MOST_TRIALS:
        raise AppError(
            f"--search is {trials}.",
            f"Expected a whole number from 1 to {MOST_TRIALS:,}.",
            "Example: --search 20",
        )
    if not space:
        raise AppError(
            "--search was given, without anything to search.",
            "Expected ranges or values of settings.",
            "Example: --search 20 --range learning_rate=1e-4:1e-1 --grid optimizer=adamw,sgd",
        )
    if find_spec("optuna") is None:
        raise AppError(
            "--search was given, but Optuna is not installed.",
            "Expected the extra 'search'.",
            "Install it: pip install -e '.[search]'",
        )


def propose(
    ranges: Mapping[str, Range], choices: Mapping[str, Sequence[Any]], tried: Sequence[Trial]
) -> dict[str, Any]:
    """Return the values to try next: the same ones for the same trials.

    The first ten are random. Later ones come from the tree-structured Parzen estimator, which
    treats unfinished trials as poor ones, so that parallel runs differ.

    Args:
        ranges: Range of each setting that varies continuously or over whole numbers.
        choices: Values of each setting that has only some.
        tried: The trials before, in their order.

    Source: Bergstra et al., Algorithms for hyper-parameter optimization, 2011.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = {name: _distribution(one) for name, one in ranges.items()}
    space |= {
        name: optuna.distributions.CategoricalDistribution(tuple(values))
        for name, values in choices.items()
    }
    states = optuna.trial.TrialState
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=len(tried), constant_liar=True),
    )
    for trial in tried:
        state = states.FAIL if trial.failed else states.RUNNING
        study.add_trial(
            optuna.trial.create_trial(
                params=dict(trial.values),
                distributions=space,
                value=trial.accuracy,
                state=state if trial.accuracy is None else states.COMPLETE,
            )
        )
    found = study.ask(space).params
    return {name: _rounded(found[name], ranges.get(name)) for name in space}


def _distribution(one: Range) -> BaseDistribution:
    from optuna.distributions import FloatDistribution, IntDistribution

    log = one.low > 0 and one.high >= _DECADE * one.low
    if isinstance(one.low, int) and isinstance(one.high, int):
        return IntDistribution(one.low, one.high, log=log)
    return FloatDistribution(one.low, one.high, log=log)


def _rounded(value: Any, within: Range | None) -> Any:
    """Return a value with four digits, so that a person can type it."""
    if within is None or isinstance(value, int):
        return value
    return min(max(float(f"{value:.4g}"), within.low), within.high)

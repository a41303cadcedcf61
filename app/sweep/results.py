"""The results of a sweep by setting, and which setting is best on the validation images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from app.statistics.estimate import Estimate
from app.statistics.means import t_interval
from app.statistics.paired import PairedTest, paired_t_test
from app.statistics.proportions import holm
from app.sweep.design import Key, Run, Values, label_of
from app.sweep.unit import Measurement

SIGNIFICANCE = 0.05
FEWEST_PAIRS = 3  # of two, the test has a single degree of freedom


class Mean(NamedTuple):
    """A mean over runs.

    Attributes:
        value: Mean.
        deviation: Standard deviation (n − 1); `None` for one run.
    """

    value: float
    deviation: float | None

    @property
    def percent(self) -> str:
        """Text such as `97.40 ± 0.21%`."""
        spread = "" if self.deviation is None else f" ± {100 * self.deviation:.2f}"
        return f"{100 * self.value:.2f}{spread}%"


@dataclass(frozen=True)
class SettingResult:
    """The runs of one setting.

    Attributes:
        number: Number of the setting.
        values: Values of the settings that the sweep varies.
        planned: Number of its runs.
        finished: Measurements of the finished runs by seed and fold.
    """

    number: int
    values: Values
    planned: int
    finished: Mapping[Key, Measurement]

    @property
    def label(self) -> str:
        """Text such as `learning_rate=0.002`."""
        return label_of(self.values)

    @property
    def complete(self) -> bool:
        """Whether all of its runs have finished."""
        return len(self.finished) == self.planned

    @property
    def accuracies(self) -> list[float]:
        """Validation accuracies of the finished runs."""
        return [one.accuracy for one in self.finished.values()]

    @property
    def validation(self) -> Mean | None:
        """Mean validation accuracy; `None` before a run has finished."""
        return mean_of(self.accuracies) if self.finished else None

    @property
    def interval(self) -> Estimate | None:
        """The same with its 95% interval over runs; `None` for fewer than two."""
        return t_interval(self.accuracies) if len(self.finished) > 1 else None

    @property
    def test(self) -> Mean | None:
        """Mean test accuracy; `None` unless all finished runs were tested."""
        tested = [one.test_accuracy for one in self.finished.values()]
        known = [accuracy for accuracy in tested if accuracy is not None]
        return mean_of(known) if known and len(known) == len(tested) else None

    @property
    def seconds(self) -> float:
        """Mean time of the training."""
        return float(np.mean([one.seconds for one in self.finished.values()] or [0.0]))

    @property
    def rank(self) -> tuple[bool, float, float]:
        """What settings are ordered by: complete ones first, by accuracy, ties by loss."""
        losses = [one.loss for one in self.finished.values()]
        if not losses:
            return True, 1.0, 0.0
        return not self.complete, -round(float(np.mean(self.accuracies)), 9), float(np.mean(losses))

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary that `json` can write."""
        validation, test = self.validation, self.test
        return {
            "number": self.number, "values": dict(self.values), "runs": len(self.finished),
            "planned": self.planned,
            "validation": validation._asdict() if validation else None,
            "validation_interval": list(self.interval[1:]) if self.interval else None,
            "test": test._asdict() if test else None, "seconds": self.seconds,
        }  # fmt: skip


@dataclass(frozen=True)
class Rival:
    """Another setting, compared with the best one over the same seeds and folds.

    Attributes:
        setting: The other setting.
        pairs: Number of seeds and folds of both.
        test: Paired t-test of best minus other; `None` for fewer than two pairs.
        p_value: Its p-value, adjusted for the number of settings (Holm); `None` without a test, or
            for fewer than `FEWEST_PAIRS` pairs.
    """

    setting: SettingResult
    pairs: int
    test: PairedTest | None
    p_value: float | None

    @property
    def is_worse(self) -> bool:
        """Whether the two are told apart."""
        return self.p_value is not None and self.p_value <= SIGNIFICANCE

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary that `json` can write."""
        difference = self.test.difference if self.test else None
        return {
            "number": self.setting.number, "pairs": self.pairs,
            "difference": difference.value if difference else None,
            "difference_interval": list(difference[1:]) if difference else None,
            "p_value": self.test.p_value if self.test else None,
            "p_value_adjusted": self.p_value,
        }  # fmt: skip


@dataclass(frozen=True)
class Results:
    """The settings of a sweep, the best one first.

    Attributes:
        settings: Settings with a finished run, by mean validation accuracy.
        rivals: The others, compared with the first.
        folds: Number of folds; 0 for none.
    """

    settings: tuple[SettingResult, ...]
    rivals: tuple[Rival, ...]
    folds: int

    @property
    def metric(self) -> str:
        """What settings are compared by, in words: `accuracy` or `balanced accuracy`."""
        metrics = {run.metric for one in self.settings for run in one.finished.values()}
        return "accuracy" if metrics <= {"accuracy"} else "balanced accuracy"

    @property
    def best(self) -> SettingResult | None:
        """The setting with the highest mean validation accuracy of those that are complete."""
        first = self.settings[0] if self.settings else None
        return first if first is not None and first.complete else None


def results_of(runs: Sequence[Run], measurements: Mapping[str, Measurement], folds: int) -> Results:
    """Return the results of runs by setting.

    Args:
        runs: All runs of the sweep.
        measurements: Measurements by the name of the run; unfinished runs do not count.
        folds: Number of folds of the sweep; 0 for none.
    """
    found: dict[int, SettingResult] = {}
    for run in runs:
        before = found.get(run.number) or SettingResult(run.number, run.values, 0, {})
        measurement = measurements.get(run.name)
        more = {run.key: measurement} if measurement is not None and measurement.finished else {}
        found[run.number] = SettingResult(
            run.number, run.values, before.planned + 1, {**before.finished, **more}
        )
    ordered = sorted((one for one in found.values() if one.finished), key=lambda one: one.rank)
    return Results(tuple(ordered), _rivals(ordered), folds)


def _rivals(ordered: Sequence[SettingResult]) -> tuple[Rival, ...]:
    if not ordered:
        return ()
    best, *others = ordered
    tests = [_test(best, other) for other in others]
    raw = {
        number: test.p_value
        for number, (pairs, test) in enumerate(tests)
        if test is not None and pairs >= FEWEST_PAIRS
    }
    adjusted = dict(zip(raw, holm(list(raw.values())), strict=True))
    return tuple(
        Rival(other, *tests[number], adjusted.get(number)) for number, other in enumerate(others)
    )


def _test(best: SettingResult, other: SettingResult) -> tuple[int, PairedTest | None]:
    """Return the number of common seeds and folds, and the test over them."""
    keys = [key for key in best.finished if key in other.finished]
    if len(keys) < 2:
        return len(keys), None
    first, second = (
        np.array([one.finished[key].accuracy for key in keys]) for one in (best, other)
    )
    overlap = 0.0
    if keys[0][1] is not None:  # folds, whose training images overlap
        training, validation = best.finished[keys[0]].images
        overlap = validation / training
    return len(keys), paired_t_test(first, second, overlap=overlap)


def mean_of(values: Sequence[float]) -> Mean:
    """Return the mean of at least one value, with its standard deviation."""
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return Mean(float(np.mean(values)), deviation)

"""The design of a sweep: which runs there are, and how their folders are called."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from app.config import RunSettings
from app.data.folds import Fold
from app.errors import AppError

RUNS = "runs"  # folder of the saved models, in that of the sweep
_LONGEST = 60  # letters of the values in a name

Values = Mapping[str, Any]
Key = tuple[int, "str | None"]  # seed and fold


class Range(NamedTuple):
    """Lowest and highest value of a setting that a search varies."""

    low: float
    high: float


@dataclass(frozen=True)
class Run:
    """One run of a sweep: what a worker needs to know.

    Attributes:
        number: Number of the setting: of the combination of values, from 1.
        values: Settings that the sweep varies, with their values in this run.
        settings: All settings that were chosen, with the folder that the run is saved in.
    """

    number: int
    values: Values
    settings: RunSettings

    @property
    def name(self) -> str:
        """Name of the run's folder."""
        return str(self.settings.name)

    @property
    def key(self) -> Key:
        """Seed and fold: runs of two settings with the same key are a pair."""
        return self.settings.seed, self.settings.fold

    @property
    def label(self) -> str:
        """Text such as `learning_rate=0.002, seed 0, fold 1/5`."""
        parts = [label_of(self.values)] if self.values else []
        parts.append(f"seed {self.settings.seed}")
        if self.settings.fold:
            parts.append(f"fold {self.settings.fold}")
        return ", ".join(parts)


@dataclass(frozen=True)
class Design:
    """What a sweep varies, and what all of its runs share.

    Attributes:
        base: Settings of all runs, as chosen.
        seeds: Seeds of every setting.
        folds: Number of folds of the training and validation images; 0 for none.
        grid: Values of each setting that is varied.
        trials: Number of settings that a search tries; 0 to try all combinations of the grid.
        ranges: Range of each setting that a search varies beside those of the grid.
        averaged: Whether the models of the best setting will be averaged.
    """

    base: RunSettings
    seeds: tuple[int, ...] = (0,)
    folds: int = 0
    grid: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    trials: int = 0
    ranges: Mapping[str, Range] = field(default_factory=dict)
    averaged: bool = False

    @property
    def size(self) -> int:
        """Number of runs."""
        return len(self.keys()) * (self.trials or len(self.combinations()))

    def combinations(self) -> list[dict[str, Any]]:
        """Return the values of every setting, one dictionary for each combination."""
        products = itertools.product(*self.grid.values())
        return [dict(zip(self.grid, chosen, strict=True)) for chosen in products]

    def examples(self) -> list[dict[str, Any]]:
        """Return settings in which each value, and each end of a range, occurs."""
        if not self.trials:
            return self.combinations()
        values = {**self.grid, **{name: tuple(ends) for name, ends in self.ranges.items()}}
        first = {name: found[0] for name, found in values.items()}
        return [{**first, name: value} for name, found in values.items() for value in found]

    def runs(self, folder: Path, proposed: Sequence[Values] = ()) -> list[Run]:
        """Return the runs: of the first seed and fold every setting, then of the next.

        Stopped early, a sweep has so compared all settings on some seeds.

        Args:
            folder: Folder of the sweep.
            proposed: Settings that a search has proposed so far.

        Raises:
            AppError: If settings do not fit one another.
        """
        settings = list(enumerate(proposed if self.trials else self.combinations(), 1))
        return [
            self.run(folder, number, values, key)
            for key in self.keys()
            for number, values in settings
        ]

    def keys(self) -> list[Key]:
        """Return the seeds and folds of every setting."""
        folds: list[str | None] = [None]
        if self.folds:
            folds = [str(Fold(number, self.folds)) for number in range(1, self.folds + 1)]
        return list(itertools.product(self.seeds, folds))

    def run(self, folder: Path, number: int, values: Values, key: Key) -> Run:
        """Return a run.

        Args:
            folder: Folder of the sweep.
            number: Number of the setting.
            values: Values of the setting.
            key: Seed, and fold or `None`.

        Raises:
            AppError: If the values do not fit the settings of all runs.
        """
        seed, fold = key
        settings = replace(
            self.base,
            **values,
            seed=seed,
            fold=fold,
            name=_folder_name(number, values, key),
            output=str(folder / RUNS),
        )
        return Run(number, values, settings)

    def check(self) -> None:
        """Refuse a design of one run.

        Raises:
            AppError: If nothing is varied.
        """
        if self.size < 2:
            raise AppError(
                "This sweep has a single run.",
                "Expected several seeds, folds, or values of a setting.",
                "Examples: --seeds 0-4; --folds 5; --grid learning_rate=1e-3,2e-3. For one run: "
                "python train.py",
            )

    def identity(self) -> dict[str, Any]:
        """Return what makes this sweep another one, as JSON can hold it."""
        chosen, default = self.base.model_settings(), RunSettings().model_settings()
        ranges = {name: list(one) for name, one in self.ranges.items()}
        return {
            "settings": {
                name: value
                for name, value in chosen.items()
                if name == "dataset" or value != default[name]
            },
            "seeds": list(self.seeds),
            "folds": self.folds,
            "grid": {name: list(values) for name, values in self.grid.items()},
            **({"trials": self.trials, "ranges": ranges} if self.trials else {}),
        }


def label_of(values: Values) -> str:
    """Return `learning_rate=0.002, dropout=0.5`: the values of one setting."""
    return ", ".join(f"{name}={_text(value)}" for name, value in values.items()) or "as given"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _folder_name(number: int, values: Values, key: Key) -> str:
    """Return a name such as `2_learning-rate-0.002_seed-0`."""
    varied = "_".join(f"{name.replace('_', '-')}-{_text(value)}" for name, value in values.items())
    seed, fold = key
    parts = [str(number), re.sub(r"[^A-Za-z0-9_.+-]", "-", varied)[:_LONGEST], f"seed-{seed}"]
    if fold:
        parts.append(f"fold-{fold.replace('/', '-of-')}")
    return "_".join(filter(None, parts))

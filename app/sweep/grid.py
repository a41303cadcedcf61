"""What a sweep varies, as typed: `--seeds 0-4`, `--grid learning_rate=1e-3,2e-3`."""

from __future__ import annotations

import math
import re
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from app.config import RunSettings, settings
from app.errors import AppError
from app.names import did_you_mean
from app.sweep.design import Range

_MOST_SEEDS = 1_000
_OWN_FLAGS = {"seed": "--seeds", "fold": "--folds"}
_SWITCH = {"yes": True, "true": True, "no": False, "false": False}


def parse_seeds(text: str) -> tuple[int, ...]:
    """Return the seeds of a text such as `0-4` or `0,2,7-9`, in their order.

    Raises:
        AppError: If it is something else, or names a seed twice.
    """
    seeds: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,10})(?:-(\d{1,10}))?\s*", part)
        first = int(match[1]) if match else 0
        last = int(match[2] or match[1]) if match else -1
        if not first <= last < 2**32 or last - first >= _MOST_SEEDS:
            raise AppError(
                f"--seeds is '{text}'.",
                "Expected whole numbers, or ranges from a lower to a higher one, of at most "
                f"{_MOST_SEEDS:,} seeds.",
                f"Example: --seeds {last}-{first}" if first > last >= 0 else "Example: --seeds 0-4",
            )
        seeds += range(first, last + 1)
    twice = sorted({seed for seed in seeds if seeds.count(seed) > 1})
    if twice:
        raise AppError(f"--seeds names {twice[0]} twice.", "Expected different seeds.")
    return tuple(seeds)


def parse_grid(words: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """Return the values of each setting of a grid.

    Args:
        words: Texts such as `learning_rate=1e-3,2e-3`. Values that contain commas are separated
            by semicolons: `augment=none;rotation_range=15,zoom_range=.1`.

    Raises:
        AppError: If a setting is unknown or cannot be varied, or a value is none of its values.
    """
    grid: dict[str, tuple[Any, ...]] = {}
    for word in words:
        name, separator, values = word.partition("=")
        name = known_setting(name, "--grid")
        if not separator or not values:
            raise AppError(
                f"--grid is '{word}', without values.",
                "Expected SETTING=VALUE,VALUE,...",
                "Example: --grid learning_rate=1e-3,2e-3",
            )
        if name in grid:
            raise AppError(
                f"--grid names '{name}' twice.",
                "Expected all values of a setting in one place.",
                f"Example: --grid {word},...",
            )
        parts = values.split(";" if ";" in values else ",")
        found = tuple(_value(name, part.strip(), "--grid") for part in parts)
        if len(set(found)) < len(found):
            raise AppError(f"--grid {word}: a value occurs twice.", "Expected different values.")
        grid[name] = found
    return grid


def parse_ranges(words: Sequence[str], grid: Mapping[str, object]) -> dict[str, Range]:
    """Return the range of each setting that a search varies.

    Args:
        words: Texts such as `learning_rate=1e-4:1e-1`.
        grid: Settings that the grid varies.

    Raises:
        AppError: If a setting is unknown, has no numbers, or occurs twice, or a range is none.
    """
    ranges: dict[str, Range] = {}
    for word in words:
        name, _, ends = word.partition("=")
        name = known_setting(name, "--range")
        if name in ranges or name in grid:
            raise AppError(
                f"--range names '{name}', which is varied already.",
                "Expected one range, or one list of values, for a setting.",
            )
        kinds = _kinds(name)
        if bool in kinds or not {int, float} & set(kinds):
            raise AppError(
                f"--range varies '{name}', which has no numbers.",
                "Expected a setting with numbers.",
                f"Use --grid {name}=VALUE,VALUE,...",
            )
        parts = ends.split(":")
        if len(parts) != 2:
            raise AppError(
                f"--range is '{word}'.",
                "Expected SETTING=LOWEST:HIGHEST.",
                "Example: --range learning_rate=1e-4:1e-1",
            )
        low, high = (_value(name, part.strip(), "--range") for part in parts)
        if not low < high < math.inf:
            raise AppError(
                f"--range {word} goes from {low} to {high}.",
                "Expected a lower and a higher number.",
                f"Example: --range {name}={min(low, high)}:{max(low, high)}" if low > high else "",
            )
        ranges[name] = Range(low, high)
    return ranges


def known_setting(name: str, flag: str) -> str:
    """Return the name of a setting that a sweep may vary.

    Args:
        name: Name as typed, such as `learning-rate`.
        flag: Flag that names it, for messages.

    Raises:
        AppError: If there is none.
    """
    known = name.strip().removeprefix("--").replace("-", "_")
    if known in _OWN_FLAGS:
        raise AppError(
            f"{flag} varies the {known}.",
            "Expected a setting of the network or its training.",
            f"Use {_OWN_FLAGS[known]}.",
        )
    varied = [
        declared.name
        for declared in settings()
        if declared.metadata["affects_model"] and declared.name not in (*_OWN_FLAGS, "dataset")
    ]
    if known not in varied:
        raise AppError(
            f"{flag} varies '{name}', which is no setting that a sweep can vary.",
            f"Expected one of: {', '.join(varied)}.",
            did_you_mean(known, varied),
        )
    return known


def _kinds(name: str) -> tuple[type, ...]:
    """Return the types of a setting's values."""
    hint = typing.get_type_hints(RunSettings)[name]
    return typing.get_args(hint) or (hint,)


def _value(name: str, text: str, flag: str) -> Any:
    kinds = _kinds(name)
    if bool in kinds:
        if text in _SWITCH:
            return _SWITCH[text]
        raise AppError(f"{flag} sets {name} to '{text}'.", "Expected yes or no.")
    kind = next(kind for kind in (int, float, str) if kind in kinds)
    try:
        if text:
            return kind(text)
    except ValueError:
        pass
    expected = {int: "a whole number", float: "a number", str: "a text"}[kind]
    raise AppError(f"{flag} sets {name} to '{text}'.", f"Expected {expected}.")

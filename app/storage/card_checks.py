"""Check the content of a card as deeply as the program uses it.

A card may come from another person, a newer program or a damaged disk. A card that passes can be
printed, compared and computed with.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable
from typing import Any

from app.data.fitting import RESIZE_RULES
from app.data.folds import parse_fold
from app.errors import AppError
from app.statistics.temperature import LARGEST

_MOST = 2**63 - 1  # of any number; it fits a float and an index
_LARGEST_SIDE = 16_384  # pixels
_MOST_VIEWS = 64
_DEPTH = 4  # of lists and objects within a setting

_Check = Callable[[Any], bool]


def check_card(content: Any) -> None:
    """Check the content of a card.

    Args:
        content: Parsed JSON.

    Raises:
        ValueError: If something that the program uses is missing or invalid.
    """
    if not isinstance(content, dict):
        raise ValueError(f"it holds {reprlib.repr(content)}, not an object")
    for name, (expected, check) in _FIELDS.items():
        if name not in content:
            raise ValueError(f"it has no '{name}'")
        _require(name, content[name], expected, check)
    for name, (expected, check) in _OPTIONAL_FIELDS.items():
        if name in content:
            _require(name, content[name], expected, check)
    for field, checks in (("configuration", _SETTINGS), ("training", _FACTS)):
        for name, (expected, check) in checks.items():
            if name in content[field]:
                _require(f"{field}.{name}", content[field][name], expected, check)


def _require(name: str, value: Any, expected: str, check: _Check) -> None:
    if not check(value):
        raise ValueError(f"{name} is {reprlib.repr(value)}, not {expected}")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MOST


def _is_count(value: Any) -> bool:
    return _is_whole(value) and value >= 0


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) <= _MOST  # False for NaN
    )


def _is_plain(value: Any, depth: int = _DEPTH) -> bool:
    if isinstance(value, list):
        return depth > 0 and all(_is_plain(one, depth - 1) for one in value)
    if isinstance(value, dict):
        return depth > 0 and all(_is_plain(one, depth - 1) for one in value.values())
    return value is None or isinstance(value, bool | str) or _is_number(value)


def _is_object_of(check: _Check) -> _Check:
    return lambda value: isinstance(value, dict) and all(map(check, value.values()))


def _are_class_names(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) >= 2
        and all(isinstance(name, str) and name.strip() for name in value)
        and len(set(value)) == len(value)
    )


def _are_views(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) <= _MOST_VIEWS and all(map(_is_view, value))


def _is_view(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == _VIEW.keys()
        and all(check(value[name]) for name, check in _VIEW.items())
    )


def _are_thresholds(value: Any) -> bool:
    return isinstance(value, list) and all(_is_number(one) and 0 < one < 1 for one in value)


def _is_image_size(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(_is_count(side) and 0 < side <= _LARGEST_SIDE for side in value)
    )


def _are_metrics(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    splits = [value.get(split, "missing") for split in ("validation", "test")]
    return all(split is None or _is_result(split) for split in splits)


def _is_result(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and {"accuracy", "loss"} <= value.keys()
        and all(map(_is_number, value.values()))
        and 0 <= value["accuracy"] <= 1
        and value["loss"] >= 0
    )


def _is_fold(value: Any) -> bool:
    if value is None:
        return True
    try:
        return isinstance(value, str) and bool(parse_fold(value))
    except AppError:
        return False


def _are_compared_epochs(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and _is_count(one.get("epoch")) and _is_number(one.get("accuracy"))
        for one in value
    )


_TEXT = ("text", _is_text)
_FLAG = ("true or false", lambda value: isinstance(value, bool))
_COUNT = ("a whole number of at least 0", _is_count)
_PLAIN = ("an object of plain values", _is_object_of(_is_plain))

_VIEW: dict[str, _Check] = {
    "crop": lambda value: _is_number(value) and 0 < value <= 1,
    "rotation": lambda value: _is_number(value) and abs(value) <= 360,
    "rows": lambda value: _is_whole(value) and abs(value) <= _LARGEST_SIDE,
    "columns": lambda value: _is_whole(value) and abs(value) <= _LARGEST_SIDE,
    "flip": lambda value: isinstance(value, bool),
}
_FIELDS: dict[str, tuple[str, _Check]] = {
    "name": _TEXT,
    "dataset": _TEXT,
    "source": _TEXT,
    "stand_in": _FLAG,
    "class_names": ("a list of at least two distinct names", _are_class_names),
    "image_size": (f"[height, width], each from 1 to {_LARGEST_SIDE:,}", _is_image_size),
    "channels": ("1 or 3", lambda value: _is_count(value) and value in (1, 3)),
    "resize": _TEXT,
    "parameters": _COUNT,
    "configuration": _PLAIN,
    "images": ("an object of counts", _is_object_of(_is_count)),
    "fingerprints": ("an object of texts", _is_object_of(_is_text)),
    "skipped": _COUNT,
    "metrics": (
        "an object with the accuracy, from 0 to 1, and the loss of 'validation' and 'test'",
        _are_metrics,
    ),
    "training": _PLAIN,
    "finished": _FLAG,
    "versions": ("an object of texts", _is_object_of(_is_text)),
    "created": _TEXT,
}
_OPTIONAL_FIELDS: dict[str, tuple[str, _Check]] = {
    "augmentation": ("null or an object of plain values", lambda v: v is None or _PLAIN[1](v)),
    "command": _TEXT,
    "files": ("an object of texts", _is_object_of(_is_text)),
    "fit": (
        f"one of {', '.join(RESIZE_RULES)}",
        lambda value: _is_text(value) and value in RESIZE_RULES,
    ),
    "temperature": (
        f"a number from 1/{LARGEST:g} to {LARGEST:g}",
        lambda value: _is_number(value) and 1 / LARGEST <= value <= LARGEST,
    ),
    "thresholds": ("a list of numbers above 0 and below 1", _are_thresholds),
    "tta": (f"a list of 1 to {_MOST_VIEWS} views: {', '.join(_VIEW)}", _are_views),
    "twin": _TEXT,
}
# Settings of the configuration that the program uses.
_SETTINGS: dict[str, tuple[str, _Check]] = {
    "augment": ("text or null", lambda value: value is None or _is_text(value)),
    "dataset": _TEXT,
    "fold": ("null or a fold such as 2/5", _is_fold),
    "limit": ("null or at least 1", lambda value: value is None or (_is_count(value) and value)),
    "protocol": ("'lecture' or 'full'", lambda value: value in ("lecture", "full")),
    "tta": ("true, false or null", lambda value: value is None or isinstance(value, bool)),
}
# Facts of the training that it uses.
_FACTS: dict[str, tuple[str, _Check]] = {
    "views": _COUNT,
    "members": ("a list", lambda value: isinstance(value, list)),
    "compared_epochs": ("a list of epochs, each with its accuracy", _are_compared_epochs),
}

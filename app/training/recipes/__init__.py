"""Recipes: what every setting of a run is that no flag names.

There is a file for each recipe and kind of image, and for a protocol that has one of its own. The
docstring of a recipe's file has its command, its time and its result. Nothing heavy is imported, so
that the command line can print the settings at once.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from app.config import ANY_SIZE, DIGIT_DATASETS, STAND_INS, RunConfig, default_data_dir
from app.config import settings as settings_of_a_run
from app.errors import AppError
from app.training.recipes import (
    digits_best,
    digits_default,
    digits_fast,
    digits_lecture,
    digits_tiny,
    photographs_best,
    photographs_best_full,
    photographs_default,
    photographs_fast,
    photographs_lecture,
)
from app.training.recipes.recipe import Recipe

# By kind of image, then by name.
RECIPES: dict[tuple[str, str], Recipe] = {
    ("digits", "default"): digits_default.RECIPE,
    ("digits", "lecture"): digits_lecture.RECIPE,
    ("digits", "fast"): digits_fast.RECIPE,
    ("digits", "best"): digits_best.RECIPE,
    ("digits", "tiny"): digits_tiny.RECIPE,
    ("photographs", "default"): photographs_default.RECIPE,
    ("photographs", "lecture"): photographs_lecture.RECIPE,
    ("photographs", "fast"): photographs_fast.RECIPE,
    ("photographs", "best"): photographs_best.RECIPE,
}
# Taken in the place of those above, under a protocol of cats-vs-dogs.
OF_PROTOCOL: dict[tuple[str, str, str], Recipe] = {
    ("photographs", "best", "full"): photographs_best_full.RECIPE,
}
# What most recipes have in common.
_ALL = {
    "optimizer": "adamw",
    "schedule": "cosine",
    "weight_decay": 0.05,
    "label_smoothing": 0.0,
    "tta": False,
}
_OF_KIND: dict[str, dict[str, Any]] = {
    "digits": {"image_size": 28, "batch_size": 128},
    "photographs": {"batch_size": 32},
}


def resolve(config: RunConfig, *, stand_in: bool = False) -> RunConfig:
    """Return the configuration with every open setting filled in.

    Args:
        config: The settings that were named.
        stand_in: Whether the dataset is replaced by its stand-in, whose defaults then count.

    Raises:
        AppError: If there is no such recipe for this kind of image.
    """
    dataset = STAND_INS[config.dataset] if stand_in else config.dataset
    kind = _kind(dataset)
    if (kind, config.recipe) not in RECIPES:
        raise AppError(
            f"--recipe {config.recipe} with the dataset '{config.dataset}'.",
            f"Expected one of: {', '.join(name for k, name in RECIPES if k == kind)}.",
        )
    settings = {
        **_ALL,
        **_OF_KIND[kind],
        **_recipe(kind, config, stand_in).resolved(dataset, config.model),
        "workers": os.cpu_count() or 1,
        "data_dir": str(default_data_dir()),
    }
    # Another side has other first and last ones; a network that was made for one size has neither.
    side = config.image_size or settings["image_size"]
    for name in ("start_size", "final_size"):
        ratio = settings.get(name, settings["image_size"]) / settings["image_size"]
        settings[name] = max(1, round(ratio * side)) if settings["model"] in ANY_SIZE else side
    missing = {name: value for name, value in settings.items() if getattr(config, name) is None}
    return replace(config, **missing)


def changes(before: RunConfig, after: RunConfig) -> str:
    """Return `epochs 20, augment lecture`: the settings of `after` that differ from `before`."""
    return ", ".join(
        f"{setting.name.replace('_', '-')} {getattr(after, setting.name)}"
        for setting in settings_of_a_run()
        if getattr(before, setting.name) != getattr(after, setting.name)
    )


def recipe_name(config: RunConfig, *, stand_in: bool = False) -> str:
    """Return a name for a run beside its dataset, such as `modern`, `best` or `best-full`.

    Args:
        config: A resolved configuration.
        stand_in: Whether it was resolved for the dataset's stand-in.
    """
    if config.recipe == "default":
        name = config.model
    else:
        recipe = _recipe(_kind(config.dataset), config, stand_in)
        own = config.model == recipe.settings["model"]
        name = config.recipe if own else f"{config.recipe}-{config.model}"
    return name if config.protocol == "lecture" else f"{name}-{config.protocol}"


def _recipe(kind: str, config: RunConfig, stand_in: bool) -> Recipe:
    # A stand-in has as many images under either protocol.
    protocol = "lecture" if stand_in else config.protocol
    return OF_PROTOCOL.get((kind, config.recipe, protocol), RECIPES[kind, config.recipe])


def _kind(dataset: str) -> str:
    return "digits" if dataset in DIGIT_DATASETS else "photographs"

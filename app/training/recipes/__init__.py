"""Recipes: defaults of the settings of a run, by family of images.

There is a file for each recipe and family, and for a protocol that has one of its own. The
docstring of a recipe's file has its command, its time and its result. Nothing heavy is imported, so
that the command line can print the settings at once.
"""

from __future__ import annotations

import math
import os
from dataclasses import replace
from typing import Any, NamedTuple

from app.config import RunConfig, RunSettings, completed, settings
from app.data.registry import default_data_dir, source_of
from app.errors import AppError
from app.references import import_reference, is_reference, short_name
from app.registries import MODELS, RECIPES
from app.reporting import SILENT, Reporter
from app.run_checks import ANY_SIZE
from app.setting import flag
from app.training.recipes.recipe import Recipe


class Default(NamedTuple):
    """A value that the user did not give, and what it comes from."""

    value: Any
    origin: str


def resolve(given: RunSettings, *, stand_in: bool = False) -> RunConfig:
    """Return the configuration with a value for every setting.

    Args:
        given: The settings that the user chose.
        stand_in: Whether the dataset is replaced by its stand-in, whose defaults then count.

    Raises:
        AppError: If there is no such recipe for this family of images.
    """
    defaults = defaults_of(given, stand_in=stand_in)
    return completed(given, {name: default.value for name, default in defaults.items()})


def defaults_of(given: RunSettings, *, stand_in: bool = False) -> dict[str, Default]:
    """Return the defaults of a run, each with its origin; arguments and errors of `resolve`."""
    dataset = source_of(given.dataset).stand_in if stand_in else given.dataset
    recipe = _recipe(given, stand_in=stand_in)
    source = None
    if given.from_:
        from app.training.source import read_source  # a card needs NumPy

        source = read_source(given.from_)
    inherited = source.settings() if source else {}
    model = given.model or inherited.get("model") or recipe.settings["model"]
    layers = (
        (f"recipe {given.recipe}", {**recipe.settings, "model": model}),
        (f"recipe {given.recipe}, model {model}", recipe.of_model.get(MODELS.family(model), {})),
        (f"dataset {dataset}", source_of(dataset).recipe_changes.get(given.recipe, {})),
        (
            "default",
            {
                "fit": "squash",
                "workers": os.cpu_count() or 1,
                "data_dir": str(default_data_dir()),
            },
        ),
    )
    defaults = {
        name: Default(value, origin) for origin, values in layers for name, value in values.items()
    }
    # Another side has other first and last ones; a network that was made for one size has neither.
    planned = defaults["image_size"].value
    if recipe.least_steps:
        epochs = defaults["epochs"]
        defaults["epochs"] = Default(epochs.value, f"{epochs.origin}; more for few images")
    if source:
        defaults |= {name: Default(v, f"model {source.name}") for name, v in inherited.items()}
    side = given.image_size or defaults["image_size"].value
    for name in ("start_size", "final_size"):
        size = defaults.get(name, Default(planned, "image-size"))
        scaled = max(1, round(size.value / planned * side)) if model in ANY_SIZE else side
        defaults[name] = size if scaled == size.value else Default(scaled, "image-size")
    return defaults


def adapted(
    given: RunSettings,
    planned: RunConfig,
    images: int,
    reporter: Reporter = SILENT,
    *,
    stand_in: bool = False,
) -> RunConfig:
    """Return the configuration for the images that were found.

    A stand-in has defaults of its own. Few images get more epochs, unless these are given.

    Args:
        given: The settings that the user chose.
        planned: All settings, before the images were known.
        images: Number of training images.
        reporter: Reporter that is told of what differs.
        stand_in: Whether the dataset is replaced by its stand-in.
    """
    config = resolve(given, stand_in=True) if stand_in else planned
    if differing := changes(planned, config):
        reporter.info(f"The stand-in has defaults of its own: {differing}.")
    steps = math.ceil(images / config.batch_size)  # of an epoch
    least = math.ceil(_recipe(given, stand_in=stand_in).least_steps / steps)
    if given.epochs is not None or least <= config.epochs:
        return config
    reporter.info(f"Few training images need more epochs: {least}.")
    return replace(config, epochs=least)


def changes(before: RunConfig, after: RunConfig) -> str:
    """Return `epochs 20, augment lecture`: the settings of `after` that differ from `before`."""
    return ", ".join(
        f"{flag(setting.name)[2:]} {getattr(after, setting.name)}"
        for setting in settings()
        if getattr(before, setting.name) != getattr(after, setting.name)
    )


def recipe_name(config: RunConfig, *, stand_in: bool = False) -> str:
    """Return the part of a run's name after its dataset, such as `modern`, `best` or `best-full`.

    Args:
        config: Configuration of the run.
        stand_in: Whether it was resolved for the dataset's stand-in.
    """
    name, model = short_name(config.recipe), short_name(config.model)
    if name == "default":
        name = model
    elif config.model != _recipe(config, stand_in=stand_in).settings["model"]:
        name = f"{name}-{model}"
    return name if config.protocol == "lecture" else f"{name}-{config.protocol}"


def _recipe(given: RunSettings, *, stand_in: bool) -> Recipe:
    family = source_of(given.dataset).recipes
    if is_reference(given.recipe):
        recipe = import_reference(given.recipe, "--recipe")
        _check(given.recipe, recipe)
    elif family in RECIPES[given.recipe]:
        recipe = import_reference(RECIPES[given.recipe][family], "--recipe")
    else:
        known = [name for name in RECIPES if family in RECIPES[name]]
        raise AppError(
            f"--recipe {given.recipe} with the dataset '{given.dataset}'.",
            f"Expected one of: {', '.join(known)}.",
        )
    # A stand-in has as many images under either protocol.
    protocol = "lecture" if stand_in else given.protocol
    chosen: Recipe = recipe.of_protocol.get(protocol, recipe)
    return chosen


def _check(name: str, recipe: object) -> None:
    """Refuse a user's recipe that is no `Recipe`, or leaves a setting open."""
    if not isinstance(recipe, Recipe):
        raise AppError(
            f"--recipe '{name}' is a {type(recipe).__name__}.",
            "Expected an app.training.recipes.recipe.Recipe.",
        )
    optional = {"start_size", "final_size", "fit", "workers", "data_dir"}
    missing = [s for s in RunConfig.__annotations__ if s not in {*recipe.settings, *optional}]
    unknown = [s for s in recipe.settings if s not in RunSettings.__annotations__]
    if missing or unknown:
        raise AppError(
            f"--recipe '{name}' lacks {', '.join(missing)}."
            if missing
            else f"--recipe '{name}' has unknown settings: {', '.join(unknown)}.",
            f"Expected a value for each of: {', '.join(RunConfig.__annotations__)}; of these may "
            f"be left out: {', '.join(sorted(optional))}.",
        )

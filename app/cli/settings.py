"""The flags of a training run, generated from `RunSettings`, for every command that trains."""

from __future__ import annotations

import argparse
import json
import typing
from collections.abc import Collection, Mapping
from dataclasses import Field
from pathlib import Path

from app.cli.options import add_labels, dataset_of
from app.config import RunConfig, RunSettings, settings
from app.errors import AppError
from app.names import did_you_mean
from app.setting import flag
from app.training.recipes import resolve


def add_settings(
    parser: argparse.ArgumentParser | argparse._ArgumentGroup, leave_out: Collection[str] = ()
) -> None:
    """Declare a flag for every field of `RunSettings`, `--labels`, and `--config`.

    Args:
        parser: Parser, or group of one, that gets them.
        leave_out: Names of settings without a flag.
    """
    types = typing.get_type_hints(RunSettings)
    defaults = [resolve(RunSettings(dataset=dataset)) for dataset in ("mnist", "catsdogs")]
    for setting in settings():
        if setting.name in leave_out:
            continue
        if setting.name == "recipe":  # below --dataset
            add_labels(parser)
        help_text = setting.metadata["help"] + _default_text(setting, *defaults)
        option = flag(setting.name)
        if bool in _members(types[setting.name]):
            # An open setting can be named either way.
            action = "store_true" if setting.default is False else argparse.BooleanOptionalAction
            parser.add_argument(option, action=action, default=setting.default, help=help_text)
            continue
        names = setting.metadata["names"]
        choices = names if isinstance(names, tuple) else ()
        kind = next(t for t in (int, float, str) if t in _members(types[setting.name]))
        parser.add_argument(
            option,
            dest=setting.name,
            type=kind,
            default=setting.default,
            choices=choices or None,
            metavar=_METAVARS.get(setting.name, None if choices else setting.name.upper()),
            help=help_text,
        )
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="JSON of settings, or a model's card.json; flags take precedence",
    )


def flags_of(parsed: argparse.Namespace) -> dict[str, typing.Any]:
    """Return the settings that flags have changed."""
    given = {**vars(parsed), "dataset": dataset_of(parsed)}
    return {
        setting.name: given[setting.name]
        for setting in settings()
        if setting.name in given and given[setting.name] != setting.default
    }


def file_of(parsed: argparse.Namespace) -> dict[str, typing.Any]:
    """Return the settings in the file that `--config` names."""
    return read_settings(Path(parsed.config)) if parsed.config else {}


def settings_of(values: Mapping[str, typing.Any]) -> RunSettings:
    """Return the settings of a run; a file of augmentation settings is read.

    Raises:
        AppError: If a value is out of its range, or the file cannot be read.
    """
    augment = values.get("augment") or ""
    if augment.endswith(".json"):
        from app.augmentation.parsing import read_augmentation

        # The run's record holds the values: the file may change, and does not travel with it.
        values = {**values, "augment": read_augmentation(Path(augment))}
    return RunSettings(**values)


def read_settings(path: Path) -> dict[str, typing.Any]:
    """Return the settings in a JSON file: an object of them, or a model's card.

    Of a card, only what affects the model counts: its name, and whether it replaced another one,
    were for that run.

    Raises:
        AppError: If the file cannot be read, or holds something else.
    """
    expected = 'Expected an object of settings such as {"epochs": 3}, or the card of a model.'
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise AppError(f"--config '{path}' cannot be read: {error}.", expected) from None
    card = content if isinstance(content, dict) and "configuration" in content else None
    if card is not None:
        content = card["configuration"]
    if not isinstance(content, dict):
        raise AppError(f"--config '{path}' holds a {type(content).__name__}.", expected)
    types = typing.get_type_hints(RunSettings)
    for name, value in content.items():
        if name not in types:
            raise AppError(
                f"--config '{path}' sets '{name}', which is unknown.",
                expected,
                did_you_mean(name, types),
            )
        accepted = _members(types[name])
        if type(value) not in accepted and not (type(value) is int and float in accepted):
            raise AppError(f"--config '{path}' sets {name} to {value!r}.", expected)
    if card is None:
        return content
    affecting = {s.name for s in settings() if s.metadata["affects_model"]}
    replaced = {"stand_in": "always"} if card.get("stand_in") is True else {}
    return {name: value for name, value in content.items() if name in affecting} | replaced


def value_text(value: object) -> str:
    """Return the text of a setting's value."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _default_text(setting: Field[typing.Any], digits: RunConfig, photographs: RunConfig) -> str:
    """Return the default of a setting, for the help."""
    if isinstance(setting.default, bool) or "default:" in setting.metadata["help"]:
        return ""
    if setting.default is not None:
        return f" (default: {setting.default})"
    first, second = (value_text(getattr(config, setting.name)) for config in (digits, photographs))
    if first == second:
        return f" (default recipe: {first})" if first != "None" else ""
    return f" (default recipe: {first} for mnist, {second} for catsdogs)"


def _members(hint: typing.Any) -> tuple[typing.Any, ...]:
    return typing.get_args(hint) or (hint,)


_METAVARS = {
    "dataset": "NAME|FOLDER|REFERENCE",
    "recipe": "NAME|REFERENCE",
    "model": "NAME|REFERENCE",
    "optimizer": "NAME|REFERENCE",
    "from_": "MODEL",
    "freeze": "N",
    "epochs": "N",
    "batch_size": "N",
    "learning_rate": "RATE",
    "weight_decay": "FRACTION",
    "label_smoothing": "FRACTION",
    "start_size": "PIXELS",
    "final_size": "PIXELS",
    "image_size": "PIXELS",
    "augment": "NAME|SETTINGS|FILE|REFERENCE",
    "dropout": "FRACTION",
    "limit": "N",
    "watch": "IMAGE",
    "early_stopping": "N",
    "output": "FOLDER",
    "workers": "N",
    "data_dir": "FOLDER",
}

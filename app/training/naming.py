"""Which folder a run writes to, so that no run destroys another's work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

from app.config import UNFINISHED, RunConfig
from app.data.dataset import Dataset
from app.data.registry import normal_dataset
from app.errors import AppError
from app.storage.card import read_card
from app.storage.folder import CARD
from app.training.checkpoint import Checkpoint
from app.training.recipes import recipe_name

_BUSY = "another process is training it"


def claim_folder(config: RunConfig, splits: Dataset) -> tuple[Path, Checkpoint]:
    """Return the folder of the finished model and the checkpoint of the run, claimed.

    A name given with `--name` is taken or refused; the default name gets the first free number.
    A model of a stand-in has a name that says so, whatever was asked for.
    A model of the very same recipe and images may be replaced.

    Args:
        config: A resolved configuration.
        splits: The dataset that is about to be used.

    Raises:
        AppError: If there is nothing to resume, or the name is taken.
    """
    output = Path(config.output)
    if output.exists() and not output.is_dir():
        raise AppError(f"--output '{output}' is a file.", "Expected a folder.")
    if config.resume:
        return _find_unfinished(config, splits, output)
    for name in _names(config, splits):
        folder, checkpoint = output / name, _checkpoint(output, name)
        reason = _why_taken(folder, checkpoint, config, splits)
        if reason is None and not checkpoint.claim():
            reason = _BUSY
        if reason is None:
            return folder, checkpoint
        if config.name is not None or config.overwrite:
            ours = (folder / CARD).exists() or checkpoint.exists
            ways = ["Choose another --name"]
            if ours and reason != _BUSY and not config.overwrite:
                ways.append("--overwrite it")
            if checkpoint.exists and reason != _BUSY:
                ways.append("--resume the run")
            raise AppError(
                f"The name '{name}' is taken: {reason}.",
                "Expected a free name, or the same configuration and images.",
                ", or ".join(ways) + ".",
            )
    raise AssertionError("numbers do not end")


def _names(config: RunConfig, splits: Dataset) -> Iterator[str]:
    suffix = "-standin" if splits.stand_in else ""
    if config.name is not None:
        yield config.name.removesuffix(suffix) + suffix
        return
    base = f"{splits.name}-{recipe_name(config, stand_in=splits.stand_in)}{suffix}"
    yield base
    yield from (f"{base}-{number}" for number in count(2))


def _unfinished_names(config: RunConfig, splits: Dataset, output: Path) -> list[str]:
    """Return the names under which this run may have been stopped, the first ones first."""
    name = next(_names(config, splits))
    if config.name is not None:
        return [name]
    # Names before it may be free again.
    ours = re.compile(rf"{re.escape(name)}(-\d+)?{re.escape(UNFINISHED)}")
    there = [path.name for path in output.glob(f"*{UNFINISHED}") if ours.fullmatch(path.name)]
    return [found.removesuffix(UNFINISHED) for found in sorted(there, key=lambda n: (len(n), n))]


def _checkpoint(output: Path, name: str) -> Checkpoint:
    return Checkpoint(output / f"{name}{UNFINISHED}")


def _why_taken(
    folder: Path, checkpoint: Checkpoint, config: RunConfig, splits: Dataset
) -> str | None:
    if folder.exists() and not (folder / CARD).exists():
        return f"'{folder}' is no saved model"
    if config.overwrite:
        return None
    if checkpoint.exists:
        return "it has an unfinished run"
    if not folder.exists():
        return None
    card = read_card(folder / CARD)
    if card.fingerprints != splits.fingerprints():
        return f"'{folder}' was trained on other images"
    different = _differences(card.configuration, config)
    return f"'{folder}' has another configuration ({different})" if different else None


def _find_unfinished(config: RunConfig, splits: Dataset, output: Path) -> tuple[Path, Checkpoint]:
    reasons = []
    for name in _unfinished_names(config, splits, output):
        checkpoint = _checkpoint(output, name)
        if not checkpoint.exists:
            continue
        state = checkpoint.read()
        different = _differences(state.recipe, config)
        if different:
            reasons.append(f"'{name}' has another configuration ({different})")
        elif state.fingerprints != splits.fingerprints():
            reasons.append(f"'{name}' was trained on other images")
        elif not checkpoint.claim():
            reasons.append(f"another process is training '{name}'")
        else:
            return output / name, checkpoint
    raise AppError(
        f"There is no unfinished run to resume in '{output}'"
        + (f": {'; '.join(reasons)}." if reasons else "."),
        "Expected a run of the same configuration and images that was stopped.",
        "Repeat the stopped run's own flags with --resume, or train without --resume.",
    )


def _differences(recipe: dict[str, Any], config: RunConfig) -> str:
    """Return `epochs 5, not 3; …`: the settings in which `recipe` differs from `config`."""
    current = asdict(config)
    # Before there was a final size, it was that of the training images.
    recipe = {"final_size": recipe.get("image_size"), **recipe}
    recipe["dataset"] = normal_dataset(recipe.get("dataset", config.dataset))
    return "; ".join(
        f"{name.replace('_', '-')} {recipe[name]}, not {current[name]}"
        for name in config.model_settings()
        if name in recipe and recipe[name] != current[name]  # older runs had fewer settings
    )

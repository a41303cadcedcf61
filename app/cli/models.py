"""List the saved models with accuracy, size and date.

Models are searched for in saved_models/ of the current folder, in
$CONVLAB_MODELS, and in saved_models/ of the program's checkout. Of two models
with the same name, the first in this order is used.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.console import print_lines
from app.cli.tables import print_json, print_table
from app.config import UNFINISHED
from app.errors import AppError
from app.reporting import CONSOLE

if TYPE_CHECKING:
    from app.storage.card import Card


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--output", metavar="FOLDER", help="list the models of this folder only"
    )  # fmt: skip
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="print every card as JSON")
    shown.add_argument(
        "--commands", action="store_true", help="also print the command that reproduces each model"
    )
    shown.add_argument(
        "--layers", action="store_true", help="also print the layers and training of each model"
    )


def run(parsed: argparse.Namespace) -> int:
    """List the models; return 0."""
    from app.storage.finding import model_folders

    if parsed.output is not None and not Path(parsed.output).is_dir():
        raise AppError(
            f"There is no folder '{parsed.output}'.",
            "Expected the folder that training writes to.",
            "Train a model: python train.py",
        )
    folders = [Path(parsed.output)] if parsed.output is not None else model_folders()
    models = _usable_models(folders)
    if parsed.json:
        print_json(
            [
                {"folder": str(folder), "bytes": size, **asdict(card)}
                for folder, card, size in models
            ]
        )
        return 0
    if not models:
        places = ", ".join(f"'{folder.resolve()}'" for folder in folders)
        print_lines(f"No models in {places}. Train one: python train.py")
    else:
        print_table(
            ["model", "dataset", "test", "val.*", "params", "size", "date"],
            [_row(*row) for row in models],
            right="test|val.*|params|size",
            optional=("date", "size", "dataset", "params"),
        )
        print_lines(
            "* Selected on: these images chose the epoch, and often",
            "  settings, so that their accuracy is optimistic. The",
            "  estimate is the test accuracy.",
        )
    if parsed.layers:
        _print_layers(models)
    if parsed.commands:
        for folder, card, _ in models:
            if card.command:
                print_lines(f"{folder.name} is reproduced by", f"  {card.command}")
    for place in folders:
        for state in sorted(place.glob(f"*{UNFINISHED}/state.json")):
            print_lines(
                f"Unfinished: {state.parent}; repeat its train command with --resume to continue."
            )
    return 0


def _usable_models(folders: list[Path]) -> list[tuple[Path, Card, int]]:
    """Return the usable models with their sizes in bytes; report the others."""
    from app.storage.folder import list_models

    models: dict[str, tuple[Path, Card, int]] = {}
    for place in folders:
        for folder, card in list_models(place):
            if isinstance(card, AppError):
                CONSOLE.warning(f"skipped '{folder}': {card.received}")
                continue
            try:
                models.setdefault(folder.name, (folder, card, _size(folder)))
            except OSError as error:
                CONSOLE.warning(f"skipped '{folder}': {error.strerror}")
    return list(models.values())


def _print_layers(models: list[tuple[Path, Card, int]]) -> None:
    from app.keras_startup import start_keras

    start_keras()
    from app.classifier import load
    from app.insight.architecture import layers_in_words

    print_table(
        ["model", "training", "layers"],
        [
            (folder.name, _training(card), layers_in_words(load(folder).inspect()))
            for folder, card, _ in models
        ],
    )
    print_lines(
        "Numbers behind layers: filters or units. local: untied weights.",
        "Rescaling, ReLU and dropout are left out.",
    )


def _training(card: Card) -> str:
    parts = [f"{card.images['train']:,} images"]
    if card.augmentation:
        parts.append("augmented")
    if len(card.tta) > 1:
        parts.append(f"{len(card.tta)} views")
    return ", ".join(parts)


def _row(folder: Path, card: Card, size: int) -> list[str]:
    from app.data.dataset import display_name
    from app.data.registry import folder_and_labels

    def accuracy(metrics: dict[str, Any] | None, missing: str) -> str:
        return f"{metrics['accuracy']:.2%}" if metrics else missing

    return [
        folder.name,
        display_name(folder_and_labels(card.dataset)[0].name, stand_in=card.stand_in),
        accuracy(card.metrics["test"], "not tested" if card.finished else "not finished"),
        accuracy(card.metrics["validation"], ""),
        _short(card.parameters),
        f"{size / 1e6:.1f} MB",
        card.created[:10],
    ]


def _size(folder: Path) -> int:
    """Return the bytes of a model and its LiteRT file."""
    from app.storage.folder import LITERT, MODEL

    present = (folder / name for name in (MODEL, LITERT) if (folder / name).exists())
    return sum(path.stat().st_size for path in present)


def _short(count: int) -> str:
    """Return a number of parameters in three digits: `73.1 k`, `1.17 M`."""
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return str(count)

"""Find the models that a server offers: those of the command line, or all saved models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.errors import AppError
from app.files import printable
from app.keras2.containers import container_kind
from app.storage.card import Card, read_card
from app.storage.finding import find_model, model_folders
from app.storage.folder import CARD, list_models
from app.storage.loading import open_litert


@dataclass(frozen=True)
class Served:
    """A model that the server offers.

    Attributes:
        name: Its name in the page and the protocol.
        path: Its folder or file.
        card: Its card, if it has one.
        network: Its LiteRT file, opened; `None` if only Keras can run it.
    """

    name: str
    path: Path
    card: Card | None
    network: Callable[[np.ndarray], np.ndarray] | None


def find_served(names: Sequence[str]) -> dict[str, Served]:
    """Return the models of a command line, or all saved models, by their names in the page.

    Args:
        names: Folders, names or files of models; none for all saved models.

    Raises:
        AppError: If one of them is missing or damaged, or there is no model at all.
    """
    paths = [find_model(Path(name)) for name in names] or _saved_models()
    served: dict[str, Served] = {}
    for path in paths:
        if path.resolve() in [other.path.resolve() for other in served.values()]:
            continue
        name = base = printable(path.resolve().name)
        number = 1
        while name in served:
            number += 1
            name = f"{base} ({number})"
        served[name] = open_served(name, path)
    return served


def open_served(name: str, path: Path) -> Served:
    """Return a model to offer under a name.

    Raises:
        AppError: If its card is damaged, or the file is none of a model.
    """
    if path.is_file():
        container_kind(path)  # other files are refused now, not when the oracle opens them
    card = read_card(path / CARD) if path.is_dir() else None
    return Served(name, path, card, open_litert(path, card) if card is not None else None)


def _saved_models() -> list[Path]:
    found: dict[str, Path] = {}
    for place in model_folders():
        for folder, card in list_models(place):
            if not isinstance(card, AppError):
                found.setdefault(folder.name, folder)
    if not found:
        places = ", ".join(f"'{place.resolve()}'" for place in model_folders())
        raise AppError(
            f"There is no saved model in {places}.",
            "Expected at least one model to show.",
            "Train one: python train.py. Or name one: python -m app serve MODEL",
        )
    return list(found.values())

"""Write the folder of a saved model, completely or not at all."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from app.export.litert import export_litert
from app.files import atomic_folder
from app.storage.card import Card
from app.storage.folder import (
    CARD,
    HISTORY,
    LITERT,
    MODEL,
    SKIPPED,
    History,
    file_hash,
    write_history,
)


@dataclass(frozen=True)
class TrainedModel:
    """What a training run leaves.

    Attributes:
        network: Built float32 model.
        history: One row per epoch.
        samples: `(B, H, W, C)` uint8 images on which the LiteRT file is compared with Keras.
        skipped: `(name, reason)` of files that could not be decoded.
    """

    network: keras.Model
    history: History
    samples: np.ndarray
    skipped: Sequence[tuple[str, str]] = ()


def save_model(folder: Path, card: Card, trained: TrainedModel) -> Card:
    """Write the folder of a model, and replace what was there.

    Args:
        folder: Folder of the model, named like it.
        card: Card of the model; `files` and `twin` are filled in.
        trained: Model to save.

    Returns:
        The card as written.

    Raises:
        AppError: If the folder cannot be written; what was there before stays.
    """
    with atomic_folder(folder) as new:
        _write_model(new / MODEL, trained.network)
        verdict = export_litert(trained.network, new / MODEL, new / LITERT, trained.samples)
        present = [name for name in (MODEL, LITERT) if (new / name).exists()]
        card = replace(card, files={name: file_hash(new / name) for name in present}, twin=verdict)
        card.write(new / CARD)
        write_history(new / HISTORY, trained.history)
        if trained.skipped:
            with (new / SKIPPED).open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([("image", "reason"), *trained.skipped])
    return card


def _write_model(path: Path, model: keras.Model) -> None:
    """Write a `.keras` file, compressed: Keras only stores what it puts into the archive."""
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members.items():
            archive.writestr(name, content)

"""Writing a saved model's folder: whole or not at all."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from app.errors import AppError
from app.files import atomic_folder
from app.storage.card import Card
from app.storage.folder import (
    CARD,
    HISTORY,
    MODEL,
    SKIPPED,
    TWIN,
    History,
    file_hash,
    write_history,
)
from app.storage.twin import TOLERANCE, Twin, write_twin


def save_model(
    folder: Path,
    model: keras.Model,
    card: Card,
    history: History,
    samples: np.ndarray,
    skipped: Sequence[tuple[str, str]] = (),
) -> Card:
    """Write a model's folder, in place of what was there.

    Args:
        folder: Where to; its name is the model's.
        model: A built float32 model.
        card: Its card; `files` and `twin` are filled in here.
        history: One row per epoch.
        samples: `(B, H, W, C)` uint8 real images on which the twin is compared with Keras.
        skipped: `(name, reason)` of the files that could not be decoded.

    Returns:
        The card as written.

    Raises:
        AppError: If the folder cannot be written; what was there before stays.
    """
    with atomic_folder(folder) as new:
        _write_model(new / MODEL, model)
        verdict = _add_twin(new, model, samples)
        present = [name for name in (MODEL, TWIN) if (new / name).exists()]
        card = replace(card, files={name: file_hash(new / name) for name in present}, twin=verdict)
        card.write(new / CARD)
        write_history(new / HISTORY, history)
        if skipped:
            with (new / SKIPPED).open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([("image", "reason"), *skipped])
    return card


def _write_model(path: Path, model: keras.Model) -> None:
    """Write a `.keras` file, compressed: Keras only stores what it puts into the archive."""
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _add_twin(folder: Path, model: keras.Model, samples: np.ndarray) -> str:
    """Write the twin and compare it; return what the card says about it."""
    reason = write_twin(folder / MODEL, folder / TWIN)
    if reason is not None:
        return f"none: {reason}"
    expected = keras.ops.convert_to_numpy(model(samples, training=False))
    try:
        difference = float(np.abs(Twin(folder / TWIN)(samples) - expected).max())
        verdict = f"it differed from Keras by {difference:.1e}"
    except AppError as error:
        difference, verdict = float("inf"), error.received
    if not difference <= TOLERANCE:
        (folder / TWIN).unlink()
        return f"none: {verdict}"
    return f"differs from Keras by {difference:.1e} at most, on {len(samples)} images"

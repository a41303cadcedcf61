"""A saved model is a folder.

`model.keras` (authoritative), `model.tflite` (the same model for LiteRT, which starts faster),
`card.json`, `history.csv`, `curves.png`; `ranges.png` if augmentation adapted its ranges, and
`skipped.csv` if files were skipped.

`app.storage.saving` writes it, `app.storage.loading` opens it. This module names its files.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from app.errors import AppError
from app.files import recover_folder, unrecovered_folders
from app.storage.card import Card, read_card

MODEL, LITERT, CARD, HISTORY, CURVES, RANGES, SKIPPED = (
    "model.keras", "model.tflite", "card.json", "history.csv", "curves.png", "ranges.png",
    "skipped.csv",
)  # fmt: skip

History = Sequence[Mapping[str, float]]


def write_history(path: Path, history: History) -> None:
    """Write rows under a header as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(history[0]) if history else ["epoch"])
        writer.writeheader()
        writer.writerows(history)


def read_history(path: Path) -> list[dict[str, float]]:
    """Read what `write_history` wrote; a last row that was cut off is left out."""
    if not path.exists():
        return []
    rows = []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            try:
                rows.append({key: float(value) for key, value in row.items()})
            except (TypeError, ValueError):
                break
    return rows


def list_models(output: Path) -> list[tuple[Path, Card | AppError]]:
    """Return every model folder in `output` with its card, or with what is wrong with it."""
    models: list[tuple[Path, Card | AppError]] = []
    for folder in unrecovered_folders(output):
        with suppress(OSError):  # where nothing may be written, nothing can be put back
            recover_folder(folder)
    for folder in sorted(path.parent for path in output.glob(f"*/{CARD}")):
        try:
            models.append((folder, read_card(folder / CARD)))
        except AppError as error:
            models.append((folder, error))
    return models


def file_hash(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()

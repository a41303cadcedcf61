"""Predict any number of images into a file: check, list, predict piece by piece, join."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from app.bulk.formats import format_of
from app.bulk.image_list import ImageList, write_list
from app.bulk.pool import Pool
from app.bulk.unfinished import Unfinished
from app.bulk.worker import Task
from app.classifier.classifier import BATCH
from app.errors import AppError
from app.files import atomic_file
from app.reporting import Reporter, counted
from app.storage.finding import find_model
from app.storage.folder import CARD, LITERT, MODEL, file_hash

# Whole batches, so that the network computes what it would compute without pieces.
PIECE = 32 * BATCH


class Outcome(NamedTuple):
    """What a run has done: number of images, and of those that could not be used."""

    images: int
    errors: int


class Stopped(Exception):
    """A request to stop; what is done is kept."""

    def __init__(self, done: int, images: int):
        super().__init__(f"stopped after {done:,} of {counted(images, 'image')}.")


def predict_into(
    target: Path, arguments: Sequence[str], task: Task, *, processes: int, reporter: Reporter
) -> Outcome:
    """Predict images, and write a table with a row for each.

    A run that was stopped or killed goes on with the pieces that are missing. Rows come in the
    order of `app.bulk.sources`. Of shards, the rows of the index that were read stay mapped.

    Args:
        target: File to write, `.csv` or `.parquet`; it must not exist.
        arguments: Files, folders of images, folders of shards, and patterns.
        task: Model and options.
        processes: Number of processes.
        reporter: Reporter for warnings and progress.

    Raises:
        AppError: If the file exists or cannot be written, the model or an argument cannot be used,
            or the run was begun with other ones.
        Stopped: If it was asked to stop.
    """
    table = format_of(target)
    if os.path.lexists(target):
        raise AppError(
            f"-o '{target}' exists.",
            "Expected a new file.",
            "Choose another name, or remove the file first.",
        )
    place = Unfinished(target)
    with closing(Pool(task, target, processes, reporter)) as pool:
        fields = pool.start()
        with place.locked():
            place.check({"options": _options(task, fields), "model": _fingerprint(task.model)})
            with reporter.progress("finding images") as update:
                images = write_list(arguments, place.image_list, PIECE, update)
            place.check(
                {"images": f"{images.count:,} ({images.digest}) in pieces of {images.size:,}"}
            )
            _predict_missing(pool, images, place, reporter)
            done = place.done()
            pieces = (done[number][0] for number in range(len(images)))
            with atomic_file(target) as temporary:
                table.join(pieces, fields, temporary)
            place.remove()
    return Outcome(images.count, sum(errors for _, errors in done.values()))


def _predict_missing(pool: Pool, images: ImageList, place: Unfinished, reporter: Reporter) -> None:
    """Predict the pieces that are not done yet.

    Raises:
        AppError: As `Pool.done`.
        Stopped: If it was asked to stop.
    """
    done = place.done().keys()
    missing = (images.piece(number) for number in range(len(images)) if number not in done)
    count = sum(images.piece(number).images for number in done)
    if count:
        reporter.info(f"Done before: {count:,} of {counted(images.count, 'image')}.")
    try:
        with reporter.progress("classifying images") as update:
            update(count, images.count)
            for piece, _ in pool.done(missing):
                count += piece.images
                update(count, images.count)
    except KeyboardInterrupt:
        raise Stopped(count, images.count) from None


def _options(task: Task, fields: Sequence[Any]) -> dict[str, Any]:
    """Return what decides the rows besides the model and the images."""
    chosen = {name: value for name, value in asdict(task).items() if value and name != "model"}
    return {
        **{name: list(v) if isinstance(v, tuple) else v for name, v in chosen.items()},
        "columns": [field.heading for field in fields],
    }


def _fingerprint(model: str) -> dict[str, str]:
    """Return the beginning of the hash of each file of a model."""
    path = find_model(Path(model))
    files = [path] if path.is_file() else [path / name for name in (CARD, LITERT, MODEL)]
    return {file.name: file_hash(file)[:16] for file in files if file.is_file()}

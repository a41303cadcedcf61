"""A process that predicts pieces of a list of images, one after the other.

It ends when its pipe does, in the middle of a piece: the rows of a piece are written at once.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from app.bulk.formats import Field, format_of
from app.bulk.image_list import Piece, read_piece
from app.bulk.unfinished import Unfinished
from app.errors import AppError, AppWarning
from app.files import atomic_file
from app.processes import become_worker
from app.references import import_module

if TYPE_CHECKING:
    from app.classifier import Classifier
    from app.classifier.columns import Column


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is predicted, and how.

    Attributes:
        model: Model, as `app.classifier.load` takes it.
        raw: Whether digits are neither searched for nor centered.
        all_digits: Whether every digit of an image has a row.
        unknown_below: Probability below which a label is `unknown`, or `None`.
        columns: Columns of the table, as for `chosen_columns`; `None` for all.
        modules: Modules with layers of the user's own.
    """

    model: str
    raw: bool = False
    all_digits: bool = False
    unknown_below: float | None = None
    columns: str | None = None
    modules: tuple[str, ...] = ()


def work(pipe: Connection, task: Task, target: Path) -> None:
    """Predict the pieces that come through a pipe until it ends.

    Args:
        pipe: Pieces come in. Pairs of a kind and its details go out: at first `ready`, the fields
            of the table and warnings; then `done`, number and errors of a piece; or `failed`, an
            `AppError`, after which no more comes.
        task: What is predicted.
        target: File of the run.
    """
    become_worker()
    queue = SimpleQueue[Piece]()
    threading.Thread(target=_receive, args=(pipe, queue), daemon=True).start()
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", AppWarning)
            classifier, columns = _prepared(task)
        texts = [str(one.message) for one in caught if issubclass(one.category, AppWarning)]
        fields = [Field(column.heading, column.kind) for column in columns]
        pipe.send(("ready", (fields, texts)))
        while True:
            piece = queue.get()
            errors = _predict_piece(classifier, columns, task, piece, Unfinished(target))
            pipe.send(("done", (piece.number, errors)))
    except AppError as error:
        pipe.send(("failed", (error.received, error.expected, error.fix, error.status)))
    except Exception as error:
        # Whatever a backend raises, such as for memory.
        text = " ".join(f"{type(error).__name__}: {error}".split())
        pipe.send(("failed", (f"A process failed: {text}.", "", "", 1)))


def _prepared(task: Task) -> tuple[Classifier, Sequence[Column]]:
    """Return the model and the columns of the table."""
    for name in task.modules:
        import_module(name, f"--import {name}")
    from app.classifier import load
    from app.classifier.columns import chosen_columns, default_columns
    from app.classifier.unknown import with_unknown

    classifier = load(task.model, raw=task.raw)
    if task.unknown_below is not None:
        classifier = with_unknown(classifier, task.unknown_below)
    next(classifier.stream([], all_digits=task.all_digits), None)  # refuses what cannot be done
    if task.columns is not None:
        return classifier, chosen_columns(task.columns, classifier)
    return classifier, default_columns(classifier)


def _predict_piece(
    classifier: Classifier, columns: Sequence[Column], task: Task, piece: Piece, place: Unfinished
) -> int:
    """Write the rows of a piece, and return the number of images that could not be used."""
    from app.classifier.columns import table_rows

    images = read_piece(place.image_list, piece)
    predictions = list(classifier.stream(images, all_digits=task.all_digits))
    errors = sum(bool(prediction.error) for prediction in predictions)
    fields = [Field(column.heading, column.kind) for column in columns]
    with atomic_file(place.piece(piece.number, errors)) as temporary:
        format_of(place.target).write(temporary, fields, table_rows(columns, predictions))
    return errors


def _receive(pipe: Connection, queue: SimpleQueue[Any]) -> None:
    while True:
        try:
            queue.put(pipe.recv())
        except (EOFError, OSError):
            os._exit(0)

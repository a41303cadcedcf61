"""Columns of `predict --columns`, such as `id,label` or `file=image,p=probability`."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import NamedTuple

from app.classifier.classifier import Classifier
from app.classifier.prediction import Prediction
from app.errors import AppError
from app.metrics import SCORES
from app.names import did_you_mean, listed

SIDES = ("x", "y", "width", "height")
TEXT, WHOLE, NUMBER = "text", "whole number", "number"
_KINDS = {
    **dict.fromkeys(("image", "file", "id", "label", "error"), TEXT),
    **dict.fromkeys(("index", *SIDES), WHOLE),
}


class Column(NamedTuple):
    """A column of a table of predictions.

    Attributes:
        heading: Name in the table.
        cell: Returns its value for a prediction, or an empty string where there is none.
        kind: Kind of its values: `text`, `whole number` or `number`.
    """

    heading: str
    cell: Callable[[Prediction], object]
    kind: str


def default_columns(classifier: Classifier) -> list[Column]:
    """Return the columns of `--csv`: everything that is known of an image."""
    known = known_columns(classifier)
    names = ["image", "label", value_name(classifier)]
    names += SIDES if classifier.mnist_style else ()
    columns = [_column(name, name, known) for name in names]
    columns += [Column(name, _class_value(name), NUMBER) for name in classifier.class_names]
    return [*columns, _column("error", "error", known)]


def chosen_columns(text: str, classifier: Classifier) -> list[Column]:
    """Return the columns that `--columns` names, with their headings.

    Args:
        text: `COLUMN` or `HEADING=COLUMN`, separated by commas; in quotes, a heading or the name
            of a class may hold a comma.
        classifier: Model whose predictions are printed.

    Raises:
        AppError: If a column is unknown, a heading comes twice, or there is none.
    """
    known = known_columns(classifier)
    columns = []
    for part in next(csv.reader([text], skipinitialspace=True), []):
        heading, _, column = part.partition("=")
        if part in known:  # such as a class 'a=b'
            heading = column = part
        column = column or heading
        if column not in known:
            raise AppError(
                f"--columns names '{column}', which is unknown.",
                f"Expected one of: {listed(list(known), column)}; HEADING=COLUMN renames it.",
                did_you_mean(column, known),
            )
        columns.append(_column(heading, column, known))
    headings = [column.heading for column in columns]
    if not headings or len(set(headings)) < len(headings):
        raise AppError(
            f"--columns is '{text}'.",
            "Expected columns with different headings, separated by commas, such as id,label.",
        )
    return columns


def known_columns(classifier: Classifier) -> dict[str, Callable[[Prediction], object]]:
    """Return all columns by name; one of the program's hides a class of the same name."""
    index = {name: k for k, name in enumerate(classifier.class_names)}
    columns: dict[str, Callable[[Prediction], object]] = {
        "image": lambda p: p.image,
        "file": lambda p: PurePath(p.image).name,
        "id": _identifier,
        "label": lambda p: "" if p.error else p.label,
        "index": lambda p: "" if p.error or p.is_unknown else index[p.label],
        value_name(classifier): lambda p: "" if p.error else values_of(p)[p.likeliest],
        "error": lambda p: p.error,
    }
    if classifier.thresholds:
        del columns["index"]  # of one label
    if classifier.mnist_style:
        columns |= {side: _side(k) for k, side in enumerate(SIDES)}
    return {**{name: _class_value(name) for name in index}, **columns}


def value_name(classifier: Classifier) -> str:
    """Return what the numbers are: `probability`, or `score` where they are none."""
    return "score" if classifier.kind == SCORES else "probability"


def values_of(prediction: Prediction) -> dict[str, float]:
    """Return the probabilities or scores by class, the highest first."""
    return prediction.scores or prediction.probabilities


def table_rows(columns: Sequence[Column], predictions: Sequence[Prediction]) -> list[list[object]]:
    """Return a row of cells for each prediction."""
    return [[column.cell(prediction) for column in columns] for prediction in predictions]


def _column(heading: str, name: str, known: Mapping[str, Callable[[Prediction], object]]) -> Column:
    return Column(heading, known[name], _KINDS.get(name, NUMBER))


def _identifier(prediction: Prediction) -> str:
    """Return the name of the file without folder and extension, and the number of a digit."""
    number = f"#{prediction.number}" if prediction.number else ""
    return PurePath(prediction.image.removesuffix(number)).stem + number


def _class_value(name: str) -> Callable[[Prediction], object]:
    return lambda prediction: values_of(prediction).get(name, "")


def _side(number: int) -> Callable[[Prediction], object]:
    return lambda prediction: "" if prediction.box is None else prediction.box[number]

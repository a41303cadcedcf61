"""Open the network of a saved model: with LiteRT if its file is the model's, or with Keras."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import AppError, AppWarning
from app.export.litert import LiteRTModel
from app.metrics import DISTRIBUTION, PER_CLASS, SCORES
from app.references import load_entry_points
from app.storage.card import Card
from app.storage.folder import CARD, LITERT, MODEL, file_hash

if TYPE_CHECKING:
    import keras

    from app.storage.image_classifier import ImageClassifier


def open_litert(folder: Path, card: Card) -> LiteRTModel | None:
    """Return the LiteRT model of a folder; `None` if it is missing, damaged or of another model.

    Raises:
        AppError: If it disagrees with the card.
    """
    try:
        if not (_is_described(folder / MODEL, card) and _is_described(folder / LITERT, card)):
            return None
        model = LiteRTModel(folder / LITERT)
    except (AppError, OSError) as error:
        reason = (
            error.received
            if isinstance(error, AppError)
            else f"'{error.filename}': {error.strerror}."
        )
        warnings.warn(f"{reason} Keras is used instead.", AppWarning, stacklevel=3)
        return None
    _check_agreement(folder, card, model.input_shape, model.num_outputs)
    return model


def open_image_classifier(path: Path, card: Card | None) -> ImageClassifier:
    """Open a saved model with Keras.

    Args:
        path: Folder of the model; or, without a card, its file.
        card: Card of the model.

    Raises:
        AppError: If it is missing or damaged, is no image classifier, or disagrees with the card.
    """
    file = path / MODEL if card is not None else path
    if not file.is_file():
        raise AppError(f"'{path}' has no {MODEL}.", "Expected the folder that training wrote.")
    if card is not None and not _is_described(file, card):
        _warn(f"'{file}' is not the file that its card describes: the card may be wrong about it.")
    model = open_keras(file)
    # These need Keras, which has been started now.
    import keras

    from app.storage.image_classifier import as_image_classifier

    opened = as_image_classifier(model, file)
    if card is not None and card.multi_label:
        # Few images do not tell independent probabilities from those that add up to 1.
        opened = replace(opened, kind=card.kind)
    elif opened.kind != DISTRIBUTION:
        _warn(f"'{file}' {_KINDS[opened.kind]}")
    if card is not None:
        _check_agreement(path, card, opened.image_shape, opened.units)
        return opened
    scaling = (keras.layers.Rescaling, keras.layers.Normalization)
    rescales = any(isinstance(layer, scaling) for layer in opened.keras_model.layers)
    _warn(
        f"'{file}' has no card: its class names are unknown, so they are numbered; so is how its "
        "images were prepared: they are resized to its input size, with pixels from 0 to 255"
        + ("." if rescales else ", and no layer rescales them.")
    )
    return opened


def open_keras(path: Path) -> keras.Model:
    """Load a model file of Keras 2 or 3 with Keras, without compiling it.

    Raises:
        AppError: If it is damaged, not a Keras model, or needs layers that cannot be found.
    """
    from app.keras2.containers import container_kind
    from app.keras_startup import start_keras

    try:
        container_kind(path)  # other files are refused before Keras takes its seconds to start
    except OSError as error:
        raise AppError(f"'{path}' cannot be read: {error.strerror}.") from None
    start_keras()
    load_entry_points()
    import keras

    from app.keras2 import load_keras2_model

    try:
        return load_keras2_model(path)
    except AppError:
        raise
    except Exception as error:
        # Keras raises whatever its HDF5 and configuration readers raise.
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise AppError(
            f"'{path}' cannot be loaded by Keras {keras.version()}: {reason}",
            "Expected a whole model that Keras saved.",
            "If it has layers of your own, name their module: --import my_package.my_layers.",
        ) from None


_KINDS = {
    PER_CLASS: "gives an independent probability for each class: they need not add up to 1.",
    SCORES: "gives scores that are not probabilities: only their order means something.",
}


def _warn(message: str) -> None:
    warnings.warn(message, AppWarning, stacklevel=4)


def _is_described(path: Path, card: Card) -> bool:
    """Return whether a file exists and is the one that the card describes."""
    return path.is_file() and card.files.get(path.name) == file_hash(path)


def _check_agreement(path: Path, card: Card, input_shape: Sequence[int], units: int) -> None:
    accepted = {len(card.class_names)}
    if len(card.class_names) == 2 and not card.multi_label:
        accepted.add(1)
    expected_shape = (*card.image_size, card.channels)
    if tuple(input_shape) != expected_shape or units not in accepted:
        raise AppError(
            f"The card of '{path}' disagrees with its model: it describes images {expected_shape} "
            f"and {len(card.class_names)} classes, the model takes {tuple(input_shape)} and gives "
            f"{units}.",
            "Expected the card and the model of one training run.",
            f"Move {CARD} away to load the model without it.",
        )

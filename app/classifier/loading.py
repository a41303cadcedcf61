"""Load a saved model for inference.

The LiteRT file of a model is used if it belongs to the model, so that nothing imports TensorFlow;
otherwise Keras is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from app.classifier.classifier import Classifier
from app.files import printable
from app.metrics import DISTRIBUTION
from app.storage.card import read_card
from app.storage.finding import find_model
from app.storage.folder import CARD
from app.storage.loading import open_image_classifier, open_litert


def load(model: Path | str, *, raw: bool = False) -> Classifier:
    """Load a saved model for inference.

    Args:
        model: Folder of the model, its name in `saved_models/`, or a `.keras` or `.h5` file.
        raw: Whether images are only resized, also for models of digits.

    Raises:
        AppError: If there is no such model, or it cannot be used.
    """
    path = find_model(Path(model))
    if path.is_file():
        return _load_without_card(path)
    card = read_card(path / CARD)
    outputs: Callable[[np.ndarray], np.ndarray] | None = open_litert(path, card)
    kind, keras_model = card.kind, None
    if outputs is None:
        opened = open_image_classifier(path, card)
        kind, keras_model = opened.kind, opened.keras_model
        outputs = _outputs_of(keras_model)
    return Classifier(
        name=card.name,
        outputs=outputs,
        class_names=card.class_names,
        image_size=card.image_size,
        channels=card.channels,
        fit=card.fit,
        kind=kind,
        card=card,
        mnist_style=card.mnist_style and not raw,
        views=card.tta,
        temperature=card.temperature if kind == DISTRIBUTION else 1.0,
        path=path,
        keras_model=keras_model,
    )


def _load_without_card(path: Path) -> Classifier:
    opened = open_image_classifier(path, None)
    height, width, channels = opened.image_shape
    return Classifier(
        name=printable(path.name),
        outputs=_outputs_of(opened.keras_model),
        class_names=tuple(f"class {k}" for k in range(max(2, opened.units))),
        image_size=(height, width),
        channels=channels,
        kind=opened.kind,
        path=path,
        keras_model=opened.keras_model,
    )


def _outputs_of(model: Any) -> Callable[[np.ndarray], np.ndarray]:
    from app.classifier.hooks import keras_outputs  # only here is Keras needed

    return keras_outputs(model)

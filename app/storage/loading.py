"""Opening a saved model for inference: the LiteRT twin if it is the model's own, else Keras."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.errors import AppError, AppWarning
from app.files import printable
from app.metrics import DISTRIBUTION, PER_CLASS, SCORES, OutputKind
from app.names import listed
from app.storage.card import Card, read_card
from app.storage.finding import find_model
from app.storage.folder import CARD, MODEL, TWIN, file_hash
from app.storage.twin import Twin

if TYPE_CHECKING:
    import keras

    from app.storage.image_classifier import ImageClassifier


@dataclass(frozen=True, repr=False)
class Network:
    """A network that maps `(B, H, W, C)` uint8 images to `(B, units)` float32 outputs.

    Attributes:
        name: Of the model's card, or of its file.
        outputs: The function itself.
        class_names: In the order of the classes; two for a single sigmoid unit.
        image_size: `(height, width)` in pixels.
        channels: 3 for RGB, 1 for grey.
        card: What is known of the model, or `None` for a bare file.
        engine: `litert` or `keras`.
        kind: What the outputs are.
    """

    name: str
    outputs: Callable[[np.ndarray], np.ndarray]
    class_names: tuple[str, ...]
    image_size: tuple[int, int]
    channels: int
    card: Card | None
    engine: str
    kind: OutputKind = DISTRIBUTION

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the outputs for a batch."""
        return self.outputs(images)

    def __repr__(self) -> str:
        sides = "×".join(map(str, (*self.image_size, self.channels)))
        return f"<Network {self.name}: {listed(self.class_names)}; {sides}; {self.engine}>"


def load_network(model: Path) -> Network:
    """Open a model.

    Args:
        model: A model's folder, its name, or a `.keras` or `.h5` file.

    Raises:
        AppError: If it is missing, damaged, or its card disagrees with it.
    """
    path = find_model(model)
    if path.is_dir():
        card = read_card(path / CARD)
        twin = _open_twin(path, card)
        if twin is not None:
            _check_agreement(path, card, twin.input_shape, twin.num_outputs)
            return _network(twin, card, "litert")
    network, _ = load_with_keras(path)
    return network


def load_with_keras(model: Path) -> tuple[Network, keras.Model]:
    """Open a model with Keras, whatever twin it has: only there it has layers to look into.

    Args:
        model: As for `load_network`.

    Returns:
        The network, and the Keras model behind it.

    Raises:
        AppError: As `load_network`.
    """
    path = find_model(model)
    if path.is_file():
        return _load_bare(path)
    card = read_card(path / CARD)
    if not (path / MODEL).is_file():
        raise AppError(f"'{path}' has no {MODEL}.", "Expected the folder that training wrote.")
    if not _is_its_own(path / MODEL, card):
        warnings.warn(
            f"'{path / MODEL}' is not the file that its card describes: the card's numbers may "
            "not be its own.",
            AppWarning,
            stacklevel=2,
        )
    found = _open_classifier(path / MODEL)
    _check_agreement(path, card, found.image_shape, found.units)
    network = _network(_keras_outputs(found.keras_model), card, "keras", found.kind)
    return network, found.keras_model


def open_keras(path: Path) -> keras.Model:
    """Load a model file of Keras 2 or 3 with Keras, without compiling it.

    Raises:
        AppError: If it is damaged, foreign, or needs layers that are not there.
    """
    from app.keras2.containers import container_kind
    from app.keras_startup import start_keras

    try:
        container_kind(path)  # other files are refused before Keras takes its seconds to start
    except OSError as error:
        raise AppError(f"'{path}' cannot be read: {error.strerror}.") from None
    start_keras()
    import keras

    from app.keras2 import load_keras2_model

    try:
        network = load_keras2_model(path)
    except AppError:
        raise
    except Exception as error:
        # Keras raises whatever its HDF5 and configuration readers raise.
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise AppError(
            f"'{path}' cannot be loaded by Keras {keras.version()}: {reason}",
            "Expected a whole model that Keras saved.",
        ) from None
    return network


def _is_its_own(path: Path, card: Card) -> bool:
    """Return whether a file is there and is the one that the card describes."""
    return path.is_file() and card.files.get(path.name) == file_hash(path)


def _open_twin(folder: Path, card: Card) -> Twin | None:
    """Return the LiteRT twin, or `None` where Keras is to take over: `model.keras` is the truth."""
    try:
        if _is_its_own(folder / MODEL, card) and _is_its_own(folder / TWIN, card):
            return Twin(folder / TWIN)
        return None
    except (AppError, OSError) as error:
        reason = error.received if isinstance(error, AppError) else (
            f"'{error.filename}': {error.strerror}."
        )  # fmt: skip
        warnings.warn(f"{reason} Keras is used instead.", AppWarning, stacklevel=4)
        return None


def _open_classifier(path: Path) -> ImageClassifier:
    model = open_keras(path)
    # It needs Keras, which has been started now.
    from app.storage.image_classifier import as_image_classifier

    found = as_image_classifier(model, path)
    if found.kind != DISTRIBUTION:
        warnings.warn(f"'{path}' {_KINDS[found.kind]}", AppWarning, stacklevel=4)
    return found


def _load_bare(path: Path) -> tuple[Network, keras.Model]:
    found = _open_classifier(path)
    layers = found.keras_model.layers
    rescales = any("scal" in type(layer).__name__.lower() for layer in layers)
    warnings.warn(
        f"'{path}' has no card: its class names are unknown, so they are numbered; so is how its "
        "images were prepared: they are squashed to its size, pixels from 0 to 255"
        + ("." if rescales else ", and no layer rescales them."),
        AppWarning,
        stacklevel=3,
    )
    height, width, channels = found.image_shape
    network = Network(
        printable(path.name),
        _keras_outputs(found.keras_model),
        tuple(f"class {k}" for k in range(max(2, found.units))),
        (height, width),
        channels,
        None,
        "keras",
        found.kind,
    )
    return network, found.keras_model


_KINDS = {
    PER_CLASS: "gives a probability for each class by itself: they need not add up to 1.",
    SCORES: "gives scores that are no probabilities: only their order means something.",
}


def _network(
    outputs: Callable[[np.ndarray], np.ndarray],
    card: Card,
    engine: str,
    kind: OutputKind = DISTRIBUTION,
) -> Network:
    return Network(
        card.name, outputs, card.class_names, card.image_size, card.channels, card, engine, kind
    )


def _keras_outputs(network: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    import keras

    def outputs(images: np.ndarray) -> np.ndarray:
        values = keras.ops.cast(network(images, training=False), "float32")
        return keras.ops.convert_to_numpy(values)

    return outputs


def _check_agreement(path: Path, card: Card, input_shape: tuple[int, ...], units: int) -> None:
    expected_units = 1 if len(card.class_names) == 2 else len(card.class_names)
    expected_shape = (*card.image_size, card.channels)
    if tuple(input_shape) != expected_shape or units not in (expected_units, len(card.class_names)):
        raise AppError(
            f"The card of '{path}' disagrees with its model: it speaks of images {expected_shape} "
            f"and {len(card.class_names)} classes, the model takes {tuple(input_shape)} and gives "
            f"{units}.",
            "Expected the card and the model of one training run.",
            f"Move {CARD} away to load the model without it.",
        )

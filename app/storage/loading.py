"""Opening a saved model for inference: the LiteRT twin if it is the model's own, else Keras."""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.config import MODELS_FOLDER
from app.errors import AppError, AppWarning
from app.files import recover_folder
from app.storage.card import Card, read_card
from app.storage.folder import CARD, MODEL, TWIN, file_hash
from app.storage.twin import Twin

if TYPE_CHECKING:
    import keras

_BARE_SUFFIXES = (".keras", ".h5", ".hdf5")


@dataclass(frozen=True)
class Network:
    """A network that maps `(B, H, W, C)` uint8 images to `(B, units)` float32 outputs.

    Attributes:
        outputs: The function itself.
        class_names: In the order of the classes; two for a single sigmoid unit.
        image_size: `(height, width)` in pixels.
        channels: 3 for RGB, 1 for grey.
        card: What is known of the model, or `None` for a bare file.
        engine: `litert` or `keras`.
    """

    outputs: Callable[[np.ndarray], np.ndarray]
    class_names: tuple[str, ...]
    image_size: tuple[int, int]
    channels: int
    card: Card | None
    engine: str

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the outputs for a batch."""
        return self.outputs(images)


def load_network(model: Path) -> Network:
    """Open a model.

    Args:
        model: A model's folder, its name in `saved_models/`, or a `.keras` or `.h5` file.

    Raises:
        AppError: If it is missing, damaged, or its card disagrees with it.
    """
    path = find_model(model)
    if path.is_dir():
        card = read_card(path / CARD)
        twin_path = path / TWIN
        if _is_its_own(path / MODEL, card) and _is_its_own(twin_path, card):
            twin = Twin(twin_path)
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
    if not (path / MODEL).exists():
        raise AppError(f"'{path}' has no {MODEL}.", "Expected the folder that training wrote.")
    if not _is_its_own(path / MODEL, card):
        warnings.warn(
            f"'{path / MODEL}' is not the file that its card describes: the card's numbers may "
            "not be its own.",
            AppWarning,
            stacklevel=2,
        )
    keras_model = open_keras(path / MODEL)
    _check_agreement(path, card, keras_model.input_shape[1:], keras_model.output_shape[-1])
    return _network(_keras_outputs(keras_model), card, "keras"), keras_model


def find_model(model: Path) -> Path:
    """Return the folder or file that a person means by `model`.

    Raises:
        AppError: If there is none.
    """
    for path in (model, Path(MODELS_FOLDER) / model):
        recover_folder(path)
        if (path / CARD).is_file():
            return path
        if (path / MODEL).is_file():
            return path / MODEL
        if path.is_file() and path.suffix.lower() in _BARE_SUFFIXES:
            return path
    what = "is a file of another kind" if model.is_file() else (
        "holds no model" if model.is_dir() else "does not exist"
    )  # fmt: skip
    raise AppError(
        f"The model '{model}' {what}.",
        "Expected the folder of a saved model, its name in saved_models/, or a .keras or .h5 file.",
        "List the saved models: python -m app models",
    )


def open_keras(path: Path) -> keras.Model:
    """Load a `.keras` or Keras 2 `.h5` file with Keras, without compiling it.

    Raises:
        AppError: If it is damaged, foreign, or needs layers that are not there.
    """
    from app.backend import start_keras

    start_keras()
    import keras

    from app.storage.keras2 import load_keras2_model

    try:
        if path.suffix.lower() == ".keras":
            network = keras.models.load_model(path, compile=False)
        else:
            network = load_keras2_model(path)
        shapes = network.input_shape, network.output_shape
    except Exception as error:
        # Keras raises whatever its zip, HDF5 and configuration readers raise.
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise AppError(
            f"'{path}' cannot be loaded by Keras {keras.version()}{_written_by(path)}: {reason}",
            "Expected a whole model that Keras saved.",
        ) from None
    if any(len(shape) != rank for shape, rank in zip(shapes, (4, 2), strict=True)):
        raise AppError(
            f"'{path}' maps {shapes[0]} to {shapes[1]}.",
            "Expected an image classifier: (B, H, W, C) to (B, classes).",
        )
    return network


def _is_its_own(path: Path, card: Card) -> bool:
    """Return whether a file is there and is the one that the card describes."""
    return path.exists() and card.files.get(path.name) == file_hash(path)


def _load_bare(path: Path) -> tuple[Network, keras.Model]:
    keras_model = open_keras(path)
    height, width, channels = keras_model.input_shape[1:]
    if height is None or width is None or channels not in (1, 3):
        raise AppError(
            f"'{path}' takes images of shape {keras_model.input_shape[1:]}.",
            "Expected a fixed height and width, and 1 or 3 channels.",
        )
    _turn_scores_into_probabilities(keras_model, path)
    count = max(2, keras_model.output_shape[-1])
    rescales = any("scal" in type(layer).__name__.lower() for layer in keras_model.layers)
    warnings.warn(
        f"'{path}' has no card: its class names are unknown, so they are numbered; so is how its "
        "images were prepared: they are squashed to its size, pixels from 0 to 255"
        + ("." if rescales else ", and no layer rescales them."),
        AppWarning,
        stacklevel=3,
    )
    network = Network(
        _keras_outputs(keras_model),
        tuple(f"class {k}" for k in range(count)),
        (height, width),
        channels,
        None,
        "keras",
    )
    return network, keras_model


def _turn_scores_into_probabilities(keras_model: keras.Model, path: Path) -> None:
    """Give a last dense layer that has no activation the one that its loss implied."""
    import keras

    last = keras_model.layers[-1]
    while isinstance(last, keras.Model):
        last = last.layers[-1]
    if not isinstance(last, keras.layers.Dense) or last.activation is not keras.activations.linear:
        return
    name = "sigmoid" if last.units == 1 else "softmax"
    last.activation = keras.activations.get(name)
    warnings.warn(
        f"The last layer of '{path}' gives scores: they are taken through a {name}.",
        AppWarning,
        stacklevel=4,
    )


def _network(outputs: Callable[[np.ndarray], np.ndarray], card: Card, engine: str) -> Network:
    return Network(outputs, card.class_names, card.image_size, card.channels, card, engine)


def _keras_outputs(network: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    import keras

    def outputs(images: np.ndarray) -> np.ndarray:
        return keras.ops.convert_to_numpy(network(images, training=False))

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


def _written_by(path: Path) -> str:
    """Return ` (written by Keras X)` if the file tells."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                version = json.loads(archive.read("metadata.json"))["keras_version"]
        else:
            import h5py

            with h5py.File(path) as file:
                version = file.attrs["keras_version"]
        return f" (written by Keras {version})"
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return ""

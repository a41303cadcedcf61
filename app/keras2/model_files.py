"""Open model files and weight files of Keras 2, and model files of Keras 3."""

from __future__ import annotations

import shutil
import tempfile
import warnings
import zipfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import h5py
import keras
from keras.src.legacy.saving.saving_utils import model_from_config

from app.errors import AppError, AppWarning
from app.keras2 import containers
from app.keras2.configuration import FUNCTIONAL, keras3_configuration, layer_name, safe_name
from app.keras2.declared_size import check_declared_size
from app.keras2.hdf5_weights import is_by_layer, read_by_layer, read_by_object
from app.keras2.problems import Problems
from app.keras2.weights import Assignments

_WHOLE = "Expected a whole model, as model.save wrote it."


def load_keras2_model(path: str | Path) -> keras.Model:
    """Return the model of a Keras 2 file, uncompiled, with the outputs of Keras 2.

    Files of Keras 3 are opened, too. The content decides, not the file extension. Nothing in
    the file is executed, and no other file is read.

    Args:
        path: `.h5` or `.keras` file that `model.save` of Keras 2.0 to 2.15, or tf_keras, wrote.

    Returns:
        The model. Locally connected layers are `app.layers.LocallyConnected1D` and `2D`.

    Raises:
        AppError: If it is not a whole model, is damaged, refers to other files, or holds layers
            that cannot be opened; the message names all of them.
        OSError: If it cannot be read.
    """
    path = Path(path)
    with warnings.catch_warnings(), ExitStack() as stack:
        # Layers warn that their weights have another layout; here they are converted.
        warnings.filterwarnings("ignore", ".*load_keras2_model", AppWarning)
        if containers.container_kind(path) == "zip":
            archive = stack.enter_context(containers.open_archive(path))
            config = containers.parse_configuration(archive.read("config.json"), path)
            file = stack.enter_context(containers.open_archived_weights(archive, path))
            by_keras_3 = _archived_version(archive, path).startswith("3")
            weights: h5py.Group = file
        else:
            file = stack.enter_context(containers.open_hdf5(path, path, path.stat().st_size))
            config, weights = _whole_model(file, path)
            by_keras_3 = _version(file).startswith("3")
        try:
            if by_keras_3:
                return _load_with_keras(
                    path, config, suffix=".h5" if weights is not file else ".keras"
                )
            model, orders, class_names = _build(config, path)
            _assign(model, weights, orders, class_names, path)
        except RecursionError:
            raise AppError(f"The layers of '{path}' are nested too deeply.", _WHOLE) from None
    return model


def load_keras2_weights(model: keras.Model, path: str | Path) -> None:
    """Load weights that `model.save_weights` of Keras 2 wrote, `.h5` or `.weights.h5`.

    Args:
        model: Built model of the same layers in the same order.
        path: File of weights or of a whole model.

    Raises:
        AppError: If the weights are not those of such a model, or the file reads other files.
        OSError: If it is not an HDF5 file.
    """
    path = Path(path)
    with ExitStack() as stack:
        if containers.container_kind(path) == "zip":
            archive = stack.enter_context(containers.open_archive(path))
            file = stack.enter_context(containers.open_archived_weights(archive, path))
        else:
            file = stack.enter_context(containers.open_hdf5(path, path, path.stat().st_size))
        _assign(model, file.get("model_weights", file), {}, {}, path)


def _whole_model(file: h5py.File, path: Path) -> tuple[dict[str, Any], h5py.Group]:
    text = file.attrs.get("model_config")
    if text is None or "model_weights" not in file:
        raise AppError(
            f"'{path}' does not hold both the configuration and the weights of a model.",
            _WHOLE,
            "For weights alone, build the model and call load_keras2_weights.",
        )
    return containers.parse_configuration(text, path), file["model_weights"]


def _build(
    config: dict[str, Any], path: Path
) -> tuple[keras.Model, dict[int, list[keras.Layer]], dict[int, str]]:
    """Build the model of a configuration.

    Returns:
        The model; the layers of each model in the order of the file; the classes that layers had
        in Keras 2. Both are keyed by identity.
    """
    problems = Problems()
    try:
        if config.get("class_name") not in ("Sequential", *FUNCTIONAL):
            raise ValueError(
                f"it is of the class '{config.get('class_name')}', whose code is not in the file"
            )
        translated = keras3_configuration(config, problems)
        problems.raise_if_any(path)
        check_declared_size(keras.saving.deserialize_keras_object, translated, path)
        model = keras.saving.deserialize_keras_object(translated, safe_mode=True)
        orders: dict[int, list[keras.Layer]] = {}
        class_names: dict[int, str] = {}
        _match(model, config, orders, class_names)
    except (AppError, MemoryError, RecursionError):
        raise
    except Exception as error:
        # Keras raises whatever its layers raise.
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise AppError(f"The model in '{path}' cannot be built: {reason}.", _WHOLE) from error
    return model, orders, class_names


def _match(
    layer: keras.Layer,
    entry: dict[str, Any],
    orders: dict[int, list[keras.Layer]],
    class_names: dict[int, str],
) -> None:
    """Record the order and the classes of the layers of a model and of nested models."""
    class_names[id(layer)] = entry["class_name"]
    config = entry["config"]
    if isinstance(layer, keras.Model):
        entries = config if isinstance(config, list) else config["layers"]
        by_name = {inner.name: inner for inner in layer.layers}
        inner_layers = []
        for inner_entry in entries:
            inner = by_name.get(safe_name(layer_name(inner_entry)))
            if inner is not None:
                inner_layers.append(inner)
                _match(inner, inner_entry, orders, class_names)
        orders[id(layer)] = inner_layers
    elif isinstance(config.get("layer"), dict) and isinstance(
        getattr(layer, "layer", None), keras.Model
    ):
        _match(layer.layer, config["layer"], orders, class_names)


def _assign(
    model: keras.Model,
    weights: h5py.Group,
    orders: dict[int, list[keras.Layer]],
    class_names: dict[int, str],
    path: Path,
) -> None:
    assignments = Assignments(model, orders, convert=not _version(weights).startswith("3"))
    try:
        if is_by_layer(weights):
            layers = orders.get(id(model), model.layers)
            read_by_layer(weights, layers, assignments, path)
        else:
            read_by_object(weights, model, class_names, assignments, path)
        assignments.apply()
    except (ValueError, KeyError, IndexError) as error:
        raise AppError(
            f"The weights in '{path}' do not fit: {error}.",
            "Expected the weights of a model of the same layers.",
        ) from None


def _version(group: h5py.Group) -> str:
    """Return the version of Keras that wrote a group."""
    version = group.attrs.get("keras_version", "2")
    return version.decode() if isinstance(version, bytes) else str(version)


def _archived_version(archive: zipfile.ZipFile, path: Path) -> str:
    try:
        text = archive.read(containers.METADATA_ENTRY)
    except KeyError:
        return "3"
    return str(containers.parse_configuration(text, path).get("keras_version", "3"))


def _load_with_keras(path: Path, config: dict[str, Any], suffix: str) -> keras.Model:
    """Open a file of Keras 3, whose loader decides by the file extension."""
    problems = Problems()
    _find_code(config, problems)
    problems.raise_if_any(path)
    from_config = model_from_config if suffix == ".h5" else keras.saving.deserialize_keras_object
    check_declared_size(from_config, config, path)
    if path.suffix.lower() == suffix:
        return _plain_input(keras.models.load_model(path, compile=False))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / f"model{suffix}"
        shutil.copyfile(path, copy)
        return _plain_input(keras.models.load_model(copy, compile=False))


def _find_code(config: Any, problems: Problems) -> None:
    """Record the Lambda layers of a configuration of Keras 3."""
    if isinstance(config, list):
        for item in config:
            _find_code(item, problems)
    elif isinstance(config, dict):
        if config.get("class_name") == "Lambda" and isinstance(config.get("config"), dict):
            problems.add_code(layer_name(config))
        for value in config.values():
            _find_code(value, problems)


def _plain_input(model: keras.Model) -> keras.Model:
    """Unwrap an input that is a list of one.

    An `.h5` of Keras 3 may have one, and Keras 3 warns at each call that does not pass a list.
    """
    if isinstance(model, keras.Sequential):
        return model
    inputs, outputs = model.input, model.output
    if not isinstance(inputs, list) or len(inputs) != 1:
        return model
    outputs = outputs[0] if isinstance(outputs, list) and len(outputs) == 1 else outputs
    return keras.Model(inputs[0], outputs, name=model.name)

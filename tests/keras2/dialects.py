"""Keras 2's older ways of writing a file, rewritten from what tf_keras 2.21 writes.

Old versions of TensorFlow cannot be installed beside the present one. What differed:

- 2.4 (`.h5`): no modules and no registered names; objects are `{"class_name", "config"}`; a
  convolution's depthwise kind has no `groups`-independent keys of later versions such as
  `rng_type`; the policy is `{"class_name": "Policy", "config": {"name"}}`; the class of a
  functional model is `Functional`; batch normalization has `axis` as a list.
- 2.12 (`.keras`): layers under `_layer_checkpoint_dependencies` in `model.weights.h5`.
- 2.15 (`.h5`, `.keras`): modules are `keras...` and `keras.src...` instead of `tf_keras.src...`.
"""

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py

_LATER = ("rng_type", "optional", "synchronized", "use_legacy_format", "build_config")


def _without_modules(value: Any) -> Any:
    """Return a configuration as TensorFlow 2.4 wrote it."""
    if isinstance(value, list):
        return [_without_modules(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "function" and "config" in value:
        return value["config"]
    return {
        key: _without_modules(item)
        for key, item in value.items()
        if key not in _LATER
        and not (key in ("module", "registered_name") and "class_name" in value)
    }


def _renamed(text: str) -> str:
    return text.replace("tf_keras.src", "keras.src").replace('"tf_keras', '"keras')


def _rewrite_h5(change: Callable[[str], str], version: str) -> Callable[[Path, Path], Path]:
    def rewrite(source: Path, target: Path) -> Path:
        shutil.copyfile(source, target)
        with h5py.File(target, "r+") as file:
            text = file.attrs["model_config"]
            text = text.decode() if isinstance(text, bytes) else text
            file.attrs["model_config"] = change(text).encode()
            for group in (file, file["model_weights"]):
                group.attrs["keras_version"] = version.encode()
        return target

    return rewrite


def _rewrite_archive(version: str, layers: str) -> Callable[[Path, Path], Path]:
    def rewrite(source: Path, target: Path) -> Path:
        with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
            weights = io.BytesIO(old.read("model.weights.h5"))
            with h5py.File(weights, "r+") as file:
                _rename_groups(file, layers)
            new.writestr("config.json", _renamed(old.read("config.json").decode()))
            new.writestr("metadata.json", json.dumps({"keras_version": version}))
            new.writestr("model.weights.h5", weights.getvalue())
        return target

    return rewrite


def _rename_groups(group: h5py.Group, layers: str) -> None:
    for name in list(group):
        if isinstance(group[name], h5py.Group):
            _rename_groups(group[name], layers)
            if name == "layers" and layers != "layers":
                group.move(name, layers)


def _unchanged(source: Path, target: Path) -> Path:
    return source


# Name of a dialect: the format that tf_keras writes, and what turns it into the dialect.
DIALECTS: dict[str, tuple[str, Callable[[Path, Path], Path]]] = {
    "2.4 .h5": (
        ".h5", _rewrite_h5(lambda t: json.dumps(_without_modules(json.loads(t))), "2.4.0")
    ),
    "2.12 .keras": (".keras", _rewrite_archive("2.12.0", "_layer_checkpoint_dependencies")),
    "2.15 .h5": (".h5", _rewrite_h5(_renamed, "2.15.0")),
    "2.15 .keras": (".keras", _rewrite_archive("2.15.0", "layers")),
    "tf_keras 2.21 .h5": (".h5", _unchanged),
    "tf_keras 2.21 .keras": (".keras", _unchanged),
}  # fmt: skip

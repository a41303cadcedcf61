"""Identify a model file by its content, and check that it is safe to read.

Limits, which no model of `keras.applications` with its optimizer comes near:

| what | limit | why |
|---|---|---|
| declared size | 8 GiB, and 20 times the file plus 16 MiB | weights do not compress; bombs do |
| `config.json`, `model_config` | 64 MiB | the largest is below 1 MiB |
| `metadata.json` | 1 MiB | it holds a version and a date |

In HDF5, external storage, virtual datasets, and external and soft links can name other files of
the machine. Keras writes none of them, so they are refused.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import h5py

from app.errors import AppError

MAX_BYTES = 8 << 30
MAX_INFLATION = 20
SLACK = 16 << 20
MAX_CONFIG = 64 << 20
MAX_METADATA = 1 << 20
WEIGHTS_ENTRY, CONFIG_ENTRY, METADATA_ENTRY = "model.weights.h5", "config.json", "metadata.json"
_EXPECTED = "Expected a model that Keras saved: an HDF5 file (.h5) or a Keras archive (.keras)."
_SAVED_MODEL = (
    "Load it in the program that made it, or with tf_keras (tf_keras.models.load_model), and "
    "save it again: model.save('model.h5')."
)
_KNOWN_FORMATS = {
    b"\x80": ("a pickle or PyTorch file", "Save the model from Keras: model.save('model.keras')."),
    b"\x1f\x8b": ("a gzip file", "Decompress it first."),
    b"Rar!": ("a RAR archive", "Unpack it first."),
    b"7z\xbc\xaf": ("a 7z archive", "Unpack it first."),
    b"{": ("a JSON file, such as a configuration without weights", "Save the whole model."),
}


def container_kind(path: Path) -> str:
    """Return `hdf5` or `zip`, whatever the extension of the file.

    Args:
        path: Model file.

    Raises:
        AppError: If it is neither; the message names the kind of file if it is known.
        OSError: If it cannot be read.
    """
    if path.is_dir():
        saved_model = is_saved_model(path)
        raise AppError(
            f"'{path}' is {'a TensorFlow SavedModel' if saved_model else 'a folder'}.",
            _EXPECTED,
            _SAVED_MODEL if saved_model else "",
        )
    with path.open("rb") as file:
        head = file.read(16)
    # Zip first: HDF5 may begin at byte 512, 1024, … of a file, where an archive may have its
    # weights.
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if h5py.is_hdf5(path):
        return "hdf5"
    what, fix = "a file of another kind", ""
    if not head:
        what = "empty"
    elif head[4:8] == b"TFL3":
        what, fix = "a TFLite model", "Give the Keras model that it was converted from."
    else:
        for magic, (name, advice) in _KNOWN_FORMATS.items():
            if head.startswith(magic):
                what, fix = name, advice
    raise AppError(f"'{path}' is {what}.", _EXPECTED, fix)


def is_saved_model(path: Path) -> bool:
    """Return whether `path` is the folder of a TensorFlow SavedModel."""
    return (path / "saved_model.pb").exists() or (path / "keras_metadata.pb").exists()


@contextmanager
def open_hdf5(source: Path | IO[bytes], path: Path, size: int) -> Iterator[h5py.File]:
    """Open an HDF5 file that refers to no other file and is within the limits of this module.

    Args:
        source: File, or a stream of its bytes.
        path: File to name in messages.
        size: Size of the HDF5 file in bytes.

    Raises:
        AppError: If it refers to other files, or declares more than the limits of this module.
        OSError: If it is not an HDF5 file.
    """
    with h5py.File(source, "r") as file:
        declared = 0
        seen: set[int] = set()
        groups: list[h5py.Group] = [file]
        while groups:
            group = groups.pop()
            for name in group:
                child = _own_child(group, name, path)
                address = h5py.h5o.get_info(child.id).addr
                if address in seen:
                    continue
                seen.add(address)
                if isinstance(child, h5py.Group):
                    groups.append(child)
                elif isinstance(child, h5py.Dataset):
                    _check_storage(child, path)
                    declared += child.size * child.dtype.itemsize if child.size else 0
                    check_inflation(declared, size, path)
        yield file


def _own_child(group: h5py.Group, name: str, path: Path) -> h5py.Group | h5py.Dataset | Any:
    link = group.get(name, getlink=True)
    if not isinstance(link, h5py.HardLink):
        kind = "an external link" if isinstance(link, h5py.ExternalLink) else "a soft link"
        raise _outside(f"'{group.name}/{name}' is {kind}", path)
    return group[name]


def _check_storage(dataset: h5py.Dataset, path: Path) -> None:
    if dataset.external:
        raise _outside(f"'{dataset.name}' is stored outside the file", path)
    if dataset.is_virtual:
        raise _outside(f"'{dataset.name}' is a virtual dataset", path)


def _outside(what: str, path: Path) -> AppError:
    return AppError(
        f"'{path}' is refused: {what}, which can read other files of this machine.",
        "Expected weights in the file itself, as Keras writes them.",
        "Save the model again, or get the file from a source that you trust.",
    )


def check_inflation(declared: int, size: int, path: Path) -> None:
    """Refuse a file that declares far more than its size can hold.

    Raises:
        AppError: If `declared` bytes are more than the limits of this module for `size` bytes.
    """
    if declared > min(MAX_BYTES, size * MAX_INFLATION + SLACK):
        raise AppError(
            f"'{path}' is refused: its {size / 1e6:,.1f} MB declare {declared / 1e6:,.0f} MB "
            "or more.",
            f"Expected at most {MAX_INFLATION} times the size of the file, and at most "
            f"{MAX_BYTES >> 30} GiB.",
            "Save the model again with Keras, which does not compress weights.",
        )


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a `.keras` archive whose entries are within the limits of this module.

    Args:
        path: Archive.

    Raises:
        AppError: If it is damaged, not a Keras archive, or too large once decompressed.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_entries(archive, path)
            yield archive
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError) as error:
        raise AppError(f"'{path}' is damaged: {error}", "Expected a whole Keras archive.") from None


def _check_entries(archive: zipfile.ZipFile, path: Path) -> None:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if CONFIG_ENTRY not in names:
        torch = any(name.endswith("/data.pkl") for name in names)
        raise AppError(
            f"'{path}' is a zip archive without {CONFIG_ENTRY}"
            + (", as PyTorch writes them." if torch else "."),
            _EXPECTED,
            "If the model is inside, unpack it first.",
        )
    check_inflation(sum(entry.file_size for entry in entries), path.stat().st_size, path)
    limits = {CONFIG_ENTRY: MAX_CONFIG, METADATA_ENTRY: MAX_METADATA}
    for entry in entries:
        parts = entry.filename.replace("\\", "/").split("/")
        too_large = entry.file_size > limits.get(entry.filename, entry.file_size)
        encrypted, twice = entry.flag_bits & 1, names.count(entry.filename) > 1
        if ".." in parts or not parts[0] or ":" in parts[0] or too_large or encrypted or twice:
            what = (
                f"has {entry.file_size / 1e6:,.0f} MB" if too_large
                else "is encrypted" if encrypted
                else "is there twice" if twice
                else "would lie outside it"
            )  # fmt: skip
            raise AppError(
                f"'{path}' is refused: its entry {entry.filename[:80]!r} {what}.",
                "Expected an archive as Keras writes it.",
            )


@contextmanager
def open_archived_weights(archive: zipfile.ZipFile, path: Path) -> Iterator[h5py.File]:
    """Open the HDF5 file with the weights in a `.keras` archive, checked as `open_hdf5` does.

    Raises:
        AppError: If it is missing, damaged or refused.
    """
    try:
        entry = archive.getinfo(WEIGHTS_ENTRY)
    except KeyError:
        raise AppError(f"'{path}' holds no {WEIGHTS_ENTRY}.", "Expected a whole model.") from None
    with archive.open(entry) as stream:
        # Seeking in a compressed entry starts from its beginning each time.
        stored = entry.compress_type == zipfile.ZIP_STORED
        source = stream if stored else io.BytesIO(stream.read())
        with open_hdf5(source, path, entry.file_size) as file:
            yield file


def parse_configuration(text: str | bytes, path: Path) -> dict[str, Any]:
    """Return the configuration of a model.

    Args:
        text: JSON text in the file.
        path: File to name in messages.

    Raises:
        AppError: If it is too long, nested too deeply, or not a JSON object.
    """
    try:
        if len(text) > MAX_CONFIG:
            raise ValueError(f"it has {len(text) / 1e6:,.0f} MB")
        config = json.loads(text)
        if not isinstance(config, dict):
            raise ValueError("it is not a JSON object")
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise AppError(
            f"The configuration of '{path}' cannot be read: {reason}.",
            "Expected the JSON that Keras writes.",
        ) from None
    return config

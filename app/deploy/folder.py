"""The folder of an export: its files, and what may be replaced."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from app.errors import AppError
from app.export.formats import FORMATS
from app.names import listed

SCRIPT, README, RECORD = "run.py", "README.md", "export.json"


def check_folder(folder: Path) -> str:
    """Allow an export to replace only an export, to which nothing was added.

    Returns:
        What an export will replace, such as `mnist-tiny as LiteRT, int8`; empty for nothing.

    Raises:
        AppError: If `folder` is something else that is not empty, or holds other files, too.
    """
    if not os.path.lexists(folder) or (folder.is_dir() and not any(folder.iterdir())):
        return ""
    record = _record(folder)
    form = FORMATS.get(str(record.get("format")))
    if form is None:
        raise AppError(
            f"-o '{folder}' exists and is not an exported model.",
            "Expected the name of a new folder, or of an exported model, which is replaced.",
            "Choose another name, or remove it first.",
        )
    # An older record has no list: the whole folder of a SavedModel is taken as written.
    written = set(record.get("files") or (SCRIPT, README, RECORD, form.file))
    added = [path for path in _files(folder) if written.isdisjoint([path, *_parents(path)])]
    if added:
        raise AppError(
            f"-o '{folder}' holds more than an exported model: {listed(added)}.",
            "Expected the name of a new folder, or of an exported model, which is replaced.",
            "Choose another name, or move these files elsewhere first.",
        )
    return f"{record.get('model')} as {form.title}"


def written_files(folder: Path) -> list[str]:
    """Return the files that an export consists of, for its record, which is not there yet."""
    return [*_files(folder), RECORD]


def _record(folder: Path) -> dict[str, Any]:
    """Return what `export.json` says; nothing if it is not there or not an export's."""
    try:
        record = json.loads((folder / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _files(folder: Path) -> list[str]:
    """Return the paths of all files and links in a folder, relative to it."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    )


def _parents(path: str) -> list[str]:
    return [parent.as_posix() for parent in Path(path).parents]

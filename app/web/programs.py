"""Programs of models, and what they say of their models, kept in the user's cache.

To lower a model takes Keras, which takes seconds to start; a program that was made once is used as
long as the model and the code that lowers stay the same.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.numpy import load

from app.cache import cache_folder
from app.errors import AppError
from app.files import atomic_file
from app.storage.folder import CARD, MODEL

_MOST_KEPT = 50
_FOLDER = "programs"


@dataclass(frozen=True)
class Prepared:
    """What Keras finds out about a model once.

    Attributes:
        classes: Classes in the order of the outputs.
        image: `[height, width, channels]`.
        outputs: Kind of the outputs.
        parameters: Number of weights.
        server_only: Why the page cannot run the model; empty if it can.
        program: Its program; empty if it has none.
    """

    classes: list[str]
    image: list[int]
    outputs: str
    parameters: int
    server_only: str
    program: bytes


def fingerprint(path: Path) -> str:
    """Return 32 hexadecimal digits that change with a model and with the code that lowers it.

    Args:
        path: Folder of a model, or its file.
    """
    digest = hashlib.sha256(f"{version('keras')} {_code()}".encode())
    parts = [path / MODEL, path / CARD] if path.is_dir() else [path]
    for part in parts:
        digest.update(part.read_bytes() if part.is_file() else b"none")
        digest.update(b"\0")
    return digest.hexdigest()[:32]


def read_prepared(key: str) -> Prepared | None:
    """Return what is kept under a fingerprint; `None` if it is missing or damaged."""
    place = cache_folder() / _FOLDER
    try:
        facts = json.loads((place / f"{key}.json").read_bytes())
        program = (place / f"{key}.safetensors").read_bytes()
        if program:
            load(program)
        prepared = Prepared(**facts, program=program)
    except (OSError, SafetensorError, TypeError, ValueError):
        return None
    return prepared if bool(prepared.program) != bool(prepared.server_only) else None


def keep_prepared(key: str, prepared: Prepared) -> None:
    """Keep what was found out, if the cache can be written; of many, the newest are kept."""
    place = cache_folder() / _FOLDER
    facts: dict[str, Any] = asdict(prepared)
    program = facts.pop("program")
    with suppress(AppError, OSError):
        with atomic_file(place / f"{key}.safetensors") as temporary:
            temporary.write_bytes(program)
        with atomic_file(place / f"{key}.json") as temporary:
            temporary.write_text(json.dumps(facts), encoding="utf-8")
        by_age = sorted(place.glob("*.json"), key=lambda path: -path.stat().st_mtime)
        for old in by_age[_MOST_KEPT:]:
            old.with_suffix(".safetensors").unlink(missing_ok=True)
            old.unlink(missing_ok=True)


def _code() -> str:
    """Return a digest of the code that lowers, and of the layers that it lowers."""
    digest = hashlib.sha256()
    app = files("app")  # its packages themselves would import Keras
    for folder in (app / "export" / "page", app / "layers"):
        for source in sorted(folder.iterdir(), key=lambda source: source.name):
            if source.name.endswith(".py"):
                digest.update(source.read_bytes())
    return digest.hexdigest()

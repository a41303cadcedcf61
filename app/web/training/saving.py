"""A run's model, taken from the scratch folder into that of the saved models."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from app.errors import AppError
from app.files import atomic_folder
from app.stack.python_code import python_code
from app.stack.stack import Stack
from app.storage.card import read_card
from app.storage.folder import CARD

NETWORK = "network.py"


def keep_model(source: Path, target: Path, stack: Stack) -> None:
    """Copy a saved model under its final name, with the Python that makes its network.

    Args:
        source: Folder of the model.
        target: New folder.
        stack: Layers of its network.

    Raises:
        AppError: If the name is taken.
    """
    if target.exists():
        raise AppError(
            f"The name '{target.name}' is taken.", "Expected one that no saved model has.",
            "Choose another name.",
        )  # fmt: skip
    with atomic_folder(target) as new:
        shutil.copytree(source, new, dirs_exist_ok=True)
        replace(read_card(source / CARD), name=target.name).write(new / CARD)
        (new / NETWORK).write_text(python_code(stack, "network"), "utf-8")

"""TensorBoard logs, for those who ask for them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import keras

from app.config import TENSORBOARD
from app.errors import AppError


def check_tensorboard() -> None:
    """Fail early if TensorBoard is not installed.

    Raises:
        AppError: With the command that installs it.
    """
    if importlib.util.find_spec("tensorboard") is None:
        raise AppError(
            "--tensorboard was given, but TensorBoard is not installed.",
            "Expected the package tensorboard.",
            "Install it: pip install -e '.[tensorboard]'",
        )


def tensorboard_callback(folder: Path) -> keras.callbacks.Callback:
    """Return the callback that logs a run beside its model, in `NAME.tensorboard`."""
    return keras.callbacks.TensorBoard(folder.with_name(f"{folder.name}{TENSORBOARD}"))

"""The variables of a network and its optimizer in one safetensors file, in their order.

The run builds the network again and gives it these values, so that an epoch is saved in a fraction
of the time that Keras takes for a whole model (`benchmarks/checkpoint.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from app.errors import AppError


def save_variables(path: Path, variables: Sequence[keras.Variable]) -> None:
    """Write the values of variables.

    Args:
        path: File to write; the caller sees to it that half a file is never used.
        variables: Variables in an order that `load_variables` repeats.
    """
    path.write_bytes(save({str(k): _value(variable) for k, variable in enumerate(variables)}))


def load_variables(path: Path, variables: Sequence[keras.Variable]) -> None:
    """Give variables the values of a file.

    Args:
        path: File of `save_variables`; it may hold more values, which are those of an optimizer.
        variables: Variables in the order in which they were saved.

    Raises:
        AppError: If the file cannot be read, or holds variables of other shapes.
    """
    try:
        values = load_file(path)
        missing = [str(k) for k in range(len(variables)) if str(k) not in values]
        if missing:
            raise ValueError(f"{len(missing)} of {len(variables)} variables are missing")
        for k, variable in enumerate(variables):
            if values[str(k)].shape != tuple(variable.shape):
                raise ValueError(
                    f"'{variable.path}' has the shape {values[str(k)].shape}, not "
                    f"{tuple(variable.shape)}"
                )
    except (OSError, SafetensorError, ValueError) as error:
        raise AppError(
            f"'{path}' cannot be read: {error}.",
            "Expected the variables of an unfinished run of this version.",
            "Start over: the same command with --overwrite in the place of --resume.",
        ) from None
    for k, variable in enumerate(variables):
        variable.assign(values[str(k)])


def _value(variable: keras.Variable) -> np.ndarray:
    """Return a contiguous array; bfloat16 becomes float32, which holds it exactly."""
    value = np.asarray(keras.ops.convert_to_numpy(variable), order="C")
    return value if value.dtype.kind in "biuf" else value.astype(np.float32)

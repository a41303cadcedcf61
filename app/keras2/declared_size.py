"""The size of a model that a configuration declares, before any of it is allocated.

A configuration of 1 kB can ask for layers of many gigabytes. The model is first built inside a
`StatelessScope`, in which Keras makes variables with shapes and without values.
"""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
from keras.src.backend.common import global_state

from app.keras2.containers import check_inflation

# Keras's list of variables without values.
_WAITING = "uninitialized_variables"
_BYTES = 4  # of a float32; narrower types only make the estimate larger


def check_declared_size(
    from_config: Callable[[dict[str, Any]], keras.Model], config: dict[str, Any], path: Path
) -> None:
    """Refuse a configuration whose variables are far larger than the file that holds them.

    A configuration that cannot be built passes: the real build reports the reason.

    Args:
        from_config: Builder of a model; it may change the configuration.
        config: Configuration of the model.
        path: File that holds the configuration and the weights.

    Raises:
        AppError: If the variables take more bytes than `check_inflation` allows.
    """
    waiting = list(global_state.get_global_attribute(_WAITING, []))
    try:
        with keras.StatelessScope(initialize_variables=False), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the real build warns
            model = from_config(copy.deepcopy(config))
    except Exception:
        return
    finally:
        global_state.set_global_attribute(_WAITING, waiting)
    declared = sum(_BYTES * math.prod(variable.shape) for variable in model.variables)
    check_inflation(declared, path.stat().st_size, path)

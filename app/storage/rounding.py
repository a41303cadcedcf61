"""Round weights to half their digits: files become half as large, outputs hardly change."""

from __future__ import annotations

import keras
import numpy as np

# As many as in float16; the exponent keeps the range of float32.
_SIGNIFICANT_BITS = 11


def round_weights(model: keras.Model) -> None:
    """Round all floating-point variables of a model, statistics included, to 11 binary digits.

    Each changes by at most one part in 2,048. Rounded weights compress well.
    """
    for variable in model.variables:
        if keras.backend.standardize_dtype(variable.dtype) == "float32":
            variable.assign(rounded(keras.ops.convert_to_numpy(variable)))


def rounded(values: np.ndarray) -> np.ndarray:
    """Return float32 values rounded to 11 significant binary digits."""
    mantissa, exponent = np.frexp(values)
    scale = np.float32(2**_SIGNIFICANT_BITS)
    return np.ldexp(np.round(mantissa * scale) / scale, exponent).astype(np.float32)

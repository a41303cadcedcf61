"""Temperature scaling: probabilities made less or more confident, without changing a prediction."""

from __future__ import annotations

import numpy as np

from app.errors import AppError

_SMALLEST = 1e-12  # before the logarithm
_LARGEST = 20.0  # temperature; its inverse is the smallest


def with_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return probabilities whose logarithms are divided by a temperature.

    Above 1 they become less confident, below 1 more. Their order stays the same.

    Args:
        probabilities: `(N, K)`, rows adding up to 1.
        temperature: Above 0.
    """
    logits = np.log(np.clip(probabilities, _SMALLEST, 1.0).astype(np.float64)) / temperature
    scaled = np.exp(logits - logits.max(axis=1, keepdims=True))
    return scaled / scaled.sum(axis=1, keepdims=True)


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the temperature with the smallest negative log-likelihood, from 1/20 to 20.

    Args:
        probabilities: `(N, K)`, rows adding up to 1, on images that are not tested on.
        labels: `(N,)` integers in [0, K).

    Raises:
        AppError: If there are no images, or all predictions are right or all are wrong: then the
            likelihood has no maximum.

    Source: C. Guo, G. Pleiss, Y. Sun, K. Weinberger, On calibration of modern neural networks,
        ICML 2017.
    """
    right = int((probabilities.argmax(axis=1) == labels).sum())
    if right in (0, len(labels)):
        raise AppError(
            f"{right} of {len(labels)} predictions are right: a temperature cannot be fitted.",
            "Expected right and wrong ones.",
            "Use more validation images.",
        )
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        scaled = with_temperature(probabilities, float(np.exp(log_temperature)))
        return float(-np.log(np.clip(scaled[rows, labels], _SMALLEST, 1.0)).mean())

    limit = np.log(_LARGEST)
    return float(np.exp(minimize_scalar(loss, bounds=(-limit, limit), method="bounded").x))

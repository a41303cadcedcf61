"""Temperature scaling: probabilities made less or more confident, without changing a prediction."""

from __future__ import annotations

import numpy as np

from app.errors import AppError
from app.statistics.estimate import LEVEL

_SMALLEST = 1e-12  # before the logarithm
LARGEST = 20.0  # temperature; its inverse is the smallest


def with_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return probabilities whose logarithms are divided by a temperature.

    Above 1 they become less confident, below 1 more. Their order stays the same. Of two classes,
    the logit is divided. At 1, the probabilities are returned as they are.

    Args:
        probabilities: `(N, K)`, rows adding up to 1.
        temperature: Above 0.
    """
    if temperature == 1:
        return probabilities
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

    def loss(log_temperature: float) -> float:
        scaled = with_temperature(probabilities, float(np.exp(log_temperature)))
        return -_log_likelihood(scaled, labels) / len(labels)

    limit = np.log(LARGEST)
    return float(np.exp(minimize_scalar(loss, bounds=(-limit, limit), method="bounded").x))


def stored_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the fitted temperature with four decimals, or 1 where the images do not ask for it.

    It is 1 if all predictions are right or all are wrong, or if the likelihood ratio test at 5%
    does not tell the fitted temperature from 1, as with few images.

    Args:
        probabilities: `(N, K)`, rows adding up to 1, on images that are not tested on.
        labels: `(N,)` integers in [0, K).

    Source: S. S. Wilks, The large-sample distribution of the likelihood ratio for testing composite
        hypotheses, Annals of Mathematical Statistics 9 (1938).
    """
    right = int((probabilities.argmax(axis=1) == labels).sum())
    if right in (0, len(labels)):
        return 1.0
    from scipy.special import chdtri

    temperature = fit_temperature(probabilities, labels)
    gain = _log_likelihood(with_temperature(probabilities, temperature), labels)
    gain -= _log_likelihood(probabilities, labels)
    return round(temperature, 4) if 2 * gain > chdtri(1, 1 - LEVEL) else 1.0


def _log_likelihood(probabilities: np.ndarray, labels: np.ndarray) -> float:
    of_truth = probabilities[np.arange(len(labels)), labels]
    return float(np.log(np.clip(of_truth, _SMALLEST, 1.0), dtype=np.float64).sum())

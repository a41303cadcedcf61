"""Digits, unless another recipe is named: one minute on 2 cores.

    python train.py --dataset mnist

With two epochs, 40 seconds: test accuracy of seeds 0, 1, 2: 99.23, 99.18, 99.28%; 99.23 ± 0.05%.
"""

from __future__ import annotations

from typing import Any

_OF_MODEL: dict[str, dict[str, Any]] = {
    "dense": {"epochs": 5, "learning_rate": 1e-3, "dropout": 0.0},
    "local": {"epochs": 5, "learning_rate": 2e-3, "dropout": 0.5},
    "convnet": {"epochs": 5, "learning_rate": 2e-3, "dropout": 0.5},
    "modern": {"epochs": 5, "learning_rate": 4e-3, "dropout": 0.3},
    "quick": {"epochs": 2, "learning_rate": 2e-2, "dropout": 0.0},
    "mini": {"epochs": 5, "learning_rate": 8e-3, "dropout": 0.0},
    "deep": {"epochs": 3, "learning_rate": 4e-3, "dropout": 0.3},
}
# scikit-learn's digits, the stand-in: 1,077 to learn from, so more passes for as many steps.
_FEW_IMAGES_EPOCHS = 15


def settings(dataset: str, model: str | None, _protocol: str) -> dict[str, Any]:
    """Return the recipe's settings."""
    model = model or "modern"
    found = {"model": model, "image_size": 28, "batch_size": 128, "augment": "none"}
    found |= _OF_MODEL[model]
    return found | ({"epochs": _FEW_IMAGES_EPOCHS} if dataset == "digits" else {})

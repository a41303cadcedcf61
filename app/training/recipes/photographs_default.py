"""Photographs, unless another recipe is named: the most within ten minutes on 2 cores.

    python train.py --dataset catsdogs

RESULT
"""

from __future__ import annotations

from typing import Any

_OF_MODEL: dict[str, dict[str, Any]] = {
    "dense": {"epochs": 20, "learning_rate": 3e-4, "dropout": 0.0},
    # The lecture's 150 pixels.
    "local": {"epochs": 20, "learning_rate": 5e-4, "dropout": 0.5, "image_size": 150},
    "convnet": {"epochs": 20, "learning_rate": 5e-4, "dropout": 0.5, "image_size": 150},
    "modern": {
        "epochs": 100,
        "learning_rate": 2e-3,
        "dropout": 0.5,
        "start_size": 64,
        "augment": "photographs",
    },
    # Made for digits; on photographs to be compared with.
    "deep": {"epochs": 20, "learning_rate": 2e-3, "dropout": 0.5, "image_size": 64},
    "quick": {"epochs": 20, "learning_rate": 4e-3, "dropout": 0.2, "image_size": 64},
    "mini": {"epochs": 20, "learning_rate": 4e-3, "dropout": 0.0, "image_size": 64},
}
# Drawn animals, the stand-in, are told apart sooner.
_DRAWN = {"epochs": 20, "augment": "lecture"}


def settings(dataset: str, model: str | None, _protocol: str) -> dict[str, Any]:
    """Return the recipe's settings."""
    model = model or "modern"
    found = {"model": model, "image_size": 128, "batch_size": 32, "augment": "lecture"}
    found |= _OF_MODEL[model]
    return found | (_DRAWN if dataset == "drawn" else {})

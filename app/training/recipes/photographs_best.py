"""The most that 2,000 photographs teach, or all of them.

    python train.py --dataset catsdogs --recipe best
    python train.py --dataset catsdogs --recipe best --protocol full

Half an hour on one core. On validation images, seed 0: 92.8% after the last epoch, 94.3% as the
mean of both mirrored views.
"""

from __future__ import annotations

from typing import Any


def settings(_dataset: str, model: str | None, protocol: str) -> dict[str, Any]:
    """Return the recipe's settings."""
    return {
        "model": model or "modern",
        "image_size": 160,
        "start_size": 80,
        "augment": "strong",
        "dropout": 0.5,
        "learning_rate": 2e-3,
        "batch_size": 32,
        "epochs": 180 if protocol == "lecture" else 40,
        "tta": True,
    }

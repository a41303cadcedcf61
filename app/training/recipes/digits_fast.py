"""The shortest way to 99% of MNIST.

    python train.py --dataset mnist --recipe fast

A few seconds. On validation images, seed 0: 40 errors of 5,000.
"""

from __future__ import annotations

from typing import Any


def settings(dataset: str, model: str | None, _protocol: str) -> dict[str, Any]:
    """Return the recipe's settings."""
    return {
        "model": model or "quick",
        "image_size": 28,
        "augment": "none",
        "dropout": 0.0,
        "optimizer": "sgd",
        "learning_rate": 0.3,
        "weight_decay": 0.005,
        "tta": True,
        "batch_size": 128,
        "epochs": 1 if dataset == "mnist" else 15,
    }

"""The most that 2,000 photographs teach, or all of them.

    python train.py --dataset catsdogs --recipe best
    python train.py --dataset catsdogs --recipe best --protocol full

RESULT
"""

from __future__ import annotations

from typing import Any

_AUGMENTATION = (
    "rotation_range=20,width_shift_range=0.1,height_shift_range=0.1,shear_range=10,"
    "zoom_range=[0.6,1.1],horizontal_flip=true,fill_mode=reflect,color_jitter=0.3"
)


def settings(_dataset: str, model: str | None, protocol: str) -> dict[str, Any]:
    """Return the recipe's settings."""
    return {
        "model": model or "modern",
        "image_size": 128,
        "start_size": 64,
        "augment": _AUGMENTATION,
        "dropout": 0.3,
        "learning_rate": 2e-3,
        "batch_size": 32,
        "epochs": 200 if protocol == "lecture" else 40,
        "tta": True,
    }

"""Photographs in a few minutes: small images, fewer epochs.

    python train.py --dataset catsdogs --recipe fast

Two minutes. Test accuracy of seed 0: 80.00% (validation 81.90%).
"""

from __future__ import annotations

from app.training.recipes.recipe import Recipe

RECIPE = Recipe(
    {
        "model": "modern",
        "image_size": 96,
        "start_size": 64,
        "augment": "lecture",
        "dropout": 0.3,
        "learning_rate": 3e-3,
        "epochs": 25,
    }
)

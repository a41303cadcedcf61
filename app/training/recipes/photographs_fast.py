"""Photographs in a few minutes: small images, fewer epochs.

    python train.py --dataset catsdogs --recipe fast

Two minutes on one core. Test accuracy of seeds 0, 1, 2: 82.30, 82.80, 82.90%; 82.67 ± 0.32%.
"""

from __future__ import annotations

from app.training.recipes.recipe import Recipe

RECIPE = Recipe(
    {
        "model": "modern",
        "image_size": 96,
        "start_size": 48,
        "augment": "photographs",
        "tta": True,
        "dropout": 0.3,
        "epochs": 45,
        "batch_size": 32,
        "optimizer": "adamw",
        "learning_rate": 3e-3,
        "schedule": "cosine",
        "weight_decay": 0.05,
        "label_smoothing": 0.0,
    },
)

"""Photographs in two minutes: small images, larger batches, mild augmentation, frozen stem, Muon.

    python train.py --dataset catsdogs --recipe fast

Two minutes of training on one core. Test accuracy of seeds 0, 1, 2: 88.10, 87.70, 87.30%;
87.70 ± 0.40%. Few images get more epochs, for 600 steps (benchmarks/small_folders.py).
"""

from __future__ import annotations

from app.training.recipes.recipe import Recipe

RECIPE = Recipe(
    {
        "model": "compact",
        "image_size": 80,
        "start_size": 48,
        "final_size": 96,
        "augment": "photographs-short",
        "tta": True,
        "dropout": 0.3,
        "epochs": 45,
        "batch_size": 64,
        "optimizer": "muon",
        "learning_rate": 6e-3,
        "schedule": "cosine",
        "weight_decay": 0.05,
        "label_smoothing": 0.0,
    },
    least_steps=600,
)

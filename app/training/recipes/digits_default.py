"""The default recipe for digits.

    python train.py --dataset mnist

35 s on one core. Test accuracy of seeds 0, 1, 2: 99.43, 99.34, 99.46%; 99.41 ± 0.06%. With
`--epochs 2` 99.23, 99.18, 99.28%; 99.23 ± 0.05%.
"""

from __future__ import annotations

from app.training.recipes.recipe import Recipe

RECIPE = Recipe(
    {
        "model": "modern",
        "image_size": 28,
        "augment": "none",
        "tta": False,
        "dropout": 0.5,
        "epochs": 5,
        "batch_size": 128,
        "optimizer": "adamw",
        "learning_rate": 2e-3,
        "schedule": "cosine",
        "weight_decay": 0.05,
        "label_smoothing": 0.0,
    },
    of_model={
        "dense": {"learning_rate": 1e-3, "dropout": 0.0},
        "modern": {"learning_rate": 4e-3, "dropout": 0.3},
        "large": {"learning_rate": 4e-3, "dropout": 0.3},
        "quick": {"epochs": 2, "learning_rate": 2e-2, "dropout": 0.0},
        "stack-N": {"learning_rate": 8e-3, "dropout": 0.0},
        "deep": {"epochs": 3, "learning_rate": 4e-3, "dropout": 0.3},
    },
)

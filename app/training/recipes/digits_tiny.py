"""The best network for digits of at most ten thousand weights.

    python train.py --dataset mnist --recipe tiny

Six minutes on one core. Test accuracy of seeds 0, 1, 2: 99.65, 99.67, 99.62%; 99.65 ± 0.03%.
"""

from __future__ import annotations

from app.training.recipes.recipe import Recipe

RECIPE = Recipe(
    {
        "model": "mini",
        "augment": "digits",
        "dropout": 0.0,
        "learning_rate": 8e-3,
        "weight_decay": 0.01,
        "epochs": 40,
        "tta": True,
    },
    of_dataset={"digits": {"epochs": 120}},
)

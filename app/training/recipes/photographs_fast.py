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
        "dropout": 0.3,
        "learning_rate": 3e-3,
        "epochs": 45,
        "tta": True,
    },
    # The stand-in's animals are told apart sooner.
    of_dataset={"drawn": {"epochs": 25, "augment": "lecture", "start_size": 64, "tta": False}},
)

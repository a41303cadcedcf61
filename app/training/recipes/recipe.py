"""What a recipe is: settings, and in which cases they are others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Recipe:
    """Values for fields of `RunConfig`: of the groups a later one wins.

    Attributes:
        settings: In all cases; `model` among them.
        of_model: With this network.
        of_dataset: With this dataset.
    """

    settings: Settings
    of_model: Mapping[str, Settings] = field(default_factory=dict)
    of_dataset: Mapping[str, Settings] = field(default_factory=dict)

    def resolved(self, dataset: str, model: str | None) -> dict[str, Any]:
        """Return the settings of one case; `model` is `None` for the recipe's own."""
        model = model or self.settings["model"]
        return {
            **self.settings,
            "model": model,
            **self.of_model.get(model, {}),
            **self.of_dataset.get(dataset, {}),
        }

"""What a recipe is: a value for every setting that decides how a network is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Recipe:
    """Values for fields of `RunConfig`.

    Attributes:
        settings: All values; `model` among them.
        of_model: Changes with a network, by its name, or by `stack-N` for a family.
        of_protocol: Another recipe under a protocol of the dataset, by its name.
        least_steps: Training steps, for which few images get more epochs.
    """

    settings: Settings
    of_model: Mapping[str, Settings] = field(default_factory=dict)
    of_protocol: Mapping[str, Recipe] = field(default_factory=dict)
    least_steps: int = 0

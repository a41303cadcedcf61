"""How the networks are trained that check labels."""

from __future__ import annotations

from typing import Any, NamedTuple

from app.config import RunSettings
from app.data.registry import source_of


class _Training(NamedTuple):
    """How a network is trained: settings, and epochs that depend on the number of images.

    Attributes:
        settings: Settings that differ from the defaults.
        passes: Images times epochs: few images are repeated more often.
        least: Least number of epochs.
    """

    settings: dict[str, Any]
    passes: int
    least: int


_SIDE = 64  # of photographs, which are small, since several networks have to be trained
# By family of recipes. The networks see images of one size, whatever the recipe evaluates at.
_FAMILIES = {
    "photographs": _Training(
        {"recipe": "fast", "image_size": _SIDE, "final_size": _SIDE}, 60_000, 10
    ),
    "digits": _Training({"recipe": "default"}, 30_000, 3),
}
_MOST_EPOCHS = 120


def fold_settings(dataset: str, count: int) -> RunSettings:
    """Return the settings of each network.

    Args:
        dataset: Name or folder of the dataset.
        count: Number of its images.
    """
    training = _FAMILIES[source_of(dataset).recipes]
    epochs = max(training.least, min(_MOST_EPOCHS, round(training.passes / count)))
    return RunSettings(
        dataset=dataset, epochs=epochs, tta=True, precision="float32", **training.settings
    )

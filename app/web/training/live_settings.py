"""Settings that change while a network trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import keras

from app.augmentation.augmentation import Augmentation
from app.augmentation.degradations import DEGRADATIONS
from app.augmentation.validation import HIGHEST
from app.data.batches import Batches
from app.web.errors import PublicError

# Ranges around zero, which a factor scales; those around one are scaled by their distance from it.
_AROUND_ZERO = (
    "rotation_range", "width_shift_range", "height_shift_range", "shear_range",
    "channel_shift_range", "color_jitter", "random_erasing", *DEGRADATIONS,
)  # fmt: skip
_AROUND_ONE = ("zoom_range", "brightness_range")


def change(
    model: keras.Model,
    batches: Batches,
    augmentation: Augmentation | None,
    values: Mapping[str, float],
) -> dict[str, float]:
    """Change settings from the next batch on; return them.

    A rate is a variable of the training step. The step is made again for the others, which takes a
    moment and changes nothing else.

    Args:
        model: Compiled network.
        batches: Its training batches.
        augmentation: The augmentation whose ranges `strength` scales, or `None`.
        values: Values by name, from `app.web.training.commands.LIVE`.

    Raises:
        PublicError: If the run has nothing of the kind.
    """
    dropouts = [layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    if "dropout" in values and not dropouts:
        raise PublicError("The network has no dropout.", "Expected a layer Dropout.",
                          "Add one to the stack.")  # fmt: skip
    if "strength" in values and augmentation is None:
        raise PublicError("The run has no augmentation.", "Expected one whose ranges can change.",
                          "Choose one and start again.")  # fmt: skip
    if "learning_rate" in values:
        model.optimizer.learning_rate = values["learning_rate"]
    if "weight_decay" in values:
        model.optimizer.weight_decay = values["weight_decay"]
    for layer in dropouts if "dropout" in values else ():
        layer.rate = values["dropout"]
    if "strength" in values:
        assert augmentation is not None
        batches.augment = scaled(augmentation, values["strength"])
    if values.keys() & {"weight_decay", "dropout"}:
        model.make_train_function(force=True)
    return dict(values)


def scaled(augmentation: Augmentation, strength: float) -> Augmentation:
    """Return an augmentation with all ranges multiplied by a factor.

    Flips, mixing and choices from lists stay as they are.

    Args:
        augmentation: Augmentation.
        strength: Factor; 0 for none, 1 for the augmentation as it is.
    """
    changes: dict[str, Any] = {}
    present = {field.name for field in fields(augmentation)}
    for name in present & set(_AROUND_ZERO):
        value = getattr(augmentation, name)
        if not isinstance(value, (Sequence, bool)):
            changes[name] = type(value)(round(value * strength, 9))
    for name in present & set(_AROUND_ONE):
        value = getattr(augmentation, name)
        if isinstance(value, Sequence):
            changes[name] = tuple(max(0.01, 1 + (one - 1) * strength) for one in value)
        elif value is not None:
            changes[name] = min(0.99, value * strength)
    for name, (highest, _) in HIGHEST.items():
        if name in changes:
            changes[name] = min(highest, changes[name])
    return replace(augmentation, **changes)

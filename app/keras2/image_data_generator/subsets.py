"""Which share of the samples a subset takes."""

from __future__ import annotations

from typing import Any


def split_of_subset(subset: str | None, generator: Any) -> tuple[float, float] | None:
    """Return the share of the samples, from and to, that a subset takes: validation comes first.

    Args:
        subset: `training`, `validation` or `None`.
        generator: An `ImageDataGenerator`, which holds `validation_split`.

    Returns:
        Two numbers in [0, 1], or `None` for all samples.

    Raises:
        ValueError: If the subset is unknown.
    """
    if subset is None:
        return None
    if subset not in ("training", "validation"):
        raise ValueError(f"Received `subset`={subset!r}. Expected 'training' or 'validation'.")
    share = getattr(generator, "_validation_split", 0) or 0
    return (0, share) if subset == "validation" else (share, 1)

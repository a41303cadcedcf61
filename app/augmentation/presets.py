"""Augmentations by name, as `--augment` knows them."""

from __future__ import annotations

from app.augmentation.affine import RandomAffine

# The slide's seven arguments. Its `shear_range=0.2` is meant in radians, 11.5°, as the author of
# the example describes it; Keras took it as 0.2 degrees, which does nothing that can be seen.
LECTURE = RandomAffine(
    rotation=40.0,
    width_shift=0.2,
    height_shift=0.2,
    shear=11.459,
    zoom=0.2,
    horizontal_flip=True,
)

PRESETS: dict[str, RandomAffine | None] = {"none": None, "lecture": LECTURE}

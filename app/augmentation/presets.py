"""Augmentations that have a name in `app.registries.AUGMENTATIONS`."""

from __future__ import annotations

from dataclasses import replace

from app.augmentation.augmentation import Augmentation

# The slide's seven arguments. Its `shear_range=0.2` is meant in radians, 11.5°, as the author of
# the example describes it; Keras took it as 0.2 degrees, which does nothing that can be seen.
LECTURE = Augmentation(
    rotation_range=40.0,
    width_shift_range=0.2,
    height_shift_range=0.2,
    shear_range=11.459,
    zoom_range=0.2,
    horizontal_flip=True,
    fill_mode="nearest",
)

# A mirrored 2 is no digit, and a 6 upside down is a 9.
DIGITS = Augmentation(
    rotation_range=10.0,
    width_shift_range=0.1,
    height_shift_range=0.1,
    shear_range=10.0,
    zoom_range=0.1,
)

# Found on validation images (benchmarks/README.md): parts of the picture, in other light.
PHOTOGRAPHS = Augmentation(
    rotation_range=20.0,
    width_shift_range=0.1,
    height_shift_range=0.1,
    shear_range=10.0,
    zoom_range=[0.5, 1.15],
    horizontal_flip=True,
    fill_mode="reflect",
    color_jitter=0.4,
    random_erasing=0.25,
)

# For few epochs: nothing is covered, flips alternate between epochs, and crops vary in scale and
# aspect ratio.
PHOTOGRAPHS_SHORT = replace(
    PHOTOGRAPHS, random_erasing=0.0, alternating_flip=True, aspect_range=4 / 3
)

# For many epochs: as `PHOTOGRAPHS`, and images mixed instead of covered in places.
STRONG = replace(PHOTOGRAPHS, random_erasing=0.0, mixup=0.2, cutmix=1.0)

# Poor pictures of digits, on top of `digits`: gray paper, uneven light, blur, noise, ink on dark
# paper.
ROBUST_DIGITS = replace(
    DIGITS,
    background=0.8,
    occlusion=0.4,
    contrast=0.75,
    offset=0.2,
    inversion=True,
    blur=1.6,
    noise=0.35,
)

# Poor photographs, on top of `photographs`.
ROBUST_PHOTOGRAPHS = replace(
    PHOTOGRAPHS,
    random_erasing=0.0,
    background=0.6,
    occlusion=0.5,
    gamma=1.0,
    contrast=0.8,
    offset=0.2,
    blur=3.0,
    shot_noise=0.3,
    noise=0.25,
    impulse_noise=0.15,
)

# `auto` begins with mirror images at most and finds its own ranges (`domain_randomization`).
AUTO = Augmentation(horizontal_flip=True)
NONE = None

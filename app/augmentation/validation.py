"""Ranges that make sense. Exceptions are of the types that Keras's generator raises."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any

from app.augmentation.resampling import FILL_MODES

if TYPE_CHECKING:
    from app.augmentation.augmentation import Augmentation

_HIGHEST = {
    "rotation_range": (math.inf, "degrees to either side, such as 40"),
    "shear_range": (90.0, "degrees to either side below 90, such as 10"),
    "channel_shift_range": (math.inf, "levels to either side, such as 20"),
    "color_jitter": (1.0, "a share from 0 to 1, such as 0.3"),
    "random_erasing": (1.0, "a share of the images from 0 to 1, such as 0.25"),
    "mixup": (math.inf, "the Beta distribution's parameter, such as 0.2, or 0 for none"),
    "cutmix": (math.inf, "the Beta distribution's parameter, such as 1, or 0 for none"),
}


def check_ranges(augmentation: Augmentation) -> None:
    """Raise ValueError with what was received and what is expected, unless all ranges are fit."""
    for name, (highest, expected) in _HIGHEST.items():
        value = getattr(augmentation, name)
        if not _is_number(value) or not 0 <= value <= highest:
            raise _wrong(name, value, expected)
    if augmentation.shear_range == 90:
        raise _wrong("shear_range", augmentation.shear_range, _HIGHEST["shear_range"][1])
    for name in ("width_shift_range", "height_shift_range"):
        value = getattr(augmentation, name)
        alone = _is_number(value)
        shifts = value if isinstance(value, tuple) else (value,)
        fit = shifts and all(_is_number(shift) for shift in shifts)
        if not fit or (alone and value < 0):
            raise _wrong(
                name,
                value,
                "a fraction below 1, a number of pixels from 1, or a list of such shifts",
                "Shifts go to either side, so a single number is not negative.",
            )
    lowest, highest = _pair("zoom_range", augmentation.zoom_range, around_one=True)
    if not 0 < lowest <= highest:
        raise _wrong(
            "zoom_range",
            augmentation.zoom_range,
            "scales above 0, the lower one first, such as [0.8, 1.2], or 0.2 for the same",
        )
    if augmentation.brightness_range is not None:
        lowest, highest = _pair("brightness_range", augmentation.brightness_range)
        if not 0 <= lowest <= highest:
            raise _wrong(
                "brightness_range",
                augmentation.brightness_range,
                "two factors from 0, the lower one first, such as [0.8, 1.2]",
            )
    if augmentation.fill_mode not in FILL_MODES:
        raise _wrong("fill_mode", augmentation.fill_mode, f"one of {', '.join(FILL_MODES)}")
    order = augmentation.interpolation_order
    if not isinstance(order, numbers.Integral) or order not in range(6):
        raise _wrong(
            "interpolation_order",
            order,
            "0 (nearest pixel), 1 (bilinear), or a spline of order 2 to 5",
        )
    if not _is_number(augmentation.cval):
        raise _wrong("cval", augmentation.cval, "a pixel value")


def _pair(name: str, value: Any, *, around_one: bool = False) -> tuple[float, float]:
    if around_one and _is_number(value):
        return 1 - value, 1 + value
    if (
        not isinstance(value, tuple)
        or len(value) != 2
        or not all(_is_number(number) for number in value)
    ):
        form = "a float or a tuple or list of two floats" if around_one else "two floats"
        raise _wrong(name, value, form)
    return value[0], value[1]


def _is_number(value: Any) -> bool:
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond all floats
        return False


def _wrong(name: str, value: Any, expected: str, fix: str = "") -> ValueError:
    return ValueError(f"Received `{name}`={value!r}. Expected {expected}. {fix}".rstrip())

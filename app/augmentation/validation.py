"""Checks of ranges; they raise the exceptions that Keras's generator raises."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from typing import Any

from app.augmentation.resampling import FILL_MODES

_DEVIATION = (1.0, "a standard deviation from 0 to 1, such as 0.3")
_LARGEST_ASPECT = 4  # a crop that is more extreme shows nothing
# The highest value of each setting, and what it is.
HIGHEST = {
    "rotation_range": (math.inf, "degrees to either side, such as 40"),
    "shear_range": (89.0, "degrees to either side up to 89, such as 10"),
    "channel_shift_range": (math.inf, "levels to either side, such as 20"),
    "color_jitter": (1.0, "a share from 0 to 1, such as 0.3"),
    "random_erasing": (1.0, "a share of the images from 0 to 1, such as 0.25"),
    "degraded": (1.0, "a share of the images from 0 to 1, such as 0.6"),
    "background": (1.0, "a brightness from 0 to 1, such as 0.8"),
    "occlusion": (1.0, "a share of the sides from 0 to 1, such as 0.4"),
    "stripes": (1.0, "an amplitude from 0 to 1, such as 0.3"),
    "gamma": (4.0, "an exponent of 2 to either side from 0 to 4, such as 1"),
    "contrast": (1.0, "a loss of contrast from 0 to 1, such as 0.7"),
    "offset": (1.0, "a brightness from 0 to 1, such as 0.2"),
    "blur": (math.inf, "a standard deviation in pixels, such as 1.5"),
    "band_dropout": (1.0, "a share from 0 to 1, such as 1"),
    "shot_noise": _DEVIATION,
    "noise": _DEVIATION,
    "impulse_noise": (1.0, "a share of the values from 0 to 1, such as 0.2"),
    "mixup": (math.inf, "the Beta distribution's parameter, such as 0.2, or 0 for none"),
    "cutmix": (math.inf, "the Beta distribution's parameter, such as 1, or 0 for none"),
}


def check_ranges(settings: Mapping[str, Any]) -> None:
    """Raise ValueError with what was received and what is expected, unless all settings are valid.

    Args:
        settings: Value of each attribute of `Augmentation`.
    """
    for name, (highest, expected) in HIGHEST.items():
        value = settings[name]
        if not _is_number(value) or not 0 <= value <= highest:
            raise _error(name, value, expected)
    for name in ("width_shift_range", "height_shift_range"):
        value = settings[name]
        shifts = value if isinstance(value, tuple) else (value,)
        numbers_only = shifts and all(_is_number(shift) for shift in shifts)
        if not numbers_only or (_is_number(value) and value < 0):
            raise _error(
                name,
                value,
                "a fraction below 1, a number of pixels from 1, or a list of such shifts",
                "Shifts go to either side, so a single number is not negative.",
            )
    aspect = settings["aspect_range"]
    if not _is_number(aspect) or (aspect != 0 and not 1 <= aspect <= _LARGEST_ASPECT):
        raise _error(
            "aspect_range", aspect, f"a ratio from 1 to {_LARGEST_ASPECT}, such as 1.33, or 0"
        )
    if settings["alternating_flip"] and not settings["horizontal_flip"]:
        raise _error("alternating_flip", True, "`horizontal_flip` to be set as well")
    lowest, highest = _pair("zoom_range", settings["zoom_range"], around_one=True)
    if not 0 < lowest <= highest:
        raise _error(
            "zoom_range",
            settings["zoom_range"],
            "scales above 0, the lower one first, such as [0.8, 1.2], or 0.2 for the same",
        )
    brightness = settings["brightness_range"]
    if brightness is not None:
        lowest, highest = _pair("brightness_range", brightness)
        if not 0 <= lowest <= highest:
            raise _error(
                "brightness_range",
                brightness,
                "two factors from 0, the lower one first, such as [0.8, 1.2]",
            )
    if settings["fill_mode"] not in FILL_MODES:
        raise _error("fill_mode", settings["fill_mode"], f"one of {', '.join(FILL_MODES)}")
    order = settings["interpolation_order"]
    if not isinstance(order, numbers.Integral) or order not in range(6):
        raise _error(
            "interpolation_order",
            order,
            "0 (nearest pixel), 1 (bilinear), or a spline of order 2 to 5",
        )
    if not _is_number(settings["cval"]):
        raise _error("cval", settings["cval"], "a pixel value")


def _pair(name: str, value: Any, *, around_one: bool = False) -> tuple[float, float]:
    if around_one and _is_number(value):
        return 1 - value, 1 + value
    if (
        not isinstance(value, tuple)
        or len(value) != 2
        or not all(_is_number(number) for number in value)
    ):
        form = "a float or a tuple or list of two floats" if around_one else "two floats"
        raise _error(name, value, form)
    return value[0], value[1]


def _is_number(value: Any) -> bool:
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond all floats
        return False


def _error(name: str, value: Any, expected: str, fix: str = "") -> ValueError:
    return ValueError(f"Received `{name}`={value!r}. Expected {expected}. {fix}".rstrip())

"""Each parameter of an augmentation alone, from its minimum to its maximum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from app.augmentation.augmentation import Augmentation
from app.augmentation.color import jitter_color
from app.augmentation.degradations import TWO_SIDED, degrade
from app.augmentation.transforms import Shift, Transforms, pixel_shifts

# Parameters without a range.
NOT_SWEPT = ("random_erasing", "mixup", "cutmix")
_DEGRADATIONS = {
    "background": "brightness",
    "occlusion": "fraction of the sides",
    "stripes": "amplitude",
    "gamma": "exponent of 2",
    "contrast": "loss",
    "offset": "brightness",
    "inversion": "some images",
    "blur": "σ in pixels",
    "band_dropout": "loss of a band",
    "shot_noise": "σ at white",
    "noise": "σ",
    "impulse_noise": "fraction",
}
_KEY = 3  # of a sweep's random numbers: an occlusion within the image


@dataclass(frozen=True)
class Sweep:
    """Values of one parameter; all others leave the image unchanged.

    Attributes:
        parameter: Name of the parameter and, on a second line, its unit.
        labels: `n` values with their units.
        transforms: Transforms of `n` images.
        jitter: `(n, 3)` factors of brightness, contrast and saturation, or `None`.
        degradation: Name of a degradation, or "".
        strengths: Its `(n,)` strengths.
    """

    parameter: str
    labels: tuple[str, ...]
    transforms: Transforms
    jitter: np.ndarray | None = None
    degradation: str = ""
    strengths: np.ndarray | None = None

    def apply(self, augmentation: Augmentation, image: np.ndarray) -> np.ndarray:
        """Return `(n, H, W, C)` transformed copies of an image `(H, W, C)`."""
        repeated = np.repeat(image[np.newaxis], len(self.labels), axis=0)
        changed = augmentation.apply(repeated, self.transforms)
        if self.jitter is not None:
            changed = jitter_color(changed, self.jitter)
        if self.strengths is not None:
            keys = np.full(len(changed), _KEY, np.uint32)  # the same for all strengths
            floats = changed.astype(np.float32) / 255
            changed = 255 * degrade(self.degradation, floats, self.strengths, keys)
        return changed.round().astype(image.dtype)


def sweeps(
    augmentation: Augmentation, steps: int, shape: tuple[int, int, int]
) -> tuple[Sweep, ...]:
    """Return a sweep for each parameter that can change an image.

    Args:
        augmentation: Augmentation whose ranges give the minima and maxima.
        steps: Number of values per parameter, at least 2; flips have two.
        shape: `(H, W, C)` of the image; gray images have no saturation.

    Raises:
        ValueError: If `steps` is below 2.
    """
    if steps < 2:
        raise ValueError(f"Received `steps`={steps}, expected 2 or more.")
    return (
        *_geometry(augmentation, steps, *shape[:2]),
        *_flips(augmentation),
        *_color(augmentation, steps, gray=shape[2] == 1),
        *_degradations(augmentation, steps),
    )


def _geometry(augmentation: Augmentation, steps: int, height: int, width: int) -> Iterator[Sweep]:
    still = Transforms.identity(steps)
    if limit := augmentation.rotation_range:
        degrees = np.linspace(-limit, limit, steps)
        yield _sweep("rotation\ndegrees", degrees, "{}°", replace(still, rotation=degrees))
    # Positive shifts move the content left and up.
    for name, side, shift, size, sides in (
        ("shift_x", "width", augmentation.width_shift_range, width, ("right", "left")),
        ("shift_y", "height", augmentation.height_shift_range, height, ("down", "up")),
    ):
        pixels = _shifts(shift, size, steps)
        if pixels.any():
            labels = tuple(
                f"{_number(share)}% {sides[int(share > 0)]}" if share else "0%"
                for share in _rounded(100 * pixels / size)
            )
            moved = replace(Transforms.identity(len(pixels)), **{name: pixels})
            yield Sweep(f"{side} shift\n% of {side}", labels, moved)
    if limit := augmentation.shear_range:
        degrees = np.linspace(-limit, limit, steps)
        yield _sweep("shear\ndegrees", degrees, "{}°", replace(still, shear=degrees))
    lowest, highest = augmentation.zooms
    if (lowest, highest) != (1, 1):
        scales = np.linspace(lowest, highest, steps)
        moved = replace(still, zoom_x=scales, zoom_y=scales)
        yield _sweep("zoom\n< ×1 magnifies", scales, "×{}", moved, signed=False)
    if limit := augmentation.aspect_range:
        ratios = limit ** np.linspace(-1, 1, steps)
        moved = replace(still, zoom_x=ratios**0.5, zoom_y=ratios**-0.5)
        yield _sweep("aspect ratio\nwidth : height", ratios, "{}", moved, signed=False)


def _flips(augmentation: Augmentation) -> Iterator[Sweep]:
    for name in ("horizontal", "vertical"):
        if getattr(augmentation, f"{name}_flip"):
            flipped = {f"flip_{name}": np.array([False, True])}
            transforms = replace(Transforms.identity(2), **flipped)
            yield Sweep(f"{name} flip\nhalf of images", ("no", "yes"), transforms)


def _color(augmentation: Augmentation, steps: int, *, gray: bool) -> Iterator[Sweep]:
    still = Transforms.identity(steps)
    if limit := augmentation.channel_shift_range:
        levels = np.linspace(-limit, limit, steps)
        transforms = replace(still, channel_shift=levels)
        yield _sweep("channel shift\nlevels of 255", levels, "{} levels", transforms)
    if augmentation.brightness_range is not None:
        darkest, brightest = augmentation.brightness_range
        factors = np.linspace(darkest, brightest, steps)
        transforms = replace(still, brightness=factors)
        yield _sweep("brightness\nfactor", factors, "×{}", transforms, signed=False)
    if limit := augmentation.color_jitter:
        factors = np.linspace(1 - limit, 1 + limit, steps)
        names = ("brightness", "contrast") if gray else ("brightness", "contrast", "saturation")
        for column, name in enumerate(names):
            jitter = np.ones((steps, 3))
            jitter[:, column] = factors
            swept = _sweep(f"jitter: {name}\nfactor", factors, "×{}", still, signed=False)
            yield replace(swept, jitter=jitter)


def _degradations(augmentation: Augmentation, steps: int) -> Iterator[Sweep]:
    for name, limit in augmentation.strengths.items():
        title = name.replace("_", " ")
        lowest = -limit if name in TWO_SIDED else 0
        strengths = np.linspace(lowest, limit, 2 if name == "inversion" else steps)
        labels = tuple(f"{value:.2f}".replace("-", "−") for value in _rounded(strengths))
        yield Sweep(
            f"{title}\n{_DEGRADATIONS[name]}",
            ("no", "yes") if name == "inversion" else labels,
            Transforms.identity(len(strengths)),
            degradation=name,
            strengths=strengths,
        )


def _sweep(
    parameter: str, values: np.ndarray, form: str, transforms: Transforms, *, signed: bool = True
) -> Sweep:
    labels = []
    for value in _rounded(values):
        sign = ("+" if value > 0 else "−") if signed and value else ""
        number = _number(value) if signed else f"{value:.2f}"
        labels.append(form.format(sign + number))
    return Sweep(parameter, tuple(labels), transforms)


def _number(value: float) -> str:
    """Return the size of a number with one decimal, or two digits below 1."""
    return f"{abs(value):.1f}".removesuffix(".0") if abs(value) >= 1 else f"{abs(value):.2g}"


def _rounded(values: np.ndarray) -> np.ndarray:
    """Round away errors such as 1e-15, so that the middle value is 0."""
    return np.round(values, 9) + 0.0


def _shifts(shift: Shift, size: int, steps: int) -> np.ndarray:
    """Return up to `steps` of the possible shifts, from right or down to left or up."""
    pixels = pixel_shifts(shift, size)
    if isinstance(pixels, float):
        return np.linspace(-pixels, pixels, steps)
    possible = np.unique([-pixels, pixels])
    picked = np.linspace(0, len(possible) - 1, min(steps, len(possible))).round().astype(int)
    return possible[picked]

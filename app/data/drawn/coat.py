"""Coats of fur: colors and markings, drawn from the same distribution for every animal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.data.drawn.pen import Color, Pen, bezier, clipped, mix, oval, ribbon, ruffled, shade

FURS: tuple[Color, ...] = (
    (46, 44, 48),
    (84, 80, 82),
    (128, 126, 130),
    (120, 132, 148),
    (92, 62, 44),
    (142, 92, 56),
    (206, 128, 62),
    (190, 150, 106),
    (226, 200, 158),
    (240, 234, 224),
)
PATTERNS = ("plain", "plain", "patches", "stripes", "stripes", "spots", "two-tone")


@dataclass(frozen=True)
class Coat:
    """One animal's fur.

    Attributes:
        base: Main color.
        marking: Color of patches, stripes or spots.
        muzzle: Color around the nose and on the chest.
        paws: Color of the ends of the legs.
        ears: Color of the outside of the ears.
        pattern: One of `PATTERNS`.
        fluff: Raggedness of the outline.
    """

    base: Color
    marking: Color
    muzzle: Color
    paws: Color
    ears: Color
    pattern: str
    fluff: float

    @classmethod
    def random(cls, rng: np.random.Generator) -> Coat:
        """Return a coat."""
        base = FURS[rng.integers(len(FURS))]
        base = mix(base, FURS[rng.integers(len(FURS))], rng.uniform(0, 0.3))
        base = shade(base, rng.uniform(0.88, 1.1))
        pattern = PATTERNS[rng.integers(len(PATTERNS))]
        if pattern == "stripes":
            marking = shade(base, rng.uniform(0.5, 0.72))
        else:
            marking = FURS[rng.integers(len(FURS))]
        pale = mix(base, (246, 240, 230), rng.uniform(0.55, 0.95))
        muzzle = pale if rng.random() < 0.5 else shade(base, 0.6) if rng.random() < 0.3 else base
        paws = muzzle if rng.random() < 0.5 else base
        draw = rng.random()
        ears = marking if draw < 0.3 else shade(base, 0.7) if draw < 0.5 else base
        return cls(base, marking, muzzle, paws, ears, pattern, rng.uniform(0.0, 0.05))

    def solid(self, pen: Pen, rng: np.random.Generator, outline: np.ndarray) -> None:
        """Draw a part of the animal, its markings and a few hairs."""
        outline = ruffled(outline, self.fluff, rng)
        pen.solid(outline, self.base)
        middle, half = _middle_and_half(outline)
        if self.pattern == "patches":
            for _ in range(rng.integers(1, 4)):
                self._blot(pen, rng, outline, middle + half * rng.uniform(-1, 1, 2), half * 0.5)
        elif self.pattern == "two-tone":
            place = middle + half * (rng.choice((-0.8, 0.8)), rng.uniform(-0.6, 0.6))
            self._blot(pen, rng, outline, place, half * (0.8, 1.2))
        elif self.pattern == "spots":
            for _ in range(8):
                place = middle + half * rng.uniform(-0.9, 0.9, 2)
                self._blot(pen, rng, outline, place, np.full(2, half.mean() * 0.13))
        elif self.pattern == "stripes":
            for across in np.linspace(-0.75, 0.75, rng.integers(4, 8)):
                self._stripe(pen, rng, outline, across)
        self._hairs(pen, rng, outline, middle)

    def _blot(
        self,
        pen: Pen,
        rng: np.random.Generator,
        outline: np.ndarray,
        place: np.ndarray,
        radii: np.ndarray,
    ) -> None:
        width, height = radii * rng.uniform(0.7, 1.2, 2)
        blot = ruffled(oval(place, (width, height), rng.uniform(-40, 40)), 0.1, rng)
        pen.polygon(clipped(blot, outline), self.marking)

    def _stripe(
        self, pen: Pen, rng: np.random.Generator, outline: np.ndarray, across: float
    ) -> None:
        middle, half = _middle_and_half(outline)
        reach = rng.uniform(0.0, 0.5)
        bend = across + rng.uniform(-0.12, 0.12)
        spine = middle + half * bezier([(across, -1.05), (bend, -0.5), (across * 0.9, reach - 0.3)])
        width = 0.07 * float(half[0])
        pen.polygon(clipped(ribbon(spine, width, width * 0.2), outline), self.marking)

    def _hairs(
        self, pen: Pen, rng: np.random.Generator, outline: np.ndarray, middle: np.ndarray
    ) -> None:
        arms = (outline[::2] - middle) * np.sqrt(rng.uniform(0.0, 0.85, (len(outline[::2]), 1)))
        roots = middle + arms
        ends = roots + arms * 0.08 + rng.uniform((-0.07, 0.02), (0.07, 0.17), arms.shape)
        pen.hairs(roots[::2], ends[::2], 0.03, (30, 20, 10, 56))
        pen.hairs(roots[1::2], ends[1::2], 0.03, (255, 248, 235, 60))


def _middle_and_half(outline: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = outline.min(axis=0), outline.max(axis=0)
    return (low + high) / 2, (high - low) / 2

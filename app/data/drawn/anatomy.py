"""The parts of a head: cues that distinguish a cat from a dog, each of which may mislead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.data.drawn.pen import Color, shade

PINK: Color = (226, 150, 146)
EYES: tuple[Color, ...] = ((148, 176, 84), (214, 172, 64), (110, 160, 190), (126, 82, 44))


@dataclass(frozen=True)
class Anatomy:
    """The parts of one head and their proportions.

    Attributes:
        ears: `pointed`, `drooping` or `folded`.
        ear_length: Distance of the tips from the middle of the head.
        ear_drop: Elevation of the tips of drooping ears.
        width: Width of the skull; 1 is a circle.
        cheeks: Size of the cheeks.
        muzzle: Length of the muzzle; 0 for a cat.
        eye: Radius of an eye.
        iris: Color of the eyes.
        slit: Whether the pupils are slits.
        closed: Whether the eyes are closed.
        whiskers: Length of the whiskers, 0 for none that are visible.
        tongue: Whether the tongue is out.
        nose: Color of the nose.
    """

    ears: str
    ear_length: float
    ear_drop: float
    width: float
    cheeks: float
    muzzle: float
    eye: float
    iris: Color
    slit: bool
    closed: bool
    whiskers: float
    tongue: bool
    nose: Color

    @classmethod
    def random(cls, kind: str, rng: np.random.Generator) -> Anatomy:
        """Return a cat's or a dog's head."""
        chance = rng.random(8)
        iris = EYES[rng.integers(3)]
        dark_nose = (38, 32, 34) if chance[0] < 0.75 else (104, 62, 50)
        closed = bool(chance[1] < 0.07)
        if kind == "cat":
            return cls(
                ears="pointed" if chance[2] < 0.94 else "folded",
                ear_length=rng.uniform(1.45, 1.8),
                ear_drop=0.0,
                width=rng.uniform(0.98, 1.14),
                cheeks=rng.uniform(0.56, 0.68),
                muzzle=0.0,
                eye=rng.uniform(0.18, 0.25),
                iris=EYES[3] if chance[3] < 0.12 else iris,
                slit=bool(chance[4] < 0.55),
                closed=closed,
                whiskers=rng.uniform(0.7, 1.1) if chance[5] < 0.55 else 0.0,
                tongue=bool(chance[6] < 0.03),
                nose=shade(PINK, 0.85) if chance[7] < 0.5 else dark_nose,
            )
        pricked = chance[2] < 0.17
        return cls(
            ears="pointed" if pricked else "folded" if chance[2] < 0.3 else "drooping",
            ear_length=rng.uniform(1.4, 1.8) if pricked else rng.uniform(1.05, 1.3),
            ear_drop=rng.uniform(-50, -12),
            width=rng.uniform(0.86, 1.04),
            cheeks=rng.uniform(0.46, 0.6),
            muzzle=rng.uniform(0.28, 0.7),
            eye=rng.uniform(0.12, 0.18),
            iris=iris if chance[3] < 0.15 else EYES[3],
            slit=False,
            closed=closed,
            whiskers=rng.uniform(0.3, 0.6) if chance[5] < 0.12 else 0.0,
            tongue=bool(chance[6] < 0.25),
            nose=dark_nose,
        )

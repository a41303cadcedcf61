"""Heads: the cues that distinguish a cat from a dog, any of which may be missing.

A head is a ball of radius 1 at `(0, 0)`, turned in space: a feature sits at an azimuth and an
elevation in degrees and at a distance from the middle, and is projected onto the picture.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.data.drawn.anatomy import PINK, Anatomy
from app.data.drawn.coat import Coat
from app.data.drawn.pen import (
    Pen,
    bezier,
    hull,
    mix,
    offset,
    oval,
    ribbon,
    ruffled,
    shade,
)

_RADIANS = np.array([np.pi / 180, np.pi / 180, 1.0])


@dataclass(frozen=True)
class Head:
    """A head in one position.

    Attributes:
        anatomy: Parts and proportions.
        coat: Fur of the animal.
        yaw: Degrees turned to its left.
        pitch: Degrees bent down.
    """

    anatomy: Anatomy
    coat: Coat
    yaw: float
    pitch: float

    @cached_property
    def rotation(self) -> np.ndarray:
        """From `(x, y, z)` facing the camera to turned and bent; `(3, 3)`, for rows."""
        yaw, pitch = math.radians(self.yaw), math.radians(self.pitch)
        turn = np.array(
            [(math.cos(yaw), 0, -math.sin(yaw)), (0, 1, 0), (math.sin(yaw), 0, math.cos(yaw))]
        )
        bend = np.array(
            [
                (1, 0, 0),
                (0, math.cos(pitch), -math.sin(pitch)),
                (0, math.sin(pitch), math.cos(pitch)),
            ]
        )
        return turn @ bend

    def draw(self, pens: Mapping[str, Pen], rng: np.random.Generator) -> None:
        """Draw the head at the origin of the pens.

        Args:
            pens: Pens by part: `ears`, `skull`, `muzzle`, `eyes` and `whiskers`.
            rng: Random numbers.
        """
        sides = (-1, 1) if self.yaw < 0 else (1, -1)  # the far ear first
        for side in sides:
            self._ear_behind(pens["ears"], rng, side)
        anatomy = self.anatomy
        cheeks, _ = self._place([(-32, -18, 0.48), (32, -18, 0.48), (0, 0, 0.0), (0, 25, 0.15)])
        size = 0.88 * anatomy.width
        skull = hull(cheeks, (anatomy.cheeks, anatomy.cheeks, size, size * 0.95))
        self.coat.solid(pens["skull"], rng, skull)
        if anatomy.muzzle == 0:
            self._draw_short_muzzle(pens["muzzle"])
        for side in sides:
            self._draw_eye(pens["eyes"], side)
        if anatomy.muzzle > 0:
            self._draw_long_muzzle(pens["muzzle"], rng)
        for side in sides:
            self._ear_in_front(pens["ears"], rng, side)
        if anatomy.whiskers:
            self._draw_whiskers(pens["whiskers"], rng)

    def _place(self, spots: Sequence[tuple[float, float, float]]) -> tuple[np.ndarray, np.ndarray]:
        """Return where (azimuth, elevation, distance) lie: points `(N, 2)` and depths `(N,)`."""
        azimuth, elevation, distance = (np.array(spots) * _RADIANS).T
        flat = distance * np.cos(elevation)
        ball = np.stack(
            [
                flat * np.sin(azimuth) * self.anatomy.width,
                -distance * np.sin(elevation),
                flat * np.cos(azimuth),
            ],
            axis=1,
        )
        turned = ball @ self.rotation
        return turned[:, :2], turned[:, 2]

    def _ear_behind(self, pen: Pen, rng: np.random.Generator, side: int) -> None:
        anatomy = self.anatomy
        if anatomy.ears == "drooping":
            self._drooping_ear(pen, side, behind=True)
            return
        tip = anatomy.ear_length if anatomy.ears == "pointed" else 1.25
        lean = rng.uniform(36, 46)
        points, depth = self._place(
            [
                (side * 8, 68, 0.86),
                (side * 24, 66, 0.5 + tip * 0.47),
                (side * lean, 54, tip),
                (side * 66, 40, 0.45 + tip * 0.47),
                (side * 80, 22, 0.86),
                (side * 44, 54, 0.62),
            ]
        )
        pen.solid(points, self.coat.ears)
        if depth[2] > -0.5 and anatomy.ears == "pointed":
            inner = points[[0, 1, 2, 3, 4]]
            middle = inner.mean(axis=0)
            pen.polygon(middle + (inner - middle) * 0.62, mix(self.coat.ears, PINK, 0.6))

    def _ear_in_front(self, pen: Pen, rng: np.random.Generator, side: int) -> None:
        anatomy = self.anatomy
        if anatomy.ears == "pointed":
            return
        if anatomy.ears == "folded":
            points, depth = self._place(
                [
                    (side * 18, 62, 1.12),
                    (side * 44, 56, 1.26),
                    (side * 70, 40, 1.12),
                    (side * rng.uniform(36, 50), 26, 1.16),
                ]
            )
            if depth[3] > -0.3:
                pen.solid(points, shade(self.coat.ears, 0.9))
            return
        self._drooping_ear(pen, side, behind=False)

    def _drooping_ear(self, pen: Pen, side: int, behind: bool) -> None:
        if (side * self.yaw > 8) != behind:  # turned away, the ear hangs behind the head
            return
        anatomy = self.anatomy
        points, _ = self._place(
            [
                (side * 94, 50, 0.96),
                (side * 102, 24, 1.08),
                (side * 104, anatomy.ear_drop, anatomy.ear_length),
            ]
        )
        pen.solid(hull(points, (0.13, 0.22, 0.28)), self.coat.ears)

    def _draw_eye(self, pen: Pen, side: int) -> None:
        anatomy = self.anatomy
        points, depth = self._place([(side * 26, 10, 1.0)])
        if depth[0] < 0.25:
            return
        place, radius = points[0], anatomy.eye
        narrow = radius * min(1.0, 0.35 + float(depth[0]) * 0.75)
        if anatomy.closed:
            arc = bezier([(-narrow, 0), (0, radius), (narrow, 0)], 8) + place
            pen.line(arc, 0.06, (36, 26, 26))
            return
        tilt = side * 14.0 if anatomy.muzzle == 0 else 0.0
        pen.polygon(oval(place, (narrow * 1.22, radius * 1.1), -tilt), (34, 26, 26))
        pen.polygon(oval(place, (narrow, radius * 0.9), -tilt), anatomy.iris)
        pupil = (narrow * 0.26, radius * 0.84) if anatomy.slit else (narrow * 0.66, radius * 0.64)
        pen.polygon(oval(place, pupil), (18, 14, 18))
        glint = place + np.array([-0.3, -0.35]) * radius
        pen.polygon(oval(glint, (radius * 0.24, radius * 0.24)), (250, 250, 250))

    def _draw_short_muzzle(self, pen: Pen) -> None:
        spots, depth = self._place(
            [(-11, -25, 1.02), (11, -25, 1.02), (0, -40, 0.96), (0, -13, 1.1), (0, -24, 1.12)]
        )
        if depth[3] < 0.1:
            return
        left, right, chin, nose, lip = spots
        color = self.coat.muzzle
        pen.polygon(oval(chin, (0.2, 0.15)), shade(color, 0.9))
        pen.solid(oval(left, (0.25, 0.21)), color)
        pen.solid(oval(right, (0.25, 0.21)), color)
        self._draw_mouth(pen, nose, lip, 0.2)
        if self.anatomy.tongue:
            pen.polygon(oval(offset(lip, 0.0, 0.16), (0.08, 0.11)), (226, 104, 112))
        pen.polygon(nose + np.array([(-0.13, -0.07), (0.13, -0.07), (0, 0.1)]), self.anatomy.nose)

    def _draw_long_muzzle(self, pen: Pen, rng: np.random.Generator) -> None:
        reach = 1 + self.anatomy.muzzle
        spots, _ = self._place(
            [(0, -16, 0.72), (0, -24, reach - 0.15), (0, -12, reach), (0, -26, reach + 0.06)]
        )
        root, tip, nose, lip = spots
        thick = rng.uniform(0.34, 0.42)
        if self.anatomy.tongue:
            end = offset(lip, rng.uniform(-0.1, 0.1), 0.62)
            fall = bezier([lip, offset(lip, 0.02, 0.3), end], 8)
            pen.polygon(oval(offset(lip, 0.0, 0.16), (0.26, 0.24)), (92, 40, 44))
            pen.polygon(ribbon(fall, 0.14, 0.13), (226, 104, 112))
        outline = ruffled(hull([root, tip], (0.46, thick)), self.coat.fluff * 0.5, rng)
        pen.solid(outline, self.coat.muzzle)
        self._draw_mouth(pen, nose, lip, 0.28)
        width = 0.2 * max(0.7, math.cos(math.radians(self.yaw)))
        pen.polygon(oval(nose, (width, 0.15)), self.anatomy.nose)
        glint = nose + np.array([-0.05, -0.06])
        pen.polygon(oval(glint, (0.06, 0.035)), mix(self.anatomy.nose, (255, 255, 255), 0.55))

    def _draw_mouth(self, pen: Pen, nose: np.ndarray, lip: np.ndarray, width: float) -> None:
        ink = (40, 26, 26, 200)
        pen.line([tuple(nose), tuple(lip)], 0.05, ink)
        for side in (-1, 1):
            bend = offset(lip, side * width * 0.5, width * 0.6)
            pen.line(bezier([lip, bend, offset(lip, side * width, 0.0)], 6), 0.05, ink)

    def _draw_whiskers(self, pen: Pen, rng: np.random.Generator) -> None:
        pale = rng.random() < 0.6
        color = (250, 248, 242, 190) if pale else (40, 34, 34, 170)
        for side in (-1, 1):
            roots, depth = self._place([(side * 18, -22, 1.04)])
            if depth[0] < 0:
                continue
            root = roots[0]
            for rise in (-0.18, 0.02, 0.2):
                reach = side * self.anatomy.whiskers * rng.uniform(0.85, 1.1)
                bend, tip = offset(root, reach / 2, rise * 0.4), offset(root, reach, rise)
                pen.line(bezier([root, bend, tip], 6), 0.02, color)

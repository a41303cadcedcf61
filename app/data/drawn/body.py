"""Bodies: the poses an animal is drawn in.

The unit is the radius of the head, whose middle is at `(0, 0)`; only the tail depends on the
kind of animal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from app.data.drawn.coat import Coat
from app.data.drawn.pen import Pen, bezier, hull, offset, oval, ribbon, ruffled, shade

Spot = tuple[float, float]


@dataclass(frozen=True)
class Pose:
    """How an animal holds itself.

    Attributes:
        torso: Middles of the circles that its trunk is stretched over.
        girth: Their radii.
        legs: `(top, bottom, radius)` of each leg, the far ones first.
        haunch: Middle and radius of the thigh in front of the trunk; radius 0 for none.
        tail: Start of the tail and its initial direction.
        box: `(left, top, right, bottom)` of all of it, head included.
        turn: Range of the head's yaw in degrees.
        size: Range of the head's radius, as a share of the picture.
        ground: Height of the floor under the animal, or 0 if no floor is visible.
    """

    torso: tuple[Spot, ...]
    girth: tuple[float, ...]
    legs: tuple[tuple[Spot, Spot, float], ...]
    haunch: tuple[Spot, float]
    tail: tuple[Spot, Spot]
    box: tuple[float, float, float, float]
    turn: tuple[float, float]
    size: tuple[float, float]
    ground: float


POSES: dict[str, Pose] = {
    "portrait": Pose(
        torso=((0.0, 0.5), (0.1, 2.6)),
        girth=(0.66, 1.25),
        legs=(),
        haunch=((0.0, 0.0), 0.0),
        tail=((0.9, 2.8), (1.0, -0.4)),
        box=(-1.2, -1.5, 1.2, 1.7),
        turn=(-60, 60),
        size=(0.25, 0.36),
        ground=0.0,
    ),
    "sitting": Pose(
        torso=((0.0, 0.9), (0.0, 2.5)),
        girth=(0.62, 0.95),
        legs=(
            ((-0.7, 2.7), (-0.8, 3.2), 0.36),
            ((0.7, 2.7), (0.8, 3.2), 0.36),
            ((-0.3, 1.6), (-0.32, 3.2), 0.27),
            ((0.3, 1.6), (0.32, 3.2), 0.27),
        ),
        haunch=((0.0, 0.0), 0.0),
        tail=((0.7, 2.9), (1.0, 0.1)),
        box=(-1.3, -1.5, 1.3, 3.5),
        turn=(-60, 60),
        size=(0.175, 0.225),
        ground=3.4,
    ),
    "sitting sideways": Pose(
        torso=((0.15, 0.9), (0.95, 2.45)),
        girth=(0.62, 0.85),
        legs=(
            ((0.3, 1.6), (0.15, 3.15), 0.23),
            ((1.1, 3.0), (0.55, 3.2), 0.24),
            ((-0.05, 1.6), (-0.2, 3.2), 0.25),
        ),
        haunch=((1.1, 2.65), 0.66),
        tail=((1.6, 2.9), (1.0, -0.1)),
        box=(-1.3, -1.5, 2.0, 3.5),
        turn=(-75, 35),
        size=(0.17, 0.22),
        ground=3.35,
    ),
    "standing": Pose(
        torso=((0.75, 1.25), (2.9, 1.3)),
        girth=(0.74, 0.68),
        legs=(
            ((1.15, 1.5), (1.3, 3.0), 0.21),
            ((2.75, 1.5), (2.65, 3.0), 0.22),
            ((0.6, 1.5), (0.45, 3.1), 0.24),
            ((3.1, 1.5), (3.25, 3.1), 0.25),
        ),
        haunch=((3.0, 1.5), 0.55),
        tail=((3.45, 1.0), (0.7, -0.6)),
        box=(-1.3, -1.5, 3.9, 3.3),
        turn=(-75, 30),
        size=(0.155, 0.2),
        ground=3.2,
    ),
    "lying": Pose(
        torso=((0.5, 0.85), (2.5, 1.0)),
        girth=(0.7, 0.72),
        legs=(
            ((0.3, 1.3), (-0.8, 1.5), 0.22),
            ((2.6, 1.5), (1.7, 1.6), 0.22),
            ((0.5, 1.4), (-0.6, 1.62), 0.24),
        ),
        haunch=((2.5, 1.1), 0.62),
        tail=((3.1, 1.3), (1.0, 0.2)),
        box=(-1.3, -1.5, 3.4, 1.9),
        turn=(-70, 40),
        size=(0.165, 0.23),
        ground=1.75,
    ),
    "loaf": Pose(
        torso=((-0.35, 1.0), (0.35, 1.0)),
        girth=(0.85, 0.85),
        legs=(((-0.4, 1.5), (-0.42, 1.7), 0.26), ((0.4, 1.5), (0.42, 1.7), 0.26)),
        haunch=((0.0, 0.0), 0.0),
        tail=((1.0, 1.5), (1.0, 0.1)),
        box=(-1.4, -1.5, 1.4, 2.0),
        turn=(-50, 50),
        size=(0.21, 0.31),
        ground=1.85,
    ),
}


def draw_tail(pen: Pen, rng: np.random.Generator, kind: str, coat: Coat, pose: Pose) -> None:
    """Draw a tail: a cat's long, thin and curved, a dog's shorter and thicker; not always."""
    root, heading = np.array(pose.tail[0]), np.array(pose.tail[1])
    side = 1.0
    if pose.torso[0][0] == 0.0 and rng.random() < 0.5:
        side = -1.0
    long = rng.random() < (0.88 if kind == "cat" else 0.15)
    length = rng.uniform(1.9, 2.7) if long else rng.uniform(0.9, 1.6)
    start, end = (0.16, 0.12) if long else (0.24, rng.uniform(0.1, 0.3))
    rise = np.array([rng.uniform(-0.4, 0.4), rng.uniform(-1.0, -0.1)])
    curl = np.array([rng.uniform(-0.5, 0.6), rng.uniform(-0.7, 0.3)])
    controls = [
        root - heading * 0.4,
        root + heading * length * 0.4,
        root + (heading * 0.6 + rise * 0.7) * length * 0.8,
        root + (heading * 0.5 + rise + curl) * length * 0.8,
    ]
    outline = ribbon(bezier(np.array(controls) * (side, 1.0)), start, end)
    pen.solid(ruffled(outline, coat.fluff, rng), shade(coat.base, 0.92))


def draw_body(pen: Pen, rng: np.random.Generator, coat: Coat, pose: Pose) -> None:
    """Draw trunk, legs and, sometimes, a collar."""
    far = len(pose.legs) // 2 if pose.haunch[1] else 0
    for leg in pose.legs[:far]:
        _draw_leg(pen, rng, coat, leg, 0.84)
    coat.solid(pen, rng, hull(pose.torso, pose.girth))
    if rng.random() < 0.6:
        chest, girth = np.array(pose.torso[0]), pose.girth[0]
        bib = hull([chest, offset(chest, 0.0, girth * 0.9)], (girth * 0.62, girth * 0.34))
        pen.polygon(ruffled(bib, coat.fluff + 0.04, rng), coat.muzzle)
    pen = replace(pen, rim=0.0)  # no seam between the trunk and what belongs to it
    if pose.haunch[1]:
        coat.solid(pen, rng, oval(pose.haunch[0], (pose.haunch[1], pose.haunch[1] * 1.05)))
    for leg in pose.legs[far:]:
        _draw_leg(pen, rng, coat, leg, 1.0)
    if rng.random() < 0.25:
        hue = ((196, 52, 48), (52, 92, 170), (60, 140, 84), (150, 80, 160), (40, 40, 44))
        band = bezier([(-0.62, 0.78), (0.05, 1.2), (0.68, 0.72)], 8)
        pen.line(band, 0.17, hue[rng.integers(len(hue))])
        pen.polygon(oval((0.05, 1.1), (0.12, 0.12)), (232, 196, 92))


def _draw_leg(
    pen: Pen, rng: np.random.Generator, coat: Coat, leg: tuple[Spot, Spot, float], tone: float
) -> None:
    top, bottom, radius = leg
    foot = np.array(bottom) + rng.uniform(-0.08, 0.08, 2)
    pen.solid(
        ruffled(hull([top, foot], (radius * 1.3, radius * 0.82)), coat.fluff * 0.5, rng),
        shade(coat.base, tone),
    )
    paw = offset(foot, -0.04, 0.06)
    pen.polygon(oval(paw, (radius * 1.12, radius * 0.75)), shade(coat.paws, tone))
    for toe in (-0.35, 0.3):
        crease = offset(paw, toe * radius, radius * 0.2)
        pen.line([crease, offset(crease, 0.0, radius * 0.5)], 0.05, (40, 30, 28, 150))

"""Cats and dogs drawn by the program, for when the photographs are not available.

A cat differs from a dog by its ears, muzzle, eyes, whiskers and tail, each of which may be
hidden or misleading; pose, place, size, fur, scenery and light say nothing. The picture depends
on `(seed, kind, number)` alone, whatever else was drawn before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np

from app.data.dataset import Split
from app.data.drawn.anatomy import Anatomy
from app.data.drawn.body import POSES, draw_body, draw_tail
from app.data.drawn.coat import Coat
from app.data.drawn.head import Head
from app.data.drawn.light import photographed
from app.data.drawn.pen import Pen, oval
from app.data.drawn.scenery import backdrop, draw_in_front
from app.errors import AppError

KINDS = ("cat", "dog")
SEED = 20130925
"""Of the collection that stands in for the photographs."""
POSE_CHOICES = ("portrait", "portrait", "loaf", "loaf", "sitting", *POSES)

TELLING_PARTS = ("ears", "eyes", "muzzle", "whiskers", "tail")
"""Parts by which a cat differs from a dog."""
PARTS = (*TELLING_PARTS, "skull", "trunk")


@dataclass(frozen=True)
class Change:
    """How a drawing differs from the one of its number.

    Attributes:
        hidden: Parts, of `PARTS`, that are left out; every other pixel stays as it is, except for
            the blur next to them.
        pattern: Pattern of the coat, of `app.data.drawn.coat.PATTERNS`, instead of a random one.
            What is drawn after the coat then differs, too.
    """

    hidden: Collection[str] = ()
    pattern: str = ""


UNCHANGED = Change()


def draw_animal(
    kind: str, seed: int, number: int, size: int = 128, change: Change = UNCHANGED
) -> np.ndarray:
    """Return one drawing of a cat or a dog.

    Args:
        kind: `cat` or `dog`.
        seed: Seed of the collection of drawings.
        number: Number of the drawing within its kind.
        size: Width and height in pixels.
        change: What differs from the drawing of that number.

    Returns:
        `(size, size, 3)` uint8, RGB.

    Raises:
        AppError: If `kind` is neither, or if `seed`, `number` or `size` is out of range.
    """
    if kind not in KINDS:
        raise AppError(f"Cannot draw a {kind!r}.", f"Expected one of: {', '.join(KINDS)}.")
    if seed < 0 or number < 0:
        raise AppError(
            f"Cannot draw {kind} number {number} with seed {seed}.", "Expected both from 0 up."
        )
    if size < 16:
        raise AppError(f"Cannot draw in {size} pixels.", "Expected a `size` of 16 or more.")
    rng = np.random.default_rng((seed, KINDS.index(kind), number))
    scene = backdrop(rng, 2 * size)
    pen = Pen.on(scene)
    _draw_subject(pen, rng, kind, change)
    if rng.random() < 0.3:
        draw_in_front(pen, rng)
    return photographed(scene, rng)


def _draw_subject(picture: Pen, rng: np.random.Generator, kind: str, change: Change) -> None:
    """Draw the animal somewhere in the picture, in some pose."""
    pose = POSES[POSE_CHOICES[rng.integers(len(POSE_CHOICES))]]
    radius = rng.uniform(*pose.size)
    mirrored = bool(rng.random() < 0.5)
    left, top, right, bottom = (radius * edge for edge in pose.box)
    if mirrored:
        left, right = -right, -left
    spill = rng.uniform(-0.02, 0.1)  # how far it may reach beyond the picture
    inside = (0.03 + radius, 0.97 - radius)  # where the middle of a whole head may be
    place = (
        _drawn_between(rng, -spill - left, 1 + spill - right, inside),
        _drawn_between(rng, -spill - top, 1 + spill - bottom, inside),
    )
    angle = rng.uniform(0, 2 * np.pi)
    light = np.array([np.cos(angle), -abs(np.sin(angle))])
    lit = replace(picture, light=light, rim=rng.uniform(0.0, 0.05))
    pen = lit.moved(place, radius, rng.normal(0, 5), mirrored)
    pens = {part: pen.hidden() if part in change.hidden else pen for part in PARTS}
    if pose.ground:
        middle = (pose.box[0] + pose.box[2]) / 2
        pens["trunk"].polygon(oval((middle, pose.ground), (1.9, 0.3)), (20, 16, 20, 70))
    coat = Coat.random(rng)
    if change.pattern:
        coat = replace(coat, pattern=change.pattern)
    if rng.random() < 0.7:
        draw_tail(pens["tail"], rng, kind, coat, pose)
    draw_body(pens["trunk"], rng, coat, pose)
    yaw, pitch = rng.triangular(pose.turn[0], 0, pose.turn[1]), rng.uniform(-16, 22)
    head = Head(Anatomy.random(kind, rng), coat, yaw, pitch)
    tilt = rng.normal(0, 9)
    head.draw({part: one.moved((0, 0), 1.0, tilt) for part, one in pens.items()}, rng)


def _drawn_between(
    rng: np.random.Generator, first: float, second: float, limits: tuple[float, float]
) -> float:
    value = rng.uniform(min(first, second), max(first, second))
    return min(limits[1], max(limits[0], value))


def draw_animals(
    start: int,
    stop: int,
    size: int = 128,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> np.ndarray:
    """Return drawings `start` to `stop - 1` of cats and of dogs.

    Args:
        start: First number of either kind.
        stop: One more than the last.
        size: Width and height in pixels.
        progress: Function called with (done, total).

    Returns:
        `(2, stop - start, size, size, 3)` uint8: cats, then dogs.
    """
    drawings = np.empty((len(KINDS), stop - start, size, size, 3), dtype=np.uint8)
    total = len(KINDS) * (stop - start)
    for label, kind in enumerate(KINDS):
        for number in range(start, stop):
            drawings[label, number - start] = draw_animal(kind, SEED, number, size)
            progress(label * (stop - start) + number - start + 1, total)
    return drawings


def labeled_drawings(drawings: np.ndarray, start: int) -> Split:
    """Return drawings as one split, cats before dogs.

    Args:
        drawings: `(2, N, H, W, 3)` uint8, as from `draw_animals`.
        start: Number of the first ones.

    Returns:
        `2 * N` examples in one array; label 0 is a cat, 1 a dog.
    """
    count = drawings.shape[1]
    names = [f"drawn/{kind}/{number}" for kind in KINDS for number in range(start, start + count)]
    images = drawings.reshape(-1, *drawings.shape[2:])
    return Split(images, np.repeat(np.arange(len(KINDS)), count), names)


def drawn_examples(start: int, stop: int, size: int = 128) -> Split:
    """Return drawings `start` to `stop - 1` of cats, then those of dogs, drawn now.

    Args:
        start: First number of either kind.
        stop: One more than the last.
        size: Width and height in pixels.
    """
    return labeled_drawings(draw_animals(start, stop, size), start)

"""Drawn faces, aligned: a stand-in for photographs of faces that were cut out by their eyes.

Each of the forty people is a combination of parameters that is drawn once: widths and heights,
distances, brows, nose, mouth, hair, beard and glasses. An image adds what differs between two
photographs of one person: expression, a small turn of the head, errors of the alignment, light and
the noise of the camera. Alignment is what a locally connected network needs: the same part of every
face lies at the same place. Source: Taigman et al., DeepFace, 2014.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from app.data.dataset import Dataset, Split
from app.data.drawn.light import photographed
from app.data.drawn.pen import Color, Pen, bezier, hull, mix, oval, shade

SIDE = 32
PEOPLE = 40
_SEED = 20
_SKINS: tuple[Color, ...] = ((236, 200, 176), (206, 160, 130), (160, 112, 84), (112, 76, 58))
_HAIRS: tuple[Color, ...] = ((30, 26, 26), (84, 56, 40), (150, 108, 66), (196, 190, 184))
_INK: Color = (40, 30, 30)
# Images of each person in a split: their first number and the one after the last.
_NUMBERS = {"train": (0, 400), "validation": (400, 500), "test": (500, 525)}


@dataclass(frozen=True)
class Person:
    """What is the same in all images of a person; lengths in units of half the head's width.

    Attributes:
        skin: Color of the skin.
        hair: Color of hair, brows and beard.
        width: Width of the skull.
        jaw: Width of the jaw.
        chin: Depth of the chin.
        eyes: Half the distance between the eyes.
        eye: Radius of an eye.
        brow: Height of the brows above the eyes.
        slope: Slope of the brows.
        thickness: Thickness of the brows.
        nose: Length of the nose.
        nostrils: Width of the nose.
        mouth: Half the width of the mouth.
        lips: Thickness of the lips.
        fringe: Depth of the hair over the forehead.
        sides: Length of the hair at the sides.
        beard: Darkness of the beard; 0 for none.
        glasses: Whether there are any.
    """

    skin: Color
    hair: Color
    width: float
    jaw: float
    chin: float
    eyes: float
    eye: float
    brow: float
    slope: float
    thickness: float
    nose: float
    nostrils: float
    mouth: float
    lips: float
    fringe: float
    sides: float
    beard: float
    glasses: bool

    @classmethod
    def random(cls, rng: np.random.Generator) -> Person:
        """Return a person."""
        skin = mix(_SKINS[rng.integers(4)], _SKINS[rng.integers(4)], 0.5)
        return cls(
            skin=skin,
            hair=mix(_HAIRS[rng.integers(4)], _HAIRS[rng.integers(4)], rng.uniform(0, 0.5)),
            width=rng.uniform(0.92, 1.08),
            jaw=rng.uniform(0.5, 0.8),
            chin=rng.uniform(0.95, 1.2),
            eyes=rng.uniform(0.36, 0.5),
            eye=rng.uniform(0.13, 0.19),
            brow=rng.uniform(0.24, 0.38),
            slope=rng.uniform(-0.35, 0.35),
            thickness=rng.uniform(0.05, 0.13),
            nose=rng.uniform(0.32, 0.55),
            nostrils=rng.uniform(0.1, 0.22),
            mouth=rng.uniform(0.24, 0.45),
            lips=rng.uniform(0.05, 0.13),
            fringe=rng.uniform(0.15, 0.6),
            sides=rng.uniform(0.0, 1.4),
            beard=max(0.0, rng.uniform(-0.7, 0.5)),
            glasses=bool(rng.random() < 0.2),
        )


def draw_face(person: Person, rng: np.random.Generator, size: int = SIDE) -> np.ndarray:
    """Return an image of a person.

    Args:
        person: The person.
        rng: Random numbers of everything that differs between images of the person.
        size: Width and height in pixels.

    Returns:
        `(size, size, 1)` uint8, the eyes at two fifths of the height but for errors of alignment.
    """
    scene = Image.new("RGB", (4 * size, 4 * size), (int(rng.uniform(30, 225)),) * 3)
    angle = rng.uniform(0, 2 * np.pi)
    light = np.array([np.cos(angle), -abs(np.sin(angle))])
    place = (0.5 + rng.normal(0, 0.012), 0.5 + rng.normal(0, 0.012))
    pen = replace(Pen.on(scene), light=light).moved(
        place, 0.31 * np.exp(rng.normal(0, 0.03)), rng.normal(0, 2)
    )
    _draw_head(pen, person)
    turn = rng.normal(0, 0.05)  # of the head: its features move to one side
    _draw_eyes(pen, person, turn, rng)
    _draw_nose_and_mouth(pen, person, turn, rng)
    return photographed(scene.reduce(2), rng).mean(axis=2, keepdims=True).astype(np.uint8)


def _draw_head(pen: Pen, person: Person) -> None:
    """Draw hair, ears, neck and the outline of the face; the eyes are 0.3 above the origin."""
    width = person.width
    back = [(-0.15, -0.4), (0.15, -0.4), (-0.55, person.sides - 0.4), (0.55, person.sides - 0.4)]
    pen.polygon(hull(back, (width, width, 0.55 * width, 0.55 * width)), shade(person.hair, 0.8))
    pen.polygon([(-0.45, 0.6), (0.45, 0.6), (0.6, 2.0), (-0.6, 2.0)], shade(person.skin, 0.75))
    for side in (-1, 1):
        pen.polygon(oval((side * width, -0.1), (0.14, 0.28)), shade(person.skin, 0.85))
    face = hull(
        [(0, -0.3), (0, 0.25), (0, person.chin - 0.3)], (width, 0.95 * width, person.jaw * 0.8)
    )
    pen.solid(face, person.skin)
    if person.beard:
        lower = hull([(-0.5, 0.55), (0.5, 0.55), (0, person.chin - 0.2)], (0.3, 0.3, person.jaw))
        pen.polygon(lower, mix(person.skin, person.hair, person.beard))
    top = oval((0, -0.45), (width, 0.9))
    pen.polygon(top[top[:, 1] < person.fringe - 1.15], person.hair)


def _draw_eyes(pen: Pen, person: Person, turn: float, rng: np.random.Generator) -> None:
    openness = 0.1 if rng.random() < 0.05 else rng.uniform(0.5, 0.85)
    gaze, raised = rng.normal(0, 0.03), rng.normal(0, 0.03)
    for side in (-1, 1):
        middle = (turn + side * person.eyes, -0.3)
        pen.polygon(oval(middle, (person.eye * 1.25, person.eye * openness)), (236, 234, 230))
        radius = person.eye * min(openness, 0.6)
        pen.polygon(oval((middle[0] + gaze, middle[1]), (radius, radius)), _INK)
        height = -0.3 - person.brow - raised
        ends = [(turn + side * (person.eyes + reach), height + 0.5 * reach * person.slope)
                for reach in (-0.22, 0.22)]  # fmt: skip
        pen.line(ends, person.thickness, shade(person.hair, 0.7))
        if person.glasses:
            rim = oval(middle, (0.3, 0.25))
            pen.line([*rim, rim[0]], 0.05, _INK)
    if person.glasses:
        pen.line([(turn - person.eyes + 0.3, -0.3), (turn + person.eyes - 0.3, -0.3)], 0.05, _INK)


def _draw_nose_and_mouth(pen: Pen, person: Person, turn: float, rng: np.random.Generator) -> None:
    tip = -0.2 + person.nose
    bridge = [
        (turn, -0.2),
        (turn * 1.6 + person.nostrils, tip),
        (turn * 1.6 - person.nostrils, tip),
    ]
    pen.polygon(bridge, shade(person.skin, 0.88))
    pen.line(bridge[1:], 0.05, shade(person.skin, 0.6))
    smile, height = rng.normal(0.05, 0.08), 0.62
    half = person.mouth * rng.uniform(0.9, 1.1)
    opening = max(0.0, rng.normal(0.0, 0.06))
    corners = (turn - half, height - smile), (turn + half, height - smile)
    upper = bezier([corners[0], (turn, height + smile - person.lips), corners[1]])
    lower = bezier([corners[1], (turn, height + smile + person.lips + 2 * opening), corners[0]])
    pen.polygon(np.concatenate([upper, lower]), mix(person.skin, (150, 50, 50), 0.6))
    pen.line(bezier([corners[0], (turn, height + smile + opening), corners[1]]), 0.04, _INK)


def load_faces() -> Dataset:
    """Return 16,000 training, 4,000 validation and 1,000 test images of forty people."""
    people = [Person.random(np.random.default_rng((_SEED, one))) for one in range(PEOPLE)]
    splits = {name: _labeled(people, range(*numbers)) for name, numbers in _NUMBERS.items()}
    return Dataset(
        name="drawn-faces",
        train=splits["train"],
        validation=splits["validation"],
        test=splits["test"],
        class_names=tuple(f"person {number:02}" for number in range(1, PEOPLE + 1)),
        channels=1,
        source="drawn faces, a stand-in for aligned photographs",
    )


def _labeled(people: list[Person], numbers: range) -> Split:
    """Return the images of all people with these numbers, in random order.

    With the people in turn, every n-th image would show some of them only.
    """
    places = [(label, number) for number in numbers for label in range(len(people))]
    random = np.random.default_rng((_SEED, numbers.start))
    places = [places[position] for position in random.permutation(len(places))]
    images = [
        draw_face(people[label], np.random.default_rng((_SEED, label, number)))
        for label, number in places
    ]
    return Split(
        np.stack(images),
        np.array([label for label, _ in places]),
        [f"drawn-faces/{label + 1:02}/{number}" for label, number in places],
    )

"""What stands behind, beside and in front of the animals. Points span 0 to 1 over the picture."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

from app.data.drawn.pen import Pen, any_color, bezier, mix, oval, ribbon, shade

Painter = Callable[[Pen, np.random.Generator], None]


def backdrop(rng: np.random.Generator, size: int) -> Image.Image:
    """Return a blurred background of `size` pixels, each drawn twice as wide as it is."""
    soft, vivid = any_color(rng), any_color(rng)
    corners = [mix(soft, vivid, share) for share in rng.uniform(0, 0.6, 4)]
    grid = np.array(corners, dtype=np.uint8).reshape(2, 2, 3)
    image = Image.fromarray(grid).resize((size // 2, size // 2), Image.Resampling.BILINEAR)
    pen = Pen.on(image)
    BACKDROPS[rng.integers(len(BACKDROPS))](pen, rng)
    for _ in range(rng.integers(0, 4)):
        CLUTTER[rng.integers(len(CLUTTER))](pen, rng)
    image = image.filter(ImageFilter.BoxBlur(rng.uniform(0.2, 1.6)))
    return image.resize((size, size), Image.Resampling.NEAREST)


def _rectangle(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def _draw_nothing(pen: Pen, rng: np.random.Generator) -> None:
    """Leave the gradient unchanged."""


def _draw_room(pen: Pen, rng: np.random.Generator) -> None:
    horizon = rng.uniform(0.45, 0.85)
    if rng.random() < 0.5:
        _draw_wallpaper(pen, rng)
    floor = any_color(rng, (0.15, 0.55), (0.3, 0.8))
    pen.polygon(_rectangle(0, horizon, 1, 1), floor)
    pen.polygon(_rectangle(0, horizon - 0.035, 1, horizon), mix(floor, (250, 248, 240), 0.6))
    seam = (*shade(floor, 0.75), 170)
    if rng.random() < 0.5:
        for x in np.linspace(-1.2, 2.2, rng.integers(8, 16)):
            pen.line([(0.5 + (x - 0.5) * 0.4, horizon), (x, 1.05)], 0.006, seam)
    if rng.random() < 0.5:
        _draw_rug(pen, rng)


def _draw_wallpaper(pen: Pen, rng: np.random.Generator) -> None:
    color = (*any_color(rng), int(rng.integers(60, 200)))
    count = int(rng.integers(4, 12))
    lean = rng.uniform(-0.4, 0.4)
    for i in range(-4, count + 4):
        left, wide = i / count, 0.5 / count
        pen.polygon([(left, 0), (left + wide, 0), (left + wide + lean, 1), (left + lean, 1)], color)


def _draw_tiles(pen: Pen, rng: np.random.Generator) -> None:
    color = (*any_color(rng), int(rng.integers(90, 220)))
    count = int(rng.integers(4, 9))
    tilted = pen.moved((0.5, 0.5), 1.5 / count, rng.uniform(-45, 45))
    for row in range(-count, count):
        for column in range(-count + row % 2, count, 2):
            tilted.polygon(_rectangle(column, row, column + 1, row + 1), color)


def _draw_meadow(pen: Pen, rng: np.random.Generator) -> None:
    horizon = rng.uniform(0.15, 0.7)
    green = mix((104, 150, 66), any_color(rng, (0.3, 0.6)), rng.uniform(0.0, 0.35))
    pen.polygon(_rectangle(0, 0, 1, horizon), mix((150, 196, 232), any_color(rng), 0.3))
    pen.polygon(_rectangle(0, horizon, 1, 1), green)
    for x, y, lean in rng.uniform((0, horizon, -0.03), (1, 1.05, 0.03), (40, 3)):
        blade = shade(green, 0.8 if lean < 0 else 1.2)
        pen.line([(x, y), (x + lean, y - 0.07)], 0.008, blade)


def _draw_lights(pen: Pen, rng: np.random.Generator) -> None:
    for _ in range(rng.integers(8, 20)):
        radius = rng.uniform(0.02, 0.14)
        color = (*any_color(rng, (0.1, 0.7), (0.6, 1.0)), int(rng.integers(50, 150)))
        pen.polygon(oval(rng.uniform(0, 1, 2), (radius, radius)), color)


def _draw_bricks(pen: Pen, rng: np.random.Generator) -> None:
    brick = any_color(rng, (0.15, 0.55), (0.4, 0.8))
    high = rng.uniform(0.07, 0.13)
    for row in range(int(1 / high) + 1):
        for column in range(-1, int(0.5 / high) + 1):
            left, top = (column + row % 2 / 2) * 2 * high, row * high
            tone = shade(brick, rng.uniform(0.85, 1.1))
            pen.polygon(_rectangle(left, top, left + 1.9 * high, top + 0.88 * high), tone)


def _draw_rug(pen: Pen, rng: np.random.Generator) -> None:
    center = (rng.uniform(0.2, 0.8), rng.uniform(0.75, 1.0))
    width, height = rng.uniform(0.3, 0.6), rng.uniform(0.1, 0.25)
    first, second = any_color(rng), any_color(rng)
    for i, share in enumerate((1.0, 0.85, 0.6, 0.4)):
        pen.polygon(oval(center, (width * share, height * share)), second if i % 2 else first)


def _draw_sofa(pen: Pen, rng: np.random.Generator) -> None:
    cloth, top = any_color(rng, (0.2, 0.6), (0.3, 0.8)), rng.uniform(0.15, 0.5)
    pen.polygon(_rectangle(-0.1, top, 1.1, 1), shade(cloth, 0.85))
    for left in (-0.05, 0.33, 0.71):
        pen.polygon(_rectangle(left, top - 0.03, left + 0.34, top + 0.3), cloth)
    pen.polygon(_rectangle(-0.1, top + 0.32, 1.1, top + 0.55), shade(cloth, 1.1))
    if rng.random() < 0.6:
        cushion = pen.moved((rng.uniform(0.1, 0.9), top + 0.25), 0.2, rng.uniform(20, 70))
        cushion.polygon(_rectangle(-0.5, -0.5, 0.5, 0.5), any_color(rng))


BACKDROPS: tuple[Painter, ...] = (
    _draw_nothing,
    _draw_room,
    _draw_room,
    _draw_wallpaper,
    _draw_tiles,
    _draw_meadow,
    _draw_lights,
    _draw_bricks,
    _draw_sofa,
)


def _draw_ball(pen: Pen, rng: np.random.Generator) -> None:
    radius = rng.uniform(0.04, 0.11)
    ball = pen.moved((rng.uniform(0, 1), rng.uniform(0.5, 0.98)), radius, rng.uniform(0, 180))
    color = any_color(rng, (0.3, 0.8))
    ball.solid(oval((0, 0), (1, 1)), color)
    if rng.random() < 0.5:
        ball.polygon(
            ribbon(bezier([(-0.9, -0.3), (0, 0.2), (0.9, -0.3)]), 0.16, 0.16), any_color(rng)
        )


def _draw_box(pen: Pen, rng: np.random.Generator) -> None:
    wide, high = rng.uniform(0.08, 0.3, 2)
    left, bottom = rng.uniform(-0.1, 0.95), rng.uniform(0.55, 1.1)
    color = any_color(rng, (0.15, 0.6))
    pen.polygon(_rectangle(left, bottom - high, left + wide, bottom), color)
    lid = [(left, bottom - high), (left + 0.04, bottom - high - 0.04)]
    lid += [(left + wide + 0.04, bottom - high - 0.04), (left + wide, bottom - high)]
    pen.polygon(lid, shade(color, 1.2))
    side = [lid[3], lid[2], (left + wide + 0.04, bottom - 0.04), (left + wide, bottom)]
    pen.polygon(side, shade(color, 0.75))


def _draw_plant(pen: Pen, rng: np.random.Generator) -> None:
    foot = np.array([rng.uniform(0, 1), rng.uniform(0.6, 1.0)])
    leaf = mix((74, 128, 70), any_color(rng), 0.3)
    for _ in range(rng.integers(4, 8)):
        tip = foot + rng.uniform((-0.16, -0.4), (0.16, -0.12))
        bend = (foot + tip) / 2 + rng.uniform(-0.05, 0.05, 2)
        pen.polygon(
            ribbon(bezier([foot, bend, tip], 8), 0.028, 0.004), shade(leaf, rng.uniform(0.75, 1.2))
        )
    pen.polygon(
        foot + np.array([(-0.07, 0), (0.07, 0), (0.05, 0.13), (-0.05, 0.13)]), any_color(rng)
    )


def _draw_picture(pen: Pen, rng: np.random.Generator) -> None:
    left, top = rng.uniform(-0.1, 0.85), rng.uniform(-0.1, 0.4)
    wide, high = rng.uniform(0.12, 0.4, 2)
    pen.polygon(_rectangle(left, top, left + wide, top + high), any_color(rng, (0.1, 0.4)))
    inner = _rectangle(left + 0.02, top + 0.02, left + wide - 0.02, top + high - 0.02)
    pen.polygon(inner, any_color(rng))


def _draw_bunting(pen: Pen, rng: np.random.Generator) -> None:
    top, sag, wide = rng.uniform(0.0, 0.3), rng.uniform(0.0, 0.15), rng.uniform(0.04, 0.09)
    flip = rng.choice((-1.0, 1.0))
    for x, y in bezier([(-0.05, top), (0.5, top + 2 * sag), (1.05, top)], 8):
        flag = [(x - wide, y), (x + wide, y), (x, y + 2 * flip * wide)]
        pen.polygon(flag, any_color(rng))


CLUTTER: tuple[Painter, ...] = (_draw_ball, _draw_box, _draw_plant, _draw_picture, _draw_bunting)


def draw_in_front(pen: Pen, rng: np.random.Generator) -> None:
    """Draw something between the animal and the camera."""
    draw = rng.random()
    if draw < 0.4:
        _draw_ball(pen, rng)
    elif draw < 0.6:
        color, top = any_color(rng), rng.uniform(0.78, 0.95)
        pen.polygon([(0, top), (1, top + rng.uniform(-0.08, 0.08)), (1, 1), (0, 1)], color)
    elif draw < 0.85:
        green = mix((92, 140, 64), any_color(rng), 0.3)
        for x, lean, high in rng.uniform((0, -0.08, 0.08), (1, 0.08, 0.32), (14, 3)):
            blade = bezier([(x, 1.02), (x, 1 - high * 0.6), (x + lean, 1 - high)], 6)
            pen.polygon(ribbon(blade, 0.014, 0.002), shade(green, rng.uniform(0.7, 1.2)))
    else:
        left = rng.uniform(-0.02, 0.98)
        post = [(left, 0), (left + 0.07, 0), (left + 0.07, 1), (left, 1)]
        pen.polygon(post, any_color(rng, (0.1, 0.5)))

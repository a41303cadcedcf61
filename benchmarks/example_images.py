"""Draw the example images in `datasets/examples`.

    python benchmarks/example_images.py datasets/examples

Writes `cat.jpg` and `dog.jpg` (256×256), `animals/{cat,dog}/` (40 drawings of 128×128 each, an
image folder to train on), and handwritten digits: one per image (`digits/`), and several on a page
(`page.jpg`). Nothing is taken from a dataset. The output is deterministic.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from scipy.interpolate import make_interp_spline

from app.data.drawn.dataset import KINDS, draw_animal

SEED = 7
SINGLE = {"cat": 25, "dog": 25}  # numbers of the two single drawings
PER_CLASS = 40
# Pen strokes of each digit, as (x, y) in a box of 10×14.
STROKES: dict[int, list[list[tuple[float, float]]]] = {
    0: [[(6, 0), (2, 2), (0.5, 7), (2, 12), (5, 14), (8.5, 12), (9.5, 7), (8, 2), (5.5, 0)]],
    1: [[(3, 3), (6, 0)], [(6, 0), (5.8, 7), (5.5, 14)]],
    2: [[(1, 3.5), (3, 0.5), (7, 0.5), (9, 4), (6, 8.5), (1, 13.5)],
        [(1, 13.5), (5, 13), (9.5, 14)]],
    3: [[(1, 1.5), (5, 0), (8.5, 2.5), (7, 5.5), (4, 6.8)],
        [(4, 6.8), (8, 8), (9, 11), (6, 14), (1, 12.5)]],
    4: [[(6, 0), (3.5, 5), (0.5, 9)], [(0.5, 9), (9.5, 9)], [(7, 5), (6.8, 10), (6.5, 14)]],
    5: [[(2, 0.5), (1.5, 6)], [(1.5, 6), (5, 5), (9, 8), (7.5, 13), (4, 14), (1, 12.5)],
        [(2, 0.5), (8.5, 0)]],
    6: [[(8, 0.5), (4, 3), (1.5, 8), (2, 12.5), (5, 14), (8.5, 12), (8, 8.5), (5, 7.5), (2, 10)]],
    7: [[(1, 1), (9, 0.5)], [(9, 0.5), (6.5, 6), (4, 14)]],
    8: [[(8, 2), (5, 0), (2, 2.5), (4, 6), (8, 9.5), (7.5, 13), (4.5, 14), (1.5, 12), (3, 8.5),
         (7, 5), (8.3, 2.2)]],
    9: [[(8.5, 3), (5, 0), (1.5, 3), (2.5, 7), (6, 7.5), (8.5, 3)], [(8.5, 3), (8, 9), (6.5, 14)]],
}  # fmt: skip


def draw_digit(
    canvas: np.ndarray, digit: int, corner: tuple[float, float], height: float,
    width: float, random: np.random.Generator,
) -> None:  # fmt: skip
    """Add the ink of one digit to `canvas`, `(H, W)` float32 from 0 to 1.

    Args:
        canvas: Ink, changed in place.
        digit: Digit, 0 to 9.
        corner: Left and top of its box in pixels.
        height: Height of its box in pixels.
        width: Width of the pen in pixels.
        random: Generator of the irregularities of the strokes.
    """
    slant = random.normal(0, 0.08)
    for stroke in STROKES[digit]:
        points = np.array(stroke, float) + random.normal(0, 0.2, (len(stroke), 2))
        order = min(3, len(points) - 1)
        steps = np.linspace(0, 1, 80)
        curve = make_interp_spline(np.linspace(0, 1, len(points)), points, k=order)(steps)
        curve[:, 0] += slant * (14 - curve[:, 1])
        pixels = np.array(corner) + curve * height / 14
        cv2.polylines(
            canvas, [np.round(pixels * 16).astype(np.int32)], False, 1.0, round(width),
            cv2.LINE_AA, 4,
        )  # fmt: skip


def on_paper(ink: np.ndarray, random: np.random.Generator) -> Image.Image:
    """Return ink, `(H, W)` from 0 to 1, as a photograph of a page in uneven light."""
    height, width = ink.shape
    rows, columns = np.mgrid[:height, :width]
    light = 225 - 45 * columns / width - 20 * rows / height
    paper = light[..., None] * np.array([1.0, 0.98, 0.93])
    pen = np.array([35.0, 45.0, 110.0])
    pixels = paper + (pen - paper) * cv2.GaussianBlur(ink, (0, 0), 0.8)[..., None] * 0.95
    pixels += random.normal(0, 3, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def write_examples(folder: Path) -> None:
    """Write all images into `folder`."""
    for kind in KINDS:
        (folder / "animals" / kind).mkdir(parents=True, exist_ok=True)
        animal = draw_animal(kind, SEED, SINGLE[kind], 256)
        Image.fromarray(animal).save(folder / f"{kind}.jpg", quality=90)
        for number in range(PER_CLASS):
            animal = draw_animal(kind, SEED, 100 + number, 128)
            Image.fromarray(animal).save(folder / "animals" / kind / f"{number}.jpg", quality=85)
    (folder / "digits").mkdir(exist_ok=True)
    random = np.random.default_rng(SEED)
    for digit in STROKES:
        ink = np.zeros((240, 200), np.float32)
        draw_digit(ink, digit, (60, 55), 120, 9, random)
        on_paper(ink, random).save(folder / "digits" / f"{digit}.jpg", quality=88)
    ink = np.zeros((420, 640), np.float32)
    for row, line in enumerate(("2026", "31415")):
        for column, character in enumerate(line):
            left, top = 70 + 100 * column + random.normal(0, 6), 60 + 180 * row
            draw_digit(ink, int(character), (left, top + random.normal(0, 6)), 105, 8, random)
    on_paper(ink, random).save(folder / "page.jpg", quality=88)


def main() -> None:
    """Write the images."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="output folder")
    write_examples(parser.parse_args().folder)


if __name__ == "__main__":
    main()

"""Drawn pages with one digit: photographs, scans and drawings of many kinds.

A page starts from the strokes of an MNIST digit: its skeleton, drawn with a round pen on 560×560
pixels. Each kind is a function of the strokes and a random generator.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image
from skimage.morphology import skeletonize

SIDE = 560
_UPSCALED = 140  # side in pixels of the enlarged digit that is skeletonized

Page = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def draw_strokes(image: np.ndarray, width: int, side: int = SIDE) -> np.ndarray:
    """Return the skeleton of an MNIST image, drawn with a round pen.

    Args:
        image: `(28, 28)` uint8, bright ink on black.
        width: Width of the pen in pixels.
        side: Side of the result in pixels.

    Returns:
        `(side, side)` float64 coverage in [0, 1].
    """
    large = cv2.resize(image, (_UPSCALED, _UPSCALED), interpolation=cv2.INTER_CUBIC)
    skeleton = skeletonize(cv2.GaussianBlur(large, (0, 0), 2) > 110)
    points = {(int(y), int(x)) for y, x in np.argwhere(skeleton)}
    scale = side / _UPSCALED
    canvas = np.zeros((side, side), np.uint8)

    def place(y: int, x: int) -> tuple[int, int]:
        return round((x + 0.5) * scale * 16), round((y + 0.5) * scale * 16)

    for y, x in sorted(points):
        for step_y, step_x in ((0, 1), (1, 0), (1, 1), (1, -1)):
            other = (y + step_y, x + step_x)
            if other in points:
                cv2.line(canvas, place(y, x), place(*other), 255, width, cv2.LINE_AA, 4)
        cv2.circle(canvas, place(y, x), max(1, width * 8), 255, -1, cv2.LINE_AA, 4)
    return canvas / 255


def _pixels(page: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(page), 0, 255).astype(np.uint8)


def _on(paper: np.ndarray | float, ink: np.ndarray, dark: float = 30.0) -> np.ndarray:
    return paper - (paper - dark) * ink


def _color(paper: tuple[int, ...], pen: tuple[int, ...], ink: np.ndarray) -> np.ndarray:
    return np.array(paper) - (np.array(paper) - np.array(pen)) * ink[..., np.newaxis]


def _grid() -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.mgrid[:SIDE, :SIDE]
    return rows, columns


def _noise(page: np.ndarray, sigma: float, rng: np.random.Generator) -> np.ndarray:
    return page + rng.normal(0, sigma, page.shape)


def _rotated(page: np.ndarray, degrees: float, paper: float, scale: float = 1.0) -> np.ndarray:
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    return cv2.warpAffine(page, matrix, (width, height), borderValue=(paper,) * 3)


def _jpeg(page: np.ndarray, quality: int) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(_pixels(page)).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def _clean(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _on(255.0, ink)


def _dots(count: int) -> Page:
    def page(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        page = _on(255.0, ink)
        corners = rng.permutation([(30, 30), (530, 530), (30, 530), (530, 30)])[:count]
        for x, y in corners.tolist():
            cv2.circle(page, (x, y), 5, 60, -1)
        return page

    return page


def _scan_edge(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    page = _on(255.0, ink)
    page[:, -8:] = 20
    return page


def _scan_edges(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    page = _on(245.0, ink)
    page[:, -6:] = page[-10:] = page[:4] = 15
    return page


def _frame(*insets: int) -> Page:
    def page(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        page = _on(255.0, ink)
        for inset in insets:
            cv2.rectangle(page, (inset, inset), (SIDE - inset, SIDE - inset), 40.0, 4)
        return page

    return page


def _ruled(dark: float, line: float) -> Page:
    def page(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        paper = np.full((SIDE, SIDE), 255.0)
        paper[40::64] = paper[41::64] = line
        return _on(paper, ink, min(dark, line))

    return page


def _squared(level: float, dark: float, width: int = 1) -> Page:
    def page(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        paper = np.full((SIDE, SIDE), 255.0)
        for offset in range(width):
            paper[20 + offset :: 40] = level
            paper[:, 20 + offset :: 40] = level
        return _on(paper, ink, min(dark, level))

    return page


def _notebook(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Blue lines, a red margin line, blue ball pen, slight rotation."""
    paper = np.full((SIDE, SIDE, 3), (250, 248, 240), np.float64)
    for row in range(50, SIDE, 62):
        paper[row : row + 2] = (150, 180, 220)
    paper[:, 70:73] = (225, 90, 90)
    page = paper - (paper - np.array((40, 50, 140))) * ink[..., np.newaxis]
    return _noise(_rotated(page, rng.uniform(-3, 3), 245, 1.12), 3, rng)


def _slanted_lines(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    paper = np.full((SIDE, SIDE), 240.0)
    for row in range(-200, SIDE + 200, 64):
        cv2.line(paper, (-20, row), (SIDE + 20, row + 80), 90.0, 2, cv2.LINE_AA)
    return _on(paper, ink, 40)


def _dashed(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    page = _on(250.0, ink)
    for row in (25, 532):
        for column in range(10, SIDE, 36):
            cv2.line(page, (column, row), (column + 20, row), 60.0, 3)
    return page


def _desk(level: float, degrees: float, grain: float) -> Page:
    def page(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        side = 760
        paper = np.full((side, side), 0.0)
        paper[100:660, 100:660] = _on(230.0, ink, 40)
        mask = np.zeros((side, side))
        mask[100:660, 100:660] = 1
        angle = rng.uniform(-degrees, degrees)
        paper, mask = _rotated(paper, angle, 0), _rotated(mask, angle, 0)
        wood = level + grain * cv2.GaussianBlur(
            rng.normal(0, 20, (side, side)), (0, 0), 12, sigmaY=3
        )
        return _noise(paper + (1 - mask) * wood, 3, rng)

    return page


def _shadow(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    rows, columns = _grid()
    light = 230 - 120 / (1 + np.exp(-(columns + 0.4 * rows - 420) / 25))
    return _noise(_on(light, 0.9 * ink, 25), 4, rng)


def _hard_shadow(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    rows, columns = _grid()
    light = np.where(columns + 0.6 * rows > rng.uniform(300, 600), 120.0, 225.0)
    return _noise(light * (1 - 0.8 * ink), 3, rng)


def _camera(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    rows, columns = _grid()
    light = 200 - 60 * columns / SIDE - 30 * rows / SIDE
    return _noise(cv2.GaussianBlur(_on(light, ink, 50), (0, 0), 2), 8, rng)


def _dim(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _noise(_on(70.0, ink, 15), 4, rng)


def _vignette(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    rows, columns = _grid()
    distance = np.hypot(rows - SIDE / 2, columns - SIDE / 2) / (SIDE / 2)
    light = 215 * (1 - 0.35 * distance**2)
    return _jpeg(_noise(light * (1 - 0.75 * ink), 5, rng), 60)


def _pencil(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _noise(235 - 70 * ink, 4, rng)


def _low_contrast(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _noise(180 - 30 * ink, 8, rng)


def _chalk(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _noise(60 + 150 * ink, 8, rng)


def _grainy_chalk(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    grain = cv2.GaussianBlur(rng.random(ink.shape), (0, 0), 1.5) > 0.45
    smear = cv2.GaussianBlur(rng.normal(0, 60, ink.shape), (0, 0), 25)
    return _noise(55 + 10 * smear + 160 * ink * grain, 5, rng)


def _dust(share: float) -> Page:
    def page(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        page = _on(255.0, ink)
        page[rng.random(page.shape) < share] = 0
        return page

    return page


def _underlined(row: int, tilt: int) -> Page:
    def page(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        page = _on(255.0, ink)
        cv2.line(page, (60, row), (500, row - tilt), 30.0, 6, cv2.LINE_AA)
        return page

    return page


def _touching_box(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A form box that the digit touches or crosses."""
    page = _on(255.0, ink)
    rows, columns = np.nonzero(ink > 0.5)
    top, bottom, left, right = rows.min(), rows.max(), columns.min(), columns.max()
    middle, half = (top + bottom) // 2, (bottom - top) // 2 - 8
    half_width = max(half * 3 // 4, (right - left) // 2 + 20)
    center = (left + right) // 2
    cv2.rectangle(
        page, (center - half_width, middle - half), (center + half_width, middle + half), 60.0, 3
    )
    return page


def _comb(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A row of four boxes with the digit in one of them."""
    side, cell = SIDE, 120
    page = np.full((side, side), 255.0)
    for column in range(5):
        cv2.line(page, (40 + column * cell, 200), (40 + column * cell, 330), 70.0, 3)
    for row in (200, 330):
        cv2.line(page, (40, row), (40 + 4 * cell, row), 70.0, 3)
    small = cv2.resize(ink, (130, 130), interpolation=cv2.INTER_AREA)[10:120, 12:118]
    left = 47 + int(rng.integers(4)) * cell
    page[210:320, left : left + 106] -= 225 * small
    return page


def _crease(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    page = _on(235.0, ink)
    cv2.line(page, (0, 200), (SIDE, 260), 190.0, 3, cv2.LINE_AA)
    cv2.line(page, (300, 0), (280, SIDE), 195.0, 3, cv2.LINE_AA)
    return _noise(cv2.GaussianBlur(page, (0, 0), 1), 3, rng)


def _staple(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    page = _on(250.0, ink)
    cv2.line(page, (30, 60), (80, 35), 90.0, 5, cv2.LINE_AA)
    return page


def _hole_punch(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    page = np.full((SIDE, SIDE + 90), 245.0)
    page[:, 90:] = _on(245.0, ink)
    for row in (140, 420):
        cv2.circle(page, (40, row), 22, 60.0, -1, cv2.LINE_AA)
    return page


def _torn_edge(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    page = _on(240.0, ink)
    edge = cv2.GaussianBlur(rng.normal(0, 40, (SIDE, 1)), (0, 0), 4.0)[:, 0] + 18
    _, columns = _grid()
    page[columns > SIDE - edge[:, np.newaxis]] = 50
    return _noise(page, 3, rng)


def _kraft(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    fiber = cv2.GaussianBlur(rng.normal(0, 30, ink.shape), (0, 0), 2)
    return _noise(_color((178, 140, 96), (40, 50, 120), ink) + fiber[..., np.newaxis], 4, rng)


def _neon(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    glow = np.maximum(ink, 0.5 * cv2.GaussianBlur(ink, (0, 0), 12))
    return _color((8, 6, 14), (255, 40, 200), glow)


def _equal_luminance(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _noise(_color((200, 60, 60), (20, 132, 110), ink), 3, rng)


def _colored(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    pens = ((200, 30, 40), (20, 60, 180), (10, 120, 60), (240, 240, 250), (30, 30, 30))
    papers = ((250, 230, 120), (190, 225, 250), (250, 200, 210), (40, 70, 60), (240, 150, 60))
    choice = int(rng.integers(len(pens)))
    return _noise(_color(papers[choice], pens[choice], ink), 3, rng)


def _transparent(color: tuple[int, int, int]) -> Page:
    def page(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        page = np.empty((*ink.shape, 4))
        page[..., :3] = color
        page[..., 3] = 255 * ink
        return page

    return page


def _inverted(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return 255 * ink


def _artifacts(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _jpeg(_on(255.0, ink), 8)


def _blurred(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return cv2.GaussianBlur(_on(240.0, ink), (0, 0), 12)


def _tiny(side: int) -> Page:
    def page(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return cv2.resize(_on(255.0, ink), (side, side), interpolation=cv2.INTER_AREA)

    return page


def _cropped(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    rows, columns = np.nonzero(ink > 0.5)
    return _on(255.0, ink)[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def _touching_border(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    rows, columns = np.nonzero(ink > 0.5)
    page = _on(255.0, ink)
    return page[rows.min() :] if rng.random() < 0.5 else page[:, columns.min() :]


def _corner(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    page = np.full((SIDE, SIDE), 245.0)
    small = cv2.resize(ink, (120, 120), interpolation=cv2.INTER_AREA)
    page[:120, :120] = _on(245.0, small)
    return _noise(page, 2, rng)


def _small(side: int) -> Page:
    def page(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        page = np.full((900, 700), 240.0)
        small = cv2.resize(ink, (side, side), interpolation=cv2.INTER_AREA)
        y, x = rng.integers(50, 600, 2)
        page[y : y + side, x : x + side] = _on(240.0, small)
        return _noise(page, 3, rng)

    return page


def _huge(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return cv2.resize(_on(250.0, ink), (2400, 2400), interpolation=cv2.INTER_LINEAR)


def _gaps(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two short gaps in the stroke."""
    points = np.argwhere(ink > 0.9)
    mask = np.ones_like(ink)
    for y, x in points[rng.integers(len(points), size=2)].tolist():
        cv2.circle(mask, (x, y), 19, 0.0, -1)
    return _on(255.0, ink * mask)


def _whiteboard(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    rows, columns = _grid()
    glare = 90 * np.exp(-(((rows - 120) / 90) ** 2 + ((columns - 400) / 60) ** 2))
    light = 170 - 0.08 * rows
    page = light[..., np.newaxis] - (light[..., np.newaxis] - np.array((30, 40, 150))) * (
        0.9 * ink[..., np.newaxis]
    )
    return _noise(page + glare[..., np.newaxis], 3, rng)


def _perspective(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    page = _on(225.0, ink, 50)
    corners = np.array([(0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE)], np.float32)
    moved = corners + rng.uniform(-35, 35, (4, 2)).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(corners, moved)
    page = cv2.warpPerspective(page, matrix, (SIDE, SIDE), borderValue=225.0)
    return _noise(_rotated(page, rng.uniform(-10, 10), 225, 0.9), 3, rng)


def _signature_line(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A writing line that touches the bottom of the digit."""
    page = _on(255.0, ink)
    foot = int(np.nonzero(ink > 0.5)[0].max())
    cv2.line(page, (0, foot - 4), (SIDE, foot - 4), 50.0, 3)
    return page


def _stamp(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    page = _pixels(_on(250.0, ink))
    cv2.circle(page, (500, 500), 45, 120, 4, cv2.LINE_AA)
    cv2.putText(page, "OK", (470, 515), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 120, 3, cv2.LINE_AA)
    return page


def _window(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The canvas of a drawing program between gray bars."""
    page = np.full((700, 640), 200.0)
    page[90:650, 40:600] = _on(255.0, ink, 0)
    page[:40] = 60
    return page


PEN = 30
PENS = (1, 2, 3, 5, 8, 14, 24, 44, 60, 80, 100)
KINDS: dict[str, tuple[int, Page]] = {
    **{f"pen of {width} px on {SIDE}": (width, _clean) for width in PENS},
    "clean page": (PEN, _clean),
    "one dot near a corner": (PEN, _dots(1)),
    "two dots": (PEN, _dots(2)),
    "black edge of a scan": (PEN, _scan_edge),
    "black edges of a scan": (PEN, _scan_edges),
    "form box": (PEN, _frame(25)),
    "double frame": (PEN, _frame(15, 27)),
    "form box that touches the digit": (PEN, _touching_box),
    "row of form boxes": (PEN, _comb),
    "ruled paper, black ink": (PEN, _ruled(30, 205)),
    "ruled paper, ball pen": (PEN, _ruled(110, 200)),
    "ruled paper, lines as dark as the ink": (PEN, _ruled(60, 60)),
    "dark slanted lines": (PEN, _slanted_lines),
    "notebook with a red margin line": (14, _notebook),
    "dashed lines": (PEN, _dashed),
    "squared paper": (PEN, _squared(190, 60)),
    "squared paper, dark lines": (PEN, _squared(80, 40, 2)),
    "paper on a dark desk": (PEN, _desk(60, 0, 0)),
    "rotated paper on a wooden desk": (PEN, _desk(80, 10, 12)),
    "edge of a shadow": (PEN, _shadow),
    "hard edge of a shadow": (PEN, _hard_shadow),
    "camera: uneven light, blur, noise": (PEN, _camera),
    "dim light": (PEN, _dim),
    "vignette, JPEG": (14, _vignette),
    "faint pencil": (PEN, _pencil),
    "faint thin pencil": (8, _pencil),
    "low contrast and noise": (PEN, _low_contrast),
    "chalk on a board": (PEN, _chalk),
    "grainy chalk": (PEN, _grainy_chalk),
    "dust (0.05% of the pixels)": (PEN, _dust(0.0005)),
    "dust (0.5%), thin pen": (8, _dust(0.005)),
    "underlined": (PEN, _underlined(535, 0)),
    "underlined, slanted": (14, _underlined(530, 25)),
    "line that the digit stands on": (PEN, _signature_line),
    "crease lines": (PEN, _crease),
    "staple": (PEN, _staple),
    "hole punch": (PEN, _hole_punch),
    "torn edge": (PEN, _torn_edge),
    "stamp": (PEN, _stamp),
    "ball pen on kraft paper": (10, _kraft),
    "neon on black": (PEN, _neon),
    "colors of equal luminance": (PEN, _equal_luminance),
    "colored ink on colored paper": (PEN, _colored),
    "white ink on transparency": (PEN, _transparent((255, 255, 255))),
    "black ink on transparency": (PEN, _transparent((0, 0, 0))),
    "white on black": (PEN, _inverted),
    "JPEG of quality 8": (PEN, _artifacts),
    "out of focus": (PEN, _blurred),
    "28×28": (44, _tiny(28)),
    "40×40": (44, _tiny(40)),
    "60×60, thin pen": (14, _tiny(60)),
    "cropped to the digit": (PEN, _cropped),
    "digit touches the border": (PEN, _touching_border),
    "digit in a corner": (PEN, _corner),
    "small digit on a large page": (PEN, _small(90)),
    "scan of 2400×2400": (PEN, _huge),
    "gaps in the strokes": (PEN, _gaps),
    "whiteboard with glare": (20, _whiteboard),
    "perspective, rotated by up to 10°": (PEN, _perspective),
    "window of a drawing program": (PEN, _window),
}


def digit_page(kind: str, image: np.ndarray, seed: int) -> np.ndarray:
    """Return a page with one digit.

    Args:
        kind: Key of `KINDS`.
        image: `(28, 28)` uint8 MNIST image.
        seed: Seed of noise and positions.

    Returns:
        `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8.
    """
    width, page = KINDS[kind]
    return _pixels(page(draw_strokes(image, width), np.random.default_rng(seed)))

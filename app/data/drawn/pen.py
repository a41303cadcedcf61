"""A pen that draws shapes given in the coordinates of whatever they belong to.

A point is `(x, y)` with y downwards. Outlines are `(N, 2)` arrays in the pen's own units; the
pen turns them into pixels. A color is `(R, G, B)` or, if transparent, `(R, G, B, A)`, 0-255.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from PIL import Image, ImageDraw

Color = tuple[int, ...]
Points = np.ndarray | Sequence[tuple[float, float] | np.ndarray]

_ANGLES = np.linspace(0, 2 * np.pi, 32, endpoint=False)
_ACROSS = np.array([-1.0, 1.0])
CIRCLE = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)  # (32, 2)


def mix(first: Color, second: Color, share: float) -> Color:
    """Return `first` with `share` of it replaced by `second`."""
    (red, green, blue), (other_red, other_green, other_blue) = first, second
    return (
        int(red + (other_red - red) * share),
        int(green + (other_green - green) * share),
        int(blue + (other_blue - blue) * share),
    )


def shade(color: Color, factor: float) -> Color:
    """Return the color, lighter (`factor` above 1) or darker (below)."""
    red, green, blue = color
    return min(255, int(red * factor)), min(255, int(green * factor)), min(255, int(blue * factor))


def any_color(
    rng: np.random.Generator,
    saturation: tuple[float, float] = (0.05, 0.5),
    value: tuple[float, float] = (0.3, 0.95),
) -> Color:
    """Return a color of any hue."""
    channels = colorsys.hsv_to_rgb(rng.random(), rng.uniform(*saturation), rng.uniform(*value))
    return tuple(round(255 * channel) for channel in channels)


def oval(
    center: tuple[float, float] | np.ndarray, radii: tuple[float, float], degrees: float = 0.0
) -> np.ndarray:
    """Return the outline `(32, 2)` of an ellipse."""
    points = CIRCLE * radii
    if degrees:
        points = points @ _turn(degrees).T
    return points + center


def hull(centers: Points, radii: Sequence[float]) -> np.ndarray:
    """Return the outline `(32, 2)` of a rubber band round circles."""
    middles = np.asarray(centers, dtype=float)
    reach = CIRCLE @ middles.T + radii  # (32, K)
    outermost = reach.argmax(axis=1)
    return middles[outermost] + CIRCLE * np.asarray(radii)[outermost, None]


def bezier(controls: Points, count: int = 12) -> np.ndarray:
    """Return `(count, 2)` points of the curve with three or four control points."""
    return _bezier_weights(len(controls), count) @ np.asarray(controls, dtype=float)


@cache
def _bezier_weights(num_controls: int, count: int) -> np.ndarray:
    t = np.linspace(0, 1, count)[:, None]
    s = 1 - t
    if num_controls == 3:
        return np.hstack([s * s, 2 * s * t, t * t])
    return np.hstack([s**3, 3 * s * s * t, 3 * s * t * t, t**3])


def ribbon(spine: np.ndarray, start: float, end: float) -> np.ndarray:
    """Return the outline of a band along `spine` `(N, 2)`, its half-width from start to end."""
    along = np.empty_like(spine)
    along[1:-1] = spine[2:] - spine[:-2]
    along[0], along[-1] = spine[1] - spine[0], spine[-1] - spine[-2]
    along /= np.hypot(along[:, 0], along[:, 1])[:, None] + 1e-9
    widths = start + (end - start) * np.arange(len(spine)) / (len(spine) - 1)
    across = along[:, ::-1] * _ACROSS * widths[:, None]
    tip = spine[-1:] + along[-1:] * end
    return np.concatenate([spine + across, tip, (spine - across)[::-1]])


def offset(point: np.ndarray, right: float, down: float) -> np.ndarray:
    """Return the point `(2,)` that far to the right of `point` and below it."""
    return np.array([point[0] + right, point[1] + down])


def center_of(points: np.ndarray) -> np.ndarray:
    """Return the mean `(2,)` of points `(N, 2)`; for few points quicker than `mean`."""
    return np.add.reduce(points, axis=0) / len(points)


def ruffled(points: np.ndarray, amount: float, rng: np.random.Generator) -> np.ndarray:
    """Return the outline with tufts of fur: its points moved in or out by up to `amount`."""
    middle = center_of(points)
    return middle + (points - middle) * (1 + amount * rng.uniform(-1, 1, (len(points), 1)))


def clipped(points: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """Return `points`, those outside a star-shaped `outline` drawn back onto it."""
    middle = center_of(outline)
    edge, arms = outline - middle, points - middle
    limit = np.interp(
        np.arctan2(arms[:, 1], arms[:, 0]),
        np.arctan2(edge[:, 1], edge[:, 0]),
        np.hypot(edge[:, 0], edge[:, 1]) * 0.97,
        period=2 * np.pi,
    )
    length = np.hypot(arms[:, 0], arms[:, 1]) + 1e-9
    return middle + arms * np.minimum(1, limit / length)[:, None]


def _turn(degrees: float) -> np.ndarray:
    angle = math.radians(degrees)
    cosine, sine = math.cos(angle), math.sin(angle)
    return np.array([[cosine, -sine], [sine, cosine]])


@dataclass(frozen=True)
class Pen:
    """Draws on an image in units of its own.

    Attributes:
        opaque: Canvas for opaque colors.
        glaze: Canvas for transparent colors.
        matrix: `(2, 2)`, from the pen's units to pixels.
        origin: `(2,)`, the pixel at the pen's `(0, 0)`.
        light: `(2,)`, direction of the light in pixels.
        rim: Thickness of the darker edge of a solid, as a share of its size.
    """

    opaque: ImageDraw.ImageDraw
    glaze: ImageDraw.ImageDraw
    matrix: np.ndarray
    origin: np.ndarray
    light: np.ndarray
    rim: float = 0.0

    @classmethod
    def on(cls, image: Image.Image) -> Pen:
        """Return a pen for which the image spans 0 to 1."""
        width, height = image.size
        scale = np.diag([float(width), float(height)])
        opaque, glaze = ImageDraw.Draw(image), ImageDraw.Draw(image, "RGBA")
        return cls(opaque, glaze, scale, np.zeros(2), np.zeros(2))

    def moved(
        self,
        place: tuple[float, float],
        scale: float = 1.0,
        degrees: float = 0.0,
        mirrored: bool = False,
    ) -> Pen:
        """Return a pen whose origin is at `place`, its unit `scale`, turned and mirrored."""
        local = _turn(degrees) * scale
        if mirrored:
            local = local * (-1, 1)
        return replace(self, matrix=self.matrix @ local, origin=self.matrix @ place + self.origin)

    def hidden(self) -> Pen:
        """Return a pen that draws where nobody sees it."""
        scratch = Image.new("RGB", (1, 1))
        opaque, glaze = ImageDraw.Draw(scratch), ImageDraw.Draw(scratch, "RGBA")
        return replace(self, opaque=opaque, glaze=glaze)

    def polygon(self, points: Points, color: Color) -> None:
        """Fill an outline with one color."""
        self._fill(self._pixels(points), color)

    def solid(self, points: Points, color: Color) -> None:
        """Fill an outline and shade it: a rim, the color, a lighter side toward the light."""
        pixels = self._pixels(points)
        middle = center_of(pixels)
        arms = pixels - middle
        reach = float(np.abs(arms).sum()) / arms.size
        if self.rim:
            self._fill(middle + arms * (1 + self.rim), shade(color, 0.55))
        self._fill(pixels, shade(color, 0.86))
        self._fill(middle + arms * 0.88 + self.light * (0.12 * reach), color)
        lit = mix(color, (255, 246, 228), 0.1)
        self._fill(middle + arms * 0.58 + self.light * (0.35 * reach), lit)

    def line(self, points: Points, width: float, color: Color) -> None:
        """Draw a line of `width` units, and never less than a pixel."""
        self._draw(color).line(
            self._pixels(points).ravel().tolist(), color, self._thickness(width), joint="curve"
        )

    def hairs(self, roots: np.ndarray, ends: np.ndarray, width: float, color: Color) -> None:
        """Draw straight lines from `roots` `(N, 2)` to `ends` `(N, 2)`."""
        draw, thickness = self._draw(color), self._thickness(width)
        for hair in np.hstack([self._pixels(roots), self._pixels(ends)]).tolist():
            draw.line(hair, color, thickness)

    def _thickness(self, width: float) -> int:
        return max(1, round(width * math.hypot(*self.matrix[:, 0].tolist())))

    def _draw(self, color: Color) -> ImageDraw.ImageDraw:
        return self.opaque if len(color) == 3 else self.glaze

    def _pixels(self, points: Points) -> np.ndarray:
        return np.asarray(points, dtype=float) @ self.matrix.T + self.origin

    def _fill(self, pixels: np.ndarray, color: Color) -> None:
        self._draw(color).polygon(pixels.ravel().tolist(), color)

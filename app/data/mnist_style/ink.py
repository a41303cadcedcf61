"""How much ink lies where on a page: polarity, color, light and noise taken care of.

A page may be a scan, a photograph or a drawing: dark on bright or bright on dark, colored,
unevenly lit, noisy. The result is one map, 0 on the paper and bright on ink, as MNIST has it.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

_WIDEST_STROKE = 1 / 3  # of the page's longer side; what is wider belongs to the background
_OVERVIEW_SIDE = 256  # pixels; enough for light and polarity
# Another channel than luminance is used where its contrast is higher by this factor, since a
# single channel of a photograph has more noise.
_CHANNEL_GAIN = 1.4
_DARKEST_PAPER = 48.0  # gray level; below it, reflectance would amplify noise
_MOST_INK = 0.45  # share of the page
_LEAST_CONTRAST = 8.0  # gray levels
_LEAST_SHARE = 0.05  # of the darker or brighter marks; less lies between the strokes of the others
_NOISE_FACTOR = 5.0  # standard deviations of the paper's noise that ink must exceed


class InkMap(NamedTuple):
    """Ink on a page.

    Attributes:
        ink: `(H, W)` float32, 0 on paper, up to 255 on ink.
        noise_level: Level below which a pixel is noise of the paper.
    """

    ink: np.ndarray
    noise_level: float


def map_ink(page: np.ndarray) -> InkMap:
    """Return the ink of a page.

    Args:
        page: `(H, W, C)` uint8 gray, RGB or RGBA.
    """
    if page.shape[-1] == 4:
        page = _on_opaque_paper(page)
    plane, is_dark = _most_contrasting_plane(page)
    noise = _noise_level(plane)
    if noise > 1.5:
        sigma = float(np.clip(max(plane.shape) / 400, 0.5, 2.5))
        plane = cv2.GaussianBlur(plane, (0, 0), sigma)
    background = _background(plane, is_dark)
    signed = background - plane if is_dark else plane - background
    if is_dark:
        # Reflectance: in shadow, ink and paper darken by the same factor.
        signed = signed * (255.0 / np.maximum(background, _DARKEST_PAPER))
    middle = float(np.median(signed))
    # A digit may cover more than half of its image.
    signed = signed - (middle if 2 * middle < signed.max() else np.percentile(signed, 5))
    spread = 1.4826 * float(np.median(np.abs(signed)))
    noise_level = max(_LEAST_CONTRAST, _NOISE_FACTOR * spread)
    return InkMap(np.clip(signed, 0.0, 255.0).astype(np.float32), noise_level)


def _on_opaque_paper(page: np.ndarray) -> np.ndarray:
    """Return RGB pixels of an RGBA page, laid on paper that its ink contrasts with."""
    color, alpha = page[..., :3].astype(np.float32), page[..., 3:].astype(np.float32) / 255
    visible = float(alpha.mean())
    if visible == 1:
        return page[..., :3]
    if visible == 0:
        return np.full_like(page[..., :3], 255)
    if visible > 0.5:  # a picture with holes or round corners
        paper = np.median(color[alpha[..., 0] > 0.5], axis=0)
    else:
        mean = float((color * alpha).sum() / (3 * alpha.sum()))
        paper = np.full(3, 0.0 if mean > 127.5 else 255.0)
    return np.rint(color * alpha + paper * (1 - alpha)).astype(np.uint8)


def _reduce(plane: np.ndarray) -> np.ndarray:
    scale = _OVERVIEW_SIDE / max(plane.shape)
    if scale >= 1:
        return plane
    height, width = (max(1, round(side * scale)) for side in plane.shape)
    return cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA)


def _most_contrasting_plane(page: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return luminance or a color channel as `(H, W)` float32, and whether its ink is dark."""
    if page.shape[-1] == 1:
        gray = page[..., 0].astype(np.float32)
        return gray, _ink_is_dark(_reduce(gray))[0]
    planes = [cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)]
    if np.ptp(page, axis=-1).max(initial=0) > 8:
        planes += [page[..., channel] for channel in range(3)]
    estimates = [_ink_is_dark(_reduce(plane.astype(np.float32))) for plane in planes]
    contrasts = np.array([contrast for _, contrast in estimates])
    contrasts[0] *= _CHANNEL_GAIN
    best = int(contrasts.argmax())
    return planes[best].astype(np.float32), estimates[best][0]


def _ink_is_dark(plane: np.ndarray) -> tuple[bool, float]:
    """Return whether the ink of a reduced plane is dark, and its contrast in gray levels.

    Strokes are long, thin and sharp. The paper within and beside a digit, which is seen with the
    wrong polarity, is less so. Where neither is clear, the border is paper.
    """
    smooth = cv2.GaussianBlur(plane, (0, 0), 1) if max(plane.shape) >= 64 else plane
    dark, bright = _background(smooth, True) - smooth, smooth - _background(smooth, False)
    # Noise raises both; paper seen with the wrong polarity may be most of a page of lines.
    dark, bright = dark - np.percentile(dark, 10), bright - np.percentile(bright, 10)
    level = 0.35 * max(float(dark.max()), float(bright.max()))
    slope = cv2.morphologyEx(smooth, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0.3 * level
    masks = (bright > level, dark > level)
    scores = [_stroke_score(mask, slope) for mask in masks]
    is_dark = scores[1] > scores[0]
    share, other = masks[is_dark].mean(), masks[not is_dark].mean()
    unclear = max(scores) < 1.2 * min(scores) or share < _LEAST_SHARE * other
    if unclear or share > _MOST_INK:
        border = np.concatenate([plane[0], plane[-1], plane[:, 0], plane[:, -1]])
        middle = (float(plane.min()) + float(plane.max())) / 2
        is_dark = float(np.median(border)) > middle
    return is_dark, float(np.percentile(dark if is_dark else bright, 99.5))


def _stroke_score(mask: np.ndarray, slope: np.ndarray) -> float:
    """Return how much a mask looks like strokes: long in relation to their width, and sharp."""
    width = stroke_width(mask)
    if width == 0:
        return 0.0
    border = mask & (cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    sharp = float(slope[border].mean()) if border.any() else 0.0
    length = float(mask.sum()) / width
    return (sharp + 0.1) ** 2 * length / width ** (2 / 3)


def stroke_width(mask: np.ndarray) -> float:
    """Return the mean width in pixels of the strokes of a mask `(H, W)`.

    Across a stroke the distance to its border has a mean of a quarter of its width.
    """
    distance = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)
    inside = distance[distance > 0]
    return max(1.0, 4 * float(inside.mean()) - 2) if len(inside) else 0.0


def _noise_level(plane: np.ndarray) -> float:
    """Return the standard deviation of the noise between neighboring pixels.

    Source: Immerkær, Fast noise variance estimation, 1996; the median ignores edges.
    """
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = cv2.filter2D(plane, cv2.CV_32F, kernel)
    return float(np.median(np.abs(response))) / (6 * 0.6745)


def _background(plane: np.ndarray, is_dark: bool) -> np.ndarray:
    """Return the paper `(H, W)` under the ink: light, shadows, and what is wider than a stroke."""
    if not is_dark:
        return 255.0 - _background(255.0 - plane, True)
    small = _reduce(plane)
    side = max(3, round(_WIDEST_STROKE * max(small.shape)))
    # The background continues beyond the edge: a dark strip along it is not drawn by a pen.
    wide = np.pad(small, side, mode="edge")
    closed = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    closed = closed[side:-side, side:-side]
    if small.shape == plane.shape:
        return closed
    height, width = plane.shape
    full = cv2.resize(closed, (width, height), interpolation=cv2.INTER_LINEAR)
    # Enlarging blurs the edges of shadows and of the paper; there the darker side counts.
    reach = 2 * (max(plane.shape) // max(small.shape)) + 3
    return cv2.erode(full, np.ones((reach, reach), np.uint8))

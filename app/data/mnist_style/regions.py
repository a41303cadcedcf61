"""Where the digits of a page are: components of ink, joined to digits, the rest left out.

Dust, dots, dashes, lines and frames are no digits. Strokes of one digit that do not touch, such
as the bar of a 5, are joined; digits next to each other are not.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from app.data.mnist_style.ink import InkMap
from app.data.mnist_style.ruling import remove_lines

_LEAST_EXTENT = 0.025  # of the page's longer side
_LEAST_PIXELS = 4
_LARGEST_DOT = 0.12  # of the page's longer side
_WIDEST_SHAPE = 2.5  # width by height
_LARGEST_SPECK = 0.006  # of the page's longer side
_LEAST_DIGIT = 0.25  # of the largest digit's size; smaller marks next to it are not digits
_ONE_DIGIT_SIDE = 40  # pixels; smaller images hold one digit, as MNIST does
_MOST_PARTS = 400
_STRICT, _LOOSE = 0.5, 0.2  # shares of the darkest ink: a stroke's half maximum, and its skirt
_SMALL_PART = 0.6  # of a digit's extent; smaller pieces belong to the nearest digit
_LEAST_FAINT, _GAP_OF_FAINT = 0.08, 0.12  # of a digit's extent
_GAP, _SMALL_GAP = 0.1, 0.3  # of a digit's extent


class Region(NamedTuple):
    """One digit on a page.

    Attributes:
        x, y: Upper left corner of its box in pixels.
        mask: `(H, W)` bool, where its ink is within the box.
        level: Ink at the middle of its strokes.
    """

    x: int
    y: int
    mask: np.ndarray
    level: float

    @property
    def height(self) -> int:
        """Height of the box in pixels."""
        return self.mask.shape[0]

    @property
    def width(self) -> int:
        """Width of the box in pixels."""
        return self.mask.shape[1]


class _Parts(NamedTuple):
    """Components of a mask: their labels and boxes, `(N,)` each."""

    labels: np.ndarray
    ids: np.ndarray
    x: np.ndarray
    y: np.ndarray
    width: np.ndarray
    height: np.ndarray
    area: np.ndarray

    @property
    def extent(self) -> np.ndarray:
        return np.maximum(self.width, self.height)

    def only(self, chosen: np.ndarray) -> _Parts:
        return _Parts(self.labels, *(column[chosen] for column in self[1:]))


def find_digits(page: InkMap) -> list[Region]:
    """Return the digits of a page, the largest first; none if there are only lines and dust.

    Args:
        page: Ink and the level of its noise.
    """
    if max(page.ink.shape) <= _ONE_DIGIT_SIDE:
        return _all_as_one(page)
    smooth = cv2.blur(page.ink, (3, 3)) if min(page.ink.shape) >= 64 else page.ink
    top = float(smooth.max(initial=0.0))
    # Dark clutter first hides a faint digit: look again at half the level until one is found.
    level = _STRICT * top
    while level > page.noise_level or level == _STRICT * top > page.noise_level / 2:
        threshold = max(level, page.noise_level)
        inked = _without_specks((page.ink > threshold).astype(np.uint8))
        mask = remove_lines(inked.copy())
        groups = _group(_parts(mask), mask.shape)
        if groups:
            lines = cv2.dilate(inked & ~mask, np.ones((3, 3), np.uint8)) & ~mask
            ink = np.where(lines == 1, 0, page.ink)
            return [_grow(ink, part, labels) for part, labels in groups]
        level /= 2
    return []


def _all_as_one(page: InkMap) -> list[Region]:
    """Return all ink of a tiny image as one digit, as MNIST has it, unless it is a few specks."""
    mask = (page.ink > max(_LOOSE * float(page.ink.max()), page.noise_level)).astype(np.uint8)
    parts = _parts(mask)
    if not _is_digit_shaped(parts, mask.shape).any():
        return []
    return [_grow(page.ink, parts, parts.labels)]


def _without_specks(mask: np.ndarray) -> np.ndarray:
    parts = _parts(mask)
    keep = np.concatenate([[False], parts.extent >= max(2.0, _LARGEST_SPECK * max(mask.shape))])
    return keep[parts.labels].astype(np.uint8)


def _parts(mask: np.ndarray) -> _Parts:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    columns = stats[1:].T
    return _Parts(labels, np.arange(1, len(stats)), *columns[:5])


def _is_digit_shaped(parts: _Parts, shape: tuple[int, int]) -> np.ndarray:
    side = max(shape)
    least = max(_LEAST_PIXELS, _LEAST_EXTENT * side)
    fill = parts.area / (parts.width * parts.height)
    ratio = parts.width / parts.height
    dot = ((parts.extent < _LARGEST_DOT * side) & (fill > 0.74) & (ratio > 0.6) & (ratio < 1.7)) & (
        side >= 64
    )
    return (parts.extent >= least) & ~dot & (ratio <= _WIDEST_SHAPE)


def _touches_border(parts: _Parts, shape: tuple[int, int]) -> np.ndarray:
    height, width = shape
    return (
        (parts.x == 0)
        | (parts.y == 0)
        | (parts.x + parts.width == width)
        | (parts.y + parts.height == height)
    )


def _group(parts: _Parts, shape: tuple[int, int]) -> list[tuple[_Parts, np.ndarray]]:
    """Return digits as groups of parts, the largest first."""
    if len(parts.ids) > _MOST_PARTS:
        parts = parts.only(np.sort(np.argsort(-parts.extent, kind="stable")[:_MOST_PARTS]))
    seeds = _is_digit_shaped(parts, shape)
    if not seeds.any():
        return []
    owner = _owners(parts, seeds)
    groups = [parts.only(owner == own) for own in np.unique(owner[owner >= 0])]
    # What the border cuts is a digit only if there is no other.
    inside = [not _touches_border(group, shape).any() for group in groups]
    if any(inside):
        groups = [group for group, whole in zip(groups, inside, strict=True) if whole]
    sizes = np.array([_size(group) for group in groups])
    order = np.argsort(-sizes, kind="stable")
    order = order[sizes[order] >= _LEAST_DIGIT * sizes.max()]
    return [(groups[k], parts.labels) for k in order.tolist()]


def _size(group: _Parts) -> float:
    height = (group.y + group.height).max() - group.y.min()
    width = (group.x + group.width).max() - group.x.min()
    return float(np.hypot(height, width))


def _owners(parts: _Parts, seeds: np.ndarray) -> np.ndarray:
    """Return for each part the index of the digit it belongs to, or -1."""
    owner = np.where(seeds, np.arange(len(seeds)), -1)
    for k in np.argsort(-parts.extent, kind="stable").tolist():
        if owner[k] < 0:
            continue
        size = float(parts.extent[k])
        for other, gap in _neighbors(parts, k, _SMALL_GAP * size):
            # A bar may be a little longer than the rest of its digit.
            longest = size if seeds[other] else 1.3 * size
            if parts.extent[other] > longest or owner[other] == owner[k]:
                continue
            is_bar = parts.width[other] > _WIDEST_SHAPE * parts.height[other]
            # A bar below is an underline; one above belongs to a 5 or a 7.
            if is_bar and parts.y[other] >= parts.y[k] + parts.height[k]:
                continue
            overlap = min(parts.x[other] + parts.width[other], parts.x[k] + parts.width[k])
            overlap -= max(parts.x[other], parts.x[k])
            stacked = (
                overlap >= 0.5 * min(parts.width[other], parts.width[k])
                and parts.height[other] <= 0.5 * size
            )
            small = is_bar or stacked or parts.extent[other] < _SMALL_PART * size
            if gap > (_SMALL_GAP if small else _GAP) * size:
                continue
            if owner[other] < 0:
                owner[other] = owner[k]
            else:
                owner[owner == owner[other]] = owner[k]
    return owner


def _neighbors(parts: _Parts, k: int, reach: float) -> list[tuple[int, float]]:
    """Return the parts within reach of one, with their distances in pixels, nearest first."""
    margin = int(np.ceil(reach)) + 1
    left, top = max(0, parts.x[k] - margin), max(0, parts.y[k] - margin)
    right = parts.x[k] + parts.width[k] + margin
    bottom = parts.y[k] + parts.height[k] + margin
    close = (
        (parts.x < right) & (parts.x + parts.width > left)
        & (parts.y < bottom) & (parts.y + parts.height > top)
    )  # fmt: skip
    close[k] = False
    if not close.any():
        return []
    window = parts.labels[top:bottom, left:right]
    distance = cv2.distanceTransform(
        (window != parts.ids[k]).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5
    )
    found = []
    for other in np.flatnonzero(close).tolist():
        there = window == parts.ids[other]
        if there.any():
            found.append((other, float(distance[there].min())))
    return sorted(found, key=lambda pair: pair[1])


def _grow(ink: np.ndarray, group: _Parts, labels: np.ndarray) -> Region:
    """Return a digit with the faint parts and skirts of its strokes."""
    height, width = ink.shape
    size = _size(group)
    margin = max(3, round(0.7 * size))
    left, top = max(0, group.x.min() - margin), max(0, group.y.min() - margin)
    right = min(width, (group.x + group.width).max() + margin)
    bottom = min(height, (group.y + group.height).max() + margin)
    window = ink[top:bottom, left:right]
    core = np.isin(labels[top:bottom, left:right], group.ids)
    level = float(np.percentile(window[core], 90))
    faint = (window > _LOOSE * level).astype(np.uint8)
    strong = labels[top:bottom, left:right] * ~core  # other digits and marks
    reached = _faint_parts(faint, core, strong > 0, size)
    rows, columns = np.nonzero(reached)
    if np.hypot(np.ptp(rows) + 1, np.ptp(columns) + 1) > 1.25 * size + 3:
        # Faint lines or dirt are attached: keep to the skirts of the strokes.
        reached = (faint == 1) & _widened(core, max(1, round(0.01 * size)))
        rows, columns = np.nonzero(reached)
    y, x = rows.min(), columns.min()
    # Within the box, the smooth edges of the strokes belong to them.
    mask = _widened(reached, 1)[y : rows.max() + 1, x : columns.max() + 1]
    return Region(int(left + x), int(top + y), mask, level)


def _widened(mask: np.ndarray, reach: int) -> np.ndarray:
    side = 2 * reach + 1
    return cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)) == 1


def _faint_parts(
    faint: np.ndarray, core: np.ndarray, others: np.ndarray, size: float
) -> np.ndarray:
    """Return the faint parts of a digit: what touches its core, and whole pieces close to it."""
    parts = _parts(faint)
    height, width = faint.shape
    distance = cv2.distanceTransform((~core).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    count = len(parts.ids) + 1
    nearest = np.full(count, np.inf)
    np.minimum.at(nearest, parts.labels.ravel(), distance.ravel())
    foreign = np.bincount(parts.labels[others], minlength=count)[1:] > 0
    close = (nearest[1:] <= _GAP_OF_FAINT * size) & (parts.extent >= _LEAST_FAINT * size)
    whole = ~_touches_border(parts, faint.shape) | (size > 0.8 * max(height, width))
    chosen = (nearest[1:] == 0) | (close & whole & ~foreign)
    return np.concatenate([[False], chosen])[parts.labels]

"""Lines that belong to the page: ruled and squared paper, underlines, frames, form boxes.

Straight thin lines are found by the Hough transform, so they may be turned or dashed. Where a
pen's stroke crosses a line, the stroke stays.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

_THICKEST = 0.022  # of the page's longer side
_LEAST_SIDE = 64  # pixels; smaller images are digits alone
_HOUGH_SIDE = 400
_ACROSS = 0.75  # of the page's width: longer horizontal lines are no part of a digit
_ALONG = 0.9  # of its height; a "1" is a vertical line, too
_SLOPE = np.tan(np.deg2rad(15))
_LATTICE = 0.6  # of the width or height of the frame that a line belongs to
_RULED = 3  # long segments that make a ruling
_LEAST_LENGTH = 0.1  # of the longer side
_GAP = 0.15  # of the longer side: a stroke across a line, a dash's distance
_COVERAGE = 0.3  # share of each third of a segment that is ink
_FINEST = 0.06  # of the shorter side of a frame: the thickest line of it
_DENSEST = 0.2  # share of the mask; more is no line drawing


class Segments(NamedTuple):
    """Straight segments `(N, 4)` int32 as x1, y1, x2, y2: horizontal and vertical ones."""

    across: np.ndarray
    along: np.ndarray


def remove_lines(mask: np.ndarray) -> np.ndarray:
    """Return an ink mask without the page's lines.

    Args:
        mask: `(H, W)` uint8, 1 where there is ink.

    Returns:
        `(H, W)` uint8.
    """
    height, width = mask.shape
    if min(height, width) < _LEAST_SIDE:
        return mask
    thickest = max(2, round(_THICKEST * max(height, width)))
    margin = thickest + 4  # OpenCV's morphology would take what is beyond the border as ink
    mask = _remove_lattices(np.pad(mask, margin), thickest)
    mask = _remove_page_lines(mask[margin:-margin, margin:-margin], thickest)
    return mask


def _remove_page_lines(mask: np.ndarray, thickest: int) -> np.ndarray:
    height, width = mask.shape
    across, along = _find_segments(_thin(mask, thickest))
    page = Segments(
        _page_lines(across, _ACROSS * width, (0, width)),
        _swap(_page_lines(_swap(along), _ALONG * height, (0, height))),
    )
    return _erase(mask, page, thickest) if len(page.across) + len(page.along) else mask


def _thin(mask: np.ndarray, thickest: int) -> np.ndarray:
    side = thickest + 1
    return mask & (cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((side, side), np.uint8)) == 0)


def _page_lines(segments: np.ndarray, least: float, ends: tuple[int, int]) -> np.ndarray:
    """Return the near-horizontal segments that cross a page of these left and right ends."""
    long = _lengths(segments) >= least
    if np.count_nonzero(long) >= _RULED:
        # A digit has cut some lines of this ruling: what is left of them begins at an edge.
        margin = 0.02 * (ends[1] - ends[0])
        first, last = segments[:, ::2].min(axis=1), segments[:, ::2].max(axis=1)
        long |= (first <= ends[0] + margin) | (last >= ends[1] - margin)
    return segments[long]


def _remove_lattices(mask: np.ndarray, thickest: int) -> np.ndarray:
    """Remove frames and rows of boxes: lines that cross as two and two at least."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    height, width = mask.shape
    boxes = stats[1:, :4]
    large = 1 + np.flatnonzero(
        (boxes[:, 2] >= 0.08 * max(height, width)) & (boxes[:, 3] >= 0.08 * max(height, width))
    )
    largest = large[np.argsort(-stats[large, cv2.CC_STAT_AREA])][:16]
    for label in largest.tolist():
        x, y, w, h, _ = stats[label].tolist()
        # With a margin, see above: the mask has one.
        x, y, w, h = x - thickest, y - thickest, w + 2 * thickest, h + 2 * thickest
        part = (labels[y : y + h, x : x + w] == label).astype(np.uint8)
        # The strokes of a small digit are as thick as lines, but not in relation to its size.
        finest = min(thickest, max(2, round(_FINEST * min(stats[label, 2:4]))))
        across, along = _find_segments(_thin(part, finest))
        w, h = w - 2 * thickest, h - 2 * thickest
        across = _page_lines(across, _LATTICE * w, (thickest, thickest + w))
        along = _swap(_page_lines(_swap(along), _LATTICE * h, (thickest, thickest + h)))
        if _extent(across[:, 1::2]) >= 0.5 * h and _extent(along[:, ::2]) >= 0.5 * w:
            rest = _erase(part, Segments(across, along), thickest)
            window = mask[y : y + part.shape[0], x : x + part.shape[1]]
            window[(part == 1) & (rest == 0)] = 0
    return mask


def _swap(segments: np.ndarray) -> np.ndarray:
    return segments[:, [1, 0, 3, 2]]


def _extent(places: np.ndarray) -> float:
    return float(np.ptp(places.mean(axis=1))) if len(places) else 0.0


def _lengths(segments: np.ndarray) -> np.ndarray:
    return np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])


def _find_segments(thin: np.ndarray) -> Segments:
    """Return the straight segments of a mask of thin strokes."""
    none = np.zeros((0, 4), np.int32)
    height, width = thin.shape
    scale = min(1.0, _HOUGH_SIDE / max(height, width))
    if scale < 1:
        reach = int(np.ceil(1 / scale))
        small = cv2.dilate(thin, np.ones((reach, reach), np.uint8))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = cv2.resize(small, size, interpolation=cv2.INTER_NEAREST)
    else:
        small = thin
    if not 0 < small.mean() < _DENSEST:
        return Segments(none, none)
    side = max(small.shape)
    length = max(8, round(_LEAST_LENGTH * side))
    found = cv2.HoughLinesP(
        small, 1, np.pi / 360, round(0.6 * length), minLineLength=length, maxLineGap=_GAP * side
    )
    if found is None:
        return Segments(none, none)
    found = found.reshape(-1, 4)
    found = found[_coverage(small, found) >= _COVERAGE]
    segments = np.rint(found / scale).astype(np.int32)
    width_of, height_of = np.abs(np.diff(segments[:, ::2])), np.abs(np.diff(segments[:, 1::2]))
    across = (height_of <= _SLOPE * width_of)[:, 0]
    along = (width_of <= _SLOPE * height_of)[:, 0]
    return Segments(segments[across], segments[along])


def _coverage(mask: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """Return the least share of ink that a third of each segment has."""
    wide = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    share = np.linspace(0, 1, 60)
    x = segments[:, :1] + (segments[:, 2:3] - segments[:, :1]) * share
    y = segments[:, 1:2] + (segments[:, 3:4] - segments[:, 1:2]) * share
    there = wide[np.rint(y).astype(int), np.rint(x).astype(int)]  # (N, 60)
    return there.reshape(-1, 3, 20).mean(axis=2).min(axis=1, initial=1.0)


def _erase(mask: np.ndarray, lines: Segments, thickest: int) -> np.ndarray:
    """Remove lines, but not the strokes that run across them."""
    near = []
    for segments in lines:
        drawn = np.zeros_like(mask)
        for x1, y1, x2, y2 in segments.tolist():
            cv2.line(drawn, (x1, y1), (x2, y2), 1, thickest + 2)
        near.append(drawn)
    thicknesses = [
        _run_length(mask, lines.across), _run_length(mask.T, _swap(lines.along))
    ]  # fmt: skip
    across, along = near
    thick_across, thick_along = (min(int(t), thickest) + 3 for t in thicknesses)
    strokes_down = cv2.morphologyEx(
        mask & ~along, cv2.MORPH_OPEN, np.ones((thick_across, 1), np.uint8)
    )
    strokes_right = cv2.morphologyEx(
        mask & ~across, cv2.MORPH_OPEN, np.ones((1, thick_along), np.uint8)
    )
    thick = max(thick_across, thick_along)
    strokes = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8))
    ruled = (across > strokes_down) | (along > strokes_right)
    return mask & ((strokes == 1) | ~ruled)


def _run_length(mask: np.ndarray, segments: np.ndarray) -> float:
    """Return the median thickness of near-horizontal lines: the ink above and below them."""
    if not len(segments):
        return 0.0
    height, width = mask.shape
    share = np.linspace(0.05, 0.95, 48)
    x = np.rint(segments[:, :1] + (segments[:, 2:3] - segments[:, :1]) * share).ravel()
    y = np.rint(segments[:, 1:2] + (segments[:, 3:4] - segments[:, 1:2]) * share).ravel()
    x, y = np.clip(x, 0, width - 1).astype(int), np.clip(y, 0, height - 1).astype(int)
    # The nearest ink row within reach, from which the run is followed both ways.
    reach = 12
    offsets = np.arange(-reach, reach + 1)
    rows = np.clip(y[:, np.newaxis] + offsets, 0, height - 1)
    window = mask[rows, x[:, np.newaxis]]  # (samples, 2·reach + 1)
    distance = np.where(window == 1, np.abs(offsets), reach + 1)
    start = distance.argmin(axis=1)
    hit = distance.min(axis=1) <= 3
    if not hit.any():
        return 0.0
    window, start = window[hit], start[hit]
    columns = np.arange(window.shape[1])
    empty = window == 0
    above = np.where(empty & (columns < start[:, np.newaxis]), columns, -1).max(axis=1)
    below = np.where(empty & (columns > start[:, np.newaxis]), columns, window.shape[1]).min(axis=1)
    return float(np.median(below - above - 1))

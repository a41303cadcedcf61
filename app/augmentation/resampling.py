"""One resample per image, by OpenCV, with SciPy's rules for pixels outside the image.

OpenCV releases the GIL. Small images are laid out as a mosaic and resampled by one call, because
for 28×28 pixels a call costs more than its work.
"""

from __future__ import annotations

import cv2
import numpy as np

FILL_MODES = ("nearest", "constant", "reflect", "wrap")

_BORDERS = {"nearest": cv2.BORDER_REPLICATE, "reflect": cv2.BORDER_REFLECT}
_WARP = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
# Up to this side, a mosaic is faster than a call per image (measured up to 96×96).
_SMALL_SIDE = 32
# 16×16 tiles of 32 pixels: coordinates stay below 512, where float32 steps by 2⁻¹⁵ at most, as it
# does from `_SNAP` on.
_TILES = 16
_SNAP = np.float32(384)
_MAX_CHANNELS = 4  # OpenCV's limit


def resample(
    images: np.ndarray,
    matrices: np.ndarray,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    order: int = 1,
) -> np.ndarray:
    """Return images whose pixel (x, y) is the source's at `matrix @ (x, y, 1)`.

    Args:
        images: `(B, H, W, C)` uint8 or float32.
        matrices: `(B, 2, 3)`.
        fill_mode: Pixels outside the image: the `nearest` edge pixel, a `constant`, the mirror
            image (`reflect`), or the other side (`wrap`), by the definitions of `scipy.ndimage`.
        cval: Value for `constant`; clipped to 0–255 for uint8 images.
        order: 1 is bilinear; 0 the nearest pixel and 2 to 5 splines, which SciPy computes.

    Returns:
        `(B, H, W, C)` of the same type.
    """
    if images.dtype == np.uint8:
        cval = min(max(cval, 0.0), 255.0)
    if order != 1 or images.shape[-1] > _MAX_CHANNELS:
        return _by_scipy(images, matrices, fill_mode, cval, order)
    if max(images.shape[1:3]) <= _SMALL_SIDE and fill_mode == "nearest":
        return _as_mosaic(images, matrices)
    resampled = np.empty_like(images)
    if fill_mode in _BORDERS:
        height, width = images.shape[1:3]
        border = _BORDERS[fill_mode]
        for image, matrix, result in zip(images, matrices, resampled, strict=True):
            cv2.warpAffine(image, matrix, (width, height), result, _WARP, border)
        return resampled
    for image, matrix, result in zip(images, matrices, resampled, strict=True):
        _by_coordinates(image, matrix, result, fill_mode, cval)
    return resampled


def _as_mosaic(images: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    """Resample small images, up to 256 in one call; edge pixels continue outside."""
    count, height, width, channels = images.shape
    resampled = np.empty_like(images)
    step = _TILES * _TILES
    along_x = np.arange(width, dtype=np.float32)
    along_y = np.arange(height, dtype=np.float32)[:, np.newaxis, np.newaxis]
    for start in range(0, count, step):
        tiles = images[start : start + step]
        maps = matrices[start : start + step].astype(np.float32)
        rows = -(-len(tiles) // _TILES)
        missing = rows * _TILES - len(tiles)
        if missing:
            tiles = np.concatenate([tiles, np.zeros((missing, *tiles.shape[1:]), tiles.dtype)])
            maps = np.concatenate([maps, np.zeros((missing, 2, 3), np.float32)])
        maps = maps.reshape(rows, 1, _TILES, 1, 2, 3)
        origins = (
            (np.arange(_TILES, dtype=np.float32) * width)[:, np.newaxis],
            (np.arange(rows, dtype=np.float32) * height)[:, np.newaxis, np.newaxis, np.newaxis],
        )
        coordinates = []  # of x, then of y
        for axis, (origin, last) in enumerate(zip(origins, (width - 1, height - 1), strict=True)):
            slope_x, slope_y, offset = np.moveaxis(maps[..., axis, :], -1, 0)
            where = slope_x * along_x + (slope_y * along_y + offset)  # (rows, H, tiles, W)
            np.clip(where, 0, last, out=where)
            # To multiples of 2⁻¹⁵, so that an image comes out the same on every tile.
            where += _SNAP
            where += origin - _SNAP
            coordinates.append(where.reshape(rows * height, _TILES * width))
        mosaic = tiles.reshape(rows, _TILES, height, width, channels).transpose(0, 2, 1, 3, 4)
        x, y = coordinates
        warped = cv2.remap(
            mosaic.reshape(rows * height, _TILES * width, channels), x, y, cv2.INTER_LINEAR
        )
        warped = warped.reshape(rows, height, _TILES, width, channels).transpose(0, 2, 1, 3, 4)
        resampled[start : start + step] = warped.reshape(-1, height, width, channels)[
            : len(images) - start
        ]
    return resampled


def _by_coordinates(
    image: np.ndarray, matrix: np.ndarray, result: np.ndarray, fill_mode: str, cval: float
) -> None:
    """Resample where OpenCV's own border rules are not SciPy's."""
    height, width, channels = image.shape
    (a, b, c), (d, e, f) = matrix
    columns, rows = np.arange(width), np.arange(height)[:, np.newaxis]
    x, y = a * columns + (b * rows + c), d * columns + (e * rows + f)
    inside = None
    if fill_mode == "constant":
        # In SciPy, everything beyond the outermost pixel centers is the constant.
        inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
        x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    else:
        x, y = _wrapped(x, width), _wrapped(y, height)
    warped = cv2.remap(image, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
    result[...] = warped.reshape(height, width, channels)  # OpenCV drops a single channel
    if inside is not None:
        result[~inside] = cval


def _wrapped(where: np.ndarray, size: int) -> np.ndarray:
    """Bring coordinates into [0, size − 1] as SciPy's `wrap` does, whose period is size − 1."""
    if size == 1:
        return np.zeros_like(where)
    outside = (where < 0) | (where > size - 1)
    return np.where(outside, np.mod(where, size - 1), where)


def _by_scipy(
    images: np.ndarray, matrices: np.ndarray, fill_mode: str, cval: float, order: int
) -> np.ndarray:
    from scipy import ndimage  # rarely needed, and slow to import

    resampled = np.empty_like(images)
    swapped = matrices[:, ::-1, [1, 0, 2]]  # SciPy's coordinates are (row, column)
    for image, matrix, result in zip(images, swapped, resampled, strict=True):
        for channel in range(image.shape[-1]):
            ndimage.affine_transform(
                image[..., channel],
                matrix[:, :2],
                matrix[:, 2],
                output=result[..., channel],
                order=order,
                mode=fill_mode,
                cval=cval,
            )
    return resampled

"""Augmentation on an accelerator: the views of `Augmentation`, computed there.

Images that fit stay on the device; otherwise those of each batch are sent there. Parameters are
drawn on the host, by the same counters. The device gathers, resamples, colors, erases, degrades
and mixes the pixels of a batch in one compiled call. Needs JAX.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from app.augmentation import degradations
from app.augmentation.augmentation import Augmentation
from app.augmentation.color import LUMA
from app.augmentation.device_filters import blur_kernels, weaken_bands, with_kernels
from app.augmentation.mixing import draw_erasing
from app.augmentation.random_numbers import uniforms_at
from app.data.pixels import Images

Drawn = dict[str, Any]
_MEMORY_SHARE = 0.4  # of the device's memory that images may take; the rest is for training


def has_accelerator() -> bool:
    """Return whether JAX computes on something other than the CPU."""
    return jax.devices()[0].platform != "cpu"


def fits_on_device(num_bytes: int) -> bool:
    """Return whether images of so many bytes, which are in memory, also fit in the device's."""
    if not has_accelerator():
        return True  # it is the same memory
    limit = (jax.devices()[0].memory_stats() or {}).get("bytes_limit", 0)
    return num_bytes <= _MEMORY_SHARE * limit


class DeviceImages:
    """Batches of images that the device augments.

    Args:
        images: `N` images of `(H, W, C)` uint8. An array that fits stays on the device; of others,
            the images of a batch are sent there when it is prepared.
        targets: `(N,)` or `(N, K)`; they stay on the host.

    Attributes:
        stay: Whether all images are on the device.
    """

    def __init__(self, images: Images, targets: np.ndarray):
        self.stay = isinstance(images, np.ndarray) and fits_on_device(images.nbytes)
        self._images: Any = jax.device_put(images) if self.stay else images
        self._targets = targets

    def batch(
        self,
        chosen: np.ndarray,
        augment: Augmentation | None,
        seed: int,
        epoch: int,
        side: int | None = None,
    ) -> tuple[jax.Array, np.ndarray]:
        """Return augmented images `(B, H, W, C)` uint8 on the device, and their targets.

        Args:
            chosen: `(B,)` positions of the images; that of a repetition, to be augmented in its own
                way, is greater by a multiple of their number.
            augment: Augmentation with an `interpolation_order` of 1, or `None`.
            seed: Seed of the run.
            epoch: Epoch, counted from 0.
            side: Side in pixels that augmented images are brought to, before they are mixed.
        """
        rows = chosen % len(self._targets)
        if self.stay:
            pixels, places = self._images, rows
        else:
            pixels, places = jax.device_put(self._images[rows]), np.arange(len(rows))
        size = pixels.shape[1:3]
        side = None if size == (side, side) else side
        targets = self._targets[rows]
        drawn = {} if augment is None else _draw(augment, chosen, seed, epoch, size)
        augment = augment or Augmentation()
        if augment.mixes:
            mixing = augment.draw_mixing(
                chosen, seed, epoch, size if side is None else (side, side)
            )
            targets = mixing.targets(targets)
            drawn |= {"partners": mixing.partners, "shares": _floats(mixing.shares)}
            if mixing.boxes is not None:
                drawn["pasted"] = mixing.boxes
        border = augment.fill_mode, float(min(max(augment.cval, 0), 255))
        images = _views(pixels, places, drawn, border=border, side=side)
        return images, targets


def _draw(
    augment: Augmentation, chosen: np.ndarray, seed: int, epoch: int, size: tuple[int, int]
) -> Drawn:
    """Draw on the host what the device needs; only what the augmentation sets is present."""
    transforms = augment.draw(chosen, seed, epoch, *size)
    drawn: Drawn = {"matrices": _floats(transforms.matrices(*size))}
    for name in ("channel_shift", "brightness"):
        values = getattr(transforms, name)
        if values is not None:
            drawn[name] = _floats(values)
    if augment.color_jitter:
        drawn["jitter"] = _floats(augment.draw_jitter(chosen, seed, epoch))
    if augment.random_erasing:
        drawn["erased"] = draw_erasing(augment.random_erasing, chosen, seed, epoch, size)
    degraded = augment.draw_degradations(chosen, seed, epoch)
    if "blur" in degraded:
        drawn["kernels"] = blur_kernels(degraded["blur"][0], augment.blur)
    if degraded:
        drawn["degraded"] = {
            name: (_floats(strengths), keys) for name, (strengths, keys) in degraded.items()
        }
    return drawn


@partial(jax.jit, static_argnames=("border", "side"))
def _views(
    pixels: jax.Array, chosen: jax.Array, drawn: Drawn, *, border: tuple[str, float],
    side: int | None,
) -> jax.Array:  # fmt: skip
    images = pixels[chosen].astype(jnp.float32)
    # Rounded after each stage, as images of bytes are.
    if "matrices" in drawn:
        images = jnp.rint(_resampled(images, drawn["matrices"], *border))
    if "channel_shift" in drawn:
        lowest = images.min(axis=(1, 2, 3), keepdims=True)
        highest = images.max(axis=(1, 2, 3), keepdims=True)
        shifted = images + _per_image(drawn["channel_shift"])
        images = jnp.rint(jnp.clip(shifted, lowest, highest))
    if "brightness" in drawn:
        images = jnp.rint(jnp.clip(images * _per_image(drawn["brightness"]), 0, 255))
    if "jitter" in drawn:
        images = jnp.rint(jnp.clip(_jittered(images, drawn["jitter"]), 0, 255))
    if "erased" in drawn:
        images = _erased(images, *drawn["erased"])
    if "degraded" in drawn:
        images = jnp.rint(255 * _degraded(images / 255, drawn))
    if side is not None:
        images = jnp.rint(_shrunk(images, side))
    if "pasted" in drawn:
        images = jnp.where(_inside(images, drawn["pasted"]), images[drawn["partners"]], images)
    elif "shares" in drawn:
        kept = _per_image(drawn["shares"])
        images = jnp.rint(images * kept + images[drawn["partners"]] * (1 - kept))
    return images.astype(jnp.uint8)


def _resampled(images: jax.Array, matrices: jax.Array, fill_mode: str, cval: float) -> jax.Array:
    """Interpolate bilinearly, with SciPy's rules for pixels outside; see `resample`."""
    count, height, width, channels = images.shape
    columns, rows = jnp.arange(width), jnp.arange(height)[:, jnp.newaxis]
    slopes = matrices[:, :, :, jnp.newaxis, jnp.newaxis]
    x, y = (slopes[:, k, 0] * columns + (slopes[:, k, 1] * rows + slopes[:, k, 2]) for k in (0, 1))
    inside = _within(x, width) & _within(y, height)
    if fill_mode == "wrap":
        x, y = (
            jnp.where(_within(where, side), where, jnp.mod(where, max(side - 1, 1)))
            for where, side in ((x, width), (y, height))
        )
    elif fill_mode != "reflect":
        x, y = jnp.clip(x, 0, width - 1), jnp.clip(y, 0, height - 1)
    left, top = jnp.floor(x), jnp.floor(y)
    flat = images.reshape(count, height * width, channels)

    def pixels_at(row: jax.Array, column: jax.Array) -> jax.Array:
        places = _mirrored(row, height) * width + _mirrored(column, width)
        found = jnp.take_along_axis(flat, places.reshape(count, -1, 1), axis=1)
        return found.reshape(images.shape)

    right, down = (x - left)[..., jnp.newaxis], (y - top)[..., jnp.newaxis]
    above = (1 - right) * pixels_at(top, left) + right * pixels_at(top, left + 1)
    below = (1 - right) * pixels_at(top + 1, left) + right * pixels_at(top + 1, left + 1)
    moved = (1 - down) * above + down * below
    return jnp.where(inside[..., jnp.newaxis], moved, cval) if fill_mode == "constant" else moved


def _within(where: jax.Array, side: int) -> jax.Array:
    """Return whether coordinates lie between the centers of the outermost pixels."""
    return (where >= 0) & (where <= side - 1)


def _mirrored(index: jax.Array, side: int) -> jax.Array:
    """Return indices within an axis; beyond it, the image is mirrored with its edge."""
    index = jnp.mod(index.astype(jnp.int32), 2 * side)
    return jnp.where(index >= side, 2 * side - 1 - index, index)


def _jittered(images: jax.Array, strengths: jax.Array) -> jax.Array:
    """See `jitter_color`."""
    brightness, contrast, saturation = (_per_image(strengths[:, k]) for k in range(3))
    mean = images.mean(axis=(1, 2, 3), keepdims=True)
    if images.shape[-1] == 3:
        gray = (images * LUMA.astype(np.float32)).sum(axis=-1, keepdims=True)
        images = saturation * images + (1 - saturation) * gray
    return brightness * (contrast * images + (1 - contrast) * mean)


def _erased(images: jax.Array, boxes: jax.Array, keys: jax.Array) -> jax.Array:
    places = np.arange(np.prod(images.shape[1:]), dtype=np.uint32)
    noise = jnp.floor(256 * uniforms_at(keys, places)).reshape(images.shape)
    return jnp.where(_inside(images, boxes), noise, images)


def _degraded(images: jax.Array, drawn: Drawn) -> jax.Array:
    present = [name for name in degradations.DEGRADATIONS if name in drawn["degraded"]]
    for name in present:  # a compiled function is given its dictionaries in alphabetical order
        strengths, keys = drawn["degraded"][name]
        if name == "blur":
            images = with_kernels(images, drawn["kernels"])
        elif name == "band_dropout":
            images = jnp.clip(weaken_bands(images, strengths, keys), 0, 1)
        else:
            images = degradations.degrade(name, images, strengths, keys)
    return images


def _shrunk(images: jax.Array, side: int) -> jax.Array:
    """Average over the area of each new pixel; see `shrink`."""
    down, across = (_area_weights(old, side) for old in images.shape[1:3])
    return jnp.einsum("sh,tw,bhwc->bstc", down, across, images)


def _area_weights(old: int, new: int) -> np.ndarray:
    edges = np.arange(new + 1) * old / new
    starts, ends = edges[:-1, np.newaxis], edges[1:, np.newaxis]
    covered = np.minimum(ends, np.arange(old) + 1) - np.maximum(starts, np.arange(old))
    return _floats(np.maximum(covered, 0) * new / old)


def _inside(images: jax.Array, boxes: jax.Array) -> jax.Array:
    """Return `(B, H, W, 1)`: whether a pixel is in its image's box (top, left, height, width)."""
    top, left, tall, wide = (boxes[:, k, jnp.newaxis] for k in range(4))
    down = jnp.arange(images.shape[1]) - top
    across = jnp.arange(images.shape[2]) - left
    rows, columns = (down >= 0) & (down < tall), (across >= 0) & (across < wide)
    return (rows[:, :, jnp.newaxis] & columns[:, jnp.newaxis, :])[..., jnp.newaxis]


def _per_image(values: jax.Array) -> jax.Array:
    return values[:, jnp.newaxis, jnp.newaxis, jnp.newaxis]


def _floats(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float32)

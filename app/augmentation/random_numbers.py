"""Counter-based random numbers: each depends on its address, not on earlier draws.

Sources: Steele, Lea & Flood, Fast splittable pseudorandom number generators (SplitMix64), 2014;
Wellons, Prospecting for hash functions (lowbias32), 2018; Box & Muller, 1958.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_GOLDEN_32 = np.uint32(0x9E3779B9)


def uniforms(seed: int, epoch: int, positions: np.ndarray, count: int) -> np.ndarray:
    """Return `count` numbers for each image, uniform in [0, 1).

    Args:
        seed: Seed of the run.
        epoch: Epoch, counted from 0.
        positions: `(B,)` positions of the images in their dataset.
        count: Numbers per image.

    Returns:
        `(B, count)` float64; each depends on its seed, epoch, position and column alone.
    """
    with np.errstate(over="ignore"):  # arithmetic is modulo 2⁶⁴ on purpose
        state = _mix(np.full(1, seed, np.uint64))
        state = _mix(state + np.uint64(epoch) * _GOLDEN)
        state = _mix(state[:, np.newaxis] + positions.astype(np.uint64)[:, np.newaxis] * _GOLDEN)
        state = _mix(state + np.arange(1, count + 1, dtype=np.uint64) * _GOLDEN)  # (B, count)
    return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53


def keys_from(draws: np.ndarray) -> np.ndarray:
    """Return uint32 keys for `pixel_uniforms` from numbers of `uniforms`."""
    return (draws * 2**32).astype(np.uint32)


def pixel_uniforms(keys: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return a number for each value of each image, uniform in [0, 1).

    Their arithmetic has 32 bits, so that it is the same on accelerators.

    Args:
        keys: `(n,)` uint32, one for each image.
        shape: Shape for each image.

    Returns:
        `(n, *shape)` float32; each depends on its key and its place alone.
    """
    places = np.arange(int(np.prod(shape)), dtype=np.uint32)
    return uniforms_at(keys, places).reshape(-1, *shape)


def uniforms_at(keys: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the numbers `(n, m)` of `pixel_uniforms` at places `(m,)` or `(n, m)` uint32."""
    state = _mix_32(_mix_32(keys)[:, np.newaxis] + (places + np.uint32(1)) * _GOLDEN_32)
    return (state >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


def pixel_normals(keys: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return standard normal numbers as `pixel_uniforms` returns uniform ones."""
    xp = module_of(keys)
    radii = xp.sqrt(-2 * xp.log1p(-pixel_uniforms(keys, shape)))
    return radii * xp.cos(np.float32(2 * np.pi) * pixel_uniforms(~keys, shape))


def module_of(array: Any) -> Any:
    """Return what computes with an array: NumPy, or `jax.numpy` for an array on a device."""
    return np if isinstance(array, np.ndarray) else array.__array_namespace__()


def _mix_32(state: np.ndarray) -> np.ndarray:
    state = (state ^ (state >> np.uint32(16))) * np.uint32(0x7FEB352D)
    state = (state ^ (state >> np.uint32(15))) * np.uint32(0x846CA68B)
    return state ^ (state >> np.uint32(16))


def _mix(state: np.ndarray) -> np.ndarray:
    state = state + _GOLDEN
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))

"""Counter-based random numbers: each depends on its address, not on earlier draws.

Source: Steele, Lea & Flood, Fast splittable pseudorandom number generators (SplitMix64), 2014.
"""

from __future__ import annotations

import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


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


def _mix(state: np.ndarray) -> np.ndarray:
    state = state + _GOLDEN
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))

"""An order of images for disks on which reading here and there is slow.

Blocks of neighboring images are permuted, and the images of every few blocks are shuffled among
themselves. An epoch then reads one window of blocks after the other, each of which is read ahead
while the one before is used.

It is weaker than the full shuffle: an image only meets those of the other blocks of its window. If
neighbors are alike, as in a dataset that was packed class by class, the share of each class varies
from window to window: with K equally large classes and W blocks of one class each, it has the
standard deviation √((1/K)(1 − 1/K) / W).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Numbers after (seed, epoch), which keep the streams apart from each other and from `epoch_order`.
_BLOCKS, _WITHIN = 1, 2


@dataclass(frozen=True)
class BlockShuffle:
    """A shuffle of blocks, and within windows of blocks.

    Attributes:
        block: Neighboring images in a block; the last may have fewer.
        window: Blocks in a window; the last may have fewer.
    """

    block: int = 256
    window: int = 32

    @property
    def images(self) -> int:
        """Images in a window; fewer in the last one, and in the one with the last block."""
        return self.block * self.window

    def num_windows(self, count: int) -> int:
        """Return the number of windows of `count` images."""
        return -(-self._num_blocks(count) // self.window)

    def window_order(self, count: int, seed: int, epoch: int, number: int) -> np.ndarray:
        """Return the positions of the images of a window, in the order of an epoch.

        Args:
            count: Number of all images.
            seed: Seed of the run.
            epoch: Epoch, counted from 0.
            number: Position of the window in the epoch, from 0. No other window has to be known.

        Returns:
            `(M,)` int64; they depend on these four numbers alone.
        """
        blocks = np.random.default_rng((seed, epoch, _BLOCKS)).permutation(self._num_blocks(count))
        chosen = blocks[number * self.window : (number + 1) * self.window]
        positions = (chosen[:, np.newaxis] * self.block + np.arange(self.block)).ravel()
        positions = positions[positions < count]  # the last block may be smaller
        return np.random.default_rng((seed, epoch, _WITHIN, number)).permutation(positions)

    def order(self, count: int, seed: int, epoch: int) -> np.ndarray:
        """Return the order `(count,)` of an epoch, window by window; as `epoch_order`."""
        windows = range(self.num_windows(count))
        return np.concatenate([self.window_order(count, seed, epoch, one) for one in windows])

    def _num_blocks(self, count: int) -> int:
        return -(-count // self.block)

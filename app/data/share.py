"""The rows of every batch that one of several processes prepares."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """Which of several processes this one is, each of which prepares its rows of every batch.

    Attributes:
        index: Number of the process, from 0.
        count: Number of processes.
    """

    index: int = 0
    count: int = 1

    def rows(self, size: int) -> slice:
        """Return the rows of this process in a batch whose size the number of processes divides."""
        own = size // self.count
        return slice(self.index * own, (self.index + 1) * own)


WHOLE = Share()

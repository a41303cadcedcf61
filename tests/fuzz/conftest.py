"""Campaigns of damaged inputs: `pytest tests/fuzz --fuzz 2000`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest


class Campaign:
    """How many inputs to try, and what became of them."""

    def __init__(self, count: int):
        self.count = count
        self.outcomes: Counter[str] = Counter()

    def note(self, outcome: str) -> None:
        """Count one input, by what became of it, such as `refused`."""
        self.outcomes[outcome] += 1


@pytest.fixture
def campaign(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Iterator[Campaign]:
    """Inputs to try; the summary of the run prints what the test has noted."""
    running = Campaign(request.config.getoption("--fuzz"))
    yield running
    counts = ", ".join(f"{count:,} {name}" for name, count in sorted(running.outcomes.items()))
    record_property("fuzz", f"{request.node.name}: {running.outcomes.total():,} inputs: {counts}")

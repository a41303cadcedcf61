"""Full results of the experiments that come with the program, measured beforehand.

`results/index.json` holds, by command, what `benchmarks/lab_results.py` took from the output of
that command.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

RESULTS = Path(str(files("app.lab"))) / "results"
INDEX = "index.json"


@dataclass(frozen=True)
class ShippedResult:
    """A full result.

    Attributes:
        finding: What the experiment found.
        measured: When and on what machine, in words.
        figures: WebP files, in the order in which the command writes them.
    """

    finding: str
    measured: str
    figures: tuple[Path, ...]


def shipped_result(command: str) -> ShippedResult | None:
    """Return the full result of a command that comes with the program, or `None`.

    Args:
        command: Command without `python -m app`, as the slides have it.
    """
    one = json.loads((RESULTS / INDEX).read_text("utf-8")).get(command)
    if one is None:
        return None
    return ShippedResult(
        one["finding"],
        f"{one['date']}, {one['machine']}",
        tuple(RESULTS / name for name in one["figures"]),
    )

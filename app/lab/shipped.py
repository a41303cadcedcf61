"""Results of full runs of the experiments, shipped with the program.

`results/index.json` is written by `benchmarks/lab_results.py` from the output of each command.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from app.lab.store import SECONDS
from app.reporting import format_duration

RESULTS = Path(str(files("app.lab"))) / "results"
INDEX = "index.json"


@dataclass(frozen=True)
class ShippedResult:
    """The result of a full run.

    Attributes:
        finding: Finding in words.
        measured: Date, machine and, where it was recorded, the processor time.
        figures: WebP files, in the order in which the command writes them.
    """

    finding: str
    measured: str
    figures: tuple[Path, ...]


def shipped_result(command: str) -> ShippedResult | None:
    """Return the shipped result of a command, or `None`.

    Args:
        command: Command without `python -m app`, as the slides have it.
    """
    entry = json.loads((RESULTS / INDEX).read_text("utf-8")).get(command)
    if entry is None:
        return None
    measured = f"{entry['date']}, {entry['machine']}"
    if SECONDS in entry:
        measured += f"; {format_duration(entry[SECONDS])} of processor time"
    return ShippedResult(
        entry["finding"],
        measured,
        tuple(RESULTS / name for name in entry["figures"]),
    )


def times_table() -> str:
    """Return the measured processor times of the shipped results as a Markdown table."""
    index = json.loads((RESULTS / INDEX).read_text("utf-8"))
    rows = [
        f"| `{command.partition(' -o ')[0]}` | {format_duration(entry[SECONDS])} |\n"
        for command, entry in index.items()
        if SECONDS in entry
    ]
    return "".join(["| experiment | processor time |\n|---|---|\n", *rows])

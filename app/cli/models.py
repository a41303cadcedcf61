"""List the saved models with accuracy, size and date."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from app.cli.door import complain
from app.config import MODELS_FOLDER, UNFINISHED
from app.errors import AppError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--output", default=MODELS_FOLDER, metavar="FOLDER",
                        help=f"folder that holds the saved models ({MODELS_FOLDER})")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print every card as JSON")


def run(parsed: argparse.Namespace) -> int:
    """List the models; return 0."""
    from app.cli.tables import print_table
    from app.data.splits import shown_name
    from app.storage.folder import MODEL, TWIN, list_models

    output = Path(parsed.output)
    if not output.is_dir():
        raise AppError(
            f"There is no folder '{output}'.",
            "Expected the folder that training writes to.",
            "Train a model: python train.py",
        )
    cards, rows = [], []
    for folder, card in list_models(output):
        if isinstance(card, AppError):
            complain(f"skipped '{folder}': {card.received}")
            continue
        try:
            present = (folder / name for name in (MODEL, TWIN) if (folder / name).exists())
            size = sum(path.stat().st_size for path in present)
        except OSError as error:
            complain(f"skipped '{folder}': {error.strerror}")
            continue
        cards.append({"folder": str(folder), "bytes": size, **asdict(card)})
        test = card.metrics["test"]
        validation = card.metrics["validation"]
        rows.append(
            [
                folder.name,
                shown_name(Path(card.dataset).name, stand_in=card.stand_in),
                f"{test['accuracy']:.2%}" if test else "not finished",
                f"{validation['accuracy']:.2%}" if validation else "",
                _short(card.parameters),
                f"{size / 1e6:.1f} MB",
                card.created[:10],
            ]
        )
    if parsed.json:
        print(json.dumps(cards, indent=2, ensure_ascii=False, allow_nan=False))
        return 0
    if not rows:
        print(f"No models in '{output}'. Train one: python train.py")
        return 0
    columns = ["model", "dataset", "test", "val.", "weights", "size", "date"]
    print_table(columns, rows, right="test|val.|weights|size")
    for facts in cards:
        if facts["command"]:
            print(f"{Path(facts['folder']).name} is made by\n  {facts['command']}")
    for state in sorted(output.glob(f"*{UNFINISHED}/state.json")):
        print(f"Unfinished: {state.parent}; repeat its train command with --resume to go on.")
    return 0


def _short(count: int) -> str:
    """Return a number of weights in three digits: `73.1 k`, `1.17 M`."""
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return str(count)

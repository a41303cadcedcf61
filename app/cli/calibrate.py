"""Fit the temperature of saved models on their validation images.

Dividing the logits by a temperature makes probabilities less or more confident
and changes no prediction. Training fits it at the end. This command fits it for
models that were saved without one, and writes it on their cards: predict, serve
and exported pages then use it. It stays 1 unless a likelihood ratio test on the
validation images rejects 1 at the 5% level.
"""

from __future__ import annotations

import argparse
from typing import Any

from app.cli.options import add_data_dir, add_import, data_dir_of
from app.cli.tables import print_json, print_table
from app.reporting import CONSOLE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_import(parser)
    parser.add_argument(
        "models", nargs="+", metavar="MODEL", help="folder of a saved model, or its name"
    )
    parser.add_argument(
        "--dataset",
        metavar="NAME|FOLDER",
        help="dataset of the models, if its folder has moved (default: the models' own)",
    )
    add_data_dir(parser)
    parser.add_argument("--json", action="store_true", help="print everything as JSON")


def run(parsed: argparse.Namespace) -> int:
    """Fit and write; return 0."""
    CONSOLE.info("loading …")  # the libraries alone take a second

    from app.calibrate import recalibrate

    rows: list[dict[str, Any]] = []
    for model in parsed.models:
        CONSOLE.info(f"calibrating {model} …")
        found = recalibrate(
            model, dataset=parsed.dataset, data_dir=data_dir_of(parsed), reporter=CONSOLE
        )
        row = {"model": found.name, "before": found.before, "temperature": found.after}
        for name, one in (("", found.plain), ("_fitted", found.fitted)):
            row[f"loss{name}"] = one.evaluation.loss
            row[f"calibration_error{name}"] = one.calibration.error
        rows.append(row)
    if parsed.json:
        print_json(rows)
        return 0
    print_table(
        ["model", "temperature", "before", "validation loss", "ECE"],
        [
            [row["model"], f"{row['temperature']:.4g}", f"{row['before']:.4g}",
             f"{row['loss']:.4f} → {row['loss_fitted']:.4f}",
             f"{row['calibration_error']:.4f} → {row['calibration_error_fitted']:.4f}"]
            for row in rows
        ],
        right="temperature|before|validation loss|ECE",
    )  # fmt: skip
    return 0

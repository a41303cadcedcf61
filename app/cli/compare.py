"""Compare models on the same images: is one more accurate, or is it chance?

Of every two models, the images that only one of them gets wrong are counted
and tested (exact McNemar test), and the difference of the accuracies gets a
95% interval (paired bootstrap over images). With three models or more,
p-values are adjusted for the number of pairs (Holm). Both concern other
images, not other training runs: a recipe is judged by several seeds.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.console import print_lines
from app.cli.options import (
    PICTURES,
    add_data_dir,
    add_import,
    data_dir_of,
    refuse_to_overwrite,
)
from app.cli.tables import print_json, print_table
from app.reporting import CONSOLE

if TYPE_CHECKING:
    from app.compare import Comparison


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_import(parser)
    parser.add_argument(
        "models",
        nargs="+",
        metavar="MODEL",
        help="folder of a saved model, its name, or a .keras or .h5 file; at least two",
    )
    parser.add_argument(
        "--dataset", metavar="NAME|FOLDER", help="dataset to compare on (default: the models' own)"
    )
    parser.add_argument(
        "--split",
        default="test",
        choices=("train", "validation", "test", "all"),
        help="split to compare on (default: test)",
    )
    add_data_dir(parser)
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="also draw the models' reliability diagram"
    )


def run(parsed: argparse.Namespace) -> int:
    """Compare; return 0."""
    output = Path(parsed.output) if parsed.output else None
    if output is not None:
        refuse_to_overwrite(output, PICTURES)

    from app.classifier import load
    from app.compare import compare

    found = compare(
        [load(name, raw=True) for name in parsed.models],
        dataset=parsed.dataset,
        split=parsed.split,
        data_dir=data_dir_of(parsed),
        reporter=CONSOLE,
    )
    if output is not None:
        from app.figure_files import save
        from app.figures.reliability import reliability_diagram

        curves = {one.name: one.calibration for one in found.contenders}
        save(reliability_diagram(curves, f"Reliability diagram: {found.images}"), output)
        CONSOLE.info(f"wrote {output}")
    if parsed.json:
        print_json(found.to_json())
    else:
        _print(found)
    return 0


def _print(found: Comparison) -> None:
    print_lines(f"{found.images}: the same {found.n:,} images for every model")
    print_table(
        ["model", "parameters", "errors", "accuracy [95%]", "ECE", "Brier"],
        [
            [one.name, f"{one.parameters:,}" if one.parameters is not None else "",
             f"{one.errors:,}", one.accuracy.percent, f"{one.calibration.error:.4f}",
             f"{one.brier_score:.4f}"]
            for one in found.contenders
        ],
        right="parameters|errors|accuracy [95%]|ECE|Brier",
        optional=("Brier", "ECE", "parameters"),
    )  # fmt: skip
    print_table(
        ["first", "second", "one wrong", "points [95%]", "p"],
        [
            [pair.first, pair.second,
             f"{pair.test.only_first_wrong:,} / {pair.test.only_second_wrong:,}",
             pair.difference.points, f"{pair.p_value:.2g}"]
            for pair in found.pairs
        ],
        right="one wrong|points [95%]|p",
    )  # fmt: skip
    count = len(found.pairs)
    adjusted = f", adjusted for {count} pairs (Holm)" if count > 1 else ""
    print_lines(
        "Accuracy: with its Wilson interval. One wrong: images that only the first / only",
        "the second model got wrong. Points: accuracy of the first minus the second.",
        f"p: exact McNemar test{adjusted}.",
        "",
        *(pair.verdict for pair in found.pairs),
    )

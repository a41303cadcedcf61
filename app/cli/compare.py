"""Compare models on the same images: is one more accurate, or is it chance?

Of every two models, the images that only one of them gets wrong are counted
and tested (exact McNemar test), and the difference of the accuracies gets a
95% interval (paired bootstrap over images). With three models or more,
p-values are adjusted for the number of pairs (Holm). These results hold for
the two models on other images. Two recipes are compared by several seeds of
each, preferably five or more: NAME=MODEL,MODEL,... Then seeds and images are
resampled (bootstrap), and the result also holds for other training runs.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.console import print_lines
from app.cli.options import add_data_dir, add_import, chosen_folder, data_dir_of
from app.cli.tables import print_json, print_table
from app.errors import AppError
from app.reporting import CONSOLE

if TYPE_CHECKING:
    from app.classifier import Classifier
    from app.compare.comparison import Comparison

_OF_MODELS = (
    "p: exact McNemar test{adjusted}. One wrong: images that only the",
    "first / only the second got wrong. Accuracy: Wilson interval, over images.",
)
_OF_RECIPES = (
    "p: bootstrap over seeds and images{adjusted}, as are the",
    "intervals. With fewer than five seeds they may be too narrow.",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_import(parser)
    parser.add_argument(
        "models",
        nargs="+",
        metavar="MODEL",
        help="folder of a saved model, its name, or a .keras or .h5 file; or NAME=MODEL,MODEL,... "
        "for the seeds of a recipe; at least two",
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
        "-o",
        "--output",
        metavar="FOLDER",
        help="folder for ranking.png (ROC and precision-recall curves), reliability.png, and "
        "predictions.csv with every probability of every model",
    )


def run(parsed: argparse.Namespace) -> int:
    """Compare; return 0."""
    output = chosen_folder(parsed.output) if parsed.output else None

    from app.compare.models import compare

    found = compare(
        _entries(parsed.models),
        dataset=parsed.dataset,
        split=parsed.split,
        data_dir=data_dir_of(parsed),
        reporter=CONSOLE,
    )
    if output is not None:
        for path in _write(found, output):
            CONSOLE.info(f"wrote {path}")
    if parsed.json:
        print_json(found.to_json())
    else:
        _print(found)
    return 0


def _entries(words: list[str]) -> dict[str, list[Classifier]]:
    """Load the models of each word, `MODEL` or `NAME=MODEL,MODEL,...`."""
    from app.classifier import load

    entries: dict[str, list[Classifier]] = {}
    for word in words:
        name, separator, models = word.partition("=")
        if not separator or Path(word).exists():
            name, models = "", word
        paths = [models] if Path(models).exists() else models.split(",")
        classifiers = [load(path, raw=True) for path in paths]
        name = name or classifiers[0].name
        if name in entries:
            raise AppError(
                f"'{name}' is named twice.",
                "Expected different models, with different names.",
                f"Name one of them: other={models}",
            )
        entries[name] = classifiers
    return entries


def _write(found: Comparison, output: Path) -> list[Path]:
    from app.figure_files import save
    from app.figures.ranking import ranking_of_models
    from app.figures.reliability import reliability_diagram

    calibrations = {one.name: one.calibration for one in found.contenders}
    figures = {
        "reliability.png": reliability_diagram(calibrations, f"Reliability diagram: {found.images}")
    }
    curves = {one.name: one.ranking for one in found.contenders if one.ranking is not None}
    if curves:  # the images are of several classes
        title = f"ROC and precision-recall, mean over the classes: {found.images}"
        figures["ranking.png"] = ranking_of_models(curves, title)
    for name, figure in figures.items():
        save(figure, output / name)
    found.write_csv(output / "predictions.csv")
    return [*(output / name for name in figures), output / "predictions.csv"]


def _print(found: Comparison) -> None:
    recipes = found.of_recipes
    print_lines(f"{found.images}: the same {found.n:,} images for every model")
    print_table(
        ["recipe (seeds)" if recipes else "model", "parameters", "errors", "accuracy [95%]", "ECE",
         "Brier"],
        [
            [f"{one.name} ({one.seeds})" if recipes else one.name,
             "" if one.parameters is None else f"{one.parameters:,}",
             f"{one.errors:,.1f}" if recipes else f"{one.errors:,.0f}",
             one.accuracy.percent, f"{one.calibration.error:.4f}", f"{one.brier_score:.4f}"]
            for one in found.contenders
        ],
        right="parameters|errors|accuracy [95%]|ECE|Brier",
        optional=("Brier", "ECE", "parameters"),
    )  # fmt: skip
    print_table(
        ["model", "balanced accuracy", "macro F1", "AUROC", "average precision"],
        [
            [one.name, f"{one.mean('balanced_accuracy'):.2%}", f"{one.mean('macro_f1'):.2%}",
             *(["undefined"] * 2 if one.ranking is None else
               [f"{one.ranking.auroc:.4f}", f"{one.ranking.average_precision:.4f}"])]
            for one in found.contenders
        ],
        right="balanced accuracy|macro F1|AUROC|average precision",
    )  # fmt: skip
    print_table(
        ["first", "second", "points [95%]", "p", *([] if recipes else ["one wrong"])],
        [
            [pair.first, pair.second, pair.difference.points, f"{pair.p_value:.2g}",
             *(f"{test.only_first_wrong:,} / {test.only_second_wrong:,}"
               for test in (pair.test,) if test is not None)]
            for pair in found.pairs
        ],
        right="points [95%]|p|one wrong",
    )  # fmt: skip
    count = len(found.pairs)
    adjusted = f", adjusted for {count} pairs (Holm)" if count > 1 else ""
    print_lines(
        "Points: accuracy of the first minus that of the second.",
        *(line.format(adjusted=adjusted) for line in (_OF_RECIPES if recipes else _OF_MODELS)),
        "",
        *(pair.verdict for pair in found.pairs),
    )

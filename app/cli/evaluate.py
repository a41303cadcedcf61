"""Measure a saved model: accuracy, loss, confusions and the worst errors.

Without --dataset it is the one that the model was trained on. Looking at the
test split again and again, and choosing by it, makes its number worthless.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.door import add_data_dir, complain, data_dir_of, tell
from app.errors import AppError

if TYPE_CHECKING:
    from app.measurement import Measured

_WORST_IN_TABLE, _WORST_IN_PICTURE = 8, 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("model", help="folder of a saved model, its name, or a .keras or .h5 file")
    parser.add_argument("--dataset", metavar="NAME|FOLDER", help="another dataset than its own")
    parser.add_argument(
        "--split", default="test", choices=("train", "validation", "test", "all"), help="(test)"
    )
    add_data_dir(parser)
    parser.add_argument(
        "--tta",
        action=argparse.BooleanOptionalAction,
        help="test-time augmentation: average over several views, mirrored and of the middle, or "
        "shifted and turned (as in training)",
    )
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument(
        "-o", "--output", metavar="FOLDER", help="write confusion.png and worst_errors.png there"
    )


def run(parsed: argparse.Namespace) -> int:
    """Evaluate; return 0."""
    from app.inference import load
    from app.measurement import measure

    output = Path(parsed.output) if parsed.output else None
    if output is not None and output.exists() and not output.is_dir():
        raise AppError(f"-o '{output}' is a file.", "Expected a folder for two pictures.")
    measured = measure(
        load(parsed.model, raw=True),
        dataset=parsed.dataset,
        split=parsed.split,
        data_dir=data_dir_of(parsed),
        averaged=parsed.tta,
        announce=complain,
    )
    if output is not None:
        for path in _draw(measured, output):
            complain(f"wrote {path}")
    if parsed.json:
        print(json.dumps(measured.to_json(), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _print(measured)
    return 0


def _print(measured: Measured) -> None:
    from app.cli.tables import print_table

    evaluation = measured.evaluation
    tell(
        f"{measured.shown_dataset}, {measured.split}: accuracy {evaluation.accuracy:.2%} "
        f"(standard error {evaluation.standard_error:.2%}), loss {evaluation.loss:.4f}, "
        f"{evaluation.n:,} images"
    )
    if measured.averaged:
        tell("Each probability is the mean over several views of its image (--no-tta: of one).")
    print_table(
        ["class", "images", "recall", "precision", "F1", "most often taken for"],
        [
            [name, f"{row['n']:,}", f"{row['recall']:.2%}", f"{row['precision']:.2%}",
             f"{row['f1']:.2%}", _taken_for(evaluation.confusion_matrix[k].tolist(), k,
                                            evaluation.class_names)]
            for k, (name, row) in enumerate(evaluation.per_class().items())
        ],
        right="images|recall|precision|F1",
    )  # fmt: skip
    errors = measured.worst_errors(_WORST_IN_TABLE)
    if errors:
        print_table(
            ["worst errors", "is", "taken for", "probability"],
            [[e.image, e.truth, e.label, f"{e.probability:.1%}"] for e in errors],
            right="probability",
        )


def _taken_for(row: list[int], own: int, names: tuple[str, ...]) -> str:
    others = sorted(((count, k) for k, count in enumerate(row) if k != own), reverse=True)
    return ", ".join(f"{names[k]} ({count})" for count, k in others[:2] if count) or "none"


def _draw(measured: Measured, output: Path) -> list[Path]:
    from app.plots.confusion import confusion_matrix
    from app.plots.gallery import contact_sheet
    from app.plots.style import save

    evaluation = measured.evaluation
    title = f"{measured.model} on {measured.shown_dataset}, {measured.split}"
    paths = [output / "confusion.png"]
    save(
        confusion_matrix(
            evaluation.confusion_matrix,
            evaluation.class_names,
            title=f"{title}: {evaluation.accuracy:.2%} of {evaluation.n:,} images right",
        ),
        paths[0],
    )
    errors = measured.worst_errors(_WORST_IN_PICTURE)
    (output / "worst_errors.png").unlink(missing_ok=True)  # of an earlier evaluation
    if errors:
        paths.append(output / "worst_errors.png")
        save(
            contact_sheet(
                [e.pixels for e in errors],
                [f"{e.truth}, taken for {e.label} ({e.probability:.0%})" for e in errors],
                columns=6,
                title=f"{title}: the most confident errors",
            ),
            paths[1],
        )
    return paths

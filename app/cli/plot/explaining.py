"""What the pictures that explain an answer share: `gradcam`, `occlusion` and `saliency`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.plot.arguments import MODEL_HELP, add_image, add_model
from app.files import printable

if TYPE_CHECKING:
    from app.figures.explanations import Explanation


def add_subject(parser: argparse.ArgumentParser) -> None:
    """Declare the models, the image, and the class."""
    add_model(parser)
    add_image(parser)
    parser.add_argument(
        "--class", dest="class_name", metavar="NAME", help="class to explain (the most probable)"
    )
    parser.add_argument(
        "--compare", metavar="MODEL", nargs="+", default=[], help=f"more models: {MODEL_HELP}"
    )


def draw_explanations(parsed: argparse.Namespace, output: Path, explanation: Explanation) -> None:
    """Draw a row per model into a file; `parsed` has what `add_subject` declared."""
    from app.figure_files import save
    from app.figures.explanations import explanations_figure
    from app.insight import open_model

    subjects = []
    for name in (parsed.model, *parsed.compare):
        model = open_model(name, raw=parsed.raw)
        image = model.load_image(parsed.image)
        subjects.append((model, image, model.class_index(parsed.class_name, image)))
    save(
        explanations_figure(subjects, explanation, name=printable(Path(parsed.image).name)), output
    )

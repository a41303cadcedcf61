"""Draw what a network sees and does.

MODEL is the folder of a saved model, its name in saved_models/, or any .keras
or Keras 2 .h5 file. `python -m app plot PICTURE --help` explains each picture.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.command import add_commands
from app.cli.options import PICTURES, refuse_to_overwrite
from app.cli.plot import (
    architecture,
    augment,
    embedding,
    filters,
    gradcam,
    occlusion,
    patterns,
    responses,
    saliency,
)
from app.files import printable
from app.reporting import CONSOLE

_PICTURES = {
    "augment": (augment, "images beside what augmentation makes of them"),
    "filters": (filters, "the weights of a layer"),
    "responses": (responses, "response maps (activations) of the layers for an image"),
    "patterns": (patterns, "feature visualization: the input that each filter responds to most"),
    "gradcam": (gradcam, "Grad-CAM: regions of an image that support a class"),
    "occlusion": (occlusion, "decrease of the class score when a patch is covered"),
    "saliency": (saliency, "saliency: pixels that influence the class score"),
    "architecture": (architecture, "the volumes through a network"),
    "embedding": (embedding, "a dataset in the last hidden layer"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_commands(parser, _PICTURES, "picture", "draw")


def run(parsed: argparse.Namespace) -> int:
    """Draw the picture; return 0."""
    output = Path(parsed.output)
    refuse_to_overwrite(output, PICTURES)
    subject = parsed.model if hasattr(parsed, "model") else parsed.subject
    CONSOLE.info(f"drawing {output}: loading {printable(subject)} …")  # the libraries take seconds
    parsed.draw(parsed, output)
    CONSOLE.info(f"wrote {output}")
    return 0

"""Draw what a network sees and does.

MODEL is the folder of a saved model, its name in saved_models/, or any .keras
or Keras 2 .h5 file. `python -m app plot PICTURE --help` explains each picture.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.door import PICTURES, add_commands, complain, refuse_to_overwrite
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

_PICTURES = {
    "augment": (augment, "images beside what augmentation makes of them"),
    "filters": (filters, "the weights of a layer"),
    "responses": (responses, "where each filter answers to an image"),
    "patterns": (patterns, "what each filter looks for"),
    "gradcam": (gradcam, "which places speak for a class"),
    "occlusion": (occlusion, "what is lost when a place is covered"),
    "saliency": (saliency, "which pixels matter"),
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
    parsed.draw(parsed, output)
    complain(f"wrote {output}")
    return 0

"""Show edges, then parts, then objects: what layers of a model look for and know.

  python -m app lab hierarchy catsdogs-best -o lab

Patterns and patches of four layers, and what a linear classifier reads off each
layer, in minutes. Slides: "CNNs: characteristics", "Why pooling?".
"""

from __future__ import annotations

import argparse

from app.cli.lab.door import add_flags, carry_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the experiment's arguments."""
    add_flags(parser, models=1, dataset="the model's own")


def experiment(parsed: argparse.Namespace) -> None:
    """Run the experiment."""
    from app.keras_startup import start_keras

    start_keras()
    from app.lab.hierarchy import hierarchy

    carry_out(parsed, "hierarchy", hierarchy)

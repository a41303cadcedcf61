"""Measure who needs neighbours: images as they are, and with pixels mixed up.

  python -m app lab locality -o lab

Dense, local and convolutional networks are trained on both, with three seeds,
in minutes. Slide: "The fundamental difference between Dense and CNN".
"""

from __future__ import annotations

import argparse

from app.cli.lab.door import add_flags, carry_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the experiment's arguments."""
    add_flags(parser, models=None, dataset="mnist")


def experiment(parsed: argparse.Namespace) -> None:
    """Run the experiment."""
    from app.keras_startup import start_keras

    start_keras()
    from app.lab.locality import locality

    carry_out(parsed, "locality", locality)

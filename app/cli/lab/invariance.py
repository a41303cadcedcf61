"""Measure what networks do not mind: shifts, turns, size, viewpoint and light.

  python -m app lab invariance -o lab
  python -m app lab invariance mnist-dense mnist-local mnist-convnet -o lab

Without MODEL, dense, local, convnet and modern networks are trained for it,
each with and without augmentation, in five minutes. Slides: "Translation
Invariance" and the next ones; "CNNs: characteristics".
"""

from __future__ import annotations

import argparse

from app.cli.lab.door import add_flags, carry_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the experiment's arguments."""
    add_flags(parser, models="*", dataset="the models' own, or mnist")


def experiment(parsed: argparse.Namespace) -> None:
    """Run the experiment."""
    from app.keras_startup import start_keras

    start_keras()
    from app.lab.invariance import invariance

    carry_out(parsed, "invariance", invariance)

"""Measure what survives noise, weather, stickers, graffiti, and adversaries.

  python -m app lab robustness mnist-dense mnist-convnet mnist-best -o lab
  python -m app lab robustness catsdogs-lecture catsdogs-best -o lab

15 corruptions in 5 severities, then FGSM and PGD; the first model is what the
others are compared with. Minutes a model. Slide: "Vision – Difficulties in
real world applications".
"""

from __future__ import annotations

import argparse

from app.cli.lab.door import add_flags, carry_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the experiment's arguments."""
    add_flags(parser, models="+", dataset="the models' own")


def experiment(parsed: argparse.Namespace) -> None:
    """Run the experiment."""
    from app.keras_startup import start_keras

    start_keras()
    from app.lab.robustness import robustness

    carry_out(parsed, "robustness", robustness)

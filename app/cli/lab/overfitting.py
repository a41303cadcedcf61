"""Measure what dropout and augmentation do against overfitting.

  python -m app lab overfitting -o lab

The lecture's convnet is trained on 250 and on 1,000 photographs of 64×64
pixels, with neither, either and both, in minutes. Slide: "Data Augmentation".
"""

from __future__ import annotations

import argparse

from app.cli.lab.door import add_flags, carry_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the experiment's arguments."""
    add_flags(parser, models=None, dataset="catsdogs")


def experiment(parsed: argparse.Namespace) -> None:
    """Run the experiment."""
    from app.keras_startup import start_keras

    start_keras()
    from app.lab.overfitting import overfitting

    carry_out(parsed, "overfitting", overfitting)

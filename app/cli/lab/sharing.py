"""Measure when weights should not be shared: on centred and on shifted images.

  python -m app lab sharing -o lab

One network with convolutions, and with locally connected layers in their
places, is trained on 100 to 10,000 images, with two seeds, in minutes. Slides:
"CNN: parameter sharing", "CNN: NOT parameter sharing".
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
    from app.lab.sharing import sharing

    carry_out(parsed, "sharing", sharing)

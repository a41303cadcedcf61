"""Experiments: the lecture's claims, measured, with a figure and a sentence each.

Every experiment writes NAME.json (all measurements, and what was found),
NAME.csv and NAME.png into the folder -o. Stopped, it goes on when the command
is repeated. `python -m app lab NAME --help` explains each.
"""

from __future__ import annotations

import argparse

from app.cli.door import add_commands, complain
from app.cli.lab import hierarchy, invariance, locality, overfitting, robustness, sharing

_EXPERIMENTS = {
    "invariance": (invariance, "shifted, turned, scaled, seen from the side, lit"),
    "hierarchy": (hierarchy, "edges, then parts, then objects: what layers look for and know"),
    "locality": (locality, "dense layers learn global patterns, convolutions local ones"),
    "overfitting": (overfitting, "with dropout, augmentation, both or neither"),
    "robustness": (robustness, "noise, weather, stickers, graffiti, adversaries"),
    "sharing": (sharing, "when do weights of their own for every position win?"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_commands(parser, _EXPERIMENTS, "experiment", "experiment")


def run(parsed: argparse.Namespace) -> int:
    """Run the experiment; return 0."""
    complain("starting the experiment: loading libraries, images and models …")
    parsed.experiment(parsed)
    return 0

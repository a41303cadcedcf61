"""Formulas and examples of the lecture, computed step by step.

`python -m app lecture TOPIC --help` explains each topic.
"""

from __future__ import annotations

import argparse

from app.cli.command import add_commands
from app.cli.lecture import (
    convolve,
    demo,
    document,
    equivariance,
    integral,
    invariance,
    kernels,
    output_size,
    padding,
    parameters,
    pooling,
    receptive_field,
)

_TOPICS = {
    "all": (document, "the whole lecture, slide by slide, as one HTML document"),
    "convolve": (convolve, "convolution of vectors and matrices, entry by entry"),
    "demo": (demo, "filters slide over a padded volume, step by step"),
    "equivariance": (equivariance, "shift an image: which responses shift with it, which stay"),
    "integral": (integral, "convolution integral of two functions, and its sum"),
    "invariance": (invariance, "predictions while one image is shifted, rotated, dimmed"),
    "kernels": (kernels, "response of an image to classical kernels: blurs, edges"),
    "output-size": (output_size, "output size: ⌊(W − F + 2P) / S⌋ + 1"),
    "padding": (padding, "how many windows cover each pixel, without and with padding"),
    "parameters": (parameters, "number of parameters: shared, unshared, dense"),
    "pooling": (pooling, "maximum, average and L2 norm of numbers, or of an image"),
    "receptive-field": (receptive_field, "receptive field of each layer"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_commands(parser, _TOPICS, "topic", "show")


def run(parsed: argparse.Namespace) -> int:
    """Show the topic; return 0."""
    parsed.show(parsed)
    return 0

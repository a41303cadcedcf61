"""`python -m app`: one module per command. Heavy imports are inside the commands."""

from __future__ import annotations

from collections.abc import Sequence

from app.cli import (
    calibrate,
    compare,
    data,
    evaluate,
    export,
    lab,
    lecture,
    models,
    plot,
    predict,
    report,
    serve,
    sweep,
)
from app.cli.command import add_commands, run_command
from app.cli.parser import Parser

_COMMANDS = {
    "predict": (predict, "classify images with a saved model"),
    "evaluate": (evaluate, "evaluate a saved model on a dataset"),
    "compare": (compare, "compare models on the same images: is one better, or is it chance?"),
    "sweep": (sweep, "train many runs: seeds, folds, grids; which setting is best?"),
    "calibrate": (calibrate, "fit the temperature of saved models, which calibrates them"),
    "plot": (plot, "figures of a network, its activations and explanations"),
    "lecture": (lecture, "formulas and examples of the lecture, step by step"),
    "lab": (lab, "experiments that measure the claims of the lecture"),
    "serve": (serve, "show models in a browser: draw, drop, and look inside"),
    "report": (report, "write a report of a model as one HTML file"),
    "export": (export, "write models as one HTML page, LiteRT, ONNX or SavedModel"),
    "models": (models, "list the saved models"),
    "data": (data, "download, check or describe a dataset"),
}


def build_parser() -> Parser:
    """Return the parser of `python -m app`."""
    parser = Parser(
        prog="python -m app",
        description="convlab: a convnet laboratory. To train: python train.py",
    )
    add_commands(parser, _COMMANDS, "command", "run")
    parser.set_defaults(execute=execute)
    return parser


def execute(words: Sequence[str]) -> None:
    """Run a command inside a command; its errors are raised.

    Raises:
        AppError: As the command.
        SystemExit: If the words cannot be parsed.
    """
    parsed = build_parser().parse_args(words)
    parsed.run(parsed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `python -m app`; return the exit status."""
    return run_command(build_parser(), arguments)

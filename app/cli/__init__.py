"""`python -m app`: one module per command. Heavy imports are inside the commands."""

from __future__ import annotations

from collections.abc import Sequence

from app.cli import data, evaluate, lab, lecture, models, plot, predict, report
from app.cli.command import add_commands, run_command
from app.cli.parser import Parser

_COMMANDS = {
    "predict": (predict, "recognise images with a saved model"),
    "evaluate": (evaluate, "measure a saved model on a dataset"),
    "plot": (plot, "draw what a network sees and does"),
    "lecture": (lecture, "the lecture's formulas and examples, step by step"),
    "lab": (lab, "experiments: the lecture's claims, measured"),
    "report": (report, "write one HTML file with everything there is to see of a model"),
    "models": (models, "list the saved models with their numbers"),
    "data": (data, "fetch, check or describe a dataset"),
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

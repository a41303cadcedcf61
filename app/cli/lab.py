"""Measure claims of the lecture; each experiment has a figure and a finding.

Every experiment writes NAME.json (all measurements and the finding), NAME.csv
and NAME.png into the folder given by -o. To resume a stopped experiment, repeat
the command. `python -m app lab NAME --help` explains each experiment. NAME is
one of those below, or package.module:function of your own experiment.
"""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path
from typing import Any

from app.cli.console import print_lines
from app.cli.options import add_data_dir, add_import, chosen_folder, data_dir_of
from app.data.registry import DATASETS
from app.lab.experiment import EXPERIMENTS, Experiment, find_experiment, run_experiment
from app.reporting import CONSOLE

_WIDTH = 80


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the experiments; a reference gets its parser when it is named."""
    group = parser.add_subparsers(title="experiments", metavar="EXPERIMENT", required=True)

    class Parsers(dict[str, argparse.ArgumentParser]):
        def __missing__(self, name: str) -> argparse.ArgumentParser:
            return _add_experiment(group, name, find_experiment(name))

    class Choices(dict[str, argparse.ArgumentParser]):
        def __contains__(self, name: object) -> bool:
            return super().__contains__(name) or ":" in str(name)

    group._name_parser_map = Parsers()
    for name, experiment in EXPERIMENTS.items():
        _add_experiment(group, name, experiment)
    group.choices = Choices(group._name_parser_map)


def _add_experiment(group: Any, name: str, experiment: Experiment) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = group.add_parser(
        name,
        help=experiment.summary,
        description=experiment.description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if experiment.models is not None:
        command.add_argument(
            "models", metavar="MODEL", nargs=experiment.models,
            help="folders, names or files of saved models",
        )  # fmt: skip
    command.add_argument(
        "-o", "--output", metavar="FOLDER", required=True, help="folder for numbers and figures"
    )
    command.add_argument(
        "--dataset", metavar="NAME|FOLDER",
        help=f"{', '.join(DATASETS)}, or a folder (default: {experiment.dataset})",
    )  # fmt: skip
    for name, text in experiment.files.items():
        command.add_argument(f"--{name}", metavar="FILE", dest=name, help=text)
    command.add_argument(
        "--quick", action="store_true",
        help="demonstration in seconds, with too few images and epochs for a finding",
    )  # fmt: skip
    add_data_dir(command)
    add_import(command)
    command.set_defaults(experiment=experiment)
    return command


def run(parsed: argparse.Namespace) -> int:
    """Run the experiment, print its conclusion and list its files; return 0."""
    output = chosen_folder(parsed.output)
    CONSOLE.info("starting the experiment: loading libraries, images and models …")

    from app.keras_startup import start_keras

    start_keras()
    from app.lab.options import ExperimentOptions

    given = vars(parsed)
    options = ExperimentOptions(
        name=parsed.experiment.name,
        output=output,
        models=tuple(getattr(parsed, "models", ())),
        dataset=parsed.dataset,
        data_dir=data_dir_of(parsed),
        quick=parsed.quick,
        reporter=CONSOLE,
        files={name: Path(given[name]) for name in parsed.experiment.files if given[name]},
    )
    conclusion, written = run_experiment(parsed.experiment, options)
    print_lines(*textwrap.wrap(conclusion.text, _WIDTH))
    CONSOLE.info("wrote " + ", ".join(map(str, written)))
    return 0

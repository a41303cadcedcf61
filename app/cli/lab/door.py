"""What all experiments share: flags, and what becomes of their findings."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.cli.door import add_data_dir, chosen_folder, complain, data_dir_of, tell
from app.config import DATASETS

if TYPE_CHECKING:
    from app.lab.findings import Findings
    from app.lab.request import Request

_WIDTH = 80


def add_flags(parser: argparse.ArgumentParser, *, models: str | int | None, dataset: str) -> None:
    """Declare the flags of an experiment.

    Args:
        parser: Gets them.
        models: How many saved models it takes, as for argparse; `None` for none.
        dataset: Which dataset is taken where none is named, for the help.
    """
    if models is not None:
        parser.add_argument(
            "models", metavar="MODEL", nargs=models,
            help="folders, names or files of saved models",
        )  # fmt: skip
    parser.add_argument(
        "-o", "--output", metavar="FOLDER", required=True, help="gets numbers and figures"
    )
    parser.add_argument(
        "--dataset", metavar="NAME|FOLDER", help=f"{', '.join(DATASETS)}, or a folder ({dataset})"
    )
    parser.add_argument(
        "--quick", action="store_true",
        help="demonstration in seconds: too few images and epochs for a finding",
    )  # fmt: skip
    add_data_dir(parser)


def carry_out(parsed: argparse.Namespace, name: str, run: Callable[[Request], Findings]) -> None:
    """Run an experiment, write what it found, and say so.

    Raises:
        AppError: If the folder is a file, or as the experiment.
    """
    output = chosen_folder(parsed.output)

    from app.lab.request import Request

    findings = run(
        Request(
            models=tuple(getattr(parsed, "models", ())),
            dataset=parsed.dataset,
            data_dir=data_dir_of(parsed),
            output=output,
            quick=parsed.quick,
            announce=complain,
        )
    )
    written = findings.write(output, name)
    tell(*textwrap.wrap(findings.conclusion.text, _WIDTH))
    complain("wrote " + ", ".join(map(str, [output / f"{name}.json", *written])))

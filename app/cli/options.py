"""Options that several commands share: `--import`, `--labels`, `--data-dir` and `-o`."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path

from app.data.registry import default_data_dir, folder_and_labels, with_labels
from app.errors import AppError

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".svg", ".pdf")


def add_import(parser: argparse.ArgumentParser) -> None:
    """Declare `--import`, whose modules are imported before the command runs."""
    parser.add_argument(
        "--import",
        dest="modules",
        metavar="MODULE",
        action="append",
        default=[],
        help="module with layers of your own, imported first; may be repeated",
    )


def add_labels(parser: argparse._ActionsContainer) -> None:
    """Declare `--labels`, which `dataset_of` reads."""
    parser.add_argument(
        "--labels",
        metavar="FILE.csv",
        help="labels of the images in the folder that --dataset names: columns image,label; "
        "app/data/README.md lists all forms. Same as --dataset FOLDER::FILE.csv",
    )


def dataset_of(parsed: argparse.Namespace) -> str | None:
    """Return the dataset that `--dataset` and `--labels` name together.

    Raises:
        AppError: If the dataset is not a folder.
    """
    dataset: str | None = parsed.dataset
    if parsed.labels is None:
        return dataset
    if dataset is None:
        raise AppError(
            f"--labels '{parsed.labels}' without --dataset.",
            "Expected the folder of the images: --dataset FOLDER.",
        )
    return with_labels(dataset, parsed.labels)


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    """Declare `--data-dir`, which `data_dir_of` reads."""
    parser.add_argument(
        "--data-dir",
        metavar="FOLDER",
        help="folder of the datasets (default: $CONVLAB_DATA, else datasets/)",
    )


def data_dir_of(parsed: argparse.Namespace) -> Path:
    """Return the folder of the datasets."""
    return Path(parsed.data_dir) if parsed.data_dir else default_data_dir()


def chosen_folder(output: str) -> Path:
    """Return the folder that `-o` names; it need not exist yet.

    Raises:
        AppError: If it is a file.
    """
    folder = Path(output)
    if folder.exists() and not folder.is_dir():
        raise AppError(
            f"-o '{folder}' is a file.", "Expected a folder; it is created if it does not exist."
        )
    return folder


def refuse_inside(folder: Path, dataset: str) -> None:
    """Refuse a folder of results among the images of a dataset, which it would change.

    Raises:
        AppError: If it is inside the folder of the dataset.
    """
    root = folder_and_labels(dataset)[0].resolve()
    if root.is_dir() and folder.resolve().is_relative_to(root):
        raise AppError(
            f"-o '{folder}' is inside '{dataset}', where its files would be images of the dataset.",
            "Expected a folder elsewhere.",
            f"Choose another, such as: -o {shlex.quote(f'{root}-{folder.name}')}",
        )


def refuse_to_overwrite(target: Path, kinds: Sequence[str]) -> None:
    """Allow `-o` to replace only a file of the kind that the command writes.

    Raises:
        AppError: If `target` is a folder, or a file with another extension.
    """
    if target.is_dir() or target.suffix.lower() not in kinds:
        ending = target.suffix or "without an extension"
        raise AppError(
            f"-o '{target}' is a folder."
            if target.is_dir()
            else f"-o '{target}': files {ending} are not written by this command.",
            f"Expected a file name ending in {', '.join(kinds)}.",
        )

"""Datasets by name: the folder first, then the official download, then a stand-in.

A *stand-in* needs no network: scikit-learn's digits for MNIST, drawn animals for the photographs
of cats and dogs. It is taken only when no server can be reached. It is announced, `Dataset` names
it in all output, and models trained on it are named after it. One use refuses it: the accuracy of a
model of the real images is never measured on a stand-in (`app.storage.own_dataset`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.data.catsdogs import has_catsdogs, load_catsdogs
from app.data.dataset import Dataset
from app.data.digits import load_digits
from app.data.download.download import NoNetwork
from app.data.download.sources import fetch_catsdogs, fetch_mnist
from app.data.drawn.cache import load_drawings
from app.data.drawn.dataset import KINDS, labelled_drawings
from app.data.folder import load_folder
from app.data.mnist import has_mnist, load_mnist
from app.errors import AppError
from app.reporting import SILENT, Reporter

# How many drawn cats and as many dogs: the numbers of the lecture protocol.
_DRAWN_RANGES = {"train": (0, 1000), "validation": (1000, 1500), "test": (1500, 2500)}


def load_dataset(
    dataset: str,
    data_dir: Path,
    *,
    protocol: str = "lecture",
    stand_in: str = "auto",
    reporter: Reporter = SILENT,
) -> Dataset:
    """Return a dataset, fetching it if it is not there.

    Args:
        dataset: `mnist`, `catsdogs`, `digits`, `drawn`, or the path of a folder.
        data_dir: Where `mnist/` and `catsdogs/` are kept.
        protocol: `lecture` or `full`, for `catsdogs`.
        stand_in: `auto` falls back on a stand-in when the network is out of reach, `never`
            fails instead, `always` takes the stand-in at once.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If the dataset is unknown, cannot be had, or is damaged.
    """
    if dataset == "digits":
        return load_digits()
    if dataset == "drawn":
        return _load_drawn(reporter)
    if dataset not in ("mnist", "catsdogs"):
        return load_folder(Path(dataset), reporter)
    if stand_in == "always":
        reporter.warning(f"STAND-IN: {_STAND_IN_TEXT[dataset]}, not {dataset}.")
        return _stand_in(dataset, reporter)
    try:
        if not (has_mnist if dataset == "mnist" else has_catsdogs)(data_dir):
            reporter.warning(f"{dataset} is not in '{data_dir}': looking for its servers.")
            fetch(dataset, data_dir, reporter)
    except NoNetwork:
        if stand_in == "never":
            raise
        reporter.warning(
            f"STAND-IN: no network reaches the servers of {dataset}. Going on with "
            f"{_STAND_IN_TEXT[dataset]} in its place. For the real images: python -m app data "
            f"fetch {dataset}"
        )
        return _stand_in(dataset, reporter)
    return load_mnist(data_dir) if dataset == "mnist" else load_catsdogs(data_dir, protocol)


def fetch(dataset: str, data_dir: Path, reporter: Reporter = SILENT) -> None:
    """Download `mnist` or `catsdogs`; what is there and whole is not fetched again.

    Raises:
        NoNetwork: If no server can be reached.
        AppError: If the download fails otherwise, or the dataset has no download.
    """
    if dataset not in _FETCH:
        raise AppError(
            f"'{dataset}' has no download.",
            "Expected mnist or catsdogs; digits and drawn need none, a folder is your own.",
        )
    _FETCH[dataset](data_dir, reporter=reporter)


_FETCH = {"mnist": fetch_mnist, "catsdogs": fetch_catsdogs}

_STAND_IN_TEXT = {
    "mnist": "scikit-learn's 1,797 small digits",
    "catsdogs": "cats and dogs drawn by the program",
}


def _stand_in(dataset: str, reporter: Reporter) -> Dataset:
    splits = load_digits() if dataset == "mnist" else _load_drawn(reporter)
    return replace(
        splits, name=dataset, source=f"stand-in for {dataset}: {splits.source}", stand_in=True
    )


def _load_drawn(reporter: Reporter) -> Dataset:
    last = max(stop for _, stop in _DRAWN_RANGES.values())
    drawings = load_drawings(last, reporter)
    splits = {
        name: labelled_drawings(drawings[:, start:stop], start)
        for name, (start, stop) in _DRAWN_RANGES.items()
    }
    return Dataset(
        name="drawn",
        train=splits["train"],
        validation=splits["validation"],
        test=splits["test"],
        class_names=KINDS,
        channels=3,
        source="cats and dogs drawn by the program",
    )

"""Datasets by name: the folder first, then the official download, then a stand-in.

A *stand-in* needs no download: scikit-learn's digits for MNIST, drawn animals for the photographs
of cats and dogs. It is used only when no server can be reached. It is announced, `Dataset` names
it in all output, and models trained on it are named after it. One use refuses it: the accuracy of a
model of the real images is never measured on a stand-in (`app.classifier.dataset_images`).

Nothing heavy is imported before a dataset is loaded.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import AppError
from app.names import did_you_mean
from app.references import REFERENCE, call_reference, import_reference, is_reference
from app.registries import Registry
from app.reporting import SILENT, Reporter

if TYPE_CHECKING:
    from app.data.dataset import Dataset


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a dataset comes from, and how its images may be treated.

    Attributes:
        load: Reference to a function that returns the `Dataset`. Of `data_dir`, `protocol` and
            `reporter` it is given those that it declares.
        present: Reference to a function of the data folder: whether the files are there.
        fetch: Reference to a function of the data folder that downloads them; empty if none can.
        stand_in: Name of the dataset that replaces it offline.
        description: Description of the images, for messages.
        recipes: Family of recipes: `digits` or `photographs`.
        may_mirror: Whether a mirrored image keeps its meaning.
        mnist_style: Whether images of other origin are first converted to the format of MNIST.
        small_side: Side in pixels of the images in quick experiments.
        protocols: Names of its protocols.
        recipe_changes: Settings that differ in a recipe, by its name.
    """

    load: str = ""
    present: str = ""
    fetch: str = ""
    stand_in: str = ""
    description: str = ""
    recipes: str = "photographs"
    may_mirror: bool = True
    mnist_style: bool = False
    small_side: int = 64
    protocols: tuple[str, ...] = ("lecture",)
    recipe_changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


_DIGITS: dict[str, Any] = {
    "recipes": "digits", "may_mirror": False, "mnist_style": True, "small_side": 28,
}  # fmt: skip
_EASIER = {"augment": "lecture", "tta": False}  # drawn animals are easier to distinguish
DATASETS: Registry[Source] = Registry(
    "--dataset",
    {
        "mnist": Source(
            load="app.data.mnist:load_mnist",
            present="app.data.mnist:has_mnist",
            fetch="app.data.download.sources:fetch_mnist",
            stand_in="digits",
            **_DIGITS,
        ),
        "catsdogs": Source(
            load="app.data.catsdogs:load_catsdogs",
            present="app.data.catsdogs:has_catsdogs",
            fetch="app.data.download.sources:fetch_catsdogs",
            stand_in="drawn",
            protocols=("lecture", "full"),
        ),
        "digits": Source(
            load="app.data.digits:load_digits",
            description="scikit-learn's 1,797 small digits",
            # Few images: more passes for as many steps.
            recipe_changes={
                "default": {"epochs": 15},
                "fast": {"epochs": 30, "batch_size": 64, "learning_rate": 0.5},
                "best": {"epochs": 60},
                "tiny": {"epochs": 120},
            },
            **_DIGITS,
        ),
        "drawn": Source(
            load="app.data.drawn.cache:load_drawn",
            description="cats and dogs drawn by the program",
            recipe_changes={
                "default": {"epochs": 20, "start_size": 128, **_EASIER},
                "fast": {"epochs": 25, "start_size": 64, **_EASIER},
            },
        ),
        "drawn-faces": Source(
            load="app.data.faces:load_faces",
            description="drawn faces, a stand-in for aligned photographs",
            small_side=32,
        ),
    },
)
_FOLDER = Source()
_LABELS_MARK = "::"


def source_of(dataset: str) -> Source:
    """Return the entry of a dataset; a folder or a user's reference has the default traits."""
    return DATASETS.get(dataset, _FOLDER)


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
        dataset: Name in `DATASETS`, path of a folder of images or of shards, `FOLDER::FILE` with a
            CSV file of labels, or reference to a function that returns a `Dataset`.
        data_dir: Folder of the datasets.
        protocol: Protocol of the dataset, such as `lecture` or `full` of `catsdogs`.
        stand_in: `auto` falls back on a stand-in when the network is out of reach, `never`
            fails instead, `always` takes the stand-in at once.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If the dataset is unknown, cannot be loaded, or is damaged.
    """
    options = {"data_dir": data_dir, "protocol": protocol, "reporter": reporter}
    if dataset not in DATASETS:
        if is_reference(dataset) and not Path(dataset).exists():
            return _load(dataset, dataset, options)
        # These import Pillow and OpenCV, which `--help` does not need.
        folder, labels = folder_and_labels(dataset)
        if labels is not None:
            from app.data.labeled_folder import load_labeled_folder

            return load_labeled_folder(folder, labels, reporter)
        if not Path(dataset).is_dir():
            from app.data.image_files import similar_folder

            raise AppError(
                f"'{dataset}' is "
                + ("a file." if Path(dataset).exists() else "neither a dataset nor a folder."),
                f"Expected {DATASETS}; a folder with a subfolder per class; or {REFERENCE}.",
                did_you_mean(dataset, DATASETS)
                or similar_folder(Path(dataset))
                or f"Example of such a folder: {dataset}/apple/1.jpg, {dataset}/pear/1.jpg",
            )
        from app.data.shards.loading import is_sharded, load_shards

        if is_sharded(Path(dataset)):
            return load_shards(Path(dataset))
        from app.data.folder import load_folder

        return load_folder(Path(dataset), reporter)
    source = DATASETS[dataset]
    if source.stand_in and stand_in == "always":
        reporter.warning(f"STAND-IN: {DATASETS[source.stand_in].description}, not {dataset}.")
        return _load_stand_in(dataset, options)
    if source.fetch:
        from app.data.download.download import NoNetwork

        try:
            if not import_reference(source.present, "--dataset")(data_dir):
                reporter.warning(f"{dataset} is not in '{data_dir}': looking for its servers.")
                fetch(dataset, data_dir, reporter)
        except NoNetwork:
            if stand_in == "never" or not source.stand_in:
                raise
            reporter.warning(
                f"STAND-IN: no network reaches the servers of {dataset}. Continuing with "
                f"{DATASETS[source.stand_in].description} instead. For the real images: "
                f"python -m app data fetch {dataset}"
            )
            return _load_stand_in(dataset, options)
    return _load(dataset, source.load, options)


def fetch(dataset: str, data_dir: Path, reporter: Reporter = SILENT) -> None:
    """Download a dataset; files that are there and whole are not fetched again.

    Args:
        dataset: Name of a dataset.
        data_dir: Folder of the datasets.
        reporter: Reporter for messages and progress.

    Raises:
        NoNetwork: If no server can be reached.
        AppError: If the download fails otherwise, or the dataset has no download.
    """
    reference = source_of(dataset).fetch
    if not reference:
        with_download = [name for name in DATASETS if DATASETS[name].fetch]
        others = [name for name in DATASETS if not DATASETS[name].fetch]
        raise AppError(
            f"'{dataset}' has no download.",
            f"Expected {' or '.join(with_download)}; {' and '.join(others)} need no download, "
            "nor does your own folder.",
        )
    import_reference(reference, "--dataset")(data_dir, reporter=reporter)


def is_present(dataset: str, data_dir: Path) -> bool:
    """Return whether a dataset can be loaded without a download.

    Args:
        dataset: Name in `DATASETS`, or path of a folder.
        data_dir: Folder of the datasets.
    """
    present = source_of(dataset).present
    return not present or bool(import_reference(present, "--dataset")(data_dir))


def normal_dataset(dataset: str) -> str:
    """Return the one way to write a dataset's name or folder: `photos/` is `photos`."""
    if dataset in DATASETS:
        return dataset
    folder, labels = folder_and_labels(dataset)
    if labels is not None:
        return f"{folder}{_LABELS_MARK}{labels}"
    return f"{os.curdir}{os.sep}{folder}" if str(folder) in DATASETS else str(folder)


def with_labels(folder: str, labels: str) -> str:
    """Return the dataset `FOLDER::FILE`: the images of a folder, with the labels of a CSV file.

    Raises:
        AppError: If the dataset is not a folder.
    """
    if folder in DATASETS or is_reference(folder) or folder_and_labels(folder)[1] is not None:
        raise AppError(
            f"--labels with the dataset '{folder}', which has its own.",
            "Expected the folder of the images that the file names: --dataset FOLDER.",
        )
    return f"{folder}{_LABELS_MARK}{labels}"


def folder_and_labels(dataset: str) -> tuple[Path, Path | None]:
    """Return the folder of a dataset, and the CSV file of its labels, if it has one."""
    folder, mark, labels = dataset.partition(_LABELS_MARK)
    if not (mark and folder and labels) or Path(dataset).exists():
        return Path(dataset), None
    return Path(folder), Path(labels)


def default_data_dir() -> Path:
    """Return where datasets are kept unless a flag says otherwise."""
    return Path(os.environ.get("CONVLAB_DATA") or "datasets")


def _load_stand_in(dataset: str, options: dict[str, Any]) -> Dataset:
    name = DATASETS[dataset].stand_in
    loaded = _load(name, DATASETS[name].load, options)
    source = f"stand-in for {dataset}: {loaded.source}"
    return replace(loaded, name=dataset, source=source, stand_in=True)


def _load(dataset: str, reference: str, options: dict[str, Any]) -> Dataset:
    from app.data.dataset import Dataset, check_dataset

    function = import_reference(reference, "--dataset")
    declared = inspect.signature(function).parameters if callable(function) else {}
    given = {name: value for name, value in options.items() if name in declared}
    loaded: Dataset = call_reference(function, dataset, "--dataset", returns=Dataset, **given)
    if is_reference(dataset):
        check_dataset(loaded)
    return loaded

"""Few images: training from scratch, from another model, and with its first layers frozen.

    CONVLAB_DATA=... python benchmarks/going_on.py photographs --output runs [--seeds 0 1 2]
    python benchmarks/going_on.py digits --output runs
    python benchmarks/going_on.py drawings --output runs

`photographs`: 200 photographs of cats and dogs (100 validate, 1,000 test; others for each seed),
from a network that was trained on drawn ones. `digits`: 100 of scikit-learn's digits, from the
shipped `mnist-best`. `drawings`: 40 drawn cats and dogs, from the shipped `catsdogs-best`, which
has seen 17,000 photographs. Finished runs are not repeated.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

from accuracy import with_spread

TRAIN, VALIDATION, TEST = 100, 50, 500  # images of each class
SMALL = {"model": "modern", "image_size": 64, "start_size": 64, "final_size": 64}
# Contest → the shipped model it begins with, and its settings.
SHIPPED: dict[str, tuple[str, dict[str, Any]]] = {
    "digits": ("mnist-best", {"dataset": "digits", "limit": 100}),
    "drawings": ("catsdogs-best", {"dataset": "drawn", "limit": 40}),
}
# Arm → changes of its settings; the source is added.
ARMS: dict[str, dict[str, Any]] = {"scratch": {}, "--from": {}, "--from, frozen": {"freeze": 2}}


def main() -> None:
    """Train the missing runs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("contest", choices=("photographs", *SHIPPED))
    parser.add_argument("--output", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    arguments = parser.parse_args()
    output, contest = arguments.output, arguments.contest
    source, chosen = SHIPPED.get(contest, (str(output / "drawn-source"), {}))
    if contest == "photographs":
        train_once(output, "drawn-source", {"dataset": "drawn", "epochs": 10, **SMALL})
    for seed in arguments.seeds:
        for arm, changes in ARMS.items():
            settings = {"seed": seed, "epochs": 30, **chosen, **changes}
            if contest == "photographs":
                settings |= {"dataset": str(photographs(output, seed)), **SMALL}
            if arm == "scratch":
                # The network and the recipe are those of the source.
                settings |= {"model": "modern"} if contest == "photographs" else of_source(source)
            else:
                settings |= {"from_": source}
            train_once(output, run_name(contest, arm, seed), settings)
    report(arguments)


def of_source(source: str) -> dict[str, Any]:
    """Return network and image size of a shipped model."""
    from app.training.source import read_source

    return read_source(source).settings()


def run_name(contest: str, arm: str, seed: int) -> str:
    """Return the name of a run's model."""
    return f"{contest}-{arm.replace('-', '').replace(', ', '-')}-{seed}"


def train_once(output: Path, name: str, settings: dict[str, Any]) -> None:
    """Train a run in this process, unless it is finished."""
    if (output / name / "card.json").exists():
        return
    from app.config import RunSettings
    from app.training.run import train

    run = RunSettings(
        **settings, precision="float32", output=str(output), name=name, overwrite=True, workers=1
    )
    print(name, f"{train(run, listeners=[]).card.metrics['test']}", flush=True)


def photographs(output: Path, seed: int) -> Path:
    """Copy the photographs of a seed into `{train,validation,test}/{cat,dog}`."""
    from app.data.catsdogs import load_catsdogs
    from app.data.registry import default_data_dir

    folder = output / f"photographs-{seed}"
    if folder.exists():
        return folder
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    images = load_catsdogs(default_data_dir())
    for name, count, first in (
        ("train", TRAIN, seed * TRAIN), ("validation", VALIDATION, 0), ("test", TEST, 0),
    ):  # fmt: skip
        split = images.split(name)
        for label, class_name in enumerate(images.class_names):
            place = partial / name / class_name
            place.mkdir(parents=True)
            files = [p for p, own in zip(split.images, split.labels, strict=True) if own == label]
            for path in files[first : first + count]:
                shutil.copyfile(path, place / path.name)
    partial.rename(folder)
    return folder


def report(arguments: argparse.Namespace) -> None:
    """Print one line per arm: test accuracy by seed, mean and standard deviation."""
    from app.storage.card import read_card

    print(f"{arguments.contest:18}{'test accuracy':>17}  {'seeds':26}{'best epoch':>12}")
    for arm in ARMS:
        names = [run_name(arguments.contest, arm, seed) for seed in arguments.seeds]
        cards = [read_card(arguments.output / name / "card.json") for name in names]
        tests = [100 * (card.metrics["test"] or {})["accuracy"] for card in cards]
        epochs = ", ".join(str(card.training["best_epoch"]) for card in cards)
        seeds = ", ".join(f"{value:.2f}" for value in tests)
        print(f"{arm:18}{with_spread(tests):>17}  {seeds:26}{epochs:>12}")


if __name__ == "__main__":
    main()

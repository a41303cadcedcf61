"""Augmentation and dropout against overfitting, as in the lecture.

    CONVLAB_DATA=... python benchmarks/overfitting.py --output runs --figure overfitting.png

Trains the lecture's convnet on cats-vs-dogs (lecture protocol) once per arm and seed, each in a
separate process, all for the same number of epochs. Then prints the test accuracy of the epoch with
the best validation accuracy, and draws the curves. Finished runs are not repeated. `auto` and
RandAugment are combined with dropout, as in `both`.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

from accuracy import with_spread

# Name → (--augment, --dropout).
ARMS = {
    "none": ("none", 0.0),
    "dropout": ("none", 0.5),
    "augmentation": ("lecture", 0.0),
    "both": ("lecture", 0.5),
    "auto": ("auto", 0.5),
    "randaugment": ("randaugment", 0.5),
}
TITLES = {
    "none": "neither",
    "dropout": "dropout",
    "augmentation": "augmentation",
    "both": "both",
    "auto": "auto and dropout",
    "randaugment": "RandAugment and dropout",
}


def main() -> None:
    """Train the missing runs and print the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=ARMS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--image-size", type=int, default=75)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--figure", type=Path, help="output file for the curves of --arms")
    parser.add_argument(
        "--ranges", type=Path, help="output file for the ranges of `auto` with the last seed"
    )
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        sys.exit(train(arguments))
    for seed in arguments.seeds:
        for arm in arguments.arms:
            if not (arguments.output / f"{arm}-{seed}" / "card.json").exists():
                command = [sys.executable, __file__, *sys.argv[1:], "--one"]
                subprocess.run([*command, "--arms", arm, "--seeds", str(seed)], check=True)
    report(arguments)


def train(arguments: argparse.Namespace) -> int:
    """Train one arm with one seed as `train.py` does, and return the exit status."""
    from app.cli.train import main as train_main
    from app.registries import AUGMENTATIONS

    AUGMENTATIONS.register("randaugment", "rand_augment:RAND_AUGMENT")
    (arm,), (seed,) = arguments.arms, arguments.seeds
    augment, dropout = ARMS[arm]
    settings = {
        "dataset": "catsdogs", "model": "convnet", "augment": augment, "dropout": dropout,
        "seed": seed, "epochs": arguments.epochs, "image-size": arguments.image_size,
        "precision": "float32", "workers": arguments.workers, "stand-in": "never",
        "name": f"{arm}-{seed}", "output": arguments.output,
    }  # fmt: skip
    return train_main([f"--{name}={value}" for name, value in settings.items()] + ["--overwrite"])


def report(arguments: argparse.Namespace) -> None:
    """Print one line per arm and draw the figures."""
    from app.augmentation.domain_randomization import history_columns
    from app.figure_files import save
    from app.figures.overfitting import overfitting_curves
    from app.figures.randomization_ranges import randomization_ranges
    from app.storage.card import read_card
    from app.storage.folder import read_history

    print(f"{'':24}{'test accuracy':>16}  {'seeds':22}{'validation':>10}{'last gap':>10}")
    curves = {}
    for arm in arguments.arms:
        folders = [arguments.output / f"{arm}-{seed}" for seed in arguments.seeds]
        cards = [read_card(folder / "card.json") for folder in folders]
        histories = [read_history(folder / "history.csv") for folder in folders]
        tests = [100 * (card.metrics["test"] or {})["accuracy"] for card in cards]
        validation = [100 * (card.metrics["validation"] or {})["accuracy"] for card in cards]
        gap = [100 * (rows[-1]["accuracy"] - rows[-1]["val_accuracy"]) for rows in histories]
        mean = with_spread(tests)
        seeds = ", ".join(f"{value:.2f}" for value in tests)
        print(
            f"{TITLES[arm]:24}{mean:>16}  {seeds:22}{statistics.mean(validation):>9.2f}%"
            f"{statistics.mean(gap):>10.1f}"
        )
        curves[f"{TITLES[arm]}\ntest {mean}"] = histories
    if arguments.figure:
        title = f"The lecture's convnet on {cards[0].images['train']:,} photographs"
        save(overfitting_curves(curves, title), arguments.figure)
    if arguments.ranges:
        rows = read_history(arguments.output / f"auto-{arguments.seeds[-1]}" / "history.csv")
        save(randomization_ranges(rows, history_columns(), "--augment auto"), arguments.ranges)


if __name__ == "__main__":
    main()

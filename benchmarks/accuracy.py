"""Accuracy of every recipe: seeds, mean, standard deviation, time, images and parameters.

    CONVLAB_DATA=... python benchmarks/accuracy.py mnist --output runs
    CONVLAB_DATA=... python benchmarks/accuracy.py catsdogs --output runs --only best lecture

Trains each contestant once per seed in a separate process, with `train.py`: the epoch is selected
on validation images, and the test images are evaluated once. Finished runs are not repeated, even
after a change of the code, and interrupted runs are resumed. `best-full` is meant for a GPU and
takes hours on two cores; `--only` can leave it out. The peer on MNIST is the convnet of Keras's
documentation, on cats-vs-dogs the lecture's recipe.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PEER = "keras-docs"
# Contestants and their `train.py` flags. The peer is trained by a script of its own.
CONTESTS: dict[str, dict[str, list[str]]] = {
    "mnist": {
        PEER: [],
        "lecture": ["--recipe", "lecture"],
        "fast": ["--recipe", "fast"],
        "default": [],
        "tiny": ["--recipe", "tiny"],
        "best": ["--recipe", "best"],
    },
    "catsdogs": {
        "lecture": ["--recipe", "lecture"],
        "fast": ["--recipe", "fast"],
        "default": [],
        "best": ["--recipe", "best"],
        "best-full": ["--recipe", "best", "--protocol", "full"],
        "best-modern-full": ["--recipe", "best", "--protocol", "full", "--model", "modern"],
    },
    # Shared and unshared weights: the lecture's networks with their default training.
    "mnist-networks": {name: ["--model", name] for name in ("dense", "local", "convnet")},
    "catsdogs-networks": {name: ["--model", name] for name in ("dense", "local", "convnet")},
}


class Result(NamedTuple):
    """Result of one run; accuracies are from 0 to 1."""

    test: float
    validation: float | None
    seconds: float
    images: int
    parameters: int


def main() -> None:
    """Train the missing runs and print the report."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="Further arguments go to train.py.",
        allow_abbrev=False,
    )
    parser.add_argument("contest", choices=CONTESTS, help="table to print")
    parser.add_argument("--output", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--only", nargs="+", help="names of contestants (default: all)")
    parser.add_argument(
        "--seeds", nargs="+", type=int, default=[0, 1, 2], help="seeds (default: 0 1 2)"
    )
    arguments, rest = parser.parse_known_args()
    names = arguments.only or list(CONTESTS[arguments.contest])
    for seed in arguments.seeds:  # outer loop: an interrupted script leaves comparable runs
        for name in names:
            run(arguments, name, seed, rest)
    report(arguments, names)


def folder_of(arguments: argparse.Namespace, name: str, seed: int) -> Path:
    """Return the folder of a run's model."""
    dataset = arguments.contest.split("-")[0]
    return arguments.output / f"seed-{seed}" / f"{dataset}-{name}"


def run(arguments: argparse.Namespace, name: str, seed: int, rest: list[str]) -> None:
    """Train one contestant with one seed, unless its run is finished."""
    folder = folder_of(arguments, name, seed)
    if name == PEER:
        if not _peer_result(folder).exists():
            script = str(Path(__file__).with_name("keras_documentation.py"))
            command = [sys.executable, script, "--seed", str(seed)]
            completed = subprocess.run(command, check=True, stdout=subprocess.PIPE)
            folder.parent.mkdir(parents=True, exist_ok=True)
            _peer_result(folder).write_bytes(completed.stdout)
        return
    card = folder / "card.json"
    if card.exists() and json.loads(card.read_text("utf-8"))["finished"]:
        return
    settings = {
        "dataset": arguments.contest.split("-")[0], "seed": seed, "name": folder.name,
        "output": folder.parent, "stand-in": "never",
    }  # fmt: skip
    flags = [f"--{flag}={value}" for flag, value in settings.items()]
    unfinished = (folder.parent / f"{folder.name}.unfinished" / "state.json").exists()
    flags.append("--resume" if unfinished else "--overwrite")
    flags += CONTESTS[arguments.contest][name]
    subprocess.run([sys.executable, str(ROOT / "train.py"), *flags, *rest], check=True)


def _peer_result(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.json")


def read(arguments: argparse.Namespace, name: str, seed: int) -> Result:
    """Return the result of a finished run."""
    from app.storage.card import read_card

    folder = folder_of(arguments, name, seed)
    if name == PEER:
        peer = json.loads(_peer_result(folder).read_text("utf-8"))
        return Result(peer["accuracy"], None, peer["seconds"], peer["images"], peer["parameters"])
    card = read_card(folder / "card.json")
    test, validation = card.metrics["test"] or {}, card.metrics["validation"] or {}
    return Result(
        test["accuracy"],
        validation["accuracy"],
        card.training["seconds"],
        card.images["train"],
        card.parameters,
    )


def with_spread(percentages: list[float]) -> str:
    """Return mean and standard deviation as text."""
    spread = statistics.stdev(percentages) if len(percentages) > 1 else 0.0
    return f"{statistics.mean(percentages):.2f} ± {spread:.2f}%"


def report(arguments: argparse.Namespace, names: list[str]) -> None:
    """Print one line per contestant."""
    print(f"{'':10}{'parameters':>11}{'images':>8}{'test accuracy':>17}  {'seeds':22}", end="")
    print(f"{'validation':>11}{'seconds':>9}")
    for name in names:
        results = [read(arguments, name, seed) for seed in arguments.seeds]
        tests = [100 * result.test for result in results]
        seeds = ", ".join(f"{value:.2f}" for value in tests)
        validation = [100 * r.validation for r in results if r.validation is not None]
        mean_validation = f"{statistics.mean(validation):.2f}%" if validation else ""
        seconds = statistics.mean(result.seconds for result in results)
        print(f"{name:10}{results[0].parameters:>11,}{results[0].images:>8,}", end="")
        print(f"{with_spread(tests):>17}  {seeds:22}{mean_validation:>11}{seconds:>9.0f}")
    compared = [name for name in names if name != PEER]
    if len(compared) > 1 and len(arguments.seeds) > 1:
        print("Intervals over seeds and images: python -m app compare", end="")
        for name in compared:
            folders = [str(folder_of(arguments, name, seed)) for seed in arguments.seeds]
            print(f" {name}={','.join(folders)}", end="")
        print()


if __name__ == "__main__":
    main()

"""Every recipe's accuracy: seeds, mean, spread, time, images and parameters, beside its peers.

    CONVLAB_DATA=... python benchmarks/accuracy.py mnist --output runs
    CONVLAB_DATA=... python benchmarks/accuracy.py catsdogs --output runs --only best lecture

Trains each contestant once per seed, in a process of its own, as `train.py` does: the best epoch by
validation accuracy is kept and looks at the test images once. Finished runs are not repeated,
whatever has changed since, and stopped ones are resumed, so the command can be given again after an
interruption. `best-full` is made for a GPU and takes two cores hours; `--only` leaves it out. The
peer on MNIST is the convnet of Keras's documentation, on cats-vs-dogs the lecture's recipe.
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
# Contestants and their flags of `train.py`; the peer has none.
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
    # Shared or unshared weights: the lecture's networks, each as it is trained by default.
    "mnist-networks": {name: ["--model", name] for name in ("dense", "local", "convnet")},
    "catsdogs-networks": {name: ["--model", name] for name in ("dense", "local", "convnet")},
}


class Result(NamedTuple):
    """What one run came to; accuracies are shares."""

    test: float
    validation: float | None
    seconds: float
    images: int
    parameters: int


def main() -> None:
    """Train what is missing, then report."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0] if __doc__ else None,
        epilog="Further arguments go to train.py.",
        allow_abbrev=False,
    )
    parser.add_argument("contest", choices=CONTESTS)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--only", nargs="+", help="contestants (all)")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    arguments, rest = parser.parse_known_args()
    contestants = CONTESTS[arguments.contest]
    chosen = arguments.only or list(contestants)
    for seed in arguments.seeds:  # seed by seed, so that a cut leaves something to compare
        for name in chosen:
            run(arguments, name, seed, rest)
    report(arguments, chosen)


def folder_of(arguments: argparse.Namespace, name: str, seed: int) -> Path:
    """Return where a run leaves its model."""
    dataset = arguments.contest.split("-")[0]
    return arguments.output / f"seed-{seed}" / f"{dataset}-{name}"


def run(arguments: argparse.Namespace, name: str, seed: int, rest: list[str]) -> None:
    """Train one contestant with one seed, unless that was done."""
    folder = folder_of(arguments, name, seed)
    if name == PEER:
        if not _peer_result(folder).exists():
            script = str(Path(__file__).with_name("keras_documentation.py"))
            command = [sys.executable, script, "--seed", str(seed)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
            folder.parent.mkdir(parents=True, exist_ok=True)
            _peer_result(folder).write_bytes(done.stdout)
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
    own = CONTESTS[arguments.contest][name]
    subprocess.run([sys.executable, str(ROOT / "train.py"), *flags, *own, *rest], check=True)


def _peer_result(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.json")


def read(arguments: argparse.Namespace, name: str, seed: int) -> Result:
    """Return what a finished run came to."""
    from app.storage.card import read_card

    folder = folder_of(arguments, name, seed)
    if name == PEER:
        found = json.loads(_peer_result(folder).read_text("utf-8"))
        facts = found["seconds"], found["images"], found["parameters"]
        return Result(found["accuracy"], None, *facts)
    card = read_card(folder / "card.json")
    test, validation = card.metrics["test"] or {}, card.metrics["validation"] or {}
    return Result(
        test["accuracy"],
        validation["accuracy"],
        card.training["seconds"],
        card.images["train"],
        card.parameters,
    )


def report(arguments: argparse.Namespace, chosen: list[str]) -> None:
    """Print a line per contestant."""
    print(f"{'':10}{'parameters':>11}{'images':>8}{'test accuracy':>17}  {'seeds':22}", end="")
    print(f"{'validation':>11}{'seconds':>9}")
    for name in chosen:
        results = [read(arguments, name, seed) for seed in arguments.seeds]
        tests = [100 * result.test for result in results]
        spread = statistics.stdev(tests) if len(tests) > 1 else 0.0
        mean = f"{statistics.mean(tests):.2f} ± {spread:.2f}%"
        seeds = ", ".join(f"{value:.2f}" for value in tests)
        validation = [100 * r.validation for r in results if r.validation is not None]
        shown = f"{statistics.mean(validation):.2f}%" if validation else ""
        seconds = statistics.mean(result.seconds for result in results)
        print(f"{name:10}{results[0].parameters:>11,}{results[0].images:>8,}{mean:>17}", end="")
        print(f"  {seeds:22}{shown:>11}{seconds:>9.0f}")


if __name__ == "__main__":
    main()

"""Shared or unshared weights: the lecture's `dense`, `local` and `convnet`, side by side.

    CONVLAB_DATA=... python benchmarks/local_networks.py --dataset mnist --output runs

Trains each network once per seed as `train.py` does by default, each in a process of its own, and
prints parameters, test accuracy of the best epoch on validation, and training time. Finished runs
are not repeated, so the command can be given again after an interruption.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

_NETWORKS = ("dense", "local", "convnet")


def main() -> None:
    """Train what is missing, then report."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0] if __doc__ else None, allow_abbrev=False
    )
    parser.add_argument("--dataset", default="mnist")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--networks", nargs="+", default=_NETWORKS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    arguments, rest = parser.parse_known_args()
    root = Path(__file__).parent.parent
    for seed in arguments.seeds:
        for network in arguments.networks:
            name = f"{arguments.dataset}-{network}-{seed}"
            if not (arguments.output / name / "card.json").exists():
                settings = {
                    "dataset": arguments.dataset, "model": network, "seed": seed, "name": name,
                    "output": arguments.output, "stand-in": "never",
                }  # fmt: skip
                flags = [f"--{flag}={value}" for flag, value in settings.items()]
                command = [sys.executable, str(root / "train.py"), *flags, "--overwrite", *rest]
                subprocess.run(command, check=True)
    report(arguments)


def report(arguments: argparse.Namespace) -> None:
    """Print a line per network."""
    from app.storage.card import read_card

    print(f"{'':10}{'parameters':>11}{'test accuracy':>17}  {'seeds':22}{'validation':>11}", end="")
    print(f"{'seconds':>9}")
    for network in arguments.networks:
        folders = [
            arguments.output / f"{arguments.dataset}-{network}-{seed}" for seed in arguments.seeds
        ]
        cards = [read_card(folder / "card.json") for folder in folders]
        tests = [100 * (card.metrics["test"] or {})["accuracy"] for card in cards]
        validation = [100 * (card.metrics["validation"] or {})["accuracy"] for card in cards]
        spread = statistics.stdev(tests) if len(tests) > 1 else 0.0
        mean = f"{statistics.mean(tests):.2f} ± {spread:.2f}%"
        seeds = ", ".join(f"{value:.2f}" for value in tests)
        seconds = statistics.mean(card.training["seconds"] for card in cards)
        print(f"{network:10}{cards[0].parameters:>11,}{mean:>17}  {seeds:22}", end="")
        print(f"{statistics.mean(validation):>10.2f}%{seconds:>9.0f}")


if __name__ == "__main__":
    main()

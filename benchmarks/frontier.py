"""Accuracy against the number of weights: one family of networks on MNIST, clean and corrupted.

    CONVLAB_DATA=... python benchmarks/frontier.py --output runs
    CONVLAB_DATA=... python benchmarks/frontier.py --output runs --weights 1000 5000 --seeds 0 1 2

Trains `--model stack-N` with `--recipe tiny` for every N, augmentation and seed, with `train.py`:
the epoch is selected on validation images, and the test images are used once. Finished runs are
not repeated, interrupted ones are resumed. Then each network classifies a thousand test images
under the fifteen corruptions of `lab robustness`, in five severities, by one view. Prints a table,
and writes `frontier.json` and `frontier.png` into the folder.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).parent.parent
WEIGHTS = (300, 1_000, 2_500, 5_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
AUGMENTATIONS = ("digits", "robust-digits")
_CORRUPTED = 1_000  # test images
_RESULT = "frontier.json"  # in a run's folder


class Result(NamedTuple):
    """What one network reaches; errors are from 0 to 1."""

    augment: str
    seed: int
    weights: int
    clean: float
    corrupted: float
    seconds: float


def main() -> None:
    """Train and measure what is missing, then print and draw all."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog="Further arguments go to train.py."
    )
    parser.add_argument("--output", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--weights", nargs="+", type=int, default=WEIGHTS, help="of the networks")
    parser.add_argument("--seeds", nargs="+", type=int, default=(0, 1, 2), help="default: 0 1 2")
    parser.add_argument("--augment", nargs="+", default=AUGMENTATIONS, help="of the training")
    arguments, rest = parser.parse_known_args()
    results = []
    for seed in arguments.seeds:  # outer loop: an interrupted script leaves comparable runs
        for augment in arguments.augment:
            for weights in arguments.weights:
                folder = arguments.output / f"{augment}-seed-{seed}" / f"mnist-stack-{weights}"
                train(folder, weights, augment, seed, rest)
                results.append(measured(folder, augment, seed))
    report(results)
    draw(results, arguments.output)


def train(folder: Path, weights: int, augment: str, seed: int, rest: Sequence[str]) -> None:
    """Train one network, unless its run is finished."""
    card = folder / "card.json"
    if card.exists() and json.loads(card.read_text("utf-8"))["finished"]:
        return
    settings = {
        "dataset": "mnist", "recipe": "tiny", "model": f"stack-{weights}", "augment": augment,
        "seed": seed, "name": folder.name, "output": folder.parent, "stand-in": "never",
    }  # fmt: skip
    unfinished = (folder.parent / f"{folder.name}.unfinished" / "state.json").exists()
    flags = [*(f"--{flag}={value}" for flag, value in settings.items()), *rest]
    flags.append("--resume" if unfinished else "--overwrite")
    subprocess.run([sys.executable, str(ROOT / "train.py"), *flags], check=True)


def measured(folder: Path, augment: str, seed: int) -> Result:
    """Return a network's errors on clean and on corrupted test images."""
    path = folder / _RESULT
    if not path.exists():
        path.write_text(json.dumps(_measure(folder, augment, seed)._asdict()), "utf-8")
    return Result(**json.loads(path.read_text("utf-8")))


def _measure(folder: Path, augment: str, seed: int) -> Result:
    from app.classifier import load
    from app.data.registry import default_data_dir, load_dataset
    from app.lab.corruptions import CORRUPTIONS, SEVERITIES, corrupt
    from app.storage.card import read_card

    card = read_card(folder / "card.json")
    one_view = load(folder).with_views(averaged=False)
    test = load_dataset("mnist", default_data_dir()).test.take(np.arange(_CORRUPTED))
    errors = [
        (one_view.probabilities(changed).argmax(axis=1) != test.labels).mean()
        for name in CORRUPTIONS
        for severity in SEVERITIES
        for changed in (corrupt(test.pixels, name, severity, range(_CORRUPTED)),)
    ]
    tested = card.metrics["test"] or {}
    clean, corrupted = 1 - tested["accuracy"], float(np.mean(errors))
    return Result(augment, seed, card.parameters, clean, corrupted, card.training["seconds"])


def _groups(results: Sequence[Result]) -> dict[tuple[str, int], list[Result]]:
    groups: dict[tuple[str, int], list[Result]] = {}
    for result in results:
        groups.setdefault((result.augment, result.weights), []).append(result)
    return dict(sorted(groups.items()))


def _values(group: Sequence[Result], what: str) -> np.ndarray:
    return np.array([getattr(one, what) for one in group])


def report(results: Sequence[Result]) -> None:
    """Print a line per network: mean and standard deviation over the seeds."""
    print(f"{'augmentation':15}{'weights':>10}{'clean accuracy':>18}{'corrupted error':>18}  seeds")
    for (augment, weights), group in _groups(results).items():
        clean, corrupted = 100 - 100 * _values(group, "clean"), 100 * _values(group, "corrupted")
        spreads = [value.std(ddof=1) if len(group) > 1 else 0 for value in (clean, corrupted)]
        print(
            f"{augment:15}{weights:>10,}{clean.mean():>10.2f} ± {spreads[0]:.2f}%"
            f"{corrupted.mean():>11.1f} ± {spreads[1]:.1f}%  "
            + ", ".join(f"{value:.2f}" for value in clean)
        )


def draw(results: Sequence[Result], folder: Path) -> None:
    """Write the numbers and the figure."""
    from app.figure_files import save
    from app.figures.curve_panels import BandedCurve, CurvePanel, curve_panels
    from app.statistics.means import t_interval

    groups = _groups(results)
    seeds = min(len(group) for group in groups.values())
    if seeds < 2:
        print("No figure: an interval needs two seeds or more.")
        return

    def curves(what: str) -> list[BandedCurve]:
        return [
            BandedCurve(
                augment,
                [weights for name, weights in groups if name == augment],
                [
                    t_interval(_values(g, what))
                    for (name, _), g in groups.items()
                    if name == augment
                ],
            )
            for augment in dict.fromkeys(name for name, _ in groups)
        ]

    labels = {"clean": "error on test digits", "corrupted": "error on corrupted test digits"}
    figure = curve_panels(
        [
            CurvePanel(f"{what} digits", ("weights", labels[what]), curves(what), logarithmic="xy")
            for what in labels
        ],
        {},
        title="A family of networks on MNIST: what each weight brings",
        note="train.py --dataset mnist --recipe tiny --model stack-N, by augmentation; "
        f"{seeds} seeds, 95% intervals; corrupted: {_CORRUPTED:,} test digits under fifteen "
        "corruptions in five severities",
    )
    save(figure, folder / "frontier.png")
    (folder / _RESULT).write_text(json.dumps([one._asdict() for one in results], indent=1), "utf-8")
    print(f"wrote {folder / 'frontier.png'}, {folder / _RESULT}")


if __name__ == "__main__":
    main()

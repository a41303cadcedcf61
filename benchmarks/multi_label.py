"""Multi-label training: which of ten digits are in an image, and what thresholds are worth.

    CONVLAB_DATA=... python benchmarks/multi_label.py --output runs [--seeds 0 1 2]

An image of 56 pixels has up to three MNIST digits, each in its own quarter; its labels are in a CSV
file. 1,000 images train, 500 validate, 1,000 test, of digits from the same splits of MNIST; every
seed has others. Finished runs are not repeated. The same probabilities are evaluated at the
thresholds on the card and at 0.5.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
from accuracy import ROOT, with_spread
from PIL import Image

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SIZES = {"train": 1000, "validation": 500, "test": 1000}


def main() -> None:
    """Train the missing runs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--output", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    arguments, rest = parser.parse_known_args()
    for seed in arguments.seeds:
        if (arguments.output / f"labels-{seed}" / "card.json").exists():
            continue
        folder, labels = make_folder(arguments.output, seed)
        settings = {
            "dataset": folder, "labels": labels, "seed": seed, "image-size": 56, "epochs": 20,
            "augment": "digits", "precision": "float32", "output": arguments.output,
            "name": f"labels-{seed}",
        }  # fmt: skip
        flags = [f"--{name}={value}" for name, value in settings.items()]
        command = [sys.executable, str(ROOT / "train.py"), *flags, "--overwrite", *rest]
        subprocess.run(command, check=True)
    report(arguments)


def make_folder(output: Path, seed: int) -> tuple[Path, Path]:
    """Write the images and the file of labels of a seed."""
    from app.data.mnist import load_mnist
    from app.data.registry import default_data_dir

    folder, labels = output / f"images-{seed}", output / f"labels-{seed}.csv"
    if labels.exists():
        return folder, labels
    folder.mkdir(parents=True, exist_ok=True)
    digits = load_mnist(default_data_dir())
    rng = np.random.default_rng(seed)
    rows = []
    for split, count in SIZES.items():
        examples = digits.split(split)
        for number in range(count):
            chosen = rng.choice(len(examples), rng.integers(0, 4), replace=False)
            canvas = np.zeros((56, 56), np.uint8)
            for position, quarter in zip(chosen, rng.permutation(4), strict=False):
                row, column = 28 * (quarter // 2), 28 * (quarter % 2)
                digit = examples.pixels[position, :, :, 0]
                canvas[row : row + 28, column : column + 28] = digit
            Image.fromarray(canvas).save(folder / f"{split}-{number}.png")
            found = sorted({int(label) for label in examples.labels[chosen]})
            rows.append([f"{split}-{number}", " ".join(NAMES[k] for k in found), split])
    with labels.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["image", "labels", "split"], *rows])
    return folder, labels


def report(arguments: argparse.Namespace) -> None:
    """Print a line for each kind of thresholds: mean and deviation over the seeds, test images."""
    from app.classifier import load
    from app.evaluate import evaluate
    from app.multi_label import DEFAULT_THRESHOLD, evaluate_labels

    rows: dict[str, list[list[float]]] = {"thresholds of the card": [], "0.5 for all": []}
    for seed in arguments.seeds:
        model = load(arguments.output / f"labels-{seed}", raw=True)
        result = evaluate(model)
        halves = (DEFAULT_THRESHOLD,) * len(NAMES)
        for name, thresholds in zip(rows, (model.thresholds, halves), strict=True):
            found = evaluate_labels(
                result.probabilities, result.labels, result.class_names, thresholds
            )
            rows[name].append([found.accuracy, found.hamming_loss, found.macro_f1, found.micro_f1])
        print(
            f"seed {seed}: AUROC {result.auroc:.4f}, average precision "
            f"{result.average_precision:.4f}; always '{found.majority[0]}': {found.majority[1]:.2%}"
        )
    columns = ("subset accuracy", "Hamming loss", "macro F1", "micro F1")
    print(" " * 22 + "".join(f"{name:>19}" for name in columns))
    for name, values in rows.items():
        cells = [with_spread([100 * one for one in column]) for column in zip(*values, strict=True)]
        print(f"{name:22}" + "".join(f"{cell:>19}" for cell in cells))


if __name__ == "__main__":
    main()
